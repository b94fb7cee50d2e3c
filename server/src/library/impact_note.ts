import type { Effect } from '@maestro/insight/impact';
import type { StoredImpact } from './queries.ts';

const projects = (count: number): string => `${count} ${count === 1 ? 'project' : 'projects'}`;

const points = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;

function evidenceIn({ evidence, low, high }: Effect): string {
  if (evidence === 'none') return 'All finished projects used it: there is nothing to compare with.';
  if (evidence === 'thin') return 'The evidence is too thin to say what it does.';
  if (low <= 0 && high >= 0) return 'It may as well make no difference.';
  return `It ${low > 0 ? 'helps' : 'harms'} as far as can be told.`;
}

/** What an estimate says and what it does not. */
export function impactNote(impact: StoredImpact | null): string {
  const success = impact?.success;
  if (!success) return 'No finished project with a success score has used it (n = 0): nothing is known of its impact.';
  const { value, low, high } = success;
  return (
    `Learnt from n = ${projects(success.projects)} that used it: success ${points(value)} points, by an 80 % interval from ` +
    `${points(low)} to ${points(high)}. ${evidenceIn(success)} Projects were compared by class, complexity, team, time and ` +
    'what else they used; a cause that none of these shows may be behind it.'
  );
}
