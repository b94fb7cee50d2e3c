/** Days (UTC), both included. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

/** A length of time that days are put together by; weeks begin on Mondays. */
export type Unit = 'day' | 'week' | 'month' | 'year';

const dayMs = 86_400_000;
const dayAt = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const msOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);

/** The day (UTC) that a time is in. */
export const dayOf = (time: Date): string => dayAt(time.getTime());

/** All days of a span, in order. */
export function daysOf({ from, to }: Span): string[] {
  const count = Math.max(0, (msOf(to) - msOf(from)) / dayMs + 1);
  return Array.from({ length: count }, (_, index) => dayAt(msOf(from) + index * dayMs));
}

/** The first day of the day, week (from Monday on), month or year that a day is in. */
export function startOf(day: string, unit: Unit): string {
  if (unit === 'day') return day;
  if (unit === 'month') return `${day.slice(0, 8)}01`;
  if (unit === 'year') return `${day.slice(0, 5)}01-01`;
  const weekday = (new Date(msOf(day)).getUTCDay() + 6) % 7;
  return dayAt(msOf(day) - weekday * dayMs);
}

/** The start of the one that is `count` after (negative: before) the one that begins with `start`. */
export function startAfter(start: string, unit: Unit, count = 1): string {
  if (unit === 'day' || unit === 'week') return dayAt(msOf(start) + count * (unit === 'week' ? 7 : 1) * dayMs);
  const at = new Date(msOf(start));
  return dayAt(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + count * (unit === 'year' ? 12 : 1), 1));
}

/** The last day of the day, week, month or year that a day is in. */
export const endOf = (day: string, unit: Unit): string => startAfter(startAfter(startOf(day, unit), unit), 'day', -1);

/** The starts of all days, weeks or months that a span touches, in order. */
export function startsOf({ from, to }: Span, unit: Unit): string[] {
  const starts: string[] = [];
  for (let start = startOf(from, unit); start <= to; start = startAfter(start, unit)) starts.push(start);
  return starts;
}

/** Days, weeks, months or years in a row: from the one that begins with `first` on, before the one that begins with `after`. */
export interface Part {
  readonly unit: Unit;
  readonly first: string;
  readonly after: string;
}

const unitsDown: readonly Unit[] = ['year', 'month', 'week', 'day'];

/**
 * A span as whole ones of the largest of `units`, and at its ends what is left, in the smaller ones. Weeks are put together
 * with months as any days are: those that lie in what months leave.
 */
export function partsOf({ from, to }: Span, units: readonly Unit[]): Part[] {
  const down = unitsDown.filter((unit) => units.includes(unit));
  const parts = (begin: string, end: string, place: number): Part[] => {
    const unit = down[place];
    if (begin >= end || unit === undefined) return [];
    const start = startOf(begin, unit);
    const first = start === begin ? start : startAfter(start, unit);
    const after = startOf(end, unit);
    if (first >= after) return parts(begin, end, place + 1);
    return [...parts(begin, first, place + 1), { unit, first, after }, ...parts(after, end, place + 1)];
  };
  return parts(from, startAfter(to, 'day'), 0);
}

/** The values of `periodsText`. */
export const partColumns = (parts: readonly Part[]) => [
  parts.map(({ unit }) => unit),
  parts.map(({ first }) => first),
  parts.map(({ after }) => after),
];

/** In SQL, the parts of a span as rows `t` of period, first and after; `$3` to `$5` are what `partColumns` gives. */
export const periodsText = 'unnest($3::text[], $4::date[], $5::date[]) AS t(period, first, after)';
