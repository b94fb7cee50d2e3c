import Type, { type Static } from 'typebox';
import { orNull } from '../identity/schemas.ts';
import type { ProjectFields } from '../projects/queries.ts';

const dayMs = 86_400_000;

/** Days from start to end; of an imported project without days, what its history said. Null: not known, or not finished. */
export function durationOf({ start_date: start, completion_date: end, metadata }: ProjectFields): number | null {
  if (start !== null && end !== null) return (Date.parse(end) - Date.parse(start)) / dayMs;
  const { duration_days: said } = metadata;
  return typeof said === 'number' && said >= 0 ? said : null;
}

export const OutcomeSchema = Type.Object({
  completion_date: orNull(Type.String(), 'Null: not finished.'),
  duration_days: orNull(Type.Number()),
  compute_cost: orNull(Type.Number({ description: 'In the tenant’s currency.' })),
  success_score: orNull(Type.Number({ minimum: 0, maximum: 100 })),
});

/** What came of a project, as far as it is known. */
export const outcomeOf = (project: ProjectFields): Static<typeof OutcomeSchema> => ({
  completion_date: project.completion_date,
  duration_days: durationOf(project),
  compute_cost: project.compute_cost,
  success_score: project.success_score,
});
