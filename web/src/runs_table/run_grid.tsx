import { Button, Group, Loader } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type MouseEvent,
  useCallback,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
} from 'react';
import { useTenant } from '../api/hooks.ts';
import type { ColumnChange } from './column_changes.ts';
import type { ShownColumn } from './column_ids.ts';
import { GridHead } from './grid_head.tsx';
import { asCell, asGrid, asRow, asRows } from './grid_roles.ts';
import { GridRow, lineId, type RowHandlers, type SeenColumns } from './grid_row.tsx';
import { GroupRow } from './group_row.tsx';
import type { GroupItem, Items } from './items.ts';
import { useLayout } from './layout.ts';
import { NoteLine } from './note_line.tsx';
import type { RunList } from './run_lists.ts';
import type { Fields } from './run_rows.ts';
import classes from './runs_table.module.css';
import type { Statistic } from './search.ts';
import type { Selection } from './selection.ts';
import { useSlots } from './slots.ts';
import type { TableState } from './table_state.ts';
import { text } from './text.ts';

export const rowHeight = 34;
const headHeight = 38;
/** Lines before the end of what is loaded at which more is asked for. */
const ahead = 120;

export interface GridHandle {
  /** Brings a line into sight. */
  show(index: number): void;
  /** Brings a column into sight. */
  showColumn(id: string): void;
  /** Keeps what is seen in its place when lines come in above it. */
  shift(lines: number): void;
  /** The lines that are drawn. */
  drawn(): { readonly first: number; readonly last: number };
}

export interface GridProps {
  readonly state: TableState;
  readonly columns: readonly ShownColumn[];
  readonly items: Items;
  readonly fields: Fields;
  readonly measures: readonly ShownColumn[];
  readonly statistic: Statistic;
  readonly total: number | undefined;
  readonly isPrevious: boolean;
  readonly change: ColumnChange;
  readonly selection: Selection;
  readonly active: number;
  readonly editing: { readonly id: string; readonly columnId: string } | undefined;
  readonly handlers: Omit<RowHandlers, 'hrefOf'>;
  readonly onToggleGroup: (item: GroupItem) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly handle: React.RefObject<GridHandle | null>;
}

/** What stands where more is to come. */
function MoreLine({ list, index, start }: { readonly list: RunList; readonly index: number; readonly start: number }) {
  useEffect(() => list.more());
  return (
    <div {...asRow(index)} className={classes.row} style={{ transform: `translateY(${start}px)` }}>
      <div {...asCell} className={classes.cell}>
        {list.error ? (
          <Group gap="xs" component="span" role="alert">
            {text.failed}
            <Button size="compact-xs" variant="default" onClick={list.retry}>
              {text.again}
            </Button>
          </Group>
        ) : (
          <Group gap="xs" component="span" className={classes.dim}>
            <Loader size={14} aria-hidden /> {text.loading}
          </Group>
        )}
      </div>
    </div>
  );
}

export function RunGrid(props: GridProps) {
  const { state, columns, items, fields, change, selection, active, editing, measures, statistic } = props;
  const box = useRef<HTMLDivElement>(null);
  const tenant = useTenant();
  const navigate = useNavigate();
  const layout = useLayout(columns, change.resizeAll);
  const lines = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 10,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
    useFlushSync: false,
  });
  const across = useVirtualizer({
    horizontal: true,
    count: layout.others.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => layout.others[index]?.width ?? 0,
    overscan: 2,
    useFlushSync: false,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew where the columns are others
  useEffect(() => across.measure(), [layout, across]);

  const drawnLines = lines.getVirtualItems();
  const drawnColumns = across.getVirtualItems();
  const firstColumn = drawnColumns[0]?.index ?? 0;
  const lastColumn = drawnColumns.at(-1)?.index ?? -1;
  const seen = useMemo((): SeenColumns => {
    const others = layout.others.slice(firstColumn, lastColumn + 1);
    return { pinned: layout.pinned, others, skipped: others[0]?.start ?? 0, width: layout.width };
  }, [layout, firstColumn, lastColumn]);

  const { onSelect, onEdit, onSave, onEndEdit } = props.handlers;
  const handlers = useMemo(
    (): RowHandlers => ({ hrefOf: (id) => `/t/${tenant}/runs/${id}`, onSelect, onEdit, onSave, onEndEdit }),
    [tenant, onSelect, onEdit, onSave, onEndEdit],
  );

  useImperativeHandle(props.handle, () => ({
    show: (index) => lines.scrollToIndex(index),
    showColumn: (id) => {
      const placed = layout.others.find(({ column }) => column.id === id);
      if (!placed || !box.current) return;
      const { scrollLeft, clientWidth } = box.current;
      const end = placed.start + placed.width + layout.pinnedWidth;
      if (placed.start < scrollLeft || end > scrollLeft + clientWidth) box.current.scrollLeft = placed.start;
    },
    shift: (count) => {
      if (box.current && box.current.scrollTop > 0) box.current.scrollTop += count * rowHeight;
    },
    drawn: () => ({ first: lines.range?.startIndex ?? 0, last: lines.range?.endIndex ?? -1 }),
  }));

  // Asked for before one gets there.
  const near = Math.min((drawnLines.at(-1)?.index ?? 0) + ahead, items.length - 1);
  useEffect(() => {
    const item = near >= 0 && near < items.length ? items.at(near) : undefined;
    if (item?.kind === 'more') item.list.more();
  }, [near, items]);

  const onClick = useCallback(
    (event: MouseEvent) => {
      const link = (event.target as Element).closest('a[data-run]');
      if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      const runId = link.getAttribute('data-run') as string;
      void navigate({ to: '/t/$tenant/runs/$runId', params: { tenant, runId } });
    },
    [navigate, tenant],
  );

  const isGrouped = state.groups.length > 0;
  const slots = useSlots(drawnLines.map(({ index }) => index));
  const line = (index: number, start: number) => {
    const item = items.at(index);
    if (item.kind === 'more') return <MoreLine key="more" list={item.list} index={index} start={start} />;
    if (item.kind === 'note') return <NoteLine key={`note ${index}`} item={item} index={index} start={start} />;
    if (item.kind === 'group') {
      return (
        <GroupRow
          key={`group ${JSON.stringify(item.path)}`}
          index={index}
          start={start}
          item={item}
          groups={state.groups}
          measures={measures}
          statistic={statistic}
          columns={seen}
          isActive={index === active}
          onToggle={props.onToggleGroup}
        />
      );
    }
    const isEdited = editing?.id === item.row.id;
    return (
      <GridRow
        // What is being typed goes along with its run where others come in above it.
        key={isEdited ? 'edited' : `run ${slots.get(index)}`}
        index={index}
        start={start}
        row={item.row}
        level={item.level}
        fields={fields}
        columns={seen}
        isActive={index === active}
        isSelected={selection.has(item.row.id)}
        edited={isEdited ? editing.columnId : undefined}
        handlers={handlers}
      />
    );
  };
  return (
    <div
      ref={box}
      className={classes.box}
      {...asGrid(isGrouped, {
        'aria-label': text.table,
        'aria-rowcount': isGrouped || props.total === undefined ? -1 : props.total + 1,
        'aria-colcount': columns.length + 1,
        'aria-multiselectable': true,
        'aria-activedescendant': active >= 0 && active < items.length ? lineId(active) : undefined,
        'aria-busy': props.isPrevious,
        onKeyDown: props.onKeyDown,
        onClick,
      })}
      data-previous={props.isPrevious || undefined}
      data-scroll-restoration-id="runs"
    >
      <div
        role="presentation"
        className={classes.sizer}
        style={{ width: layout.width, height: lines.getTotalSize() + headHeight }}
      >
        <div {...asRows} className={classes.headGroup}>
          <GridHead
            columns={seen}
            sorting={state.sorting}
            change={change}
            isAllSelected={selection.isAll}
            onSelectAll={selection.setAll}
          />
        </div>
        <div {...asRows} className={classes.body}>
          {drawnLines.map(({ index, start }) => (index < items.length ? line(index, start - headHeight) : null))}
        </div>
      </div>
    </div>
  );
}
