import type { TenantTx } from '../db/tenancy.ts';
import type { Deployment, Incident } from './deliveries.ts';
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
export async function deploymentsSince(
  tx: TenantTx,
  project: string,
  delivered: Delivered,
  { from }: Span,
): Promise<Deployment[]> {
  // One row a repository: ten thousand take longer to read than to find. A number is twice the microseconds, and one more
  // of a success.
  const rows = await tx.sql<{ repository: string; numbers: string }>(
    `WITH delivered AS (${deliveredText(delivered)})
     SELECT x.repository,
            string_agg(((extract(epoch FROM x.at)::double precision * 1000000)::bigint * 2 + x.succeeded::integer)::text, ',')
              AS numbers
       FROM (SELECT d.*, lead(d.at) OVER (PARTITION BY d.repository ORDER BY d.at) AS next_at FROM delivered d) x
      WHERE x.next_at IS NULL OR x.next_at >= ($4::date)::timestamp AT TIME ZONE 'UTC'
      GROUP BY x.repository`,
    [tx.tenantId, project, environmentIn(delivered), from],
    `deployments_since_${delivered === 'releases' ? 'releases' : 'environment'}`,
  );
  const told = rows.flatMap(({ repository, numbers }) =>
    (JSON.parse(`[${numbers}]`) as number[]).map((number) => ({ repository, number })),
  );
  told.sort((a, b) => a.number - b.number);
  return told.map(({ repository, number }) => ({
    repository,
    at: Math.floor(number / 2) / 1000,
    succeeded: number % 2 === 1,
  }));
}

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
  const total = (count: string) => `coalesce(sum(${count}), 0)::bigint`;
  const [row] = await tx.sql<BuildCounts>(
    `SELECT ${total('builds_succeeded')} AS success, ${total('builds_failed')} AS failure,
            ${total('builds_cancelled')} AS cancelled, ${total('tests')} AS tests, ${total('tests_failed')} AS tests_failed,
            ${total('tests_skipped')} AS tests_skipped
       FROM maestro.code_days WHERE tenant_id = $1 AND project_id = $2 AND day >= $3 AND day <= $4`,
    [tx.tenantId, project, from, to],
    'build_counts',
  );
  return row as BuildCounts;
}
