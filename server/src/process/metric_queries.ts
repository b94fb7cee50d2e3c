import { float8Array } from '../db/arrays.ts';
import type { TenantTx } from '../db/tenancy.ts';
import { bucketText, type Cell, type DatedStatistics, statisticsByText } from './cells.ts';
import { endOf, partColumns, partsOf, periodsText, type Span, type Unit } from './periods.ts';

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
  ), cells AS (
    INSERT INTO maestro.process_metric_cells AS c
           (tenant_id, project_id, metric_type, period, start, bucket, count, sum, min, max)
    SELECT $1, a.project_id, a.metric_type, p.period, date_trunc(p.period, a.day::timestamp)::date AS start, a.bucket,
           count(*), sum(a.value), min(a.value), max(a.value)
      FROM (SELECT *, ${bucketText('value')} AS bucket FROM added) a, unnest(ARRAY['day', 'week', 'month', 'year']) AS p(period)
     GROUP BY a.project_id, a.metric_type, p.period, 5, a.bucket
     ORDER BY a.project_id, a.metric_type, p.period, 5, a.bucket
    ON CONFLICT (tenant_id, project_id, metric_type, period, start, bucket) DO UPDATE
       SET count = c.count + excluded.count, sum = c.sum + excluded.sum,
           min = least(c.min, excluded.min), max = greatest(c.max, excluded.max)
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

export interface TypedCell extends Cell {
  readonly metric_type: string;
}

/**
 * The cells of the parts that a span is made of, as `c`; what `$3` to `$5` are, `partColumns` gives. OFFSET 0 keeps it a
 * walk of the index for each part: most projects have few cells, and PostgreSQL would read all of them for each type.
 */
const cellsOf = (type: string): string => `
  ${periodsText}, LATERAL (
    SELECT o.start, o.bucket, o.count, o.sum, o.min, o.max FROM maestro.process_metric_cells o
     WHERE o.tenant_id = $1 AND o.project_id = $2 AND o.metric_type = ${type} AND o.period = t.period
       AND o.start >= t.first AND o.start < t.after OFFSET 0) c`;

interface RecordedType {
  readonly metric_type: string;
  /** Of its last measurement. */
  readonly last_day: string;
}

/** The types that were ever recorded of a project. */
const recordedTypes = (tx: TenantTx, project: string): Promise<RecordedType[]> =>
  tx.sql<RecordedType>(
    `WITH RECURSIVE types AS (
       (SELECT t.metric_type FROM maestro.process_metric_cells t
         WHERE t.tenant_id = $1 AND t.project_id = $2 ORDER BY t.metric_type LIMIT 1)
       UNION ALL
       SELECT f.metric_type FROM types k, LATERAL (
         SELECT t.metric_type FROM maestro.process_metric_cells t
          WHERE t.tenant_id = $1 AND t.project_id = $2 AND t.metric_type > k.metric_type
          ORDER BY t.metric_type LIMIT 1) f)
     SELECT k.metric_type, d.start AS last_day FROM types k, LATERAL (
       SELECT c.start FROM maestro.process_metric_cells c
        WHERE c.tenant_id = $1 AND c.project_id = $2 AND c.metric_type = k.metric_type AND c.period = 'day'
        ORDER BY c.start DESC LIMIT 1) d`,
    [tx.tenantId, project],
    'recorded_types',
  );

/** What was recorded of a project in a span, by type. */
export async function recordedCells(tx: TenantTx, project: string, { from, to }: Span): Promise<TypedCell[]> {
  const types = await recordedTypes(tx, project);
  // Mostly a span reaches to the last measurement: then the year that it ends in is read as a whole, too.
  const isOpen = types.every(({ last_day }) => last_day <= to);
  const parts = partsOf({ from, to: isOpen ? endOf(to, 'year') : to }, ['year', 'month', 'week', 'day']);
  return tx.sql<TypedCell>(
    `SELECT k.metric_type, s.* FROM unnest($6::text[]) AS k(metric_type), LATERAL (
       SELECT c.bucket, sum(c.count)::bigint AS count, sum(c.sum) AS sum, min(c.min) AS min, max(c.max) AS max
         FROM ${cellsOf('k.metric_type')} GROUP BY c.bucket) s`,
    [tx.tenantId, project, ...partColumns(parts), types.map(({ metric_type }) => metric_type)],
    'recorded_cells',
  );
}

/** What was recorded of one type in a span, by day, week, month or year. */
export const recordedStatistics = (
  tx: TenantTx,
  project: string,
  type: string,
  unit: Unit,
  span: Span,
): Promise<DatedStatistics[]> =>
  tx.sql<DatedStatistics>(
    statisticsByText(cellsOf('$6'), '$7'),
    [tx.tenantId, project, ...partColumns(partsOf(span, [unit, 'day'])), type, unit],
    'recorded_statistics',
  );
