import Type, { type Static, type TSchema } from 'typebox';
import { id, orNull, time } from '../identity/schemas.ts';
import type { Answer, OutcomeAnswer } from './answer.ts';
import type { AskedArtifact } from './feature_queries.ts';
import { labelOf, namedIn } from './features.ts';
import { unreadText, valueText } from './figures.ts';
import type { ToldProject } from './outcome_queries.ts';
import { type Outcome, outcomes, outcomesOf } from './outcomes.ts';
import type { AnswerSummary, Asked, PredictionRow, SummaryRow } from './prediction_queries.ts';
import { differencesText, effectText, recommendationOf, untaughtText } from './recommendation.ts';
import { effectSentence } from './reuse.ts';
import { scoreOf } from './scoring.ts';

/** Something of each outcome; null where nothing is known of it. */
const byOutcome = <Schema extends TSchema>(schema: Schema, description?: string) =>
  Type.Object(
    { success_score: orNull(schema), duration_days: orNull(schema), cost: orNull(schema) },
    description === undefined ? {} : { description },
  );

export const forOutcomes = <T>(of: (outcome: Outcome) => T): Record<Outcome, T> =>
  Object.fromEntries(outcomes.map((outcome) => [outcome, of(outcome)])) as Record<Outcome, T>;

const predicted = {
  predicted_success_score: orNull(Type.Number({ description: 'From 0 to 100.' })),
  predicted_duration_days: orNull(Type.Number({ description: 'From the start to the completion.' })),
  predicted_cost: orNull(Type.Number({ description: 'The compute cost, in the tenant’s currency.' })),
  intervals: byOutcome(
    Type.Object({ low: Type.Number(), high: Type.Number() }),
    'Each is made to hold what comes in 80 % of cases; where all success scores are 0 or 100, the chance of 100.',
  ),
};

const Scored = Type.Object({
  actual: Type.Number(),
  error: Type.Number({ description: 'Actual minus predicted.' }),
  relative_error: orNull(Type.Number({ description: '|error| / actual; null of an actual 0.' })),
  within_interval: orNull(Type.Boolean(), 'Null where a chance was predicted: what came is 0 or 100.'),
});

const flags = ['no_history', 'thin', 'unfamiliar', 'project_ended'] as const;

/** What lists tell of a prediction. */
export const PredictionSummary = Type.Object({
  prediction_id: orNull(id, 'Null where it was not kept: its caller may read projects, and not write.'),
  project_id: orNull(id, 'Null of a project that is not made.'),
  name: orNull(Type.String({ description: 'Of the project, or what the caller called one that is not made.' })),
  is_what_if: Type.Boolean({ description: 'Of changes to a project.' }),
  asked: Type.Record(Type.String(), Type.Unknown(), { description: 'The fields that the caller gave.' }),
  created_by: Type.String(),
  created_at: time,
  model_version: orNull(Type.Integer(), 'Null where no project has ended.'),
  ...predicted,
  confidence: Type.Number({ minimum: 0, maximum: 1, description: 'The least of the outcomes predicted.' }),
  flags: Type.Array(Type.Enum(flags), {
    description:
      'no_history: no project has ended; thin: an outcome is the median of fewer than about ten; unfamiliar: a value that the history never had; project_ended: it was asked of a project that had ended, and taught the model.',
  }),
  score: orNull(byOutcome(Scored), 'How it was met, once the project has ended; null before, and of what-ifs.'),
});

const Similar = Type.Object({
  project_id: id,
  name: Type.String(),
  similarity: Type.Number({ minimum: 0, maximum: 1 }),
  success_score: orNull(Type.Number()),
  duration_days: orNull(Type.Number()),
  cost: orNull(Type.Number()),
});

const Contribution = Type.Object({
  feature: Type.String({ description: 'Such as team_size or metadata.industry.' }),
  label: Type.String(),
  value: Type.Union([Type.Number(), Type.String(), Type.Null()]),
  effect: Type.Number({ description: 'Of durations and costs a factor (1: none), of scores points that it adds.' }),
  text: Type.String({ description: 'Such as +12 %.' }),
});

export const PredictionSchema = Type.Object({
  ...PredictionSummary.properties,
  recommendation: Type.Array(Type.String(), { description: 'What to expect and why, in sentences with numbers.' }),
  similar: Type.Array(Similar, {
    description:
      'The finished projects most like it, the nearest first; those that the caller may not read are left out.',
  }),
  typical: byOutcome(Type.Number(), 'What a typical project gets: contributions lead from there to what is predicted.'),
  contributions: byOutcome(Type.Array(Contribution), 'The strongest first.'),
  base: orNull(Type.Object(predicted), 'Of what-ifs: the project as it is.'),
  differences: orNull(
    byOutcome(Type.Number()),
    'Of what-ifs: what the changes add to each outcome; the recommendation says it in words.',
  ),
});

export const similarMax = 5;

/**
 * Projects like one, the nearest first; as many as may turn out to be unreadable are there too. What is alike by an outcome
 * counts as much as is known of it: by an outcome that nothing foretells, projects that are alike by chance are the nearest.
 */
export function nearestOf(answer: Answer, besides: string | null): { project_id: string; similarity: number }[] {
  const found = new Map<string, { sum: number; weight: number }>();
  for (const { similar, confidence } of Object.values(answer) as OutcomeAnswer[]) {
    // Where nothing is known of any outcome, each counts alike.
    const counts = Math.max(confidence, 1e-6);
    for (const { project_id: project, similarity } of similar) {
      if (project === besides) continue;
      const { sum, weight } = found.get(project) ?? { sum: 0, weight: 0 };
      found.set(project, { sum: sum + counts * similarity, weight: weight + counts });
    }
  }
  // Whoever is known to an outcome alone of which nothing is known is alike in nothing that is.
  const least = 0.1 * (Object.values(answer) as OutcomeAnswer[]).reduce((sum, { confidence }) => sum + confidence, 0);
  return [...found]
    .filter(([, { weight }]) => weight >= least)
    .map(([project_id, { sum, weight }]) => ({ project_id, similarity: Number((sum / weight).toPrecision(6)) }))
    .sort((a, b) => b.similarity - a.similarity || (a.project_id < b.project_id ? -1 : 1));
}

const figuresOf = (answer: AnswerSummary) => ({
  predicted_success_score: answer.success_score?.value ?? null,
  predicted_duration_days: answer.duration_days?.value ?? null,
  predicted_cost: answer.cost?.value ?? null,
  intervals: forOutcomes((outcome) => {
    const of = answer[outcome];
    return of ? { low: of.low, high: of.high } : null;
  }),
});

/** A prediction that is not kept has no id. */
type Shown<Row> = Omit<Row, 'prediction_id'> & { readonly prediction_id: string | null };

export function shownSummary(row: Shown<SummaryRow>): Static<typeof PredictionSummary> {
  const { asked, outcomes: found, project, project_id, model_version } = row;
  const each = Object.values(found);
  const isChanged = Object.keys(asked.fields).length > 0 || asked.artifacts !== undefined;
  const hadEnded = project_id !== null && !isChanged && !row.is_scored;
  return {
    prediction_id: row.prediction_id,
    project_id,
    name: project?.name ?? asked.name ?? null,
    is_what_if: project_id !== null && isChanged,
    asked: { ...asked.fields, ...(asked.artifacts ? { artifacts: asked.artifacts } : {}) },
    created_by: row.created_by,
    created_at: row.created_at.toISOString(),
    model_version,
    ...figuresOf(found),
    confidence: each.length === 0 ? 0 : Math.min(...each.map(({ confidence }) => confidence)),
    flags: [
      ...(each.length === 0 ? (['no_history'] as const) : []),
      ...(each.some(({ is_thin }) => is_thin) ? (['thin'] as const) : []),
      ...(each.some(({ unfamiliar }) => unfamiliar.length > 0) ? (['unfamiliar'] as const) : []),
      ...(hadEnded ? (['project_ended'] as const) : []),
    ],
    score: row.is_scored ? scoreOf(found, project) : null,
  };
}

/** The features of a project that a question changes, by name, in an order that does not depend on how it is kept. */
const changedIn = ({ fields: { metadata, ...rest } }: Asked): string[] =>
  [...Object.keys(rest), ...namedIn(metadata ?? {}).map(([feature]) => feature)].sort();

const impactsMax = 5;

/** What artifacts that would be used too are estimated to do: the figures know only how many of a type there are. */
export function impactsText(artifacts: readonly Pick<AskedArtifact, 'name' | 'impact'>[]): string[] {
  if (artifacts.length === 0) return [];
  const told = artifacts.slice(0, impactsMax).map((each) => `“${each.name}”: ${effectSentence(each)}.`);
  return [
    ...told,
    'The figures count artifacts by their type: what each of them is estimated to do is not in the figures.',
  ];
}

/** `projects` are those like it, and `artifacts` those asked about, that the reader may read. */
export function shownPrediction(
  row: Shown<PredictionRow>,
  projects: readonly ToldProject[],
  artifacts: readonly AskedArtifact[],
): Static<typeof PredictionSchema> {
  const { outcomes: found, base, unread = [] } = row.answer;
  const changed = changedIn(row.asked);
  const byId = new Map(projects.map((project) => [project.project_id, project]));
  const similar = nearestOf(found, row.project_id)
    .flatMap(({ project_id, similarity }) => {
      const project = byId.get(project_id);
      return project ? { project_id, name: project.name, similarity, ...outcomesOf(project) } : [];
    })
    .slice(0, similarMax);
  return {
    ...shownSummary({ ...row, outcomes: found }),
    recommendation: [
      ...unread.map(
        ({ feature, kind, value }) => `The ${labelOf(feature)} ${valueText(value)} ${unreadText(kind, true)}`,
      ),
      ...(base ? differencesText(base, found, changed) : untaughtText(found, changed)),
      ...impactsText(artifacts),
      ...recommendationOf(found, similar),
    ],
    similar,
    typical: forOutcomes((outcome) => found[outcome]?.typical ?? null),
    contributions: forOutcomes((outcome) => {
      const of = found[outcome];
      if (!of) return null;
      return of.contributions.map(({ feature, value, effect }) => ({
        feature,
        label: labelOf(feature),
        value,
        effect,
        text: effectText(of, effect),
      }));
    }),
    base: base && figuresOf(base),
    differences:
      base &&
      forOutcomes((outcome) => {
        const [was, is] = [base[outcome], found[outcome]];
        return was && is ? is.value - was.value : null;
      }),
  };
}
