import { Badge, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useTenant } from '../api/hooks.ts';
import { ago, figure } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { shownName } from '../app/shown_name.ts';
import type { Run } from './queries.ts';
import { text } from './text.ts';

interface RunListProps {
  readonly title: string;
  readonly none: string;
  readonly runs: readonly Run[];
}

/** A few runs with what they last measured. */
export const RunList = ({ title, none, runs }: RunListProps) => (
  <Card withBorder>
    <Stack gap="sm">
      <Title order={2} size="h5">
        {title}
      </Title>
      {runs.length === 0 && <Text c="dimmed">{none}</Text>}
      {runs.map((run) => (
        <RunLine key={run.run_id} run={run} />
      ))}
    </Stack>
  </Card>
);

function RunLine({ run: { run_id: runId, name, end_time: end, start_time: start, metrics } }: { readonly run: Run }) {
  const tenant = useTenant();
  return (
    <Stack gap={2}>
      <Group justify="space-between" gap="xs">
        <AnchorLink to="/t/$tenant/runs/$runId" params={{ tenant, runId }} fw={600}>
          {shownName(name, runId)}
        </AnchorLink>
        <Text size="sm" c="dimmed">
          {end === null ? text.started(ago(start)) : text.ended(ago(end))}
        </Text>
      </Group>
      <Group gap={6}>
        {Object.entries(metrics)
          .slice(0, 3)
          .map(([key, value]) => (
            <Badge key={key} variant="default" tt="none" fw={500} className="figures">
              {key} {figure(value)}
            </Badge>
          ))}
      </Group>
    </Stack>
  );
}
