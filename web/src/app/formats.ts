import { locale } from './locale.ts';
import { text } from './text.ts';

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000_000],
  ['month', 2_592_000_000],
  ['week', 604_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });

/** A time in milliseconds since 1970, told from now: "3 hours ago". */
export function ago(time: number, now = Date.now()): string {
  const distance = time - now;
  if (!Number.isFinite(distance)) return moment(time);
  const [unit, size] = units.find(([, ms]) => Math.abs(distance) >= ms) ?? ['second', 1_000];
  return relative.format(Math.round(distance / size), unit);
}

const moments = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });

/** Whether a time in milliseconds since 1970 has a date: clients log any whole number as one. */
export const hasDate = (time: number): boolean => Math.abs(time) <= 8.64e15;

/** A time in milliseconds since 1970, to the second, where the reader is. */
export const moment = (time: number): string =>
  hasDate(time) ? moments.format(time) : text.msSince1970(whole.format(time));

/** A time in milliseconds since 1970 in ISO 8601, for machines; undefined where it has no date. */
export const isoTime = (time: number): string | undefined => (hasDate(time) ? new Date(time).toISOString() : undefined);

/** A duration in milliseconds by its two greatest units: "2 h 5 min". */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1_000);
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** A size in bytes: "1.4 MB" is 1,400,000 of them. */
export function bytes(size: number): string {
  if (size < 1_000) return `${size} B`;
  const power = Math.min(Math.floor(Math.log10(size) / 3), 5);
  return `${(size / 1_000 ** power).toPrecision(3)} ${['', 'kB', 'MB', 'GB', 'TB', 'PB'][power]}`;
}

const whole = new Intl.NumberFormat(locale);
export const count = (value: number): string => whole.format(value);

type Forms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;
const rules = new Intl.PluralRules(locale);

/** The words that the language takes for an amount: `{ one: 'run', other: 'runs' }`. */
export const plural = (amount: number, forms: Forms): string => forms[rules.select(amount)] ?? forms.other;

/** An amount with its words: "1 run", "1,500 runs". */
export const counted = (amount: number, forms: Forms): string => `${count(amount)} ${plural(amount, forms)}`;

const fiveDigits = new Intl.NumberFormat(locale, { maximumSignificantDigits: 5 });
const noFraction = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });

/** A measured value by five digits that count, or by those before its point where these are more: 0.98765, 1,234,568, 1.2e-7. */
export function figure(value: number | 'NaN'): string {
  if (value === 'NaN' || Number.isNaN(value)) return 'NaN';
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return String(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) {
    return Number(value.toPrecision(5)).toExponential().replace('e+', 'e');
  }
  return (size < 1e4 ? fiveDigits : noFraction).format(value);
}
