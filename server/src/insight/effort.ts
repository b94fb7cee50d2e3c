import { nominal } from '@maestro/insight/learning';
import { effortOf } from '@maestro/insight/text-effort';
import { cosine, cosines } from '@maestro/insight/text-similarity';
import Type, { type Static } from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import { id, orNull, strict } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { details } from '../projects/operations.ts';
import type { ProjectFields } from '../projects/queries.ts';
import { figure } from './figures.ts';
import { endedProjects } from './outcome_queries.ts';
import { hasEnded, outcomesOf } from './outcomes.ts';
import { shownSimilar } from './similar.ts';
import { projectWithText } from './spec_context.ts';
import { type Among, type Candidate, lookUp, mostSimilar, wordsOf } from './spec_lookup.ts';
import * as schemas from './spec_schemas.ts';

/**
 * Finished projects that an estimate is learnt from: the newest, and the most similar of any age. Each is estimated from all
 * the others, on the thread that serves: 200 take some 0.1 s of it, 400 four times as long.
 */
const newestMax = 150;
const learntFromMax = 200;
const shownMax = 5;

/** What is known of a project besides its text. */
export type Known = Partial<Pick<ProjectFields, 'problem_class' | 'complexity_score' | 'team_size'>>;

/** Likeness where one of two is not known. */
const unknownLikeness = 0.7;
const otherClassLikeness = 0.3;

/** How alike two projects are in class, complexity and size of team, 0 to 1. */
function likenessOf(one: Known, other: Known): number {
  const by = <Value>(
    a: Value | null | undefined,
    b: Value | null | undefined,
    alike: (a: Value, b: Value) => number,
  ) => (a === null || a === undefined || b === null || b === undefined ? unknownLikeness : alike(a, b));
  return (
    by(one.problem_class, other.problem_class, (a, b) => (a === b ? 1 : otherClassLikeness)) *
    by(one.complexity_score, other.complexity_score, (a, b) => Math.exp(-Math.abs(a - b) / 25)) *
    by(one.team_size, other.team_size, (a, b) => Math.exp(-Math.abs(Math.log(a / b))))
  );
}

const AmountSchema = orNull(
  Type.Object({
    value: Type.Number(),
    low: Type.Number(),
    high: Type.Number(),
    projects: Type.Integer({ description: 'Finished projects with this outcome that it was learnt from.' }),
    is_thin: Type.Boolean({ description: 'Fewer than ten: it is their median, and the interval is wide.' }),
    text_tells: Type.Boolean({ description: 'False: the likeness of texts would have estimated none of them better.' }),
  }),
  'Null: no finished project has this outcome.',
);

export const EffortSchema = Type.Object({
  nominal: Type.Number({ description: 'The share of projects whose outcome is to lie within an interval.' }),
  duration_days: AmountSchema,
  compute_cost: AmountSchema,
  similar: Type.Array(schemas.SimilarSchema, { description: 'The finished projects most like it.' }),
  explanation: Type.Array(Type.String()),
});
type Effort = Static<typeof EffortSchema>;

function sentenceOf(what: string, unit: string, amount: Static<typeof AmountSchema>): string {
  if (!amount) return `No finished project has a ${what}: there is nothing to learn it from.`;
  const range = `${what} ${figure(amount.value)}${unit}, in 8 of 10 cases ${figure(amount.low)} to ${figure(amount.high)}${unit}`;
  if (amount.is_thin) {
    return `Estimated ${range}: only ${amount.projects} finished ${amount.projects === 1 ? 'project tells' : 'projects tell'} of it, so this is their median with a wide interval.`;
  }
  const how = amount.text_tells
    ? 'those with the most similar requirements count most'
    : 'similar requirements have not meant a similar outcome so far, and do not count';
  return `Estimated ${range}, from ${amount.projects} finished projects; ${how}.`;
}

/** What a project would take, learnt from the finished ones that the caller may read. */
export async function effortFor(
  tx: TenantTx,
  document: string,
  known: Known,
  { without, ...among }: Among & { readonly without: string | undefined },
): Promise<Effort> {
  // Projects without requirements are compared by their class, among other words.
  const text = wordsOf([document, known.problem_class ?? ''].join('\n'));
  const also = await endedProjects(tx, newestMax, among.granted);
  const lookup = await lookUp(tx, text, { ...among, also, most: learntFromMax - newestMax });
  const isFinished = ({ project }: Candidate): boolean => {
    const { duration_days, cost } = outcomesOf(project);
    return project.project_id !== without && hasEnded(project) && (duration_days !== null || cost !== null);
  };
  const finished = lookup.candidates.filter(isFinished);
  const similar = mostSimilar(text, { ...lookup, candidates: finished }, learntFromMax - newestMax);
  const chosen = new Map(
    [...similar, ...finished].slice(0, learntFromMax).map((candidate) => [candidate.project.project_id, candidate]),
  );
  const all = [...chosen.values()];
  const texts = all.map(({ words }) => words.counts);
  const amongTexts = cosines(texts, lookup.telling);
  const toNew = texts.map((counts) => cosine(text.counts, counts, lookup.telling));
  const saysMore = Object.values(known).some((value) => value !== null && value !== undefined);
  const fieldsToNew = all.map(({ project }) => likenessOf(known, project));
  const fieldsAmong = saysMore
    ? all.map(({ project }) => all.map(({ project: other }) => likenessOf(project, other)))
    : [];
  const estimate = (outcome: (candidate: Candidate) => number | null): Static<typeof AmountSchema> => {
    const having = all.flatMap((candidate, at) => (outcome(candidate) === null ? [] : [at]));
    const pick = <Value>(values: readonly Value[]): Value[] => having.map((at) => values[at] as Value);
    const byText = {
      toNew: pick(toNew),
      among: pick(amongTexts).map(pick),
      kinds: pick(all).map(({ basis }) => basis),
    };
    const effort = effortOf({
      outcomes: pick(all).map((candidate) => outcome(candidate) as number),
      respects: saysMore ? [{ toNew: pick(fieldsToNew), among: pick(fieldsAmong).map(pick) }, byText] : [byText],
    });
    if (!effort) return null;
    const { value, low, high, isThin, powers } = effort;
    return { value, low, high, projects: having.length, is_thin: isThin, text_tells: (powers.at(-1) ?? 0) > 0 };
  };
  const duration_days = estimate(({ project }) => outcomesOf(project).duration_days);
  const compute_cost = estimate(({ project }) => outcomesOf(project).cost);
  return {
    nominal,
    duration_days,
    compute_cost,
    similar: similar.slice(0, shownMax).map((one) => shownSimilar(text, { ...one, by: 'bm25' }, lookup)),
    explanation: [sentenceOf('duration', ' days', duration_days), sentenceOf('compute cost', '', compute_cost)],
  };
}

const { problem_class, complexity_score, team_size } = details;
export const knownFields = Type.Partial(Type.Object({ problem_class, complexity_score, team_size })).properties;

export const estimateEffort = defineOperation({
  name: 'spec.estimate_effort',
  permission: 'project:read',
  input: Type.Object(
    {
      text: schemas.specText,
      project_id: Type.Optional(
        Type.String({ ...id, description: 'The project it is of: left out, and its fields are known.' }),
      ),
      ...knownFields,
    },
    strict,
  ),
  narrows: true,
  output: EffortSchema,
  async run({ tx, scope }, { text, project_id: without, ...known }) {
    const project = without === undefined ? {} : (await projectWithText(tx, scope, without)).project;
    const fields = { ...project, ...known } as Known;
    return effortFor(
      tx,
      text,
      {
        problem_class: fields.problem_class ?? null,
        complexity_score: fields.complexity_score ?? null,
        team_size: fields.team_size ?? null,
      },
      { granted: scope?.projects, without },
    );
  },
});
