import { type InfiniteData, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useApi, useTenant } from '../api/hooks.ts';
import { askAnew } from '../api/query_client.ts';
import { offerUndo, tellFailure } from '../app/changes.tsx';
import { type Experiment, experimentIdsKey, experimentKey, experimentsKey } from './queries.ts';
import { text } from './text.ts';

type Pages = InfiniteData<{ readonly items: Experiment[]; readonly next_page_token: string | null }>;
type Change = (experiment: Experiment) => Experiment | undefined;

/** What is done to experiments: seen at once, with a way back. */
export function useExperimentChanges() {
  const api = useApi();
  const tenant = useTenant();
  const client = useQueryClient();
  return useMemo(() => {
    const show = (id: number, change: Change) => {
      client.setQueriesData<Pages>(
        { queryKey: experimentsKey(tenant) },
        (data) =>
          data && {
            ...data,
            pages: data.pages.map((page) => ({
              ...page,
              items: page.items.flatMap((each) => (each.experiment_id === id ? (change(each) ?? []) : each)),
            })),
          },
      );
      client.setQueryData<Experiment>(experimentKey(tenant, id), (data) => data && (change(data) ?? data));
    };
    const settle = (id: number) => askAnew(experimentsKey(tenant), experimentIdsKey(tenant), experimentKey(tenant, id));
    async function perform(id: number, change: Change, send: () => Promise<unknown>): Promise<void> {
      try {
        show(id, change);
        await send();
      } finally {
        await settle(id);
      }
    }
    /** True where the server did it; a refusal is told in a notice. */
    const attempt = (...of: Parameters<typeof perform>): Promise<boolean> =>
      perform(...of).then(
        () => true,
        (error: Error) => {
          tellFailure(error);
          return false;
        },
      );
    const path = (experiment_id: number) => ({ params: { path: { experiment_id } } });

    const setStage = (id: number, stage: 'active' | 'deleted') =>
      attempt(
        id,
        () => undefined,
        () =>
          stage === 'deleted'
            ? api.DELETE('/experiments/{experiment_id}', path(id))
            : api.POST('/experiments/{experiment_id}/restore', path(id)),
      );
    const setName = (id: number, name: string) =>
      perform(
        id,
        (each) => ({ ...each, name }),
        () => api.PATCH('/experiments/{experiment_id}', { ...path(id), body: { name } }),
      );
    const setTag = (id: number, key: string, value: string | undefined) =>
      attempt(
        id,
        (each) => {
          const { [key]: _before, ...others } = each.tags;
          return { ...each, tags: value === undefined ? others : { ...others, [key]: value } };
        },
        () => {
          const params = { path: { experiment_id: id, key } };
          return value === undefined
            ? api.DELETE('/experiments/{experiment_id}/tags/{key}', { params })
            : api.PUT('/experiments/{experiment_id}/tags/{key}', { params, body: { value } });
        },
      );
    return {
      create: async (name: string): Promise<Experiment> => {
        const { data } = await api.POST('/experiments', { body: { name } });
        await settle(data.experiment_id);
        return data;
      },
      remove: async ({ experiment_id: id, name }: Experiment) => {
        if (await setStage(id, 'deleted')) offerUndo(text.removed(name), () => setStage(id, 'active'));
      },
      restore: async ({ experiment_id: id, name }: Experiment) => {
        if (await setStage(id, 'active')) offerUndo(text.restored(name), () => setStage(id, 'deleted'));
      },
      /** Rejects with what it is refused for: the form that asked for the name says it. */
      rename: async ({ experiment_id: id, name: before }: Experiment, name: string) => {
        await setName(id, name);
        offerUndo(text.renamed(name), () => setName(id, before));
      },
      /** Undefined takes it away. */
      setTag: async ({ experiment_id: id, tags }: Experiment, key: string, value: string | undefined) => {
        const before = tags[key];
        if (!(await setTag(id, key, value))) return;
        offerUndo(value === undefined ? text.tagRemoved(key) : text.tagSet(key), () => setTag(id, key, before));
      },
    };
  }, [api, tenant, client]);
}
