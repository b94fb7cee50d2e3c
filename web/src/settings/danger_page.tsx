import { Button, Stack, Table, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { useApi, useTenant } from '../api/hooks.ts';
import { meQuery } from '../api/me.ts';
import { queryClient } from '../api/query_client.ts';
import { saveFile } from '../api/save_file.ts';
import { tellFailure } from '../app/changes.tsx';
import { ConfirmByTyping } from '../app/confirm_by_typing.tsx';
import { PageHead } from '../app/page_head.tsx';
import { Section } from '../app/section.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { Takes } from '../app/takes.tsx';
import { text } from './text.ts';

const { danger: words } = text;

function Export() {
  const [api, tenant] = [useApi(), useTenant()];
  const { data, error, refetch } = useQuery({
    queryKey: ['t', tenant, 'export'],
    queryFn: async ({ signal }) => (await api.GET('/tenant/export', { signal })).data.parts,
  });
  const saving = useMutation({
    mutationFn: (part: string) => saveFile(tenant, `/tenant/export/${part}`, `${tenant}-${part}.jsonl`),
    onError: tellFailure,
  });
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  return (
    <Table verticalSpacing={4} maw={520}>
      <Table.Tbody>
        {data.map((part) => (
          <Table.Tr key={part}>
            <Table.Td>{part.replaceAll('_', ' ')}</Table.Td>
            <Table.Td ta="right">
              <Button
                size="compact-sm"
                variant="default"
                aria-label={words.saveLabel(part)}
                loading={saving.isPending && saving.variables === part}
                onClick={() => saving.mutate(part)}
              >
                {words.save}
              </Button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

export function DangerPage() {
  const tenant = useTenant();
  const { data: me } = useQuery(meQuery);
  const [isRemoving, setRemoving] = useState(false);
  const remove = async () => {
    await apiOf('').DELETE('/tenants/{tenant}', { params: { path: { tenant } } });
    queryClient.clear();
    location.assign('/');
  };
  return (
    <Stack maw={860}>
      <PageHead title={text.nav.danger} />
      <Takes permission="tenant:write">
        <Section title={words.export} lead={words.exportLead}>
          <Export />
        </Section>
        <Section
          danger
          title={words.remove}
          lead={words.removeLead}
          actions={
            me?.is_operator && (
              <Button color="red.9" onClick={() => setRemoving(true)}>
                {words.removeNow}
              </Button>
            )
          }
        >
          {me && !me.is_operator && <Text size="sm">{words.operatorsOnly}</Text>}
        </Section>
      </Takes>
      {isRemoving && (
        <ConfirmByTyping
          title={words.removeTitle(tenant)}
          word={tenant}
          button={words.removeNow}
          onConfirm={remove}
          onClose={() => setRemoving(false)}
        >
          {words.removeConsequence}
        </ConfirmByTyping>
      )}
    </Stack>
  );
}
