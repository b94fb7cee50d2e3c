import { Ban, CircleCheck, CircleX, Clock, LoaderCircle } from 'lucide-react';
import { ago, duration, figure, moment } from '../app/formats.ts';
import { shownName } from '../app/shown_name.ts';
import { type ColumnId, isMetric } from './column_ids.ts';
import type { CellValue, Fields, RunRow } from './run_rows.ts';
import classes from './runs_table.module.css';
import { text } from './text.ts';

const icons = { RUNNING: LoaderCircle, SCHEDULED: Clock, FINISHED: CircleCheck, FAILED: CircleX, KILLED: Ban } as const;

function Status({ status }: { readonly status: RunRow['status'] }) {
  const Icon = icons[status];
  return (
    <span className={classes.status} data-status={status}>
      <Icon size={14} aria-hidden />
      {text.statuses[status]}
    </span>
  );
}

export const isNumber = (column: ColumnId): boolean => isMetric(column) || column.key === 'duration';

/** A value in words, as it stands in a cell. */
export function shown(column: ColumnId, value: CellValue): string {
  if (value === null) return '';
  if (column.kind === 'attribute' && column.key === 'duration') return duration(Number(value));
  if (column.kind === 'attribute' && column.key === 'start') return ago(Number(value));
  return isMetric(column) ? figure(value as number | 'NaN') : String(value);
}

/** All that a cell says, for who points at it. */
export function whole(column: ColumnId, value: CellValue): string {
  if (value === null) return '';
  return column.kind === 'attribute' && column.key === 'start' ? moment(Number(value)) : String(value);
}

/** What stands in a cell of a run. */
export function CellContent(props: {
  readonly column: ColumnId;
  readonly row: RunRow;
  readonly fields: Fields;
  readonly href: string;
}) {
  const { column, row, fields, href } = props;
  if (column.kind === 'attribute' && column.key === 'name') {
    return (
      <a className={classes.nameLink} href={href} data-run={row.id} tabIndex={-1}>
        {shownName(row.name, row.id)}
      </a>
    );
  }
  if (column.kind === 'attribute' && column.key === 'status') return <Status status={row.status} />;
  return shown(column, fields.of(row, column));
}
