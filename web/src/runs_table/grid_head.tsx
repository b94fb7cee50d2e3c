import { ArrowDown, ArrowUp } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import { isNumber } from './cells.tsx';
import type { ColumnChange } from './column_changes.ts';
import { idOf, widthLimits } from './column_ids.ts';
import { ColumnMenu } from './column_menu.tsx';
import { asHead, asRow } from './grid_roles.ts';
import type { SeenColumns } from './grid_row.tsx';
import { type PlacedColumn, selectWidth } from './layout.ts';
import classes from './runs_table.module.css';
import type { Sorting } from './table_state.ts';
import { text } from './text.ts';

interface HeadProps {
  readonly columns: SeenColumns;
  readonly sorting: Sorting;
  readonly change: ColumnChange;
  readonly isAllSelected: boolean;
  readonly onSelectAll: (isSelected: boolean) => void;
}

const keyStep = 16;

/** The edge of a column: dragged, or moved by the arrow keys. */
function ResizeHandle({ placed, change }: { readonly placed: PlacedColumn; readonly change: ColumnChange }) {
  const { column, width, maxWidth, onResize } = placed;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule between columns that can be moved is no <hr>
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={text.columns.width(text.label(column))}
      aria-valuenow={Math.round(width)}
      aria-valuemin={widthLimits.min}
      aria-valuemax={maxWidth}
      tabIndex={0}
      className={classes.resize}
      onMouseDown={(event) => {
        // The head that it is on would be dragged away.
        event.preventDefault();
        onResize(event);
      }}
      onTouchStart={onResize}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
        event.preventDefault();
        event.stopPropagation();
        const next = width + (event.key === 'ArrowRight' ? keyStep : -keyStep);
        change.resize(column.id, Math.min(Math.max(next, widthLimits.min), maxWidth));
      }}
    />
  );
}

function HeadCell(
  props: Pick<HeadProps, 'sorting' | 'change'> & { readonly placed: PlacedColumn; readonly isLast: boolean },
) {
  const { placed, sorting, change, isLast } = props;
  const { column, isFixed, width, start } = placed;
  const [isOver, setOver] = useState(false);
  const isSorted = idOf(sorting.column) === column.id;
  const name = text.label(column);
  const kind = column.kind === 'min' || column.kind === 'max' ? text.kinds[column.kind] : undefined;
  const drag = {
    draggable: true,
    onDragStart: (event: DragEvent) => event.dataTransfer.setData('text/column', column.id),
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes('text/column')) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      change.moveBefore(event.dataTransfer.getData('text/column'), column.id);
    },
  };
  return (
    <div
      {...asHead({ 'aria-sort': isSorted ? (sorting.descending ? 'descending' : 'ascending') : 'none' })}
      className={`${classes.headCell} ${isFixed ? classes.pinned : ''} ${isLast ? classes.lastPinned : ''}`}
      style={{ width, ...(isFixed ? { insetInlineStart: start } : {}) }}
      data-over={isOver || undefined}
      title={kind ? `${kind} ${name}` : name}
      {...drag}
    >
      <button
        type="button"
        className={classes.sort}
        style={isNumber(column) ? { textAlign: 'end' } : {}}
        aria-label={text.columns.sortBy(kind ? `${kind} ${name}` : name)}
        onClick={() => change.sortBy(column)}
      >
        {name}
        {kind && <span className={classes.kind}>{kind}</span>}
        {isSorted && (sorting.descending ? <ArrowDown size={13} aria-hidden /> : <ArrowUp size={13} aria-hidden />)}
      </button>
      <ColumnMenu column={column} change={change} />
      <ResizeHandle placed={placed} change={change} />
    </div>
  );
}

export function GridHead({ columns, sorting, change, isAllSelected, onSelectAll }: HeadProps) {
  const cell = (placed: PlacedColumn, isLast = false) => (
    <HeadCell key={placed.column.id} placed={placed} sorting={sorting} change={change} isLast={isLast} />
  );
  return (
    <div {...asRow(-1)} className={classes.head} style={{ width: columns.width }}>
      <div
        {...asHead()}
        className={`${classes.headCell} ${classes.pinned} ${classes.select}`}
        style={{ width: selectWidth, insetInlineStart: 0, paddingInlineStart: 12 }}
      >
        <input
          type="checkbox"
          className={classes.tick}
          aria-label={text.select.all}
          checked={isAllSelected}
          onChange={(event) => onSelectAll(event.currentTarget.checked)}
        />
      </div>
      {columns.pinned.map((placed, at) => cell(placed, at === columns.pinned.length - 1))}
      <div role="presentation" style={{ width: columns.skipped, flex: 'none' }} />
      {columns.others.map((placed) => cell(placed))}
    </div>
  );
}
