import { type Encoding, isEstimate } from './encoding.ts';
import type { OtherOutcome, Row } from './history.ts';
import { settledSlopes } from './learners/ridge.ts';
import { brief, deviation, dot, type Vector } from './numbers.ts';

/** How far an amount goes beyond its estimate, as slopes of the encoded columns; 1 is the deviation among projects. Plain JSON. */
export type OverrunSlopes = readonly number[];

/** With fewer known overruns than these in all they are not read. */
const overrunsMin = 20;

/** Less than this share saved of their distances from their mean, and what projects tell of overruns is not worth to read. */
const savedMin = 0.1;

/** Of few projects chance saves as much: the share must be this divided by their number at least. */
const chanceSaves = 4;

/** Logarithms of what came as multiples of what a human estimated; null: one of the two is not known. */
type Overruns = readonly (number | null)[];

/** The overruns of each amount of which enough are known. */
export function overrunsOf(others: readonly OtherOutcome[], rows: readonly Row[]): Overruns[] {
  const all = others.map(({ outcomes, estimate }) =>
    outcomes.map((outcome, row) => {
      const estimated = estimate === undefined ? null : rows[row]![estimate];
      if (outcome === null || outcome <= 0 || !isEstimate(estimated)) return null;
      return Math.log(outcome) - Math.log(Number(estimated));
    }),
  );
  return all.filter((overruns) => overruns.filter((overrun) => overrun !== null).length >= overrunsMin);
}

/** Days teach nothing of amounts: among projects that have ended the late ones are short by construction. */
const withoutDays = ({ columns }: Encoding, row: Vector): Vector =>
  row.map((value, place) => {
    const column = columns[place]!;
    return column.of === 'number' && column.reads === 'date' ? 0 : value;
  });

/**
 * Learns what overruns go by, of those that the projects tell enough of. What it gives for these projects has seen their
 * own overruns: what is learned by it must be judged by projects that none of it was learned from.
 */
export function learnOverruns(
  encoding: Encoding,
  rows: readonly Vector[],
  overruns: readonly Overruns[],
): OverrunSlopes[] {
  return overruns.flatMap((values) => {
    const known = values.flatMap((value, row) => (value === null ? [] : [row]));
    const { slopes, saved } = settledSlopes(
      known.map((row) => withoutDays(encoding, rows[row]!)),
      Float64Array.from(known, (row) => values[row]!),
    );
    const scale = deviation(rows.map((row) => dot(slopes, row)));
    const isChance = saved < Math.max(savedMin, chanceSaves / known.length);
    return isChance || !(scale > 0) ? [] : [brief(slopes.map((slope) => slope / scale))];
  });
}

/** A project with what its overruns go by. */
export const withOverruns = (lines: readonly OverrunSlopes[], row: Vector): Vector =>
  lines.length === 0 ? row : Float64Array.of(...row, ...lines.map((slopes) => dot(slopes, row)));
