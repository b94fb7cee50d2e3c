import type { ProjectFields } from '../projects/queries.ts';

/** What is predicted of a project. */
export const outcomes = ['success_score', 'duration_days', 'cost'] as const;
export type Outcome = (typeof outcomes)[number];

/** What tells whether and how a project ended; of the metadata nothing but `duration_days`. */
export type Told = Pick<
  ProjectFields,
  'start_date' | 'completion_date' | 'success_score' | 'compute_cost' | 'metadata'
>;

const dayMs = 86_400_000;

/**
 * Days from start to completion, else what `duration_days` in the metadata says, as an import without days has it. What
 * ended on the day it began took one. Null: not known.
 */
export function durationOf({
  start_date: start,
  completion_date: end,
  metadata,
}: Pick<Told, 'start_date' | 'completion_date' | 'metadata'>): number | null {
  if (start !== null && end !== null) return Math.max(1, (Date.parse(end) - Date.parse(start)) / dayMs);
  const said = metadata.duration_days;
  return typeof said === 'number' && said > 0 ? Math.max(1, said) : null;
}

/** What came of a project: points from 0 to 100, days, and the tenant's currency; null where it is not known. */
export const outcomesOf = (project: Told): Readonly<Record<Outcome, number | null>> => ({
  success_score: project.success_score,
  duration_days: durationOf(project),
  cost: project.compute_cost !== null && project.compute_cost > 0 ? project.compute_cost : null,
});

/**
 * Whether a project has ended, so that it teaches: it has a completion date or a success score, or no day at all and yet a
 * cost or a duration. In SQL it is `hasEndedIn` of outcome_queries.ts.
 */
export function hasEnded(project: Told): boolean {
  if (project.completion_date !== null || project.success_score !== null) return true;
  const { cost, duration_days } = outcomesOf(project);
  return project.start_date === null && (cost !== null || duration_days !== null);
}
