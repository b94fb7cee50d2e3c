import { useMemo } from 'react';
import {
  asKind,
  type ColumnId,
  type ColumnKind,
  freshColumn,
  idOf,
  isMetric,
  pinnedFirst,
  type ShownColumn,
} from './column_ids.ts';
import type { Sorting, TableChange, TableState } from './table_state.ts';

/** What can be done with the columns of the table. */
export interface ColumnChange {
  /** By the column; the other way round where it is sorted by it. */
  sortBy(column: ColumnId): void;
  sort(sorting: Sorting): void;
  show(column: ColumnId): void;
  hide(id: string): void;
  pin(id: string, isPinned: boolean): void;
  /** One place to the front (-1) or to the back (1), among those that are pinned alike. */
  move(id: string, by: -1 | 1): void;
  moveBefore(id: string, before: string): void;
  resize(id: string, width: number): void;
  replace(columns: readonly ShownColumn[]): void;
  /** Another value of the same metric: last, least or greatest. */
  kind(column: ShownColumn, kind: ColumnKind): void;
  groupBy(column: ColumnId): void;
  usual(): void;
}

/** Metrics and times are looked at from their greatest. */
const beginsDescending = (column: ColumnId): boolean =>
  (isMetric(column) && column.kind !== 'min') || ['start', 'duration'].includes(column.key);

export function useColumnChange(state: TableState, columns: readonly ShownColumn[], change: TableChange): ColumnChange {
  const { sorting, groups } = state;
  return useMemo(() => {
    const set = (next: readonly ShownColumn[]) => change.columns(pinnedFirst(next));
    const alter = (id: string, to: (column: ShownColumn) => ShownColumn) =>
      set(columns.map((column) => (column.id === id ? to(column) : column)));
    const moveTo = (id: string, place: number) => {
      const moved = columns.find((column) => column.id === id);
      if (!moved) return;
      const others = columns.filter((column) => column.id !== id);
      set([...others.slice(0, place), moved, ...others.slice(place)]);
    };
    return {
      sort: change.sort,
      sortBy: (column) => {
        const isSorted = idOf(sorting.column) === idOf(column);
        change.sort({ column, descending: isSorted ? !sorting.descending : beginsDescending(column) });
      },
      show: (column) => {
        if (!columns.some(({ id }) => id === idOf(column))) set([...columns, freshColumn(column)]);
      },
      hide: (id) => set(columns.filter((column) => column.id !== id)),
      pin: (id, isPinned) => alter(id, (column) => ({ ...column, isPinned })),
      move: (id, by) => moveTo(id, Math.max(0, columns.findIndex((column) => column.id === id) + by)),
      moveBefore: (id, before) => {
        const [moved, target] = [id, before].map((each) => columns.find((column) => column.id === each));
        if (!moved || !target || moved === target) return;
        const others = columns.filter((column) => column !== moved);
        const place = others.indexOf(target) + (columns.indexOf(moved) < columns.indexOf(target) ? 1 : 0);
        set([...others.slice(0, place), { ...moved, isPinned: target.isPinned }, ...others.slice(place)]);
      },
      resize: (id, width) => alter(id, (column) => ({ ...column, width })),
      replace: set,
      kind: (column, kind) => {
        const next = asKind(column, kind);
        if (!columns.some(({ id }) => id === next.id)) alter(column.id, () => next);
      },
      groupBy: (column) => {
        if (!groups.some((each) => idOf(each) === idOf(column))) change.groups([...groups, column]);
      },
      usual: () => change.columns(undefined),
    };
  }, [sorting, groups, columns, change]);
}
