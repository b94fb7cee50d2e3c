import type { TenantTx } from '../db/tenancy.ts';
import type { ProjectFields } from '../projects/queries.ts';
import type { Answer, OutcomeAnswer, UnreadValue } from './answer.ts';
import { goesOnIn, hasEndedIn, type ToldProject, toldIn } from './outcome_queries.ts';
import type { Outcome, Told } from './outcomes.ts';
import type { Predicted } from './scoring.ts';

/** What a caller said: the fields of a project not made, or changes to one that is. */
export interface Asked {
  readonly name?: string;
  readonly artifacts?: readonly string[];
  readonly fields: Partial<Pick<ProjectFields, 'problem_class' | 'complexity_score' | 'team_size' | 'start_date'>> & {
    readonly metadata?: Readonly<Record<string, unknown>>;
  };
}

export interface NewPrediction {
  readonly project_id: string | null;
  readonly asked: Asked;
  readonly model_version: number | null;
  readonly answer: {
    readonly outcomes: Answer;
    readonly base: Answer | null;
    /** Undefined of a prediction from before it was told. */
    readonly unread?: readonly UnreadValue[];
  };
  readonly is_scored: boolean;
}

interface Kept extends Omit<NewPrediction, 'answer'> {
  readonly prediction_id: string;
  readonly created_by: string;
  readonly created_at: Date;
  /** What the project is now; null where it is not made. */
  readonly project: ToldProject | null;
}

export interface PredictionRow extends Kept, Pick<NewPrediction, 'answer'> {}

/** Of an answer, what lists tell: of values that the history never had whether there is one. */
export type AnswerSummary = Partial<
  Readonly<
    Record<
      Outcome,
      Pick<OutcomeAnswer, 'value' | 'low' | 'high' | 'confidence' | 'is_thin' | 'is_chance'> & {
        readonly unfamiliar: readonly unknown[];
      }
    >
  >
>;

export interface SummaryRow extends Kept {
  readonly outcomes: AnswerSummary;
}

/** Of a project so many predictions that are scored are kept, the newest and the first, and as many others. */
export const keptOfProject = 50;
/** Of projects that are not made, so many are kept in a tenant. */
export const keptOfNone = 500;

/**
 * Takes the predictions that are more than are kept, of a project's scored ones or its others, or of projects that are not
 * made. The first scored one stays: it is what the model is judged by. Of scored ones the newest is what was in force when
 * the project ended, however often is asked after that.
 */
async function dropOldPredictions(tx: TenantTx, project: string | null, isScored: boolean): Promise<void> {
  const ofProject = `p.tenant_id = $1 AND p.project_id ${project === null ? 'IS NULL AND $2::uuid IS NULL' : '= $2'}
    AND p.is_scored = $3`;
  await tx.sql(
    `DELETE FROM maestro.predictions d WHERE d.tenant_id = $1 AND d.prediction_id IN (
       SELECT o.prediction_id FROM maestro.predictions o
        WHERE o.tenant_id = $1 AND o.prediction_id = ANY (ARRAY(
                SELECT p.prediction_id FROM maestro.predictions p WHERE ${ofProject}
                 ORDER BY p.created_at DESC, p.prediction_id DESC OFFSET $4))
          AND NOT ($3 AND o.prediction_id = (
                SELECT p.prediction_id FROM maestro.predictions p WHERE ${ofProject}
                 ORDER BY p.created_at, p.prediction_id LIMIT 1))
          -- What another one takes at this moment is gone as well.
          FOR UPDATE SKIP LOCKED)`,
    [tx.tenantId, project, isScored, project === null ? keptOfNone : keptOfProject],
    `drop_old_predictions_${project === null ? 'of_none' : 'of_project'}`,
  );
}

/** Inserts a prediction, takes old ones that are more than are kept, and gives its id and time. */
export async function insertPrediction(
  tx: TenantTx,
  prediction: NewPrediction,
  createdBy: string,
): Promise<{ prediction_id: string; created_at: Date }> {
  const [row] = await tx.sql<{ prediction_id: string; created_at: Date }>(
    `INSERT INTO maestro.predictions (tenant_id, project_id, asked, model_version, answer, is_scored, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING prediction_id, created_at`,
    [
      tx.tenantId,
      prediction.project_id,
      JSON.stringify(prediction.asked),
      prediction.model_version,
      JSON.stringify(prediction.answer),
      prediction.is_scored,
      createdBy,
    ],
    'insert_prediction',
  );
  await dropOldPredictions(tx, prediction.project_id, prediction.is_scored);
  return row as { prediction_id: string; created_at: Date };
}

const scored = ['value', 'low', 'high', 'is_chance'] as const;

/** Of an answer, which may be large, the outcomes with some of their members. */
const outcomesIn = (answer: string, members: readonly string[], others = ''): string => `(
  SELECT coalesce(jsonb_object_agg(o.key, jsonb_build_object(
           ${members.map((name) => `'${name}', o.value->'${name}'`).join(', ')}${others})), '{}')
    FROM jsonb_each(${answer}->'outcomes') AS o)`;

/**
 * What was predicted of projects first, and how they ended: of several predictions of a project the first one knew the
 * least, so it is the one to be judged by.
 */
export const firstPredictions = (
  tx: TenantTx,
  projects: readonly string[],
): Promise<(Told & { outcomes: Predicted })[]> =>
  tx.sql<Told & { outcomes: Predicted }>(
    `SELECT ${toldIn}, ${outcomesIn('f.answer', scored)} AS outcomes
       FROM unnest($2::uuid[]) AS w(id)
       JOIN maestro.projects j ON j.tenant_id = $1 AND j.project_id = w.id,
            LATERAL (SELECT p.answer FROM maestro.predictions p
                      WHERE p.tenant_id = $1 AND p.project_id = w.id AND p.is_scored
                      ORDER BY p.created_at, p.prediction_id LIMIT 1) f`,
    [tx.tenantId, projects],
    'first_predictions',
  );

const columns = `p.prediction_id, p.project_id, p.asked, p.model_version, p.is_scored, p.created_by, p.created_at,
  CASE WHEN j.project_id IS NOT NULL
       THEN (SELECT to_json(t) FROM (SELECT j.project_id, j.name, ${toldIn}) t) END AS project`;
const source = `maestro.predictions p
  LEFT JOIN maestro.projects j ON j.tenant_id = $1 AND j.project_id = p.project_id`;

export async function findPrediction(tx: TenantTx, id: string): Promise<PredictionRow | undefined> {
  const [row] = await tx.sql<PredictionRow>(
    `SELECT ${columns}, p.answer FROM ${source} WHERE p.tenant_id = $1 AND p.prediction_id = $2`,
    [tx.tenantId, id],
    'prediction',
  );
  return row;
}

export interface Wanted {
  readonly project?: string | undefined;
  /** ISO 8601. */
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly isScored?: boolean | undefined;
  /** Of these projects alone, where it is given. */
  readonly only?: readonly string[] | undefined;
}

const summary = outcomesIn(
  'p.answer',
  [...scored, 'confidence', 'is_thin'],
  ", 'unfamiliar', jsonb_path_query_array(o.value, '$.unfamiliar[0]')",
);

/** Where a page begins: behind the prediction of this time (with microseconds) and id. */
export type PredictionPlace = readonly [at: string, id: string];

/** Predictions that are scored once their project has ended, of projects that meet a condition. */
const scorable = (condition: string): string =>
  `SELECT p.* FROM maestro.predictions p JOIN maestro.projects j ON j.tenant_id = $1 AND j.project_id = p.project_id
    WHERE p.is_scored AND ${condition}`;

const predictions = 'SELECT p.* FROM maestro.predictions p WHERE true';

/** What a list looks through. Those never scored and those not scored yet apart: no index leads to both, and both may be few. */
function kindsOf(isScored: boolean | undefined): string[] {
  if (isScored === undefined) return [predictions];
  return isScored ? [scorable(hasEndedIn)] : [`${predictions} AND NOT p.is_scored`, scorable(goesOnIn)];
}

/** The newest first. */
export async function listPredictions(
  tx: TenantTx,
  { project, from, until, isScored, only }: Wanted,
  place: PredictionPlace | undefined,
  limit: number,
): Promise<(SummaryRow & { place: string })[]> {
  // Which index is the right one depends on what is asked for, and on how few are wanted.
  await tx.sql('SET LOCAL plan_cache_mode = force_custom_plan');
  const values: unknown[] = [tx.tenantId];
  const add = (value: unknown) => `$${values.push(value)}`;
  const where = ['p.tenant_id = $1'];
  if (project !== undefined) where.push(`p.project_id = ${add(project)}`);
  if (only) where.push(`p.project_id = ANY (${add(only)}::uuid[])`);
  if (from !== undefined) where.push(`p.created_at >= ${add(from)}::timestamptz`);
  if (until !== undefined) where.push(`p.created_at < ${add(until)}::timestamptz`);
  if (place) {
    where.push(`(p.created_at, p.prediction_id) < (${add(place[0])}::timestamptz, ${add(place[1])}::uuid)`);
  }
  const newest = `ORDER BY p.created_at DESC, p.prediction_id DESC LIMIT ${add(limit)}`;
  const asked = where.join(' AND ');
  const found = kindsOf(isScored)
    .map((kind) => `(${kind} AND ${asked} ${newest})`)
    .join(' UNION ALL ');
  return tx.sql<SummaryRow & { place: string }>(
    // Of the page alone what is told is read: never of all that are sorted.
    `SELECT ${columns}, p.created_at::text AS place, ${summary} AS outcomes
       FROM (SELECT p.* FROM (${found}) p ${newest}) p
       LEFT JOIN maestro.projects j ON j.tenant_id = $1 AND j.project_id = p.project_id
      ORDER BY p.created_at DESC, p.prediction_id DESC`,
    values,
  );
}
