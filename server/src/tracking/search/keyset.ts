import { isUuid } from '../../uuid.ts';
import type { SqlValues } from './sql_values.ts';

/** The sort values of a row: a page starts behind those of the last row before it. */
export type Position = readonly (string | number | null)[];

/** A column of a total order. A column that may be null follows a rank that tells its nulls apart. */
export interface SortColumn {
  /** Its name in the statement, which is our own. */
  readonly name: string;
  readonly type: 'text' | 'float8' | 'bigint' | 'uuid' | 'integer';
  readonly descending: boolean;
  readonly nullable: boolean;
}

const orderClause = (columns: readonly SortColumn[]): string =>
  columns.map(({ name, descending }) => `${name} ${descending ? 'DESC' : 'ASC'}`).join(', ');

/**
 * The condition that a row comes behind `position` in the order of `columns`. A null in the position is skipped: its
 * rank, the column before, is equal only where the row's value is null too.
 */
function behind(position: Position, columns: readonly SortColumn[], values: SqlValues): string {
  return columns.reduceRight((rest, { name, type, descending }, at) => {
    const value = position[at];
    if (value === null || value === undefined) return rest;
    const bound = values.add(value, type);
    const further = `${name} ${descending ? '<' : '>'} ${bound}`;
    return rest === '' ? further : `(${further} OR (${name} = ${bound} AND ${rest}))`;
  }, '');
}

/** Whether a decoded position has a value of the right type for each column. */
export function fitsColumns(position: Position, columns: readonly SortColumn[]): boolean {
  if (position.length !== columns.length) return false;
  return columns.every(({ type, nullable }, at) => {
    const value = position[at];
    if (value === null) return nullable;
    if (type === 'text') return typeof value === 'string' && !value.includes('\0');
    if (type === 'uuid') return typeof value === 'string' && isUuid(value);
    if (type === 'integer') return typeof value === 'number' && (value | 0) === value;
    return typeof value === 'number' && (type === 'float8' || Number.isSafeInteger(value));
  });
}

/** Rows to page through: what to select and from where (FROM and WHERE), all text of our own, and their total order. */
export interface Ordered {
  readonly selected: readonly string[];
  readonly source: string;
  readonly columns: readonly SortColumn[];
  /** Further conditions, on the selected names. */
  readonly conditions?: readonly string[];
}

/**
 * SQL for the rows that stand behind `start`, at most `limit`: `position`, their sort values as a JSON array, and
 * `place`, to be ordered by.
 */
export function pageOf(rows: Ordered, start: Position | undefined, limit: number, values: SqlValues): string {
  const { selected, source, columns, conditions = [] } = rows;
  const where = [...conditions, ...(start === undefined ? [] : [behind(start, columns, values)])];
  return `SELECT json_build_array(${columns.map(({ name }) => name).join(', ')}) AS position,
      row_number() OVER () AS place
    FROM (
      SELECT * FROM (SELECT ${selected.join(', ')} ${source}) found
      ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}
      ORDER BY ${orderClause(columns)}
      LIMIT ${values.add(limit, 'integer')}
    ) page`;
}
