import { Group, Stack, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { ago } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { MoreButton } from '../app/more_button.tsx';
import { Section } from '../app/section.tsx';
import { shownName } from '../app/shown_name.ts';
import { type Run, useChildRuns, useRun } from './queries.ts';
import { StatusBadge } from './status_badge.tsx';
import { text } from './text.ts';

const parentTag = 'mlflow.parentRunId';

function RunLine({ run }: { readonly run: Run }) {
  const { tenant = '' } = useParams({ strict: false });
  return (
    <Group gap="xs">
      <AnchorLink to="/t/$tenant/runs/$runId" params={{ tenant, runId: run.run_id }} size="sm">
        {shownName(run.name, run.run_id)}
      </AnchorLink>
      <StatusBadge run={run} />
      <Text size="xs" c="dimmed">
        {ago(run.start_time)}
      </Text>
    </Group>
  );
}

function Parent({ runId }: { readonly runId: string }) {
  const { data } = useRun(runId);
  return data ? <RunLine run={data} /> : <Text size="sm">{runId}</Text>;
}

/** The run above a run, and those below it. */
export function Family({ run }: { readonly run: Run }) {
  const parent = run.tags[parentTag];
  const list = useChildRuns(run);
  const { data } = list;
  const children = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section title={text.family}>
      {parent === undefined && children.length === 0 && (
        <Text size="sm" c="dimmed">
          {text.noFamily}
        </Text>
      )}
      {parent !== undefined && /^[0-9a-f]{32}$/.test(parent) && (
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {text.parent}
          </Text>
          <Parent runId={parent} />
        </Group>
      )}
      {children.length > 0 && (
        <Stack gap={4}>
          <Text size="sm" c="dimmed">
            {text.children}
          </Text>
          {children.map((child) => (
            <RunLine key={child.run_id} run={child} />
          ))}
        </Stack>
      )}
      <MoreButton list={list} size="xs" />
    </Section>
  );
}
