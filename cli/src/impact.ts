import type { Effect, Impact } from '@maestro/insight/impact';

const signed = (value: number, digits: number, unit = ''): string => {
  const shown = Math.abs(value).toFixed(digits);
  return `${value < 0 && Number(shown) !== 0 ? '-' : '+'}${shown}${unit}`;
};
const points = (value: number): string => signed(value, 1);
/** A factor as what it adds or takes: 0.9 is -10 %. */
const percent = (factor: number): string => signed((factor - 1) * 100, 0, ' %');

const intervalOf = ({ low, high }: Effect, shown: (value: number) => string): string =>
  `${shown(low)} to ${shown(high)}`;

/** What it adds to success, in one cell: `+4.2 (-1.0 to +9.4, n 6, thin)`. */
export function briefImpact(impact: Impact | null): string | null {
  if (!impact?.success) return null;
  const { value, projects, evidence } = impact.success;
  return `${points(value)} (${intervalOf(impact.success, points)}, n ${projects}, ${evidence})`;
}

/** A row for each outcome that is known of. */
export function impactRows(impact: Impact | null): string[][] {
  const row = (name: string, effect: Effect | null | undefined, shown: (value: number) => string): string[][] =>
    effect ? [[name, shown(effect.value), intervalOf(effect, shown), String(effect.projects), effect.evidence]] : [];
  return [
    ...row('success (points)', impact?.success, points),
    ...row('duration', impact?.duration, percent),
    ...row('cost', impact?.cost, percent),
  ];
}
