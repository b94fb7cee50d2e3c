import { Badge, Box, Group } from '@mantine/core';
import type { Run } from './queries.ts';
import classes from './runs.module.css';
import { text } from './text.ts';

const colours: Record<Run['status'], string> = {
  RUNNING: 'blue.6',
  SCHEDULED: 'gray.6',
  FINISHED: 'teal.6',
  FAILED: 'red.6',
  KILLED: 'orange.6',
};

/** How a run stands, in a word and a colour. */
export const StatusBadge = ({ run }: { readonly run: Pick<Run, 'status' | 'lifecycle_stage'> }) => (
  <Group gap={4} wrap="nowrap">
    <Badge
      variant="default"
      tt="none"
      leftSection={<Box className={classes.dot} bg={colours[run.status]} aria-hidden />}
    >
      {text.status[run.status]}
    </Badge>
    {run.lifecycle_stage === 'deleted' && (
      <Badge variant="default" tt="none">
        {text.deletedMark}
      </Badge>
    )}
  </Group>
);
