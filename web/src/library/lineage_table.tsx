import { Table } from '@mantine/core';
import { useTenant } from '../api/hooks.ts';
import { AnchorLink } from '../app/links.tsx';
import { WideTable } from '../app/wide_table.tsx';
import type { Lineage } from './queries.ts';
import { text } from './text.ts';

/** The same as the graph: a line for each version and each project that uses it. */
export function LineageTable({ lineage }: { readonly lineage: Lineage }) {
  const tenant = useTenant();
  const lines = lineage.versions.flatMap(({ used_by, ...from }) =>
    (used_by.length === 0 ? [undefined] : used_by).map((usage) => ({ ...from, usage })),
  );
  return (
    <WideTable label={text.tabs.lineage} minWidth={640}>
      <Table.Thead>
        <Table.Tr>
          {[text.from, text.experiment, text.run, text.version, text.tabs.usages].map((head) => (
            <Table.Th key={head}>{head}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {lines.map(({ version, project, experiment, run, usage }) => (
          <Table.Tr key={`${version}:${usage?.project_id ?? ''}:${usage?.used_at ?? ''}`}>
            <Table.Td>
              {project ? (
                <AnchorLink to="/t/$tenant/projects/$projectId" params={{ tenant, projectId: project.project_id }}>
                  {project.name}
                </AnchorLink>
              ) : (
                text.none_
              )}
            </Table.Td>
            <Table.Td>
              {experiment ? (
                <AnchorLink
                  to="/t/$tenant/experiments/$experimentId"
                  params={{ tenant, experimentId: String(experiment.experiment_id) }}
                >
                  {experiment.name}
                </AnchorLink>
              ) : (
                text.none_
              )}
            </Table.Td>
            <Table.Td>
              {run ? (
                <AnchorLink to="/t/$tenant/runs/$runId" params={{ tenant, runId: run.run_id }}>
                  {run.name ?? run.run_id.slice(0, 8)}
                </AnchorLink>
              ) : (
                text.none_
              )}
            </Table.Td>
            <Table.Td>{version}</Table.Td>
            <Table.Td>
              {usage?.project_id && usage.project_name ? (
                <AnchorLink to="/t/$tenant/projects/$projectId" params={{ tenant, projectId: usage.project_id }}>
                  {usage.project_name}
                </AnchorLink>
              ) : usage ? (
                text.hiddenProject
              ) : (
                text.noUsages
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
