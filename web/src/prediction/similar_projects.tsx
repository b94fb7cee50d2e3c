import { Stack, Table, Title } from '@mantine/core';
import { useTenant } from '../api/hooks.ts';
import { figure } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { shownName } from '../app/shown_name.ts';
import { WideTable } from '../app/wide_table.tsx';
import type { Prediction } from './queries.ts';
import { text } from './text.ts';

const shown = (value: number | null): string => (value === null ? text.unknown : figure(value));

/** The evidence: what the finished projects most like this one came to. */
export function SimilarProjects({ similar }: { readonly similar: Prediction['similar'] }) {
  const tenant = useTenant();
  if (similar.length === 0) return null;
  const { success_score, duration_days, cost } = text.outcomes;
  return (
    <Stack gap="xs">
      <Title order={2} size="h5">
        {text.similar}
      </Title>
      <WideTable label={text.similar} minWidth={520}>
        <Table.Thead>
          <Table.Tr>
            {[text.project, text.likeness, success_score, duration_days, cost].map((head) => (
              <Table.Th key={head}>{head}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {similar.map(({ project_id: projectId, name, similarity, ...outcome }) => (
            <Table.Tr key={projectId}>
              <Table.Td>
                <AnchorLink to="/t/$tenant/projects/$projectId" params={{ tenant, projectId }}>
                  {shownName(name, projectId)}
                </AnchorLink>
              </Table.Td>
              <Table.Td className="figures">{text.percent(similarity)}</Table.Td>
              <Table.Td className="figures">{shown(outcome.success_score)}</Table.Td>
              <Table.Td className="figures">{shown(outcome.duration_days)}</Table.Td>
              <Table.Td className="figures">{shown(outcome.cost)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </Stack>
  );
}
