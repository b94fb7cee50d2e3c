import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useRouteSearch } from '../app/use_page_search.ts';
import {
  type ColumnId,
  columnOf,
  columnsOf,
  type GroupPath,
  idOf,
  pathsOf,
  type ShownColumn,
  textOfColumns,
  textOfPaths,
} from './column_ids.ts';
import { fieldOf } from './filter_words.ts';
import type { Statistic } from './search.ts';

export interface Sorting {
  readonly column: ColumnId;
  readonly descending: boolean;
}

/** What the table of an experiment's runs shows: all of it is in the address. */
export interface TableState {
  readonly experimentId: number;
  readonly filter: string;
  readonly sorting: Sorting;
  /** Undefined where none are chosen: then the table chooses. */
  readonly columns: readonly ShownColumn[] | undefined;
  readonly groups: readonly ColumnId[];
  readonly open: readonly GroupPath[];
  readonly statistic: Statistic;
  readonly isDeleted: boolean;
}

export const newestFirst: Sorting = { column: { kind: 'attribute', key: 'start' }, descending: true };

export function sortingOf(text: string | undefined): Sorting {
  const descending = text?.startsWith('-') ?? false;
  const column = columnOf(descending ? (text as string).slice(1) : (text ?? ''));
  return column ? { column, descending } : newestFirst;
}

/** As `order_by` of a search has it. */
export const orderOf = ({ column, descending }: Sorting): string => `${fieldOf(column)} ${descending ? 'DESC' : 'ASC'}`;

export const isNewestFirst = ({ column, descending }: Sorting): boolean => idOf(column) === 'start' && descending;

const chosenColumns = (cols: string | undefined): TableState['columns'] => (cols ? columnsOf(cols) : undefined);
const groupsOf = (group = ''): ColumnId[] => group.split('~').flatMap((id) => columnOf(id) ?? []);

const route = getRouteApi('/signed-in/t/$tenant/experiments/$experimentId');

/** The state of the table, and how to change it. */
export function useTableState() {
  const { experimentId } = route.useParams();
  const [search, set] = useRouteSearch(route);
  const { filter = '', sort, cols, group, open = '', stat = 'mean', deleted = false } = search;
  const state = useMemo(
    (): TableState => ({
      experimentId: Number(experimentId),
      filter,
      sorting: sortingOf(sort),
      columns: chosenColumns(cols),
      groups: groupsOf(group),
      open: pathsOf(open),
      statistic: stat,
      isDeleted: deleted,
    }),
    [experimentId, filter, sort, cols, group, open, stat, deleted],
  );
  const change = useMemo(
    () => ({
      filter: (next: string) => set({ filter: next || undefined }),
      sort: (to: (before: Sorting) => Sorting) =>
        set((before) => {
          const { column, descending } = to(sortingOf(before.sort));
          return { sort: (descending ? '-' : '') + idOf(column) };
        }),
      columns: (to: (before: TableState['columns']) => TableState['columns']) =>
        set((before) => {
          const next = to(chosenColumns(before.cols));
          return { cols: next && textOfColumns(next) };
        }, true),
      groups: (to: (before: readonly ColumnId[]) => readonly ColumnId[]) =>
        set((before) => {
          const groups = groupsOf(before.group);
          const next = to(groups);
          return next === groups ? {} : { group: next.map(idOf).join('~') || undefined, open: undefined };
        }),
      open: (to: (before: readonly GroupPath[]) => readonly GroupPath[]) =>
        set((before) => ({ open: textOfPaths(to(pathsOf(before.open ?? ''))) || undefined }), true),
      statistic: (next: Statistic) => set({ stat: next === 'mean' ? undefined : next }, true),
      deleted: (next: boolean) => set({ deleted: next || undefined }),
    }),
    [set],
  );
  return { state, change };
}

export type TableChange = ReturnType<typeof useTableState>['change'];
