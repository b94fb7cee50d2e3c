import { count, duration, figure, hasDate, moment } from '../app/formats.ts';
import { locale } from '../app/locale.ts';
import type { Range, XKind } from './chart_data.ts';

const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 4 });

/** A figure for an axis, as short as it can be: 1.2M, 0.001, 1e-7. */
export function tick(value: number): string {
  const size = Math.abs(value);
  if (size >= 10_000 && size < 1e15) return compact.format(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) {
    // What sums of steps are off by in the last digits is no part of the figure.
    return Number(value.toPrecision(14)).toExponential().replace('e+', 'e');
  }
  return figure(Number(value.toPrecision(10)));
}

/** Two centuries of milliseconds: for more of them, an axis has no dates that fit beside one another. */
const longest = 200 * 31_557_600_000;

/** What the times of a chart are read as: dates, where they have some and an axis can name them; else numbers. */
export function timeKind(ranges: readonly (Range | undefined)[]): XKind {
  const given = ranges.filter((range) => range !== undefined);
  const [min, max] = [Math.min(...given.map((range) => range.min)), Math.max(...given.map((range) => range.max))];
  return given.length === 0 || (hasDate(min) && hasDate(max) && max - min <= longest) ? 'time' : 'number';
}

const year = new Intl.DateTimeFormat(locale, { year: 'numeric' });
const day = new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric' });
const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const second = new Intl.DateTimeFormat(locale, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** The labels of an axis of x, which together tell their distances. */
export function xTicks(kind: XKind, values: readonly (number | null)[]): string[] {
  const first = values.find((value) => value !== null) ?? 0;
  const step = Math.abs((values[1] ?? first) - (values[0] ?? first));
  const format = step >= 31_536_000_000 ? year : step >= 43_200_000 ? day : step >= 60_000 ? clock : second;
  return values.map((value) => {
    if (value === null) return '';
    if (kind === 'duration') return value === 0 ? '0' : duration(value);
    return kind === 'time' && hasDate(value) ? format.format(value) : tick(value);
  });
}

/** One x, told in full. */
export function xText(kind: XKind, value: number): string {
  if (kind === 'time') return moment(value);
  if (kind === 'duration') return duration(value);
  // Steps and times have many digits, of which the last ones count.
  return Number.isSafeInteger(value) ? count(value) : figure(value);
}
