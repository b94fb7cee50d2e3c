import { Badge, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useTenant } from '../api/hooks.ts';
import { count, figure } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { shownName } from '../app/shown_name.ts';
import { WideTable } from '../app/wide_table.tsx';
import type { ProjectDetail } from './queries.ts';
import { text } from './text.ts';

/** The experiments of a project, its runs and the best that they reached. */
export function WorkTab({ project }: { readonly project: ProjectDetail }) {
  const tenant = useTenant();
  const { experiments, runs, compute_hours: hours } = project;
  return (
    <Stack>
      <Title order={2} size="h5">
        {text.experiments}
      </Title>
      {experiments.length === 0 && <Text c="dimmed">{text.noExperiments}</Text>}
      <Group gap="sm">
        {experiments.map(({ experiment_id: id, name }) => (
          <AnchorLink key={id} to="/t/$tenant/experiments/$experimentId" params={{ tenant, experimentId: String(id) }}>
            {shownName(name, id)}
          </AnchorLink>
        ))}
      </Group>
      <Group gap="xs">
        <Text>{text.runCount(runs.total)}</Text>
        {Object.entries(runs.by_status).map(([status, runCount]) => (
          <Badge key={status} variant="light">
            {status.toLowerCase()} {count(runCount)}
          </Badge>
        ))}
        <Text c="dimmed">{text.computeHours(hours)}</Text>
      </Group>
      <BestMetrics best={project.best_metrics} />
    </Stack>
  );
}

type Best = ProjectDetail['best_metrics'];

function BestMetrics({ best }: { readonly best: Best }) {
  const metrics = Object.entries(best);
  if (metrics.length === 0) return null;
  return (
    <WideTable label={text.bestMetrics} minWidth={480}>
      <Table.Thead>
        <Table.Tr>
          {[text.metric, text.greatest, text.least].map((head) => (
            <Table.Th key={head}>{head}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {metrics.map(([key, { max, min }]) => (
          <Table.Tr key={key}>
            <Table.Td>{key}</Table.Td>
            <RunCell of={max} />
            <RunCell of={min} />
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function RunCell({ of: { value, run_id: runId } }: { readonly of: Best[string]['max'] }) {
  return (
    <Table.Td className="figures">
      <AnchorLink to="/t/$tenant/runs/$runId" params={{ tenant: useTenant(), runId }}>
        {figure(value)}
      </AnchorLink>
    </Table.Td>
  );
}
