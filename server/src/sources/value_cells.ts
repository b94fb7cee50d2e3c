import type { TenantTx } from '../db/tenancy.ts';
import { bucketText } from '../process/cells.ts';

export type Series = 'build' | 'open' | 'review' | 'merge' | 'lead';

/** A value of a series on a day (UTC). */
export interface DayOfValue {
  readonly series: Exclude<Series, 'lead'>;
  readonly day: string;
  readonly value: number;
}

const merged = `
  SET count = c.count + excluded.count, sum = c.sum + excluded.sum, min = least(c.min, excluded.min),
      max = greatest(c.max, excluded.max)`;

/** Counts values that were not known before. */
export async function addValues(tx: TenantTx, project: string, values: readonly DayOfValue[]): Promise<void> {
  if (values.length === 0) return;
  await tx.sql(
    `INSERT INTO maestro.code_cells AS c
       (tenant_id, project_id, series, environment, period, start, repository, bucket, count, sum, min, max)
     SELECT $1, $2, v.series, '', p.period, date_trunc(p.period, v.day::timestamp)::date AS start, '', v.bucket, count(*),
            sum(v.value), min(v.value), max(v.value)
       FROM (SELECT n.*, ${bucketText('n.value')} AS bucket
               FROM unnest($3::text[], $4::date[], $5::double precision[]) AS n(series, day, value)) v,
            unnest(ARRAY['day', 'week', 'month', 'year']) AS p(period)
      WHERE p.period <> 'week' OR v.series = 'build'
      GROUP BY v.series, p.period, 6, v.bucket ORDER BY v.series, p.period, 6, v.bucket
     ON CONFLICT (tenant_id, project_id, series, environment, period, start, repository, bucket) DO UPDATE ${merged}`,
    [
      ...[tx.tenantId, project, values.map(({ series }) => series), values.map(({ day }) => day)],
      values.map(({ value }) => value),
    ],
    'add_code_values',
  );
}

/** Days of a series, both included, whose values are to be counted anew. */
export interface Stretch {
  readonly series: Series;
  /** Of lead times, as `repository` is; else empty. */
  readonly environment: string;
  readonly repository: string;
  readonly first: string;
  readonly last: string;
}

const stretches = `unnest($3::text[], $4::text[], $5::text[], $6::date[], $7::date[])
                     AS t(series, environment, repository, first, last)`;
const ofStretch = (alias: string): string =>
  `${alias}.tenant_id = $1 AND ${alias}.project_id = $2 AND ${alias}.series = t.series
     AND ${alias}.environment = t.environment AND ${alias}.repository = t.repository`;

/** Puts cells of `from` together to cells of longer times, as far as these reach into the stretches. */
const longerText = (from: string, periods: string, where = 'true'): string => `
  INSERT INTO maestro.code_cells
         (tenant_id, project_id, series, environment, period, start, repository, bucket, count, sum, min, max)
  SELECT $1, $2, l.series, l.environment, l.period, l.start, l.repository, d.bucket, sum(d.count), sum(d.sum), min(d.min),
         max(d.max)
    FROM (SELECT DISTINCT t.series, t.environment, t.repository, p.period, s.start::date AS start,
                 (s.start + ('1 ' || p.period)::interval)::date AS after
            FROM ${stretches} CROSS JOIN unnest(ARRAY[${periods}]) AS p(period)
            CROSS JOIN LATERAL (
              SELECT DISTINCT date_trunc(p.period, c.start::timestamp) AS start FROM maestro.code_cells c
               WHERE ${ofStretch('c')} AND c.period = '${from}'
                 AND c.start >= date_trunc(p.period, t.first::timestamp)::date
                 AND c.start < (date_trunc(p.period, t.last::timestamp) + ('1 ' || p.period)::interval)::date) s
           WHERE ${where}) l
    CROSS JOIN LATERAL (
      SELECT o.bucket, o.count, o.sum, o.min, o.max FROM maestro.code_cells o
       WHERE o.tenant_id = $1 AND o.project_id = $2 AND o.series = l.series AND o.environment = l.environment
         AND o.period = '${from}' AND o.start >= l.start AND o.start < l.after AND o.repository = l.repository OFFSET 0) d
   GROUP BY l.series, l.environment, l.period, l.start, l.repository, d.bucket
  ON CONFLICT DO NOTHING`;

const columnsOf = (given: readonly Stretch[]) => [
  given.map(({ series }) => series),
  given.map(({ environment }) => environment),
  given.map(({ repository }) => repository),
  given.map(({ first }) => first),
  given.map(({ last }) => last),
];

/**
 * Counts stretches anew: what is there of them goes, `insertDays` counts their days (its `$1` to `$7` are the tenant, the
 * project and the columns of the stretches), and the longer times are put together from these.
 */
export async function recount(
  tx: TenantTx,
  project: string,
  given: readonly Stretch[],
  insertDays: { readonly text: string; readonly name: string },
): Promise<void> {
  if (given.length === 0) return;
  const values = [tx.tenantId, project, ...columnsOf(given)];
  // One after the other: of a period that is known, a part of the index is read.
  for (const period of ['day', 'week', 'month', 'year']) {
    await tx.sql(
      `DELETE FROM maestro.code_cells c USING ${stretches}
        WHERE ${ofStretch('c')} AND c.period = '${period}' AND c.start >= date_trunc('${period}', t.first::timestamp)::date
          AND c.start <= t.last`,
      values,
      `take_code_${period}s`,
    );
  }
  await tx.sql(insertDays.text, values, insertDays.name);
  await tx.sql(
    longerText('day', `'week', 'month'`, `p.period <> 'week' OR t.series = 'build'`),
    values,
    'code_weeks_and_months',
  );
  await tx.sql(longerText('month', `'year'`), values, 'code_years');
}

/** Inserts the cells of days: `of` gives rows of series, environment, repository, at and value, of the stretches `t`. */
export const daysText = (of: string): string => `
  INSERT INTO maestro.code_cells
         (tenant_id, project_id, series, environment, period, start, repository, bucket, count, sum, min, max)
  SELECT $1, $2, v.series, v.environment, 'day', v.day, v.repository, v.bucket, count(*), sum(v.value), min(v.value),
         max(v.value)
    FROM (SELECT o.series, o.environment, o.repository, (o.at AT TIME ZONE 'UTC')::date AS day, o.value,
                 ${bucketText('o.value')} AS bucket FROM (${of}) o) v
   GROUP BY v.series, v.environment, v.day, v.repository, v.bucket
  ON CONFLICT DO NOTHING`;

export const stretchesText = stretches;

const startOfDay = (day: string): string => `${day}::timestamp AT TIME ZONE 'UTC'`;
const within = (at: string): string => `${at} >= ${startOfDay('t.first')} AND ${at} < ${startOfDay('(t.last + 1)')}`;

const changeHours = (series: string, at: string, since: string, until: string): string => `
  SELECT '${series}' AS series, t.environment, t.repository, c.${at} AS at,
         extract(epoch FROM c.${until} - c.${since})::double precision / 3600 AS value
    FROM ${stretches} JOIN maestro.code_changes c ON c.tenant_id = $1 AND c.project_id = $2 AND ${within(`c.${at}`)}
    JOIN maestro.code_people p ON p.tenant_id = $1 AND p.project_id = $2 AND p.person_id = c.person_id AND NOT p.is_left_out
   WHERE t.series = '${series}' AND c.${until} >= c.${since}`;

const insertTold = {
  name: 'count_code_days',
  text: daysText(`
    SELECT 'build' AS series, t.environment, t.repository, b.started_at AS at,
           extract(epoch FROM b.finished_at - b.started_at)::double precision AS value
      FROM ${stretches} JOIN maestro.ci_runs b ON b.tenant_id = $1 AND b.project_id = $2 AND ${within('b.started_at')}
     WHERE t.series = 'build' AND b.status IN ('success', 'failure') AND b.finished_at >= b.started_at
    UNION ALL ${changeHours('open', 'opened_at', 'first_commit_at', 'opened_at')}
    UNION ALL ${changeHours('review', 'opened_at', 'opened_at', 'first_review_at')}
    UNION ALL ${changeHours('merge', 'merged_at', 'opened_at', 'merged_at')}`),
};

/** Counts the days anew on which values were told otherwise. */
export async function recountDays(
  tx: TenantTx,
  project: string,
  days: readonly Omit<DayOfValue, 'value'>[],
): Promise<void> {
  const distinct = new Map(days.map(({ series, day }) => [`${series} ${day}`, { series, day }]));
  const given = [...distinct.values()].map(({ series, day }) => ({
    ...{ series, environment: '', repository: '' },
    ...{ first: day, last: day },
  }));
  await recount(tx, project, given, insertTold);
}
