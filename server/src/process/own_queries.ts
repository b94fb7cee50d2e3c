import type { TenantTx } from '../db/tenancy.ts';
import { bucketText, type Cell, type DatedStatistics, statisticsByText, statisticsText } from './cells.ts';
import { partColumns, partsOf, type Span, type Unit } from './periods.ts';
import { valueCellsText } from './value_queries.ts';

export interface DayValue {
  readonly day: string;
  readonly value: number;
}

/** Commits a day by who is not left out, merges aside, on days that have any; in order. */
export const commitsByDay = (tx: TenantTx, project: string, { from, to }: Span): Promise<DayValue[]> =>
  tx.sql<DayValue>(
    `SELECT day, commits AS value FROM maestro.code_days
      WHERE tenant_id = $1 AND project_id = $2 AND day >= $3 AND day <= $4 AND commits > 0 ORDER BY day`,
    [tx.tenantId, project, from, to],
    'commits_by_day',
  );

/** How long the builds that came to an end took, in seconds, by the time each began in. */
export const ciSeconds = (tx: TenantTx, project: string, unit: Unit, span: Span): Promise<DatedStatistics[]> =>
  tx.sql<DatedStatistics>(
    statisticsByText(valueCellsText(`'build'`, '$6'), '$7'),
    [tx.tenantId, project, ...partColumns(partsOf(span, [unit, 'day'])), '', unit],
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

/** What is the same is put together first: it is less to take logarithms of. */
const runHoursText = (day: string): string => `
  SELECT c.day, c.bucket, sum(c.count)::bigint AS count, sum(c.value * c.count) AS sum, min(c.value) AS min,
         max(c.value) AS max
    FROM (SELECT s.*, ${bucketText('s.value')} AS bucket
            FROM (SELECT ${day} AS day, r.duration::double precision / 3600000 AS value, count(*) AS count
                    FROM ${projectRuns} AND r.end_time >= r.start_time GROUP BY 1, 2) s) c
   GROUP BY c.day, c.bucket`;

/** How many hours the runs that ended took. */
export const runHours = (tx: TenantTx, project: string, span: Span): Promise<Cell[]> =>
  tx.sql<Cell>(runHoursText('NULL::date'), [tx.tenantId, project, ...inMs(span)], 'project_run_hours');

/** The same, by the time each began in. */
export const runHoursBy = (tx: TenantTx, project: string, unit: Unit, span: Span): Promise<DatedStatistics[]> =>
  tx.sql<DatedStatistics>(
    statisticsText(runHoursText(`date_trunc($5, ${dayOfRun}::timestamp)::date`)),
    [tx.tenantId, project, ...inMs(span), unit],
    'project_run_hours_by',
  );
