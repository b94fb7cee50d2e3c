import { type CSSProperties, memo } from 'react';
import { shownName } from '../app/shown_name.ts';
import { CellContent, isNumber, whole } from './cells.tsx';
import { idOf, isEditable } from './column_ids.ts';
import { EditCell } from './edit_cell.tsx';
import { asCell, asRow } from './grid_roles.ts';
import type { PlacedColumn } from './layout.ts';
import { selectWidth } from './layout.ts';
import type { Fields, RunRow } from './run_rows.ts';
import classes from './runs_table.module.css';
import { text } from './text.ts';

/** The columns that are seen: those before `from` are as wide as `skipped`. */
export interface SeenColumns {
  readonly pinned: readonly PlacedColumn[];
  readonly others: readonly PlacedColumn[];
  readonly skipped: number;
  readonly width: number;
}

export interface RowHandlers {
  readonly hrefOf: (runId: string) => string;
  readonly onSelect: (index: number, isRange: boolean) => void;
  readonly onEdit: (row: RunRow, columnId: string) => void;
  readonly onSave: (row: RunRow, columnId: string, value: string) => void;
  readonly onEndEdit: (step?: 1 | -1) => void;
}

interface RowProps {
  readonly index: number;
  readonly start: number;
  readonly row: RunRow;
  readonly level: number;
  readonly fields: Fields;
  readonly columns: SeenColumns;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  /** The column whose cell is edited. */
  readonly edited: string | undefined;
  readonly handlers: RowHandlers;
}

export const lineId = (index: number): string => `run-line-${index}`;

export const cellClass = (placed: PlacedColumn, isLast = false): string =>
  [
    classes.cell,
    isNumber(placed.column) && classes.number,
    placed.isFixed && classes.pinned,
    isLast && classes.lastPinned,
  ]
    .filter(Boolean)
    .join(' ');

export const cellStyle = ({ isFixed, width, start }: PlacedColumn, indent = 0): CSSProperties => ({
  width,
  ...(isFixed ? { insetInlineStart: start } : {}),
  ...(indent > 0 ? { paddingInlineStart: 10 + indent * 18 } : {}),
});

/** A run as a line. Drawn anew only where something of it changes. */
export const GridRow = memo(function GridRow(props: RowProps) {
  const { index, start, row, level, fields, columns, isActive, isSelected, edited, handlers } = props;
  const href = handlers.hrefOf(row.id);
  const cell = (placed: PlacedColumn, isFirst: boolean, isLast = false) => {
    const { column } = placed;
    const value = fields.of(row, column);
    const isEdited = edited === column.id;
    return (
      <div
        key={column.id}
        {...(isEditable(column) ? { ...asCell, onDoubleClick: () => handlers.onEdit(row, column.id) } : asCell)}
        className={cellClass(placed, isLast)}
        style={cellStyle(placed, isFirst ? level : 0)}
        title={isEdited ? undefined : whole(column, value)}
      >
        {isEdited ? (
          <EditCell
            label={column.kind === 'tag' ? text.edit.tag(column.key) : text.edit.name}
            value={String(value ?? '')}
            onSave={(next) => handlers.onSave(row, idOf(column), next)}
            onEnd={handlers.onEndEdit}
          />
        ) : (
          <CellContent column={column} row={row} fields={fields} href={href} />
        )}
      </div>
    );
  };
  return (
    <div
      {...asRow(index, { 'aria-selected': isSelected })}
      id={lineId(index)}
      data-active={isActive || undefined}
      className={classes.row}
      style={{ transform: `translateY(${start}px)`, width: columns.width }}
    >
      <div
        {...asCell}
        className={`${classes.cell} ${classes.pinned} ${classes.select}`}
        style={{ width: selectWidth, insetInlineStart: 0 }}
      >
        <input
          type="checkbox"
          className={classes.tick}
          tabIndex={-1}
          aria-label={text.select.one(shownName(row.name, row.id))}
          checked={isSelected}
          onChange={(event) => handlers.onSelect(index, (event.nativeEvent as MouseEvent).shiftKey)}
        />
      </div>
      {columns.pinned.map((placed, at) => cell(placed, at === 0, at === columns.pinned.length - 1))}
      <div role="presentation" style={{ width: columns.skipped, flex: 'none' }} />
      {columns.others.map((placed, at) => cell(placed, columns.pinned.length === 0 && at === 0))}
    </div>
  );
});
