import type { TenantTx } from '../db/tenancy.ts';
import type { Cell } from './cells.ts';
import { byPeople, cellsText } from './code_queries.ts';
import type { Deployment, Incident } from './deliveries.ts';
import { during } from './during.ts';
import type { Span } from './metric_queries.ts';

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
 * where that is not known; the first one of a repository tells nothing, for what was there before is not known.
 */
export const leadHours = (tx: TenantTx, project: string, delivered: Delivered, { from, to }: Span): Promise<Cell[]> =>
  tx.sql<Cell>(
    `WITH delivered AS (${deliveredText(delivered)}), reached AS (
       SELECT d.repository, d.at, coalesce(s.landed_at, s.committed_at, d.at) AS up_to
         FROM delivered d LEFT JOIN maestro.code_commits s
           ON s.tenant_id = $1 AND s.project_id = $2 AND s.repository = d.repository AND s.sha = d.sha
        WHERE d.succeeded
     ), bringing AS (
       SELECT r.*, max(r.up_to) OVER (PARTITION BY r.repository ORDER BY r.at
                                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS after
         FROM reached r
     ), brought AS (
       SELECT extract(epoch FROM b.at - least(c.authored_at, ${squashed}))::double precision / 3600 AS value
         FROM ${byPeople('code_commits', 'c')}
         JOIN bringing b ON b.repository = c.repository AND coalesce(c.landed_at, c.committed_at) > b.after
          AND coalesce(c.landed_at, c.committed_at) <= b.up_to
        WHERE c.tenant_id = $1 AND c.project_id = $2 AND NOT c.is_merge AND c.authored_at <= b.at
          AND ${during('b.at', '$4', '$5')}
     )
     ${cellsText('SELECT value FROM brought')}`,
    [tx.tenantId, project, environmentIn(delivered), from, to],
    `lead_hours_${delivered === 'releases' ? 'releases' : 'environment'}`,
  );

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
