import type { Span, Unit } from './metric_queries.ts';

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

/** The starts of all days, weeks or months that a span touches, in order. */
export function startsOf({ from, to }: Span, unit: Unit): string[] {
  const starts: string[] = [];
  for (let start = startOf(from, unit); start <= to; start = startAfter(start, unit)) starts.push(start);
  return starts;
}
