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
  /** From the edge of the table, where it is pinned; else from the first column that is not. */
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

/** Where columns are; while an edge is dragged they follow, and then `onResized` has their widths. */
export function useLayout(
  columns: readonly ShownColumn[],
  onResized: (columns: readonly ShownColumn[]) => void,
): Layout {
  const [dragged, setDragged] = useState<ColumnSizingState>({});
  const definitions = useMemo(
    () =>
      columns.map(({ id, width }) => ({
        id,
        size: width,
        minSize: widthLimits.min,
        maxSize: widthLimits.max,
        header: id,
      })),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: noRows,
    columnResizeMode: 'onChange',
    state: {
      columnSizing: dragged,
      columnOrder: columns.map(({ id }) => id),
      columnPinning: { start: columns.filter(({ isPinned }) => isPinned).map(({ id }) => id), end: [] },
    },
    onColumnSizingChange: setDragged,
  });
  const { isResizingColumn } = table.state.columnResizing;
  useEffect(() => {
    if (isResizingColumn || Object.keys(dragged).length === 0) return;
    onResized(columns.map((column) => ({ ...column, width: dragged[column.id] ?? column.width })));
    setDragged({});
  }, [isResizingColumn, dragged, columns, onResized]);

  const byId = new Map(columns.map((column) => [column.id, column]));
  const headers = [table.getStartLeafHeaders(), table.getCenterLeafHeaders()] as const;
  const names = JSON.stringify(headers.map((each) => each.map(({ id, column }) => [id, column.getSize()])));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names and widths say all that the headers do
  return useMemo(() => {
    const place = (from: number, of: (typeof headers)[number]): PlacedColumn[] => {
      let start = from;
      return of.map((header) => {
        const width = header.column.getSize();
        const placed = {
          column: byId.get(header.column.id) as ShownColumn,
          width,
          start,
          onResize: header.getResizeHandler(),
        };
        start += width;
        return placed;
      });
    };
    const pinned = place(selectWidth, headers[0]);
    const others = place(0, headers[1]);
    const sum = (placed: readonly PlacedColumn[]) => placed.reduce((total, { width }) => total + width, 0);
    const pinnedWidth = selectWidth + sum(pinned);
    return { pinned, others, pinnedWidth, width: pinnedWidth + sum(others) };
  }, [names, columns]);
}
