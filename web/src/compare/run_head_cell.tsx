import { ActionIcon, Group, Stack, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { ago } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { text as runText } from '../runs/text.ts';
import type { RunInfo } from './queries.ts';
import { text } from './text.ts';

/** A run above its column. */
export function RunHeadCell(props: {
  readonly run: RunInfo;
  readonly isBase: boolean;
  readonly onLeaveOut: () => void;
}) {
  const { run } = props;
  const { tenant = '' } = useParams({ strict: false });
  return (
    <Group gap={4} wrap="nowrap" w="100%" align="start">
      <Stack gap={0} flex={1} miw={0}>
        <AnchorLink
          to="/t/$tenant/runs/$runId"
          params={{ tenant, runId: run.run_id }}
          size="sm"
          fw={600}
          truncate
          title={run.name}
        >
          {run.name}
        </AnchorLink>
        <Text size="xs" c="dimmed" fw={400} truncate>
          {props.isBase ? text.isBase : `${runText.status[run.status]} · ${ago(run.start_time)}`}
        </Text>
      </Stack>
      <ActionIcon size="xs" variant="subtle" color="gray" aria-label={text.remove(run.name)} onClick={props.onLeaveOut}>
        <X size={12} />
      </ActionIcon>
    </Group>
  );
}
