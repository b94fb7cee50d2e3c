import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { isMissing } from '../app/refusals.ts';
import { Loading, NotFound, Problem } from '../app/states.tsx';
import { useStage } from './mutations.ts';
import { useRun } from './queries.ts';
import { RunHead } from './run_head.tsx';
import { RunTabs } from './run_tabs.tsx';
import { text } from './text.ts';

const route = getRouteApi('/signed-in/t/$tenant/runs/$runId');

export function RunPage() {
  const { runId } = route.useParams();
  const { data: run, error, refetch } = useRun(runId);
  const { restore } = useStage(runId);
  if (isMissing(error)) return <NotFound />;
  if (!run) return error ? <Problem error={error} onRetry={() => void refetch()} /> : <Loading />;
  return (
    <Stack>
      <RunHead run={run} />
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {run.lifecycle_stage === 'deleted' && (
        <Alert color="yellow" variant="light">
          <Group justify="space-between">
            <Text size="sm">{text.deletedLead}</Text>
            <Button size="xs" variant="default" onClick={restore}>
              {text.restore}
            </Button>
          </Group>
        </Alert>
      )}
      <RunTabs run={run} />
    </Stack>
  );
}
