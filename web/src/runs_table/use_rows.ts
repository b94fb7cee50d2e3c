import { useMemo, useRef } from 'react';
import type { GroupPath, ShownColumn } from './column_ids.ts';
import { measuresOf, useGroups, useRunCount, withinOf } from './groups.ts';
import { itemsOfGroups, itemsOfRuns } from './items.ts';
import { useRunList, useRunLists } from './run_lists.ts';
import { Fields, type RunsMeant } from './run_rows.ts';
import { orderOf, type TableState } from './table_state.ts';

/** What is read of runs: as long as the search is the same it only grows, so that taking a column away asks for nothing. */
function useFields(columns: readonly ShownColumn[] | undefined, search: string): Fields | undefined {
  const before = useRef<{ search: string; fields: Fields } | undefined>(undefined);
  return useMemo(() => {
    if (!columns) return undefined;
    const known = before.current?.search === search ? before.current.fields : undefined;
    if (known?.has(columns)) return known;
    const fields = new Fields(columns);
    before.current = { search, fields };
    return fields;
  }, [columns, search]);
}

/** The lines of the table, and what is known of all runs that match. */
export function useRows(state: TableState, columns: readonly ShownColumn[] | undefined) {
  const { experimentId, filter, isDeleted, groups, open, sorting } = state;
  const meant = useMemo(
    (): RunsMeant => ({ experimentId, filter, isDeleted, within: [] }),
    [experimentId, filter, isDeleted],
  );
  const order = orderOf(sorting);
  const fields = useFields(columns, JSON.stringify([meant, order, groups]));
  const isGrouped = groups.length > 0;
  const { list, asked, error, refetch } = useRunList(meant, order, fields, !isGrouped);
  const measures = useMemo(() => measuresOf(columns ?? []), [columns]);
  // Below each open group that is not the innermost there are groups, and runs below those that are.
  const levels = isGrouped ? [[] as GroupPath, ...open.filter((path) => path.length < groups.length)] : [];
  const numbers = useGroups(meant, groups, levels, measures, sorting);
  const innermost = isGrouped ? open.filter((path) => path.length === groups.length) : [];
  const lists = useRunLists(
    innermost.map((path) => ({ ...meant, within: withinOf(groups, path) })),
    order,
    fields,
  );
  const items = isGrouped
    ? itemsOfGroups(
        numbers,
        open,
        innermost.flatMap((path, at) => {
          const inner = lists[at];
          return inner ? [{ path, list: inner }] : [];
        }),
      )
    : itemsOfRuns(list);
  const groupError = numbers.find((level) => level.asked.error)?.asked.error ?? null;
  return {
    meant,
    fields,
    measures,
    items,
    list,
    error: isGrouped ? groupError : error,
    asked: isGrouped ? numbers.map((level) => level.asked) : [asked],
    isWaiting: isGrouped ? numbers[0]?.numbers === undefined : list.length === 0 && list.isLoading,
    total: useRunCount(meant),
    refetch,
  };
}
