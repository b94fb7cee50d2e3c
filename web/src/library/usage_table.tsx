import { Stack, Table, Text } from '@mantine/core';
import { useTenant } from '../api/hooks.ts';
import { useMay } from '../api/rights.ts';
import { ago, figure } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { MoreButton } from '../app/more_button.tsx';
import { shownName } from '../app/shown_name.ts';
import { Loading, Problem } from '../app/states.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { useNames } from '../settings/people.ts';
import { useUsages } from './queries.ts';
import { text } from './text.ts';

/** The projects that use an artifact. */
export function UsageTable({ artifactId }: { readonly artifactId: string }) {
  const tenant = useTenant();
  const list = useUsages(artifactId);
  const { data, error, refetch } = list;
  const usages = data?.pages.flatMap((page) => page.items);
  const nameOf = useNames(usages?.map(({ used_by: by }) => by) ?? []);
  // To others a person is an id, which tells them nothing.
  const tellsWho = useMay()('member:read');
  const heads = [text.project, text.version, text.usedSince, ...(tellsWho ? [text.usedBy] : []), text.share];
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!usages) return <Loading />;
  if (usages.length === 0) return <Text c="dimmed">{text.noUsages}</Text>;
  return (
    <Stack>
      <WideTable label={text.tabs.usages} minWidth={560}>
        <Table.Thead>
          <Table.Tr>
            {heads.map((head) => (
              <Table.Th key={head}>{head}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {usages.map(({ project_id: projectId, project_name: name, ...usage }) => (
            <Table.Tr key={`${projectId}${usage.version}${usage.used_at}${usage.used_by}`}>
              <Table.Td>
                {name === null || projectId === null ? (
                  text.hiddenProject
                ) : (
                  <AnchorLink to="/t/$tenant/projects/$projectId" params={{ tenant, projectId }}>
                    {shownName(name, projectId)}
                  </AnchorLink>
                )}
              </Table.Td>
              <Table.Td>{usage.version}</Table.Td>
              <Table.Td>{ago(Date.parse(usage.used_at))}</Table.Td>
              {tellsWho && <Table.Td>{nameOf(usage.used_by, text.nobodyHere)}</Table.Td>}
              <Table.Td className="figures">
                {usage.impact_score === null ? text.none_ : figure(usage.impact_score)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      <MoreButton list={list} />
    </Stack>
  );
}
