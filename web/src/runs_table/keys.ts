import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useApi, useTenant } from '../api/hooks.ts';
import type { ColumnId, ShownColumn } from './column_ids.ts';
import { freshColumn } from './column_ids.ts';

export type KeyKind = 'metric' | 'param' | 'tag';

export interface Found {
  readonly items: readonly string[];
  readonly total: number;
}

/** Names of an experiment's metrics, params or tags that hold `part`: of ten thousand of them, the first few. */
export function useKeys(experimentId: number, kind: KeyKind, part: string, limit: number, isEnabled = true) {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'run-keys', experimentId, kind, part, limit],
    queryFn: async ({ signal }): Promise<Found> => {
      const path = { experiment_id: experimentId };
      const query = { kind, limit, ...(part === '' ? {} : { q: part }) };
      return (await api.GET('/experiments/{experiment_id}/keys', { signal, params: { path, query } })).data;
    },
    enabled: isEnabled,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });
}

/** Values of a param or tag among an experiment's runs. */
export function useValues(experimentId: number, of: ColumnId | undefined, part: string) {
  const api = useApi();
  const kind = of?.kind === 'tag' ? 'tag' : 'param';
  const isKnown = of?.kind === 'tag' || of?.kind === 'param';
  return useQuery({
    queryKey: ['t', useTenant(), 'run-values', experimentId, kind, of?.key, part],
    queryFn: async ({ signal }): Promise<Found> => {
      const path = { experiment_id: experimentId };
      const query = { kind, key: of?.key ?? '', limit: 20, ...(part === '' ? {} : { q: part }) } as const;
      return (await api.GET('/experiments/{experiment_id}/values', { signal, params: { path, query } })).data;
    },
    enabled: isKnown,
    staleTime: 30_000,
  });
}

/** Columns that nobody chose: how runs went, with the first metrics, params and tags of people's own. */
export function useUsualColumns(experimentId: number): {
  columns: readonly ShownColumn[] | undefined;
  error: Error | null;
} {
  const metrics = useKeys(experimentId, 'metric', '', 5);
  const params = useKeys(experimentId, 'param', '', 5);
  const tags = useKeys(experimentId, 'tag', '', 20);
  const error = metrics.error ?? params.error ?? tags.error;
  if (!metrics.data || !params.data || !tags.data) return { columns: undefined, error };
  const named = (kind: ColumnId['kind'], keys: readonly string[]) => keys.map((key) => freshColumn({ kind, key }));
  const own = tags.data.items.filter((key) => !key.startsWith('mlflow.')).slice(0, 2);
  const attributes = ['status', 'start', 'duration', 'user', 'source'];
  return {
    columns: [
      freshColumn({ kind: 'attribute', key: 'name' }, true),
      ...named('attribute', attributes),
      ...named('last', metrics.data.items),
      ...named('param', params.data.items),
      ...named('tag', own),
    ],
    error,
  };
}
