import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import { ScrollBox } from './scroll_box.tsx';
import classes from './virtual_table.module.css';

/** Pixels of a cell's width that its content does not have. */
export const cellPadding = 16;

export interface VirtualColumn {
  readonly key: string;
  readonly title: ReactNode;
  /** In pixels. */
  readonly width: number;
  /** Where what is in its cells stands: figures at the end. */
  readonly align?: 'end';
}

interface Props {
  readonly label: string;
  readonly columns: readonly VirtualColumn[];
  readonly rowCount: number;
  /** What stands in a cell, by its row and column; a text alone is cut with dots. */
  readonly cell: (row: number, column: number) => ReactNode;
  /** How many of the first columns stay when the others are scrolled. */
  readonly pinned?: number;
  readonly rowHeight?: number;
  readonly headHeight?: number;
  /** Whether it is a place on the page of its own: no section around it bears its name. */
  readonly isLandmark?: boolean;
  /** Called when the last rows come into sight. */
  readonly onEnd?: (() => void) | undefined;
}

const boxed = (content: ReactNode): ReactNode =>
  typeof content === 'string' || typeof content === 'number' ? <span>{content}</span> : content;

/** A table of any number of rows and columns, of which only what is in sight is there. */
export function VirtualTable(props: Props) {
  const { columns, rowCount, pinned = 1, rowHeight = 32, headHeight = 34, onEnd } = props;
  const box = useRef<HTMLElement>(null);
  const pinnedWidth = columns.slice(0, pinned).reduce((sum, { width }) => sum + width, 0);
  const rows = useVirtualizer({
    count: rowCount,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    paddingStart: headHeight,
    overscan: 6,
  });
  const across = useVirtualizer({
    horizontal: true,
    count: Math.max(0, columns.length - pinned),
    getScrollElement: () => box.current,
    estimateSize: (index) => columns[index + pinned]?.width ?? 0,
    paddingStart: pinnedWidth,
    overscan: 2,
  });
  const shown = across.getVirtualItems();
  const last = rows.getVirtualItems().at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= rowCount - 1) onEnd?.();
  }, [last, rowCount, onEnd]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights that change are measured anew
  useEffect(() => rows.measure(), [rows, rowHeight]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: widths that change are measured anew
  useEffect(() => across.measure(), [across, columns]);
  const lineOf = (isHead: boolean, height: number, content: (column: number) => ReactNode) => (
    <Line {...{ isHead, height, content, columns, pinned, shown, pinnedWidth }} />
  );
  return (
    <ScrollBox ref={box} className={`${classes.box} figures`} label={props.isLandmark ? props.label : undefined}>
      <table
        className={classes.table}
        aria-label={props.label}
        aria-rowcount={rowCount + 1}
        aria-colcount={columns.length}
        style={{ height: rows.getTotalSize(), width: across.getTotalSize() }}
      >
        <thead className={classes.head}>
          <tr className={classes.line} aria-rowindex={1}>
            {lineOf(true, headHeight, (column) => columns[column]?.title)}
          </tr>
        </thead>
        <tbody>
          {rows.getVirtualItems().map((item) => (
            <tr
              key={item.key}
              className={`${classes.line} ${classes.row}`}
              aria-rowindex={item.index + 2}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {lineOf(false, rowHeight, (column) => props.cell(item.index, column))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function Line(props: {
  readonly isHead: boolean;
  readonly height: number;
  readonly content: (column: number) => ReactNode;
  readonly columns: readonly VirtualColumn[];
  readonly pinned: number;
  readonly pinnedWidth: number;
  readonly shown: readonly VirtualItem[];
}) {
  const { columns, pinned, shown, height, content } = props;
  const before = (shown[0]?.start ?? props.pinnedWidth) - props.pinnedWidth;
  const classOf = ({ align }: VirtualColumn) => `${classes.cell} ${align === 'end' ? classes.end : ''}`;
  let left = 0;
  return (
    <>
      {columns.slice(0, pinned).map((column, index) => {
        const style = { width: column.width, height, insetInlineStart: left };
        left += column.width;
        return (
          <th
            key={column.key}
            scope={props.isHead ? 'col' : 'row'}
            aria-colindex={index + 1}
            className={`${classOf(column)} ${classes.pinned}`}
            style={style}
          >
            {boxed(content(index))}
          </th>
        );
      })}
      {before > 0 && <td style={{ flex: 'none', width: before }} aria-hidden />}
      {shown.map((item) => {
        const index = item.index + pinned;
        const column = columns[index];
        const Cell = props.isHead ? 'th' : 'td';
        return (
          column && (
            <Cell
              key={column.key}
              aria-colindex={index + 1}
              className={classOf(column)}
              style={{ width: item.size, height }}
            >
              {boxed(content(index))}
            </Cell>
          )
        );
      })}
    </>
  );
}
