import type { TenantTx } from '../db/tenancy.ts';
import type { Cell } from './cells.ts';
import { cellsText } from './code_queries.ts';
import type { Deployment, Incident } from './deliveries.ts';
import { during } from './during.ts';
import type { Span } from './periods.ts';

/** What counts as deployed: deployments to an environment, or where a project tells of none, its releases. */
export type Delivered = { readonly environment: string } | 'releases';

interface EnvironmentRow {
  readonly environment: string;
  readonly deployments: number;
}

/** Environments that a project is deployed to, the most often first; fifty at most. */
export const environmentsOf = (tx: TenantTx, project: string): Promise<EnvironmentRow[]> =>
  tx.sql<EnvironmentRow>(
    `SELECT environment, count(*) AS deployments FROM maestro.deployments
      WHERE tenant_id = $1 AND project_id = $2 GROUP BY environment ORDER BY 2 DESC, 1 LIMIT 50`,
    [tx.tenantId, project],
    'deployment_environments',
  );

/** Whether any deployment to an environment was ever told of: it need not be among the fifty that are listed. */
export async function isDeployedTo(tx: TenantTx, project: string, environment: string): Promise<boolean> {
  const rows = await tx.sql(
    'SELECT 1 FROM maestro.deployments WHERE tenant_id = $1 AND project_id = $2 AND environment = $3 LIMIT 1',
    [tx.tenantId, project, environment],
    'is_deployed_to',
  );
  return rows.length > 0;
}

/** What is deployed, as rows of repository, at, sha and succeeded; `$3` is the environment, and '' for releases. */
const deliveredText = (delivered: Delivered): string =>
  delivered === 'releases'
    ? `SELECT r.repository, r.at, r.sha, $3::text = '' AS succeeded FROM maestro.code_releases r
        WHERE r.tenant_id = $1 AND r.project_id = $2 AND NOT r.is_prerelease`
    : `SELECT d.repository, d.at, d.sha, d.status = 'success' AS succeeded FROM maestro.deployments d
        WHERE d.tenant_id = $1 AND d.project_id = $2 AND d.environment = $3 AND d.status IN ('success', 'failure')`;

const environmentIn = (delivered: Delivered): string => (delivered === 'releases' ? '' : delivered.environment);

const msOf = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::double precision`;

/** Deployments since the first day of a span, in order, and each repository's last one before it. */
export const deploymentsSince = (
  tx: TenantTx,
  project: string,
  delivered: Delivered,
  { from }: Span,
): Promise<Deployment[]> =>
  tx.sql<Deployment>(
    `WITH delivered AS (${deliveredText(delivered)})
     SELECT x.repository, ${msOf('x.at')} AS at, x.succeeded
       FROM (SELECT d.*, lead(d.at) OVER (PARTITION BY d.repository ORDER BY d.at) AS next_at FROM delivered d) x
      WHERE x.next_at IS NULL OR x.next_at >= ($4::date)::timestamp AT TIME ZONE 'UTC'
      ORDER BY x.at, x.succeeded`,
    [tx.tenantId, project, environmentIn(delivered), from],
    `deployments_since_${delivered === 'releases' ? 'releases' : 'environment'}`,
  );

/** Incidents in an environment that began on the first day of a span or later. */
export const incidentsSince = (
  tx: TenantTx,
  project: string,
  environment: string,
  { from }: Span,
): Promise<Incident[]> =>
  tx.sql<Incident>(
    `SELECT ${msOf('started_at')} AS "startedAt", ${msOf('resolved_at')} AS "resolvedAt" FROM maestro.incidents
      WHERE tenant_id = $1 AND project_id = $2 AND environment = $3
        AND started_at >= ($4::date)::timestamp AT TIME ZONE 'UTC'
      ORDER BY started_at`,
    [tx.tenantId, project, environment, from],
    'incidents_since',
  );

/** When the first commit of the change that a commit `c` merged was written. */
const squashed = `(SELECT min(m.first_commit_at) FROM maestro.code_changes m
  WHERE m.tenant_id = $1 AND m.project_id = $2 AND m.repository = c.repository AND m.merge_sha = c.sha)`;

/**
 * Hours from the writing of each commit to the deployment that brought it, of the deployments of a span that succeeded. One
 * brings what came to the branch after what those before it brought, up to the commit that it names, or up to its own time
 * where that is not known or later; the first one of a repository tells nothing, for what was there before is not known. What
 * those before the span brought, the newest of them tells, and those since the commit that it reached.
 */
export const leadHours = (tx: TenantTx, project: string, delivered: Delivered, { from, to }: Span): Promise<Cell[]> => {
  const reach = (of: string): string => `
    LEFT JOIN LATERAL (SELECT s.landed_at FROM maestro.code_commits s
      WHERE s.tenant_id = $1 AND s.project_id = $2 AND s.repository = ${of}.repository AND s.sha = ${of}.sha LIMIT 1) c ON true`;
  const upTo = (of: string): string => `least(coalesce(c.landed_at, ${of}.at), ${of}.at)`;
  return tx.sql<Cell>(
    `WITH delivered AS MATERIALIZED (SELECT d.repository, d.at, d.sha FROM (${deliveredText(delivered)}) d
        WHERE d.succeeded AND d.at < ($5::date + 1)::timestamp AT TIME ZONE 'UTC'
     ), newest AS (
       SELECT n.repository, ${upTo('n')} AS up_to FROM (
         SELECT DISTINCT ON (d.repository) d.* FROM delivered d WHERE d.at < ($4::date)::timestamp AT TIME ZONE 'UTC'
          ORDER BY d.repository, d.at DESC) n ${reach('n')}
     ), reached AS (
       SELECT d.repository, d.at, ${upTo('d')} AS up_to
         FROM delivered d LEFT JOIN newest n ON n.repository = d.repository ${reach('d')}
        WHERE d.at >= ($4::date)::timestamp AT TIME ZONE 'UTC' OR d.at >= n.up_to
     ), bringing AS (
       SELECT r.*, max(r.up_to) OVER (PARTITION BY r.repository ORDER BY r.at
                                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS after
         FROM reached r
     ), brought AS (
       SELECT extract(epoch FROM b.at - c.begun_at)::double precision / 3600 AS value, c.person_id
         FROM bringing b, LATERAL (
           SELECT least(c.authored_at, ${squashed}) AS begun_at, c.person_id FROM maestro.code_commits c
            WHERE c.tenant_id = $1 AND c.project_id = $2 AND c.repository = b.repository AND c.landed_at > b.after
              AND c.landed_at <= b.up_to AND NOT c.is_merge AND c.authored_at <= b.at OFFSET 0) c
        WHERE ${during('b.at', '$4', '$5')} AND b.after < b.up_to
     )
     ${cellsText(`SELECT b.value FROM brought b WHERE NOT EXISTS (
       SELECT 1 FROM maestro.code_people p
        WHERE p.tenant_id = $1 AND p.project_id = $2 AND p.person_id = b.person_id AND p.is_left_out)`)}`,
    [tx.tenantId, project, environmentIn(delivered), from, to],
    `lead_hours_${delivered === 'releases' ? 'releases' : 'environment'}`,
  );
};

interface BuildCounts {
  readonly success: number;
  readonly failure: number;
  readonly cancelled: number;
  readonly tests: number;
  readonly tests_failed: number;
  readonly tests_skipped: number;
}

/** Builds that began in a span, by how they ended, and the tests in them. */
export async function buildCounts(tx: TenantTx, project: string, { from, to }: Span): Promise<BuildCounts> {
  const [row] = await tx.sql<BuildCounts>(
    `SELECT count(*) FILTER (WHERE status = 'success') AS success, count(*) FILTER (WHERE status = 'failure') AS failure,
            count(*) FILTER (WHERE status = 'cancelled') AS cancelled, coalesce(sum(tests), 0)::bigint AS tests,
            coalesce(sum(tests_failed), 0)::bigint AS tests_failed,
            coalesce(sum(tests_skipped), 0)::bigint AS tests_skipped
       FROM maestro.ci_runs
      WHERE tenant_id = $1 AND project_id = $2 AND ${during('started_at', '$3', '$4')}`,
    [tx.tenantId, project, from, to],
    'build_counts',
  );
  return row as BuildCounts;
}
