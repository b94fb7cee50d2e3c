import { useMediaQuery } from '@mantine/hooks';
import {
  type ColumnSizingState,
  columnOrderingFeature,
  columnPinningFeature,
  columnResizingFeature,
  columnSizingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useEffect, useMemo, useState } from 'react';
import { type ShownColumn, widthLimits } from './column_ids.ts';

const features = tableFeatures({
  columnOrderingFeature,
  columnPinningFeature,
  columnResizingFeature,
  columnSizingFeature,
});

/** Rows are not the table's: of 100,000 it would keep more than what is seen of them. */
const noRows: never[] = [];

export interface PlacedColumn {
  readonly column: ShownColumn;
  readonly width: number;
  readonly maxWidth: number;
  /** Whether it stays where it is while the others are scrolled. */
  readonly isFixed: boolean;
  /** From the edge of the table, where it is fixed; else from the first column that is not. */
  readonly start: number;
  /** Begins to drag its edge. */
  readonly onResize: (event: unknown) => void;
}

export interface Layout {
  readonly pinned: readonly PlacedColumn[];
  readonly others: readonly PlacedColumn[];
  /** Of all columns and the boxes for selecting. */
  readonly width: number;
  readonly pinnedWidth: number;
}

export const selectWidth = 40;

/** What a column that is fixed takes of a narrow window at most, so that there is room for the others. */
const narrowWidth = 140;

/** Where columns are; while an edge is dragged they follow, and then `onResized` has the widths of those that were. */
export function useLayout(
  columns: readonly ShownColumn[],
  onResized: (widths: Readonly<Record<string, number>>) => void,
): Layout {
  const [dragged, setDragged] = useState<ColumnSizingState>({});
  const isNarrow = useMediaQuery('(max-width: 48em)') ?? false;
  const fixed = columns.filter(({ isPinned }) => isPinned).map(({ id }) => id);
  // The other pinned ones are still the first.
  if (isNarrow) fixed.splice(1);
  const narrowed = isNarrow ? fixed[0] : undefined;
  const definitions = useMemo(
    () =>
      columns.map(({ id, width }) => ({
        id,
        size: width,
        minSize: widthLimits.min,
        maxSize: id === narrowed ? narrowWidth : widthLimits.max,
        header: id,
      })),
    [columns, narrowed],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: noRows,
    columnResizeMode: 'onChange',
    state: {
      columnSizing: dragged,
      columnOrder: columns.map(({ id }) => id),
      columnPinning: { start: fixed, end: [] },
    },
    onColumnSizingChange: setDragged,
  });
  const { isResizingColumn } = table.state.columnResizing;
  useEffect(() => {
    if (isResizingColumn || Object.keys(dragged).length === 0) return;
    onResized(dragged);
    setDragged({});
  }, [isResizingColumn, dragged, onResized]);

  const byId = new Map(columns.map((column) => [column.id, column]));
  const headers = [table.getStartLeafHeaders(), table.getCenterLeafHeaders()] as const;
  const names = JSON.stringify(headers.map((each) => each.map(({ id, column }) => [id, column.getSize()])));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names and widths say all that the headers do
  return useMemo(() => {
    const place = (of: (typeof headers)[number], isFixed: boolean): PlacedColumn[] => {
      let start = isFixed ? selectWidth : 0;
      return of.map((header) => {
        const width = header.column.getSize();
        const placed = {
          column: byId.get(header.column.id) as ShownColumn,
          width,
          maxWidth: header.column.columnDef.maxSize as number,
          isFixed,
          start,
          onResize: header.getResizeHandler(),
        };
        start += width;
        return placed;
      });
    };
    const pinned = place(headers[0], true);
    const others = place(headers[1], false);
    const sum = (placed: readonly PlacedColumn[]) => placed.reduce((total, { width }) => total + width, 0);
    const pinnedWidth = selectWidth + sum(pinned);
    return { pinned, others, pinnedWidth, width: pinnedWidth + sum(others) };
  }, [names, columns]);
}
