import { type QueryClient, type useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTenant } from '../api/hooks.ts';
import { askAnew } from '../api/query_client.ts';
import { type Pages, runsKey } from './run_lists.ts';
import type { RunPage, RunRow } from './run_rows.ts';

/** A list as it was asked for. */
type ListOptions = Parameters<typeof useInfiniteQuery<RunPage, Error, Pages, readonly unknown[], string>>[0];

type Change = (row: RunRow) => RunRow | undefined;

/** The page with rows changed, those that become undefined left out; the same page where nothing changes. */
function changedPage(page: RunPage, ids: ReadonlySet<string>, change: Change): RunPage {
  if (!page.rows.some(({ id }) => ids.has(id))) return page;
  const rows = page.rows.flatMap((row) => (ids.has(row.id) ? (change(row) ?? []) : row));
  return { ...page, rows };
}

function changePages(client: QueryClient, tenant: string, change: (page: RunPage, at: number) => RunPage): void {
  client.setQueriesData<Pages>({ queryKey: runsKey(tenant), type: 'active' }, (data) => {
    if (!data) return data;
    const pages = data.pages.map(change);
    return pages.every((page, at) => page === data.pages[at]) ? data : { ...data, pages };
  });
}

const isSame = (a: RunRow, b: RunRow): boolean =>
  a.status === b.status && a.name === b.name && a.end === b.end && a.cells.every((cell, at) => cell === b.cells[at]);

/** What is put into the lists of runs that are shown, without asking for them again. */
export function useRunCache() {
  const client = useQueryClient();
  const tenant = useTenant();
  return useMemo(
    () => ({
      change: (ids: ReadonlySet<string>, change: Change) =>
        changePages(client, tenant, (page) => changedPage(page, ids, change)),
      /** Rows as they are now; those that are the same stay the same objects, so nothing is drawn anew. */
      renew: (rows: readonly RunRow[]) => {
        const fresh = new Map(rows.map((row) => [row.id, row]));
        changePages(client, tenant, (page) => {
          const isChanged = page.rows.some((row) => {
            const now = fresh.get(row.id);
            return now !== undefined && !isSame(row, now);
          });
          return isChanged ? { ...page, rows: page.rows.map((row) => fresh.get(row.id) ?? row) } : page;
        });
      },
      /** New rows, before all others. */
      prepend: (rows: readonly RunRow[]) =>
        changePages(client, tenant, (page, at) => {
          const added = rows.filter(({ id }) => !page.rows.some((row) => row.id === id));
          return at === 0 && added.length > 0
            ? { ...page, rows: [...added, ...page.rows], added: (page.added ?? 0) + added.length }
            : page;
        }),
      /** Everything is asked for again, from the top; what is there stays until it is answered. Whether it was. */
      reload: async (): Promise<boolean> => {
        const queryKey = runsKey(tenant);
        client.removeQueries({ queryKey, type: 'inactive' });
        // What is being asked for may be of before.
        await client.cancelQueries({ queryKey }, { silent: true });
        const lists = client.getQueryCache().findAll({ queryKey, type: 'active' });
        const asked = lists.map(({ options }) =>
          client.infiniteQuery({ ...(options as ListOptions), pages: 1, staleTime: 0 }),
        );
        return (await Promise.allSettled(asked)).every(({ status }) => status === 'fulfilled');
      },
      /** Numbers of all runs are asked for again. */
      recount: () => void askAnew(['t', tenant, 'run-groups']),
    }),
    [client, tenant],
  );
}
