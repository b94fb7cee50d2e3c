import type { TenantTx } from '../db/tenancy.ts';
import type { Where } from './commit_queries.ts';
import { daysText, recount, type Stretch, stretchesText } from './value_cells.ts';

/** What is delivered of a repository, as rows of at and sha: releases where the environment is empty. */
const deliveredText = (repository: string, environment: string, where: (at: string) => string, which = ''): string => `
  (SELECT d.at, d.sha FROM maestro.deployments d
    WHERE d.tenant_id = $1 AND d.project_id = $2 AND d.repository = ${repository} AND d.environment = ${environment}
      AND d.status = 'success' AND ${where('d.at')} ${which})
  UNION ALL
  (SELECT e.at, e.sha FROM maestro.code_releases e
    WHERE e.tenant_id = $1 AND e.project_id = $2 AND e.repository = ${repository} AND ${environment} = ''
      AND NOT e.is_prerelease AND ${where('e.at')} ${which})`;

/** Up to when what came to the branch is in a delivery `of`: the landing of the commit it names, its own time at most. */
const upToText = (repository: string, of: string): string => `
  least((SELECT s.landed_at FROM maestro.code_commits s
          WHERE s.tenant_id = $1 AND s.project_id = $2 AND s.repository = ${repository} AND s.sha = ${of}.sha), ${of}.at)`;

const startOfDay = (day: string): string => `(${day})::timestamp AT TIME ZONE 'UTC'`;

/**
 * Hours from the writing of each commit to what delivered it, as rows of environment, repository, at and value. A delivery
 * brings what came to the branch after what those before it brought. What those before a stretch brought, the newest of
 * them tells, and those since the commit that it reached.
 */
const leadText = `
  SELECT 'lead' AS series, w.environment, w.repository, w.at, w.value
    FROM (SELECT b.environment, b.repository, b.at, c.person_id,
                 extract(epoch FROM b.at - c.begun_at)::double precision / 3600 AS value
    FROM (
      SELECT r.*, max(r.up_to) OVER (PARTITION BY r.environment, r.repository ORDER BY r.at, r.up_to
                                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS after
        FROM (
          SELECT t.environment, t.repository, t.first, d.at, ${upToText('t.repository', 'd')} AS up_to
            FROM ${stretchesText}
            LEFT JOIN LATERAL (
              SELECT ${upToText('t.repository', 'x')} AS up_to
                FROM (${deliveredText(
                  't.repository',
                  't.environment',
                  (at) => `${at} < ${startOfDay('t.first')}`,
                  'ORDER BY 1 DESC LIMIT 1',
                )}) x
               ORDER BY x.at DESC LIMIT 1) n ON true
            CROSS JOIN LATERAL (${deliveredText(
              't.repository',
              't.environment',
              (at) => `${at} >= coalesce(n.up_to, ${startOfDay('t.first')}) AND ${at} < ${startOfDay('t.last + 1')}`,
            )}) d
        ) r
    ) b CROSS JOIN LATERAL (
      SELECT o.person_id, least(o.authored_at, (
               SELECT min(m.first_commit_at) FROM maestro.code_changes m
                WHERE m.tenant_id = $1 AND m.project_id = $2 AND m.repository = b.repository AND m.merge_sha = o.sha)) AS begun_at
        FROM maestro.code_commits o
       WHERE o.tenant_id = $1 AND o.project_id = $2 AND o.repository = b.repository AND o.landed_at > b.after
         AND o.landed_at <= b.up_to AND NOT o.is_merge AND o.authored_at <= b.at OFFSET 0) c
     WHERE b.at >= ${startOfDay('b.first')} AND b.after < b.up_to OFFSET 0) w
    JOIN maestro.code_people p ON p.tenant_id = $1 AND p.project_id = $2 AND p.person_id = w.person_id AND NOT p.is_left_out`;

const insertLeads = { name: 'count_lead_days', text: daysText(leadText) };

/** Where something else is known: of what landed, or was delivered, from the one time to the other; ISO 8601. */
export interface Changed {
  readonly from: string;
  readonly to: string;
  /** Deliveries that name one of these reach as far as they did not before. */
  readonly shas?: readonly string[];
  /** What was delivered to these alone; '' for releases. All, unless it is said. */
  readonly environments?: readonly string[];
}

/**
 * The stretches of lead times that may be others now. What changed is in deliveries from its first moment on, and touches
 * none beyond the first one after its last moment that reaches that far itself.
 */
const stretchesOfText = `
  WITH RECURSIVE named AS (
    SELECT d.environment, d.at FROM maestro.deployments d
     WHERE d.tenant_id = $1 AND d.project_id = $2 AND d.repository = $3 AND d.sha = ANY ($6::text[])
    UNION ALL
    SELECT '', e.at FROM maestro.code_releases e
     WHERE e.tenant_id = $1 AND e.project_id = $2 AND e.repository = $3 AND e.sha = ANY ($6::text[])
  ), environments AS (
    (SELECT d.environment FROM maestro.deployments d
      WHERE d.tenant_id = $1 AND d.project_id = $2 AND d.repository = $3 ORDER BY d.environment LIMIT 1)
    UNION ALL
    SELECT f.environment FROM environments k, LATERAL (
      SELECT d.environment FROM maestro.deployments d
       WHERE d.tenant_id = $1 AND d.project_id = $2 AND d.repository = $3 AND d.environment > k.environment
       ORDER BY d.environment LIMIT 1) f
  ), touched AS (
    SELECT e.environment, least($4::timestamptz, min(n.at)) AS since, greatest($5::timestamptz, max(n.at)) AS until
      FROM (SELECT k.environment FROM environments k UNION SELECT u.name FROM unnest($8::text[]) AS u(name)
            UNION SELECT '' WHERE EXISTS (SELECT 1 FROM maestro.code_releases r
                                           WHERE r.tenant_id = $1 AND r.project_id = $2 AND r.repository = $3)) e
      LEFT JOIN named n ON n.environment = e.environment
     WHERE $7::boolean OR e.environment = ANY ($8::text[]) GROUP BY e.environment
  )
  SELECT t.environment, (t.since AT TIME ZONE 'UTC')::date AS first,
         coalesce((l.at AT TIME ZONE 'UTC')::date, '9999-12-31') AS last
    FROM touched t LEFT JOIN LATERAL (
      SELECT x.at FROM (${deliveredText('$3', 't.environment', (at) => `${at} > t.until`)}) x
       WHERE ${upToText('$3', 'x')} >= t.until ORDER BY x.at LIMIT 1) l ON true
   WHERE $9::boolean OR EXISTS (${deliveredText('$3', 't.environment', (at) => `${at} >= t.since`)})`;

/** Counts anew the lead times of a repository that may be others now. `isGone`: something is no more delivered. */
export async function recountLeads(tx: TenantTx, where: Where, changed: Changed, isGone = false): Promise<void> {
  const { project, repository } = where;
  const { from, to, shas = [], environments } = changed;
  const touched = await tx.sql<{ environment: string; first: string; last: string }>(
    stretchesOfText,
    [...[tx.tenantId, project, repository, from, to, shas, environments === undefined, environments ?? [], isGone]],
    'touched_leads',
  );
  const stretches = touched.map((each): Stretch => ({ series: 'lead', repository, ...each }));
  await recount(tx, project, stretches, insertLeads);
}

/** Counts all lead times of a project anew: whose commits count is otherwise now. */
export async function recountAllLeads(tx: TenantTx, project: string): Promise<void> {
  const delivered = await tx.sql<{ environment: string; repository: string }>(
    `SELECT DISTINCT d.environment, d.repository FROM maestro.deployments d
      WHERE d.tenant_id = $1 AND d.project_id = $2 AND d.status = 'success'
     UNION
     SELECT '', e.repository FROM maestro.code_releases e WHERE e.tenant_id = $1 AND e.project_id = $2`,
    [tx.tenantId, project],
  );
  const whole = { series: 'lead', first: '1970-01-01', last: '9999-12-31' } as const;
  await recount(
    tx,
    project,
    delivered.map((each) => ({ ...each, ...whole })),
    insertLeads,
  );
}
