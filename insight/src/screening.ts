import type { Encoding } from './encoding.ts';
import { dot, type Vector } from './numbers.ts';

/** Places of encoded columns that count, in order; null: all of them. */
export type Columns = readonly number[] | null;

/** So many columns are learned from at most: with hundreds or thousands of projects more of them tell little, and slowly. */
export const mostColumns = 60;

/**
 * The columns that go most with the targets of the projects at the places `kept`, by their correlation (sure independence
 * screening: Fan and Lv 2008). It looks at no other project, so that those left out of a fold are estimated by columns that
 * they had no part in choosing.
 */
export function screened(rows: readonly Vector[], targets: Vector, kept: readonly number[]): Columns {
  const size = rows[0]?.length ?? 0;
  if (size <= mostColumns) return null;
  const came = Float64Array.from(kept, (row) => targets[row]!);
  const centre = came.reduce((sum, target) => sum + target, 0) / Math.max(came.length, 1);
  for (let i = 0; i < came.length; i++) came[i]! -= centre;
  const column = new Float64Array(kept.length);
  const strengths = Array.from({ length: size }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < kept.length; i++) sum += column[i] = rows[kept[i]!]![j]!;
    for (let i = 0; i < kept.length; i++) column[i]! -= sum / kept.length;
    const length = Math.sqrt(dot(column, column));
    return length > 1e-9 ? Math.abs(dot(column, came)) / length : 0;
  });
  return strengths
    .map((strength, j) => ({ strength, j }))
    .sort((a, b) => b.strength - a.strength || a.j - b.j)
    .slice(0, mostColumns)
    .map(({ j }) => j)
    .sort((a, b) => a - b);
}

/** The values of the columns that count. */
export function narrowed(row: Vector, columns: Columns): Vector {
  if (columns === null) return row;
  const values = new Float64Array(columns.length);
  for (let place = 0; place < columns.length; place++) values[place] = row[columns[place]!]!;
  return values;
}

/** The columns that count for any of some models. */
export function together(used: readonly Columns[]): Columns {
  const places = new Set<number>();
  for (const each of used) {
    if (each === null) return null;
    for (const place of each) places.add(place);
  }
  return Array.from(places).sort((a, b) => a - b);
}

/** Where columns stand among those that are kept. */
export const placesIn = (columns: Columns, kept: Columns): Columns =>
  columns === null || kept === null ? columns : columns.map((column) => kept.indexOf(column));

/** The encoding into the columns that count alone. */
export const narrowEncoding = ({ columns }: Encoding, kept: Columns): Encoding =>
  kept === null ? { columns } : { columns: kept.map((column) => columns[column]!) };
