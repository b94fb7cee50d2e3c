import type { TenantTx } from '../db/tenancy.ts';
import type { ProjectFields } from '../projects/queries.ts';
import type { Answer } from './answer.ts';
import { endedWithoutDate } from './feature_queries.ts';

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
  readonly answer: { readonly outcomes: Answer; readonly base: Answer | null };
  readonly is_scored: boolean;
}

/** Of the project what it is now; null where it is not made. */
export interface PredictionRow extends NewPrediction {
  readonly prediction_id: string;
  readonly created_by: string;
  readonly created_at: Date;
  readonly project: ProjectFields | null;
}

/** Inserts a prediction and gives its id and time. */
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
  return row as { prediction_id: string; created_at: Date };
}

const columns = `p.prediction_id, p.project_id, p.asked, p.model_version, p.answer, p.is_scored, p.created_by, p.created_at,
  CASE WHEN j.project_id IS NOT NULL THEN to_json(j) END AS project`;
const source = `maestro.predictions p
  LEFT JOIN maestro.projects j ON j.tenant_id = $1 AND j.project_id = p.project_id`;
const hasEnded = `(j.completion_date IS NOT NULL OR ${endedWithoutDate})`;

export async function findPrediction(tx: TenantTx, id: string): Promise<PredictionRow | undefined> {
  const [row] = await tx.sql<PredictionRow>(
    `SELECT ${columns} FROM ${source} WHERE p.tenant_id = $1 AND p.prediction_id = $2`,
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

/** Where a page begins: behind the prediction of this time (with microseconds) and id. */
export type PredictionPlace = readonly [at: string, id: string];

/** The newest first. */
export async function listPredictions(
  tx: TenantTx,
  { project, from, until, isScored, only }: Wanted,
  place: PredictionPlace | undefined,
  limit: number,
): Promise<(PredictionRow & { place: string })[]> {
  // Which index is the right one depends on what is asked for, and on how few are wanted.
  await tx.sql('SET LOCAL plan_cache_mode = force_custom_plan');
  const values: unknown[] = [tx.tenantId];
  const add = (value: unknown) => `$${values.push(value)}`;
  const where = ['p.tenant_id = $1'];
  if (project !== undefined) where.push(`p.project_id = ${add(project)}`);
  if (only) where.push(`p.project_id = ANY (${add(only)}::uuid[])`);
  if (from !== undefined) where.push(`p.created_at >= ${add(from)}::timestamptz`);
  if (until !== undefined) where.push(`p.created_at < ${add(until)}::timestamptz`);
  if (isScored !== undefined) where.push(`(p.is_scored AND ${hasEnded}) IS ${isScored ? 'TRUE' : 'NOT TRUE'}`);
  if (place) {
    where.push(`(p.created_at, p.prediction_id) < (${add(place[0])}::timestamptz, ${add(place[1])}::uuid)`);
  }
  return tx.sql<PredictionRow & { place: string }>(
    `SELECT ${columns}, p.created_at::text AS place FROM ${source} WHERE ${where.join(' AND ')}
      ORDER BY p.created_at DESC, p.prediction_id DESC LIMIT ${add(limit)}`,
    values,
  );
}
