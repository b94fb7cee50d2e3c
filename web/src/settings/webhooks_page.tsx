import { Code, Stack, Table, Text } from '@mantine/core';
import { Webhook } from 'lucide-react';
import { useTenant } from '../api/hooks.ts';
import { Empty } from '../app/empty.tsx';
import { AnchorLink } from '../app/links.tsx';
import { MoreButton } from '../app/more_button.tsx';
import { PageHead } from '../app/page_head.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { Takes } from '../app/takes.tsx';
import { When } from '../app/when.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { useWebhooks } from './queries.ts';
import { text } from './text.ts';

const { webhooks: words } = text;

function Webhooks() {
  const tenant = useTenant();
  const list = useWebhooks();
  const { data, error, refetch } = list;
  const hooks = data?.pages.flatMap(({ items }) => items);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (hooks === undefined) return <Loading />;
  if (hooks.length === 0) {
    return (
      <Empty Icon={Webhook} title={words.none}>
        {words.noneLead}
      </Empty>
    );
  }
  return (
    <Stack>
      <WideTable label={text.nav.webhooks} minWidth={760} pinsFirst verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.project}</Table.Th>
            <Table.Th>{words.kind}</Table.Th>
            <Table.Th>{words.url}</Table.Th>
            <Table.Th>{words.since}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {hooks.map((hook) => (
            <Table.Tr key={hook.webhook_id}>
              <Table.Td>
                <AnchorLink to="/t/$tenant/projects/$projectId" params={{ tenant, projectId: hook.project_id }}>
                  {hook.project}
                </AnchorLink>
              </Table.Td>
              <Table.Td>{words.kinds[hook.kind]}</Table.Td>
              <Table.Td>
                <Code style={{ overflowWrap: 'anywhere' }}>{hook.url}</Code>
              </Table.Td>
              <Table.Td>
                <When at={hook.created_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      <MoreButton list={list} />
    </Stack>
  );
}

export const WebhooksPage = () => (
  <Stack maw={1100}>
    <PageHead title={text.nav.webhooks} />
    <Text size="sm" c="dimmed">
      {words.lead}
    </Text>
    <Takes permission="project:read">
      <Webhooks />
    </Takes>
  </Stack>
);
