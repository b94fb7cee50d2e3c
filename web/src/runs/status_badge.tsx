import { Badge, Group } from '@mantine/core';
import type { Run } from './queries.ts';
import { text } from './text.ts';

const colours: Record<Run['status'], string> = {
  RUNNING: 'blue',
  SCHEDULED: 'gray',
  FINISHED: 'teal',
  FAILED: 'red',
  KILLED: 'orange',
};

/** How a run stands, in a word and a colour. */
export const StatusBadge = ({ run }: { readonly run: Pick<Run, 'status' | 'lifecycle_stage'> }) => (
  <Group gap={4} wrap="nowrap">
    <Badge variant="outline" color={colours[run.status]} autoContrast>
      {text.status[run.status]}
    </Badge>
    {run.lifecycle_stage === 'deleted' && <Badge color="gray">{text.deletedMark}</Badge>}
  </Group>
);
