import type { Api } from '../api/api.ts';
import { isoTime } from '../app/formats.ts';
import { type ColumnId, idOf } from './column_ids.ts';
import { csvField } from './csv_field.ts';
import { Fields, type RunRow, type RunsMeant, readPage } from './run_rows.ts';
import { text } from './text.ts';

/** Runs that an export holds at most: some 20 MB. */
export const exportMax = 100_000;

const headOf = (column: ColumnId): string =>
  column.kind === 'attribute' ? text.label(column) : `${text.kinds[column.kind]} ${column.key}`;

const timeOf = (column: ColumnId, value: string | number | null): string | number | null =>
  idOf(column) === 'start' && typeof value === 'number' ? (isoTime(value) ?? value) : value;

/**
 * All runs that match, in the order of the table, as CSV: its columns, with the run's id. `onProgress` is told how many
 * there are so far. Rejects with the reason of `signal` when that is aborted.
 */
export async function exportRuns(
  api: Api,
  meant: RunsMeant,
  order: string,
  columns: readonly ColumnId[],
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<{ readonly file: Blob; readonly count: number }> {
  const shown: readonly ColumnId[] = [
    { kind: 'attribute', key: 'id' },
    ...columns.filter((column) => idOf(column) !== 'id'),
  ];
  const fields = new Fields(shown);
  const lineOf = (row: RunRow) => shown.map((column) => csvField(timeOf(column, fields.of(row, column)))).join(',');
  const parts: string[] = [`${shown.map((column) => csvField(headOf(column))).join(',')}\r\n`];
  let count = 0;
  for (let token: string | null = ''; token !== null && count < exportMax; ) {
    signal.throwIfAborted();
    const { rows, next } = await readPage(api, meant, order, fields, token, signal);
    const kept = rows.slice(0, exportMax - count);
    parts.push(kept.map((row) => `${lineOf(row)}\r\n`).join(''));
    count += kept.length;
    onProgress(count);
    token = next;
  }
  return { file: new Blob(parts, { type: 'text/csv;charset=utf-8' }), count };
}
