import type { Feature, History, Scale } from '@maestro/insight/history';
import type { ProjectFields, ProjectRow } from '../projects/queries.ts';
import { chooseFeatures, estimateKeys, type Known, rowOf } from './features.ts';

/** What is predicted of a project. */
export const outcomes = ['success_score', 'duration_days', 'cost'] as const;
export type Outcome = (typeof outcomes)[number];

const dayMs = 86_400_000;

/** What tells how a project ended. */
export type Told = Pick<
  ProjectFields,
  'start_date' | 'completion_date' | 'success_score' | 'compute_cost' | 'metadata'
>;

/** An ended project, as it teaches: JSON. */
export interface Example extends Known {
  readonly project: Known['project'] & Told & { readonly project_id: string };
}

/** What teaches of an ended project, and nothing else: of two that are alike the JSON is the same. */
export function exampleOf({ project, team, reuse, process }: Known & { readonly project: ProjectRow }): Example {
  const { project_id, problem_class, complexity_score, team_size, start_date, metadata } = project;
  const { completion_date, success_score, compute_cost } = project;
  const known = { project_id, problem_class, complexity_score, team_size, start_date, metadata };
  return { project: { ...known, completion_date, success_score, compute_cost }, team, reuse, process };
}

function durationOf({ start_date: start, completion_date: end, metadata }: Told): number | null {
  if (start !== null && end !== null) return Math.max(1, (Date.parse(end) - Date.parse(start)) / dayMs);
  // An import without days leaves it there.
  const told = metadata.duration_days;
  return typeof told === 'number' && told > 0 ? Math.max(1, told) : null;
}

/** What came of a project: points from 0 to 100, days, and the tenant's currency; null where it is not known. */
export const outcomesOf = (project: Told): Readonly<Record<Outcome, number | null>> => ({
  success_score: project.success_score,
  duration_days: durationOf(project),
  cost: project.compute_cost !== null && project.compute_cost > 0 ? project.compute_cost : null,
});

/** Whether a project has ended, so that it teaches (feature_queries.ts finds them). */
export const hasEnded = (project: Told): boolean =>
  project.completion_date !== null ||
  project.success_score !== null ||
  (project.start_date === null && (outcomesOf(project).cost !== null || 'duration_days' in project.metadata));

/** A history, and whose rows it has. */
export interface Lesson {
  readonly outcome: Outcome;
  readonly history: History;
  readonly projects: readonly string[];
}

/**
 * Days tell of when a project began, and among projects that have ended the late ones are short by construction: what
 * takes long has not ended. So they teach nothing of durations, nor of costs, which grow with them.
 */
const teaches = ({ kind }: Feature, outcome: Outcome): boolean => kind !== 'date' || outcome === 'success_score';

/** What ended projects teach of each outcome that any of them tells. */
export function lessonsOf(examples: readonly Example[]): Lesson[] {
  const features = chooseFeatures(examples);
  const found = examples.map(({ project }) => outcomesOf(project));
  return outcomes.flatMap((outcome) => {
    const taught = features.filter((feature) => teaches(feature, outcome));
    const at = examples.keys().filter((index) => found[index]?.[outcome] !== null);
    const indices = [...at];
    if (indices.length === 0) return [];
    const values = indices.map((index) => found[index]?.[outcome] as number);
    const isBinary = outcome === 'success_score' && values.every((value) => value === 0 || value === 100);
    const scale: Scale = outcome !== 'success_score' ? 'amount' : isBinary ? 'success' : 'score';
    const estimate =
      outcome === 'success_score' ? -1 : taught.findIndex(({ name }) => name === `metadata.${estimateKeys[outcome]}`);
    const history: History = {
      features: taught,
      rows: indices.map((index) => rowOf(taught, examples[index] as Example)),
      outcomes: isBinary ? values.map((value) => value / 100) : values,
      scale,
      estimate: estimate < 0 ? undefined : estimate,
    };
    return [{ outcome, history, projects: indices.map((index) => examples[index]?.project.project_id as string) }];
  });
}

/** Points of what a model of a scale gives: a probability of success is a share of 100. */
export const pointsOf = (scale: Scale): number => (scale === 'success' ? 100 : 1);
