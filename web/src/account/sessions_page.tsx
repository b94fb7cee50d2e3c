import { Badge, Button, Group, Stack, Table, Text } from '@mantine/core';
import { Monitor, SquareTerminal } from 'lucide-react';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { useAction } from '../api/hooks.ts';
import { tellDone } from '../app/changes.tsx';
import { Confirm } from '../app/confirm.tsx';
import { PageHead } from '../app/page_head.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { When } from '../app/when.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { deviceName } from './device_name.ts';
import { own, useSessions } from './queries.ts';
import { text } from './text.ts';

const { sessions: words } = text;

type Session = NonNullable<ReturnType<typeof useSessions>['data']>[number];

function SessionRow({ session }: { readonly session: Session }) {
  const { id, device: agent, address, is_current: isCurrent, is_browser: isBrowser, with_factor: withFactor } = session;
  const ending = useAction(
    () => apiOf('').DELETE('/auth/sessions/{session_id}', { params: { path: { session_id: id } } }),
    own.sessions,
  );
  const device = deviceName(agent);
  const Icon = isBrowser ? Monitor : SquareTerminal;
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <Icon size={20} aria-label={isBrowser ? words.browser : words.program} style={{ flex: 'none' }} />
          <Stack gap={2} miw={180}>
            <Group gap="xs">
              <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }} title={agent}>
                {device}
              </Text>
              {isCurrent && (
                <Badge size="sm" variant="light" color="green" tt="none">
                  {words.current}
                </Badge>
              )}
            </Group>
            <Text size="xs" c="dimmed">
              {words.from} {address} · {withFactor ? words.withFactor : words.withoutFactor}
            </Text>
          </Stack>
        </Group>
      </Table.Td>
      <Table.Td>
        <When at={session.last_seen_at} />
      </Table.Td>
      <Table.Td>
        <When at={session.created_at} />
      </Table.Td>
      <Table.Td>
        <When at={session.expires_at} />
      </Table.Td>
      <Table.Td ta="right">
        {!isCurrent && (
          <Button
            variant="default"
            size="compact-sm"
            aria-label={words.endLabel(device)}
            loading={ending.isPending}
            onClick={() => ending.mutate(undefined, { onSuccess: () => tellDone(words.ended) })}
          >
            {words.end}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

export function SessionsPage() {
  const { data, error, refetch } = useSessions();
  const [isEndingOthers, setEndingOthers] = useState(false);
  const isAlone = data?.every(({ is_current: isCurrent }) => isCurrent);
  return (
    <Stack maw={1000}>
      <PageHead title={words.title}>
        {isAlone === false && (
          <Button variant="default" color="red.9" onClick={() => setEndingOthers(true)}>
            {words.endOthers}
          </Button>
        )}
      </PageHead>
      <Text size="sm" c="dimmed">
        {words.lead}
      </Text>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data && (
        <WideTable label={words.title} minWidth={640} verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.title}</Table.Th>
              <Table.Th>{words.seen}</Table.Th>
              <Table.Th>{words.began}</Table.Th>
              <Table.Th>{words.ends}</Table.Th>
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.map((session) => (
              <SessionRow key={session.id} session={session} />
            ))}
          </Table.Tbody>
        </WideTable>
      )}
      {isAlone && <Text size="sm">{words.noOthers}</Text>}
      {isEndingOthers && (
        <Confirm
          title={words.endOthersTitle}
          button={words.endOthers}
          changed={own.sessions}
          onConfirm={async () => (await apiOf('').POST('/auth/logout-all', { body: { others_only: true } })).data.ended}
          onDone={(ended) => tellDone(words.othersEnded(ended))}
          onClose={() => setEndingOthers(false)}
        >
          {words.endOthersLead}
        </Confirm>
      )}
    </Stack>
  );
}
