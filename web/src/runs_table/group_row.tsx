import { ChevronDown, ChevronRight } from 'lucide-react';
import { memo } from 'react';
import { count, figure } from '../app/formats.ts';
import { type ColumnId, idOf, isMetric } from './column_ids.ts';
import { asCell, asRow } from './grid_roles.ts';
import { cellClass, cellStyle, lineId, type SeenColumns } from './grid_row.tsx';
import type { Aggregate } from './groups.ts';
import type { GroupItem } from './items.ts';
import { type PlacedColumn, selectWidth } from './layout.ts';
import classes from './runs_table.module.css';
import type { Statistic } from './search.ts';
import { text } from './text.ts';

interface GroupRowProps {
  readonly index: number;
  readonly start: number;
  readonly item: GroupItem;
  readonly groups: readonly ColumnId[];
  readonly measures: readonly ColumnId[];
  readonly statistic: Statistic;
  readonly columns: SeenColumns;
  readonly isActive: boolean;
  readonly onToggle: (item: GroupItem) => void;
}

const whole = ({ runs, mean, median, min, max }: Aggregate): string =>
  runs === 0
    ? ''
    : [
        `n ${count(runs)}`,
        ...Object.entries({ mean, median, min, max }).map(([name, value]) => `${name} ${figure(value as number)}`),
      ].join(' · ');

/** A group of runs as a line: how many there are, and what their metrics come to. */
export const GroupRow = memo(function GroupRow(props: GroupRowProps) {
  const { index, start, item, groups, measures, statistic, columns, isActive, onToggle } = props;
  const { path, isOpen, group } = item;
  const by = groups[path.length - 1] as ColumnId;
  const value = path.at(-1) ?? text.group.without;
  const name = `${text.label(by)} ${value}`;
  const first = columns.pinned[0] ?? columns.others[0];
  const head = (
    <button
      type="button"
      className={classes.toggle}
      tabIndex={-1}
      aria-expanded={isOpen}
      onClick={() => onToggle(item)}
    >
      {isOpen ? (
        <ChevronDown size={15} aria-hidden className={classes.chevron} />
      ) : (
        <ChevronRight size={15} aria-hidden className={classes.chevron} />
      )}
      <span className={`${classes.toggleText} ${classes.dim} ${classes.givesWay}`}>{text.label(by)} </span>
      <span className={classes.toggleText}>{value}</span>
      <span className={`${classes.dim} ${classes.stays}`}> · n {count(group.runs)}</span>
    </button>
  );
  const cell = (placed: PlacedColumn, isLast = false) => {
    const measure = isMetric(placed.column) ? measures.findIndex((each) => idOf(each) === placed.column.id) : -1;
    const aggregate = group.aggregates[measure];
    const number = aggregate?.[statistic] ?? null;
    const isHead = placed === first;
    return (
      <div
        key={placed.column.id}
        {...asCell}
        className={cellClass(placed, isLast)}
        style={cellStyle(placed, isHead ? path.length - 1 : 0)}
        title={isHead ? `${name} · n ${count(group.runs)}` : aggregate && whole(aggregate)}
      >
        {isHead ? head : number === null ? '' : figure(number)}
      </div>
    );
  };
  return (
    <div
      {...asRow(index, { 'aria-level': path.length, 'aria-expanded': isOpen })}
      id={lineId(index)}
      data-active={isActive || undefined}
      className={`${classes.row} ${classes.group}`}
      style={{ transform: `translateY(${start}px)`, width: columns.width }}
    >
      <div
        {...asCell}
        className={`${classes.cell} ${classes.pinned}`}
        style={{ width: selectWidth, insetInlineStart: 0 }}
      />
      {columns.pinned.map((placed, at) => cell(placed, at === columns.pinned.length - 1))}
      <div role="presentation" style={{ width: columns.skipped, flex: 'none' }} />
      {columns.others.map((placed) => cell(placed))}
    </div>
  );
});
