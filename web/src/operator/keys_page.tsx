import { Badge, Button, Group, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { useAction } from '../api/hooks.ts';
import { tellDone } from '../app/changes.tsx';
import { Confirm } from '../app/confirm.tsx';
import { PageHead } from '../app/page_head.tsx';
import { Section } from '../app/section.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { When } from '../app/when.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { OperatorsOnly } from './operators_only.tsx';
import { operatorKeys, useSigningKeys } from './queries.ts';
import { EncryptionKey, Pepper } from './sealing.tsx';
import { text } from './text.ts';

const { keys: words } = text;
const api = apiOf('');

function SigningKeys() {
  const { data, error, refetch } = useSigningKeys();
  const [isWithdrawing, setWithdrawing] = useState(false);
  const rotating = useAction(() => api.POST('/signing-keys/rotate', { body: {} }), operatorKeys.signing);
  return (
    <Section title={words.signing} lead={words.signingLead}>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data && (
        <WideTable label={words.key} minWidth={560} verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.key}</Table.Th>
              <Table.Th>{words.made}</Table.Th>
              <Table.Th>{words.verifies}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.map(({ kid, is_current: isCurrent, created_at: made, verify_until: until }) => (
              <Table.Tr key={kid}>
                <Table.Td ff="monospace" fz="xs">
                  {kid}
                </Table.Td>
                <Table.Td>
                  <When at={made} />
                </Table.Td>
                <Table.Td>
                  {isCurrent ? (
                    <Badge variant="light" color="green">
                      {words.current}
                    </Badge>
                  ) : (
                    until !== null && <When at={until} />
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
      <Group gap="xs">
        <Button
          variant="default"
          loading={rotating.isPending}
          onClick={() => rotating.mutate(undefined, { onSuccess: () => tellDone(words.rotated) })}
        >
          {words.rotate}
        </Button>
        <Button variant="default" onClick={() => setWithdrawing(true)}>
          {words.withdraw}
        </Button>
      </Group>
      {isWithdrawing && (
        <Confirm
          title={words.withdrawTitle}
          button={words.withdraw}
          changed={operatorKeys.signing}
          onConfirm={() => api.POST('/signing-keys/rotate', { body: { compromised: true } })}
          onDone={() => tellDone(words.rotated)}
          onClose={() => setWithdrawing(false)}
        >
          {words.withdrawLead}
        </Confirm>
      )}
    </Section>
  );
}

function DatabasePassword() {
  const replacing = useAction(
    async () => (await api.POST('/database-password/rotate')).data.replaced,
    operatorKeys.health,
  );
  return (
    <Section
      title={words.database}
      lead={words.databaseLead}
      actions={
        <Button
          variant="default"
          loading={replacing.isPending}
          onClick={() =>
            replacing.mutate(undefined, {
              onSuccess: (isReplaced) => tellDone(isReplaced ? words.replaced : words.notReplaced),
            })
          }
        >
          {words.replace}
        </Button>
      }
    />
  );
}

export const KeysPage = () => (
  <Stack maw={960}>
    <PageHead title={words.title} />
    <Text size="sm" c="dimmed">
      {words.lead}
    </Text>
    <OperatorsOnly>
      <SigningKeys />
      <EncryptionKey />
      <Pepper />
      <DatabasePassword />
    </OperatorsOnly>
  </Stack>
);
