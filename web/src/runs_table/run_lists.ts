import {
  type InfiniteData,
  InfiniteQueryObserver,
  type InfiniteQueryObserverOptions,
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect, useReducer, useRef, useState } from 'react';
import type { Api } from '../api/api.ts';
import { useApi, useTenant } from '../api/hooks.ts';
import { passes } from '../api/query_client.ts';
import { Fields, type RunPage, type RunRow, type RunsMeant, readPage } from './run_rows.ts';

/** Runs in the order of a search, as far as they are loaded. */
export interface RunList {
  readonly length: number;
  at(index: number): RunRow;
  /** How many came in above the others since they were loaded. */
  readonly added: number;
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  /** What is shown is of the search before, until this one answers. */
  readonly isPrevious: boolean;
  readonly error: Error | null;
  more(): void;
  /** After an error. */
  retry(): void;
}

export type Pages = InfiniteData<RunPage, string>;

type Options = InfiniteQueryObserverOptions<RunPage, Error, Pages, readonly unknown[], string>;

/** All lists of runs of a tenant begin with it. */
export const runsKey = (tenant: string) => ['t', tenant, 'runs'] as const;

export const listKey = (tenant: string, meant: RunsMeant, order: string, fields: Fields) =>
  [...runsKey(tenant), meant.experimentId, { ...meant, order, fields: fields.name }] as const;

const optionsOf = (api: Api, tenant: string, meant: RunsMeant, order: string, fields: Fields): Options => ({
  queryKey: listKey(tenant, meant, order, fields),
  queryFn: ({ pageParam, signal }) => readPage(api, meant, order, fields, pageParam, signal),
  initialPageParam: '',
  getNextPageParam: (page: RunPage) => page.next,
  // To ask again for all pages, or to compare them, would take long: what changes is put in by the table itself.
  staleTime: Number.POSITIVE_INFINITY,
  structuralSharing: false,
  gcTime: 60_000,
});

type View = Pick<RunList, 'length' | 'at' | 'added'>;

/** A list over its pages: rows are where they are, and none is copied. */
function viewOf(pages: readonly RunPage[]): View {
  const ends: number[] = [];
  let length = 0;
  for (const { rows } of pages) {
    length += rows.length;
    ends.push(length);
  }
  const at = (index: number): RunRow => {
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] as number) > index) high = middle;
      else low = middle + 1;
    }
    const page = pages[low] as RunPage;
    return page.rows[index - (ends[low] as number) + page.rows.length] as RunRow;
  };
  return { length, at, added: pages[0]?.added ?? 0 };
}

const views = new WeakMap<readonly RunPage[], View>();

function viewOfPages(pages: readonly RunPage[]): View {
  const known = views.get(pages) ?? viewOf(pages);
  views.set(pages, known);
  return known;
}

interface Result {
  readonly data: Pages | undefined;
  readonly error: Error | null;
  readonly hasNextPage: boolean;
  readonly isFetching: boolean;
  readonly isFetchNextPageError: boolean;
  readonly isPlaceholderData: boolean;
  readonly fetchNextPage: (options?: typeof once) => unknown;
  readonly refetch: () => unknown;
}

/** What is asked for already is not asked for again. */
const once = { cancelRefetch: false };

const listOf = (result: Result, isWhole = false): RunList => ({
  ...viewOfPages(result.data?.pages ?? []),
  hasMore: result.hasNextPage,
  isLoading: result.isFetching,
  isPrevious: result.isPlaceholderData,
  // Of what could not be told at all, the table tells.
  error: result.isFetchNextPageError || !isWhole ? result.error : null,
  more: () => {
    if (result.hasNextPage && !result.isFetching && !result.isFetchNextPageError) void result.fetchNextPage(once);
  },
  retry: () => void (result.data ? result.fetchNextPage() : result.refetch()),
});

/** How often a search is asked again that was not answered. */
const everyMs = 4_000;

/** The runs of one search. */
export function useRunList(meant: RunsMeant, order: string, fields: Fields | undefined, isEnabled: boolean) {
  const api = useApi();
  const tenant = useTenant();
  const kept = useRef<Pages>(undefined);
  const result = useInfiniteQuery({
    ...optionsOf(api, tenant, meant, order, fields ?? noFields),
    enabled: isEnabled && fields !== undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data, error } }) =>
      data || !kept.current || !error || !passes(error) ? false : everyMs,
  });
  const { error, isFetchNextPageError } = result;
  if (result.data) kept.current = result.data;
  // An answer that does not come takes nothing away of what is shown.
  const isOfBefore = !result.data && error !== null && passes(error);
  const shown = isOfBefore ? { ...result, data: kept.current, isPlaceholderData: true, hasNextPage: false } : result;
  return {
    list: listOf(shown, true),
    asked: result,
    error: isFetchNextPageError ? null : error,
    refetch: result.refetch,
  };
}

const noFields = new Fields([]);

type Observer = InfiniteQueryObserver<RunPage, Error, Pages, readonly unknown[], string>;

interface Held {
  readonly observer: Observer;
  readonly stop: () => void;
}

function hold(client: QueryClient, options: Options, onChange: () => void): Held {
  const observer: Observer = new InfiniteQueryObserver(client, options);
  return { observer, stop: observer.subscribe(onChange) };
}

/** The runs of several searches, as many as groups are open. */
export function useRunLists(meant: readonly RunsMeant[], order: string, fields: Fields | undefined): RunList[] {
  const client = useQueryClient();
  const api = useApi();
  const tenant = useTenant();
  const [held] = useState(() => new Map<string, Held>());
  const [, changed] = useReducer((count: number) => count + 1, 0);
  const wanted = fields ? meant.map((each) => optionsOf(api, tenant, each, order, fields)) : [];
  const names = wanted.map(({ queryKey }) => JSON.stringify(queryKey));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names say all that the options do
  useEffect(() => {
    for (const [at, name] of names.entries()) {
      if (!held.has(name)) held.set(name, hold(client, wanted[at] as Options, changed));
    }
    for (const [name, { stop }] of held) {
      if (names.includes(name)) continue;
      stop();
      held.delete(name);
    }
    changed();
  }, [names.join('\n'), client, held]);
  useEffect(
    () => () => {
      for (const { stop } of held.values()) stop();
      held.clear();
    },
    [held],
  );
  return names.map((name) => {
    const observer = held.get(name)?.observer;
    return observer ? listOf(observer.getCurrentResult()) : waiting;
  });
}

const waiting: RunList = {
  length: 0,
  at: () => {
    throw new RangeError('an empty list');
  },
  added: 0,
  hasMore: false,
  isLoading: true,
  isPrevious: false,
  error: null,
  more: () => undefined,
  retry: () => undefined,
};
