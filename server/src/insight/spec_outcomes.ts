import Type, { type Static } from 'typebox';
import { orNull } from '../identity/schemas.ts';
import type { ProjectFields } from '../projects/queries.ts';
import { durationOf } from './outcomes.ts';

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
