import type { TenantTx } from '../db/tenancy.ts';
import type { Where } from './commit_queries.ts';

/**
 * Records when the oldest commit on a branch was written, of what is known so far. `isNew`: what is known was of another
 * branch of this name.
 */
export async function putBranch(
  tx: TenantTx,
  where: Where,
  branch: string,
  firstCommitAt: string,
  isNew: boolean,
): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.code_branches AS b (tenant_id, project_id, repository, branch, first_commit_at)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (tenant_id, project_id, repository, branch) DO UPDATE
        SET first_commit_at = CASE WHEN $6 THEN EXCLUDED.first_commit_at
                                   ELSE least(b.first_commit_at, EXCLUDED.first_commit_at) END`,
    [tx.tenantId, where.project, where.repository, branch, firstCommitAt, isNew],
    'put_branch',
  );
  await noteFirstCommit(tx, where, branch);
}

export async function removeBranch(tx: TenantTx, { project, repository }: Where, branch: string): Promise<void> {
  await tx.sql(
    'DELETE FROM maestro.code_branches WHERE tenant_id = $1 AND project_id = $2 AND repository = $3 AND branch = $4',
    [tx.tenantId, project, repository, branch],
  );
}

/**
 * Tells changes of a branch when their first commit was written. A change has one before it is opened: where the branch's
 * is later, the change was of an earlier branch of this name. What was written before one of them was merged is no more of
 * the branch, which may go on: the next change of it begins with what comes then.
 */
export async function noteFirstCommit(tx: TenantTx, { project, repository }: Where, branch: string): Promise<void> {
  const values = [tx.tenantId, project, repository, branch];
  await tx.sql(
    `UPDATE maestro.code_changes c SET first_commit_at = b.first_commit_at
       FROM maestro.code_branches b
      WHERE c.tenant_id = $1 AND c.project_id = $2 AND c.repository = $3 AND c.branch = $4
        AND b.tenant_id = $1 AND b.project_id = $2 AND b.repository = $3 AND b.branch = $4
        AND b.first_commit_at <= c.opened_at AND (c.first_commit_at IS NULL OR c.first_commit_at > b.first_commit_at)`,
    values,
    'note_first_commit',
  );
  await tx.sql(
    `DELETE FROM maestro.code_branches b
      WHERE b.tenant_id = $1 AND b.project_id = $2 AND b.repository = $3 AND b.branch = $4
        AND EXISTS (SELECT 1 FROM maestro.code_changes c
                     WHERE c.tenant_id = $1 AND c.project_id = $2 AND c.repository = $3 AND c.branch = $4
                       AND c.merged_at >= b.first_commit_at)`,
    values,
    'end_merged_branch',
  );
}
