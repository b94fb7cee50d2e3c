import { float8Array } from '../db/arrays.ts';
import type { TenantTx } from '../db/tenancy.ts';
import { bucketText, type Cell } from './cells.ts';

/** A measurement to be recorded. */
export interface Measurement {
  readonly project_id: string;
  readonly metric_type: string;
  /** ISO 8601. */
  readonly at: string;
  readonly value: number;
  readonly source: string;
  readonly external_key: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Of some projects, those that the tenant has; they are kept from being deleted until the transaction ends. */
export async function lockProjects(tx: TenantTx, ids: readonly string[]): Promise<Set<string>> {
  const rows = await tx.sql<{ project_id: string }>(
    `SELECT project_id FROM maestro.projects WHERE tenant_id = $1 AND project_id = ANY ($2) ORDER BY project_id
        FOR KEY SHARE`,
    [tx.tenantId, ids],
    'lock_projects',
  );
  return new Set(rows.map(({ project_id }) => project_id));
}

// Sorted before they are inserted: two batches that touch the same keys or days in different orders deadlock.
const insertText = `
  WITH added AS (
    INSERT INTO maestro.process_metrics
           (tenant_id, project_id, metric_type, at, value, source, external_key, metadata)
    SELECT $1, g.project_id, g.metric_type, g.at, g.value, g.source, g.external_key, g.metadata
      FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::double precision[], $6::text[], $7::text[], $8::jsonb[])
           AS g(project_id, metric_type, at, value, source, external_key, metadata)
     ORDER BY g.project_id, g.metric_type, g.external_key
    ON CONFLICT (tenant_id, project_id, metric_type, external_key) WHERE external_key IS NOT NULL DO NOTHING
    RETURNING project_id, metric_type, (at AT TIME ZONE 'UTC')::date AS day, value
  ), days AS (
    INSERT INTO maestro.process_metric_days AS d
           (tenant_id, project_id, metric_type, day, bucket, count, sum, min, max)
    SELECT $1, a.project_id, a.metric_type, a.day, a.bucket, count(*), sum(a.value), min(a.value), max(a.value)
      FROM (SELECT *, ${bucketText('value')} AS bucket FROM added) a
     GROUP BY a.project_id, a.metric_type, a.day, a.bucket
     ORDER BY a.project_id, a.metric_type, a.day, a.bucket
    ON CONFLICT (tenant_id, project_id, metric_type, day, bucket) DO UPDATE
       SET count = d.count + excluded.count, sum = d.sum + excluded.sum,
           min = least(d.min, excluded.min), max = greatest(d.max, excluded.max)
  )
  SELECT count(*) AS added FROM added`;

/** Records measurements of projects that are there, but for those whose key is known; tells how many it recorded. */
export async function insertMeasurements(tx: TenantTx, given: readonly Measurement[]): Promise<number> {
  const column = (name: keyof Measurement) => given.map((measurement) => measurement[name]);
  const [told] = await tx.sql<{ added: number }>(
    insertText,
    [
      tx.tenantId,
      column('project_id'),
      column('metric_type'),
      column('at'),
      float8Array(given.map(({ value }) => value)),
      column('source'),
      column('external_key'),
      given.map(({ metadata }) => JSON.stringify(metadata)),
    ],
    'insert_measurements',
  );
  return told?.added ?? 0;
}

/** Days (UTC), both included. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

/** A length of time that days are put together by; weeks begin on Mondays. */
export type Unit = 'day' | 'week' | 'month' | 'year';

/** What lies in a day, or in a longer time that begins with it. */
export interface DatedCell extends Cell {
  readonly day: string;
}

export interface TypedCell extends Cell {
  readonly metric_type: string;
}

/** What was recorded of a project in a span, by type. */
export const recordedCells = (tx: TenantTx, project: string, { from, to }: Span): Promise<TypedCell[]> =>
  tx.sql<TypedCell>(
    `SELECT metric_type, bucket, sum(count)::bigint AS count, sum(sum) AS sum, min(min) AS min, max(max) AS max
       FROM maestro.process_metric_days
      WHERE tenant_id = $1 AND project_id = $2 AND day >= $3 AND day <= $4
      GROUP BY metric_type, bucket`,
    [tx.tenantId, project, from, to],
    'recorded_cells',
  );

/** What was recorded of one type in a span, by day, week, month or year. */
export const recordedCellsBy = (
  tx: TenantTx,
  project: string,
  type: string,
  unit: Unit,
  { from, to }: Span,
): Promise<DatedCell[]> =>
  tx.sql<DatedCell>(
    `SELECT date_trunc($4, day::timestamp)::date AS day, bucket, sum(count)::bigint AS count, sum(sum) AS sum,
            min(min) AS min, max(max) AS max
       FROM maestro.process_metric_days
      WHERE tenant_id = $1 AND project_id = $2 AND metric_type = $3 AND day >= $5 AND day <= $6
      GROUP BY 1, bucket`,
    [tx.tenantId, project, type, unit, from, to],
    'recorded_cells_by',
  );
