import type { paths } from '@maestro/sdk/contract';
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import type { Api } from '../api/api.ts';
import { useApi, useTenant } from '../api/hooks.ts';
import { passes } from '../api/query_client.ts';
import { type ColumnId, type GroupPath, idOf, isMetric } from './column_ids.ts';
import type { Asked } from './cut_off.tsx';
import { fieldOf } from './filter_words.ts';
import { bodyOf, type RunsMeant } from './run_rows.ts';
import { newestFirst, type Sorting } from './table_state.ts';

export type Aggregated = paths['/runs/aggregate']['post']['responses'][200]['content']['application/json'];
export type Aggregate = Aggregated['groups'][number]['aggregates'][number];

/** Groups that a level shows at most: the largest, or the first by the order. */
const groupsMax = 500;

/** The metrics that the server counts, of those that are shown. */
export const measuresOf = <Column extends ColumnId>(columns: readonly Column[]): Column[] =>
  columns.filter(isMetric).slice(0, 20);

/** Groups stand in the order of the runs, where that goes by one of their own values or by a metric; else the largest first. */
function orderOfGroups({ column, descending }: Sorting, by: ColumnId, measures: readonly ColumnId[]) {
  const order = descending ? ('desc' as const) : ('asc' as const);
  const measure = measures.findIndex((each) => idOf(each) === idOf(column));
  if (measure >= 0) return { order_by: 'mean' as const, order_of: measure, order };
  return idOf(column) === idOf(by) ? { order_by: 'value' as const, order } : {};
}

const groupField = (column: ColumnId): string =>
  column.kind === 'attribute' && column.key === 'source' ? 'tags.`mlflow.source.name`' : fieldOf(column);

/** The groups around a path, as a search has them. */
export const withinOf = (groups: readonly ColumnId[], path: GroupPath): RunsMeant['within'] =>
  path.map((value, level) => ({ by: groupField(groups[level] as ColumnId), value }));

const numbersKey = (tenant: string, body: unknown) => ['t', tenant, 'run-groups', body] as const;

const numbers = (api: Api, tenant: string, body: Parameters<typeof ask>[1]) => ({
  queryKey: numbersKey(tenant, body),
  queryFn: ({ signal }: { signal: AbortSignal }) => ask(api, body, signal),
  refetchInterval: 30_000,
  placeholderData: keepPreviousData,
});

async function ask(
  api: Api,
  body: paths['/runs/aggregate']['post']['requestBody']['content']['application/json'],
  signal: AbortSignal,
): Promise<Aggregated> {
  return (await api.POST('/runs/aggregate', { body, signal })).data;
}

/** How many runs match, loaded or not. */
export function useRunCount(meant: RunsMeant): number | undefined {
  const api = useApi();
  return useQuery(numbers(api, useTenant(), bodyOf(meant))).data?.run_count;
}

export interface GroupLevel {
  readonly path: GroupPath;
  readonly numbers: Aggregated | undefined;
  readonly asked: Asked;
}

/** The groups of a level below each of `paths`, over all runs that match. */
export function useGroups(
  meant: RunsMeant,
  groups: readonly ColumnId[],
  paths: readonly GroupPath[],
  measures: readonly ColumnId[],
  sorting: Sorting = newestFirst,
): GroupLevel[] {
  const kept = useRef(new Map<string, Aggregated>());
  const api = useApi();
  const tenant = useTenant();
  const results = useQueries({
    queries: paths.map((path) => {
      const by = groups[path.length] as ColumnId;
      return numbers(api, tenant, {
        ...bodyOf({ ...meant, within: withinOf(groups, path) }),
        group_by: [groupField(by)],
        of: measures.map(fieldOf),
        limit: groupsMax,
        ...orderOfGroups(sorting, by, measures),
      });
    }),
  });
  return results.map((asked, at) => {
    const path = paths[at] as GroupPath;
    const name = JSON.stringify([groups, path]);
    if (asked.data) kept.current.set(name, asked.data);
    // An answer that does not come takes nothing away of what is shown.
    const isOfBefore = asked.error !== null && passes(asked.error);
    return { path, numbers: asked.data ?? (isOfBefore ? kept.current.get(name) : undefined), asked };
  });
}
