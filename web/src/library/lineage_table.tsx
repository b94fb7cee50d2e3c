import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTenant } from '../api/hooks.ts';
import { AnchorLink } from '../app/links.tsx';
import { shownName } from '../app/shown_name.ts';
import { WideTable } from '../app/wide_table.tsx';
import type { Lineage } from './queries.ts';
import { text } from './text.ts';

/** A cell, with what stands in it where there is nothing. */
const Cell = ({ children, without = text.none_ }: { readonly children: ReactNode; readonly without?: string }) => (
  <Table.Td>{children ?? without}</Table.Td>
);

function ProjectLink({ id, name }: { readonly id: string; readonly name: string }) {
  return (
    <AnchorLink to="/t/$tenant/projects/$projectId" params={{ tenant: useTenant(), projectId: id }}>
      {shownName(name, id)}
    </AnchorLink>
  );
}

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
            <Cell>{project && <ProjectLink id={project.project_id} name={project.name} />}</Cell>
            <Cell>
              {experiment && (
                <AnchorLink
                  to="/t/$tenant/experiments/$experimentId"
                  params={{ tenant, experimentId: String(experiment.experiment_id) }}
                >
                  {shownName(experiment.name, experiment.experiment_id)}
                </AnchorLink>
              )}
            </Cell>
            <Cell>
              {run && (
                <AnchorLink to="/t/$tenant/runs/$runId" params={{ tenant, runId: run.run_id }}>
                  {run.name === null ? run.run_id.slice(0, 8) : shownName(run.name, run.run_id)}
                </AnchorLink>
              )}
            </Cell>
            <Cell>{version}</Cell>
            <Cell without={usage ? text.hiddenProject : text.noUsages}>
              {usage?.project_id && usage.project_name && (
                <ProjectLink id={usage.project_id} name={usage.project_name} />
              )}
            </Cell>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
