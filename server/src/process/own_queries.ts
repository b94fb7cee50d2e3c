import type { TenantTx } from '../db/tenancy.ts';
import { bucketText } from './cells.ts';
import { during } from './during.ts';
import type { DatedCell } from './metric_queries.ts';
import type { Span, Unit } from './periods.ts';

export interface DayValue {
  readonly day: string;
  readonly value: number;
}

/** Commits a day by who is not left out, merges aside, on days that have any; in order. */
export const commitsByDay = (tx: TenantTx, project: string, { from, to }: Span): Promise<DayValue[]> =>
  tx.sql<DayValue>(
    `SELECT (c.committed_at AT TIME ZONE 'UTC')::date AS day, count(*) AS value
       FROM maestro.code_commits c JOIN maestro.code_people p
         ON p.tenant_id = $1 AND p.project_id = c.project_id AND p.person_id = c.person_id
      WHERE c.tenant_id = $1 AND c.project_id = $2 AND ${during('c.committed_at', '$3', '$4')}
        AND NOT c.is_merge AND NOT p.is_left_out
      GROUP BY 1 ORDER BY 1`,
    [tx.tenantId, project, from, to],
    'commits_by_day',
  );

/** Cells of values (`of` gives rows of day and value) by `unit`; what is the same is put together first: it is less to count. */
const cellsText = (of: string, unit: string) => `
  SELECT v.day, v.bucket, sum(v.count)::bigint AS count, sum(v.value * v.count) AS sum, min(v.value) AS min,
         max(v.value) AS max
    FROM (SELECT s.*, ${bucketText('s.value')} AS bucket
            FROM (SELECT date_trunc(${unit}, o.day::timestamp)::date AS day, o.value, count(*) AS count
                    FROM (${of}) o GROUP BY 1, o.value) s) v
   GROUP BY v.day, v.bucket`;

/** How long the builds that came to an end took, in seconds, each at the day it began. */
export const ciSeconds = (tx: TenantTx, project: string, unit: Unit, { from, to }: Span): Promise<DatedCell[]> =>
  tx.sql<DatedCell>(
    cellsText(
      `SELECT (started_at AT TIME ZONE 'UTC')::date AS day,
              extract(epoch FROM finished_at - started_at)::double precision AS value
         FROM maestro.ci_runs
        WHERE tenant_id = $1 AND project_id = $2 AND ${during('started_at', '$3', '$4')}
          AND status IN ('success', 'failure') AND finished_at >= started_at`,
      '$5',
    ),
    [tx.tenantId, project, from, to, unit],
    'ci_seconds',
  );

/** Runs of a project's experiments that began in a span of milliseconds. */
const projectRuns = `
  maestro.project_experiments e JOIN maestro.runs r
    ON r.tenant_id = $1 AND r.experiment_id = e.experiment_id AND r.start_time >= $3 AND r.start_time < $4
 WHERE e.tenant_id = $1 AND e.project_id = $2 AND r.lifecycle_stage = 'active'`;

const dayOfRun = "(to_timestamp(r.start_time / 1000.0) AT TIME ZONE 'UTC')::date";

const inMs = ({ from, to }: Span): [number, number] => [
  Date.parse(`${from}T00:00:00Z`),
  Date.parse(`${to}T00:00:00Z`) + 86_400_000,
];

/** Runs a day, on days that have any; in order. */
export const runsByDay = (tx: TenantTx, project: string, span: Span): Promise<DayValue[]> =>
  tx.sql<DayValue>(
    `SELECT ${dayOfRun} AS day, count(*) AS value FROM ${projectRuns} GROUP BY 1 ORDER BY 1`,
    [tx.tenantId, project, ...inMs(span)],
    'project_runs_by_day',
  );

/** How many hours the runs that ended took, each at the day it began. */
export const runHours = (tx: TenantTx, project: string, unit: Unit, span: Span): Promise<DatedCell[]> =>
  tx.sql<DatedCell>(
    cellsText(
      `SELECT ${dayOfRun} AS day, (r.end_time - r.start_time)::double precision / 3600000 AS value
         FROM ${projectRuns} AND r.end_time >= r.start_time`,
      '$5',
    ),
    [tx.tenantId, project, ...inMs(span), unit],
    'project_run_hours',
  );
