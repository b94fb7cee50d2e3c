import type { TenantTx } from '../db/tenancy.ts';
import type { Where } from './commit_queries.ts';

/** A pull or merge request. Times are ISO 8601; what a source does not say is null, and stays as it was. */
export interface ChangeRow {
  readonly key: string;
  readonly person: string;
  /** Where it is in the repository itself. */
  readonly branch: string | null;
  readonly openedAt: string;
  readonly mergedAt: string | null;
  readonly closedAt: string | null;
  readonly mergeSha: string | null;
  readonly additions: number | null;
  readonly deletions: number | null;
  readonly files: number | null;
  readonly commits: number | null;
  readonly updatedAt: string;
}

/** Records a change as it is; what is older than what is recorded changes nothing. */
export async function putChange(tx: TenantTx, { project, repository }: Where, change: ChangeRow): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.code_changes AS c
       (tenant_id, project_id, repository, change_key, person_id, opened_at, merged_at, closed_at, merge_sha,
        additions, deletions, files, commits, updated_at, branch)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce($10, 0), coalesce($11, 0), coalesce($12, 0), coalesce($13, 0),
             $14, $15)
     ON CONFLICT (tenant_id, project_id, repository, change_key) DO UPDATE
        SET merged_at = EXCLUDED.merged_at, closed_at = EXCLUDED.closed_at, merge_sha = EXCLUDED.merge_sha,
            additions = coalesce($10, c.additions), deletions = coalesce($11, c.deletions),
            files = coalesce($12, c.files), commits = coalesce($13, c.commits), updated_at = EXCLUDED.updated_at,
            branch = coalesce(EXCLUDED.branch, c.branch)
      WHERE c.updated_at <= EXCLUDED.updated_at`,
    [
      ...[tx.tenantId, project, repository, change.key, change.person, change.openedAt, change.mergedAt],
      ...[change.closedAt, change.mergeSha, change.additions, change.deletions, change.files, change.commits],
      ...[change.updatedAt, change.branch],
    ],
    'put_change',
  );
}

/** Who opened a change that is recorded. */
export async function authorOf(tx: TenantTx, { project, repository }: Where, change: string): Promise<string> {
  const [row] = await tx.sql<{ person_id: string }>(
    `SELECT person_id FROM maestro.code_changes
      WHERE tenant_id = $1 AND project_id = $2 AND repository = $3 AND change_key = $4`,
    [tx.tenantId, project, repository, change],
    'change_author',
  );
  return row!.person_id;
}

export interface ReviewRow {
  readonly key: string;
  readonly change: string;
  readonly person: string;
  readonly at: string;
  readonly state: 'approved' | 'changes_requested' | 'commented' | 'dismissed';
}

/**
 * Records a review of a change that is recorded; the first by somebody else than its author is when it was looked at. Gives
 * whether it was not known.
 */
export async function putReview(tx: TenantTx, { project, repository }: Where, review: ReviewRow): Promise<boolean> {
  const values = [tx.tenantId, project, repository, review.change, review.person, review.at];
  const known = await tx.sql(
    `SELECT 1 FROM maestro.code_reviews
      WHERE tenant_id = $1 AND project_id = $2 AND repository = $3 AND change_key = $4 AND review_key = $5`,
    [tx.tenantId, project, repository, review.change, review.key],
    'known_review',
  );
  await tx.sql(
    `INSERT INTO maestro.code_reviews
       (tenant_id, project_id, repository, change_key, person_id, at, review_key, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (tenant_id, project_id, repository, change_key, review_key) DO UPDATE SET state = EXCLUDED.state`,
    [...values, review.key, review.state],
    'put_review',
  );
  await tx.sql(
    `UPDATE maestro.code_changes c SET first_review_at = least(c.first_review_at, $6)
       FROM maestro.code_people p
      WHERE c.tenant_id = $1 AND c.project_id = $2 AND c.repository = $3 AND c.change_key = $4 AND c.person_id <> $5
        AND p.tenant_id = $1 AND p.project_id = $2 AND p.person_id = $5 AND NOT p.is_left_out`,
    values,
    'first_review',
  );
  return known.length === 0;
}

/** Finds anew who first reviewed the changes that some people opened or reviewed: others are one person now, or left out. */
export async function reviewAnew(tx: TenantTx, project: string, persons: readonly string[]): Promise<void> {
  await tx.sql(
    `UPDATE maestro.code_changes c
        SET first_review_at = (SELECT min(r.at) FROM maestro.code_reviews r JOIN maestro.code_people p
                                   ON p.tenant_id = $1 AND p.project_id = $2 AND p.person_id = r.person_id
                                      AND NOT p.is_left_out
                                WHERE r.tenant_id = $1 AND r.project_id = $2 AND r.repository = c.repository
                                  AND r.change_key = c.change_key AND r.person_id <> c.person_id)
      WHERE c.tenant_id = $1 AND c.project_id = $2
        AND (c.repository, c.change_key) IN (
          SELECT a.repository, a.change_key FROM maestro.code_changes a
           WHERE a.tenant_id = $1 AND a.project_id = $2 AND a.person_id = ANY($3::uuid[])
          UNION
          SELECT o.repository, o.change_key FROM maestro.code_reviews o
           WHERE o.tenant_id = $1 AND o.project_id = $2 AND o.person_id = ANY($3::uuid[]))`,
    [tx.tenantId, project, persons],
  );
}

export interface CiRunRow {
  readonly key: string;
  readonly workflow: string;
  readonly branch: string | null;
  readonly sha: string | null;
  readonly status: 'running' | 'success' | 'failure' | 'cancelled' | 'skipped';
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

/** Records a build as it is; one that came to its end does not run again. */
export async function putCiRun(tx: TenantTx, { project, repository }: Where, run: CiRunRow): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.ci_runs AS r
       (tenant_id, project_id, repository, run_key, workflow, branch, sha, status, started_at, finished_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (tenant_id, project_id, repository, run_key) DO UPDATE
        SET workflow = EXCLUDED.workflow, branch = coalesce(EXCLUDED.branch, r.branch), sha = coalesce(EXCLUDED.sha, r.sha),
            status = EXCLUDED.status, started_at = EXCLUDED.started_at, finished_at = EXCLUDED.finished_at
      WHERE EXCLUDED.finished_at IS NOT NULL OR r.finished_at IS NULL`,
    [
      ...[tx.tenantId, project, repository, run.key, run.workflow, run.branch, run.sha, run.status, run.startedAt],
      run.finishedAt,
    ],
    'put_ci_run',
  );
}

export interface TestCounts {
  readonly tests: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
}

/**
 * Records the tests of a build. A build that a webhook told of keeps its own status and times: what it took is more than
 * its tests did.
 */
export async function putReport(
  tx: TenantTx,
  { project, repository }: Where,
  run: CiRunRow,
  { tests, failed, skipped, seconds }: TestCounts,
): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.ci_runs
       (tenant_id, project_id, repository, run_key, workflow, branch, sha, status, started_at, finished_at, tests,
        tests_failed, tests_skipped, tests_seconds)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     ON CONFLICT (tenant_id, project_id, repository, run_key) DO UPDATE
        SET tests = EXCLUDED.tests, tests_failed = EXCLUDED.tests_failed, tests_skipped = EXCLUDED.tests_skipped,
            tests_seconds = EXCLUDED.tests_seconds`,
    [
      ...[tx.tenantId, project, repository, run.key, run.workflow, run.branch, run.sha, run.status, run.startedAt],
      ...[run.finishedAt, tests, failed, skipped, seconds],
    ],
    'put_report',
  );
}

export interface DeploymentRow {
  readonly key: string;
  readonly environment: string;
  readonly status: 'running' | 'success' | 'failure' | 'cancelled';
  readonly at: string;
  readonly sha: string | null;
}

/** Records a deployment as it is; what is older than what is recorded changes nothing. */
export async function putDeployment(tx: TenantTx, { project, repository }: Where, one: DeploymentRow): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.deployments AS d
       (tenant_id, project_id, repository, deployment_key, environment, status, at, sha)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (tenant_id, project_id, repository, deployment_key) DO UPDATE
        SET environment = EXCLUDED.environment, status = EXCLUDED.status, at = EXCLUDED.at,
            sha = coalesce(EXCLUDED.sha, d.sha)
      WHERE d.at <= EXCLUDED.at AND (EXCLUDED.status <> 'running' OR d.status = 'running')`,
    [tx.tenantId, project, repository, one.key, one.environment, one.status, one.at, one.sha],
    'put_deployment',
  );
}

export interface SucceededRow {
  readonly environment: string;
  readonly at: Date;
  readonly sha: string | null;
}

/** A deployment as it is; undefined where there is none, or it did not succeed. */
export async function succeededDeployment(
  tx: TenantTx,
  { project, repository }: Where,
  key: string,
): Promise<SucceededRow | undefined> {
  const [row] = await tx.sql<SucceededRow>(
    `SELECT environment, at, sha FROM maestro.deployments
      WHERE tenant_id = $1 AND project_id = $2 AND repository = $3 AND deployment_key = $4 AND status = 'success'`,
    [tx.tenantId, project, repository, key],
    'succeeded_deployment',
  );
  return row;
}

export interface ReleaseRow {
  readonly tag: string;
  readonly at: string;
  readonly sha: string | null;
  readonly isPrerelease: boolean;
}

export async function putRelease(tx: TenantTx, { project, repository }: Where, release: ReleaseRow): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.code_releases (tenant_id, project_id, repository, tag, at, sha, is_prerelease)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (tenant_id, project_id, repository, tag) DO UPDATE
        SET at = EXCLUDED.at, sha = EXCLUDED.sha, is_prerelease = EXCLUDED.is_prerelease`,
    [tx.tenantId, project, repository, release.tag, release.at, release.sha, release.isPrerelease],
    'put_release',
  );
}

/** When the release of a tag was made; undefined where there is none, or it is a prerelease. */
export async function releasedAt(tx: TenantTx, { project, repository }: Where, tag: string): Promise<Date | undefined> {
  const [row] = await tx.sql<{ at: Date }>(
    `SELECT at FROM maestro.code_releases
      WHERE tenant_id = $1 AND project_id = $2 AND repository = $3 AND tag = $4 AND NOT is_prerelease`,
    [tx.tenantId, project, repository, tag],
    'released_at',
  );
  return row?.at;
}

export async function removeRelease(tx: TenantTx, { project, repository }: Where, tag: string): Promise<void> {
  await tx.sql(
    'DELETE FROM maestro.code_releases WHERE tenant_id = $1 AND project_id = $2 AND repository = $3 AND tag = $4',
    [tx.tenantId, project, repository, tag],
  );
}
