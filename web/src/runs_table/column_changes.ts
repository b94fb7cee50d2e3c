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
import type { Sorting, TableChange } from './table_state.ts';

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
  /** To widths by the ids of columns. */
  resizeAll(widths: Readonly<Record<string, number>>): void;
  /** Another value of the same metric: last, least or greatest. */
  kind(column: ShownColumn, kind: ColumnKind): void;
  groupBy(column: ColumnId): void;
  usual(): void;
}

/** Metrics and times are looked at from their greatest. */
const beginsDescending = (column: ColumnId): boolean =>
  (isMetric(column) && column.kind !== 'min') || ['start', 'duration'].includes(column.key);

/** `usual` are the columns of a table of which none are chosen. */
export function useColumnChange(usual: readonly ShownColumn[], change: TableChange): ColumnChange {
  return useMemo(() => {
    const set = (to: (columns: readonly ShownColumn[]) => readonly ShownColumn[]) =>
      change.columns((before) => {
        const columns = before ?? usual;
        const next = to(columns);
        return next === columns ? before : pinnedFirst(next);
      });
    const alter = (id: string, to: (column: ShownColumn) => ShownColumn) =>
      set((columns) => columns.map((column) => (column.id === id ? to(column) : column)));
    return {
      sort: (sorting) => change.sort(() => sorting),
      sortBy: (column) =>
        change.sort((before) => {
          const isSorted = idOf(before.column) === idOf(column);
          return { column, descending: isSorted ? !before.descending : beginsDescending(column) };
        }),
      show: (column) =>
        set((columns) => (columns.some(({ id }) => id === idOf(column)) ? columns : [...columns, freshColumn(column)])),
      hide: (id) => set((columns) => columns.filter((column) => column.id !== id)),
      pin: (id, isPinned) => alter(id, (column) => ({ ...column, isPinned })),
      move: (id, by) =>
        set((columns) => {
          const moved = columns.find((column) => column.id === id);
          if (!moved) return columns;
          const place = Math.max(0, columns.indexOf(moved) + by);
          return columns.filter((column) => column !== moved).toSpliced(place, 0, moved);
        }),
      moveBefore: (id, before) =>
        set((columns) => {
          const [moved, target] = [id, before].map((each) => columns.find((column) => column.id === each));
          if (!moved || !target || moved === target) return columns;
          const others = columns.filter((column) => column !== moved);
          const place = others.indexOf(target) + (columns.indexOf(moved) < columns.indexOf(target) ? 1 : 0);
          return others.toSpliced(place, 0, { ...moved, isPinned: target.isPinned });
        }),
      resize: (id, width) => alter(id, (column) => ({ ...column, width })),
      resizeAll: (widths) =>
        set((columns) => columns.map((column) => ({ ...column, width: widths[column.id] ?? column.width }))),
      kind: (column, kind) => {
        const next = asKind(column, kind);
        set((columns) =>
          columns.some(({ id }) => id === next.id)
            ? columns
            : columns.map((each) => (each.id === column.id ? asKind(each, kind) : each)),
        );
      },
      groupBy: (column) =>
        change.groups((groups) => (groups.some((each) => idOf(each) === idOf(column)) ? groups : [...groups, column])),
      usual: () => change.columns(() => undefined),
    };
  }, [usual, change]);
}
