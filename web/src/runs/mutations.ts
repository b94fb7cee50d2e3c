import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi, useTenant } from '../api/hooks.ts';
import { askAnew } from '../api/query_client.ts';
import { offerUndo, tellFailure } from '../app/changes.tsx';
import { type Run, runKey } from './queries.ts';
import { text } from './text.ts';

/** Changes the run that is shown at once, and sends the change; where it is refused, all is as before. */
function useRunChange<Input>(runId: string, change: (run: Run, input: Input) => Run, send: (input: Input) => unknown) {
  const client = useQueryClient();
  const key = runKey(useTenant(), runId);
  return useMutation({
    mutationFn: async (input: Input) => void (await send(input)),
    onMutate: async (input) => {
      await client.cancelQueries({ queryKey: key });
      const before = client.getQueryData<Run>(key);
      if (before) client.setQueryData(key, change(before, input));
      return before;
    },
    onError: (error, _input, before) => {
      client.setQueryData(key, before);
      tellFailure(error);
    },
    onSettled: () => askAnew(key),
  });
}

export function useRename(runId: string) {
  const api = useApi();
  return useRunChange(
    runId,
    (run, name: string) => ({ ...run, name }),
    (name) => api.PATCH('/runs/{run_id}', { params: { path: { run_id: runId } }, body: { name } }),
  );
}

export function useSetTag(runId: string) {
  const api = useApi();
  return useRunChange(
    runId,
    (run, { key, value }: { key: string; value: string }) => ({ ...run, tags: { ...run.tags, [key]: value } }),
    ({ key, value }) =>
      api.PUT('/runs/{run_id}/tags/{key}', { params: { path: { run_id: runId, key } }, body: { value } }),
  );
}

export function useDeleteTag(runId: string) {
  const api = useApi();
  return useRunChange(
    runId,
    (run, key: string) => {
      const { [key]: _gone, ...tags } = run.tags;
      return { ...run, tags };
    },
    (key) => api.DELETE('/runs/{run_id}/tags/{key}', { params: { path: { run_id: runId, key } } }),
  );
}

/** Deletes or restores a run; the notice leads back. */
export function useStage(runId: string) {
  const api = useApi();
  const params = { path: { run_id: runId } };
  const { mutate } = useRunChange(
    runId,
    (run, stage: 'active' | 'deleted') => ({ ...run, lifecycle_stage: stage }),
    (stage) =>
      stage === 'deleted' ? api.DELETE('/runs/{run_id}', { params }) : api.POST('/runs/{run_id}/restore', { params }),
  );
  return {
    remove: () => mutate('deleted', { onSuccess: () => offerUndo(text.deleted, () => mutate('active')) }),
    restore: () => mutate('active', { onSuccess: () => offerUndo(text.restored, () => mutate('deleted')) }),
  };
}
