import { duration, figure, moment } from '../app/formats.ts';
import { locale } from '../app/locale.ts';
import type { XKind } from './chart_data.ts';

const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 4 });

/** A figure for an axis, as short as it can be: 1.2M, 0.001, 1e-7. */
export function tick(value: number): string {
  const size = Math.abs(value);
  if (size >= 10_000 && size < 1e15) return compact.format(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return value.toExponential().replace('e+', 'e');
  return figure(Number(value.toPrecision(10)));
}

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
  const format = step >= 43_200_000 ? day : step >= 60_000 ? clock : second;
  return values.map((value) => {
    if (value === null) return '';
    if (kind === 'duration') return value === 0 ? '0' : duration(value);
    return kind === 'time' ? format.format(value) : tick(value);
  });
}

/** One x, told in full. */
export function xText(kind: XKind, value: number): string {
  if (kind === 'time') return moment(value);
  return kind === 'duration' ? duration(value) : figure(value);
}
