import type { FeatureKind, Value } from '@maestro/insight/history';
import type { Outcome } from './outcomes.ts';

/** How people read an outcome. */
export const outcomeNames: Readonly<Record<Outcome, string>> = {
  success_score: 'success score',
  duration_days: 'duration',
  cost: 'cost',
};

/** A number with three digits that count, or all those before the point: 12,345; 87.3; 0.0456. */
export const figure = (value: number): string =>
  Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en-US')
    : Number(value.toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 });

/** Points of success, to the tenth: fewer say nothing. */
export const pointsText = (value: number): string => figure(Number(value.toFixed(1)));

/** A value of an outcome with its unit; the cost is in the tenant's currency, whatever that is. */
export function withUnit(outcome: Outcome, value: number): string {
  if (outcome === 'duration_days') return `${figure(value)} ${figure(Math.abs(value)) === '1' ? 'day' : 'days'}`;
  return outcome === 'success_score' ? `${pointsText(value)} points` : figure(value);
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** What a value that cannot be read is not, and many of them are not. */
export const unreadText = (kind: FeatureKind, isOne: boolean): string => {
  const [one, many] = kind === 'date' ? ['date such as 2026-11-26', 'dates such as 2026-11-26'] : ['number', 'numbers'];
  return isOne ? `is no ${one}: it counts as not known.` : `are no ${many}: they count as not known.`;
};

/** What a feature's value is called in a sentence. */
export function valueText(value: Value): string {
  if (value === null) return 'unknown';
  return typeof value === 'number' ? figure(value) : `“${value}”`;
}
