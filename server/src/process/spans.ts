import Type from 'typebox';
import { invalid } from '../errors.ts';
import { id } from '../identity/schemas.ts';
import { dayOf, type Span, startAfter, startOf, startsOf, type Unit } from './periods.ts';

const yearMin = 1970;
const yearMax = 2099;
const isInReach = (text: string): boolean => {
  const year = new Date(text).getUTCFullYear();
  return year >= yearMin && year <= yearMax;
};

/** A time that days can be counted from. */
export const timeInReach = Type.Refine(
  Type.String({ format: 'date-time', description: `ISO 8601, in the years ${yearMin} to ${yearMax}.` }),
  isInReach,
  () => `expected a time in the years ${yearMin} to ${yearMax}`,
);

const dayInReach = (description: string) =>
  Type.Refine(
    Type.String({ format: 'date', description }),
    isInReach,
    () => `expected a day in the years ${yearMin} to ${yearMax}`,
  );

export const spanInput = {
  from: Type.Optional(dayInReach('The first day (UTC).')),
  to: Type.Optional(dayInReach('The last day (UTC); today by default.')),
};

/** Of a list, which has no end of its own. */
export const openSpanInput = { from: spanInput.from, to: Type.Optional(dayInReach('The last day (UTC).')) };

/** As a span is answered. */
export const spanOutput = { project_id: id, from: Type.String(), to: Type.String() };

/** How many days a span has, up to its last, unless a caller says otherwise. */
export const usualDays = 90;

type Given = { from?: string; to?: string };

function checked(span: Span): Span {
  if (span.from > span.to) throw invalid(`from: expected a day that is not after ${span.to}`, 'from');
  return span;
}

/** The days that a caller names, `daysBefore` the last one by default; all that there are without it. */
export function spanOf({ from, to = dayOf(new Date()) }: Given, daysBefore?: number): Span {
  const start = daysBefore === undefined ? `${yearMin}-01-01` : startAfter(to, 'day', 1 - daysBefore);
  return checked({ from: from ?? start, to });
}

/** The days that a caller names; without one of them, from the first or to the last day there is. */
export const openSpanOf = ({ from = `${yearMin}-01-01`, to = `${yearMax}-12-31` }: Given): Span =>
  checked({ from, to });

/** More would make a trend, which is quadratic in them, slow. */
const periodsMax = 400;
const usualPeriods: Readonly<Record<Unit, number>> = { day: 90, week: 26, month: 24, year: 10 };

/** A span of whole periods, and the first day of each. The usual number of them, where a caller does not say. */
export function periodsOf({ from, to = dayOf(new Date()) }: Given, unit: Unit): { span: Span; starts: string[] } {
  const first = startOf(from ?? startAfter(startOf(to, unit), unit, 1 - usualPeriods[unit]), unit);
  const span = checked({ from: first, to });
  const starts = startsOf(span, unit);
  if (starts.length > periodsMax) {
    throw invalid(
      `from: expected at most ${periodsMax} ${unit}s up to ${to}; name a longer bucket, or a later day`,
      'from',
    );
  }
  return { span, starts };
}
