import { useQuery } from '@tanstack/react-query';
import { type RefObject, useRef, useState } from 'react';
import { useApi, useTenant } from '../api/hooks.ts';
import type { Asked } from './cut_off.tsx';
import type { Items } from './items.ts';
import { useRunCache } from './run_cache.ts';
import type { GridHandle } from './run_grid.tsx';
import type { RunList } from './run_lists.ts';
import { type Fields, type RunRow, type RunsMeant, readAgain, readSince } from './run_rows.ts';
import { isNewestFirst, type TableState } from './table_state.ts';

const everyMs = 4_000;
/** Runs that are asked for again at a time. */
const renewedMax = 100;

/** The runs that go on, of those that are seen. */
function runningOf(items: Items, grid: GridHandle | null): string[] {
  const { first, last } = grid?.drawn() ?? { first: 0, last: -1 };
  const ids: string[] = [];
  for (let index = first; index <= Math.min(last, items.length - 1) && ids.length < renewedMax; index += 1) {
    const item = items.at(index);
    if (item.kind === 'run' && (item.row.status === 'RUNNING' || item.row.status === 'SCHEDULED'))
      ids.push(item.row.id);
  }
  return ids;
}

const headOf = (list: RunList): RunRow[] =>
  Array.from({ length: Math.min(list.length, 200) }, (_, index) => list.at(index));

/**
 * Keeps the table as it is now, while the page is seen: of runs that go on what is seen, and of others those that began
 * since. New ones come in where the newest stand first; in another order, how many there are is said.
 */
export function useLive(options: {
  readonly state: TableState;
  readonly meant: RunsMeant;
  readonly fields: Fields | undefined;
  readonly items: Items;
  readonly list: RunList;
  readonly grid: RefObject<GridHandle | null>;
}): { readonly fresh: number; readonly asked: Asked; readonly isReloading: boolean; readonly reload: () => void } {
  const { state, meant, fields, items, list, grid } = options;
  const api = useApi();
  const cache = useRunCache();
  const latest = useRef(options);
  latest.current = options;
  const [since, setSince] = useState(() => Date.now());
  const [fresh, setFresh] = useState(0);
  const [isReloading, setReloading] = useState(false);
  const isGrouped = state.groups.length > 0;
  const ordered = isNewestFirst(state.sorting) && !isGrouped;

  async function look(): Promise<number> {
    const known = fields as Fields;
    const running = runningOf(latest.current.items, grid.current);
    if (running.length > 0) cache.renew(await readAgain(api, meant, known, running));
    if (state.isDeleted) return 0;
    const head = ordered ? headOf(latest.current.list) : [];
    const from = ordered ? (head[0]?.start ?? 0) : since;
    const found = await readSince(api, meant, known, from);
    const added = found.filter(({ id }) => !head.some((row) => row.id === id));
    if (!ordered) setFresh(added.length);
    else if (added.length > 0) {
      cache.prepend(added);
      cache.recount();
      grid.current?.shift(added.length);
    }
    return added.length;
  }

  const asked = useQuery({
    queryKey: ['t', useTenant(), 'runs-live', meant, ordered, fields?.name, since],
    queryFn: look,
    enabled:
      fields !== undefined &&
      !list.isPrevious &&
      (isGrouped || list.length > 0 || !list.isLoading) &&
      items !== undefined,
    refetchInterval: everyMs,
    refetchIntervalInBackground: false,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const reload = async () => {
    const at = Date.now();
    setReloading(true);
    cache.recount();
    const isAnswered = await cache.reload();
    setReloading(false);
    if (!isAnswered) return;
    setSince(at);
    setFresh(0);
    grid.current?.show(0);
  };
  return { fresh, asked, isReloading, reload: () => void reload() };
}
