import type { TenantTx } from '../db/tenancy.ts';

/** Notes a file before it is written: no content has it yet. */
export async function insertLeftover(tx: TenantTx, blob: string): Promise<void> {
  await tx.sql(
    'INSERT INTO maestro.artifact_leftovers (tenant_id, blob_id) VALUES ($1, $2)',
    [tx.tenantId, blob],
    'insert_artifact_leftover',
  );
}

/** Notes no more a file that a content now has. False where it is being removed, or gone. */
export async function keepLeftover(tx: TenantTx, blob: string): Promise<boolean> {
  const rows = await tx.sql(
    `DELETE FROM maestro.artifact_leftovers
      WHERE tenant_id = $1 AND blob_id = $2 AND removal_began_at IS NULL RETURNING 1`,
    [tx.tenantId, blob],
    'keep_artifact_leftover',
  );
  return rows.length > 0;
}

/** Notes files no more that are removed. */
export async function deleteLeftovers(tx: TenantTx, blobs: readonly string[]): Promise<void> {
  await tx.sql(
    'DELETE FROM maestro.artifact_leftovers WHERE tenant_id = $1 AND blob_id = ANY ($2::uuid[])',
    [tx.tenantId, blobs],
    'delete_artifact_leftovers',
  );
}

/**
 * Claims files for removal: noted before `since`, which is longer ago than any upload takes, and claimed by nobody else
 * after `claimed`.
 */
export async function claimLeftovers(
  tx: TenantTx,
  before: { since: Date; claimed: Date },
  now: Date,
  limit: number,
): Promise<string[]> {
  const rows = await tx.sql<{ blob_id: string }>(
    `UPDATE maestro.artifact_leftovers SET removal_began_at = $4
      WHERE tenant_id = $1 AND blob_id IN (
        SELECT blob_id FROM maestro.artifact_leftovers
         WHERE tenant_id = $1 AND since < $2 AND (removal_began_at IS NULL OR removal_began_at < $3)
         ORDER BY since LIMIT $5 FOR UPDATE SKIP LOCKED)
      RETURNING blob_id`,
    [tx.tenantId, before.since, before.claimed, now, limit],
    'claim_artifact_leftovers',
  );
  return rows.map(({ blob_id }) => blob_id);
}

/** Claims one file for removal. False where it is noted no more: a content has it, or another removed it. */
export async function claimLeftover(tx: TenantTx, blob: string, now: Date): Promise<boolean> {
  const rows = await tx.sql(
    `UPDATE maestro.artifact_leftovers SET removal_began_at = $3 WHERE tenant_id = $1 AND blob_id = $2 RETURNING 1`,
    [tx.tenantId, blob, now],
    'claim_artifact_leftover',
  );
  return rows.length > 0;
}

/**
 * Makes a file the content of its digest, unless there is one. Gives the file that is. The row is then locked: nobody
 * removes it before this transaction has said who uses it; one that is being removed is waited for, and made again.
 */
export async function keepContent(tx: TenantTx, sha256: Buffer, size: number, blob: string): Promise<string> {
  const [row] = await tx.sql<{ blob_id: string }>(
    `INSERT INTO maestro.artifact_contents AS c (tenant_id, sha256, size, blob_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, sha256) DO UPDATE SET size = c.size RETURNING blob_id`,
    [tx.tenantId, sha256, size, blob],
    'keep_artifact_content',
  );
  return row!.blob_id;
}

/** Whether a file is the content of its digest. */
export async function isContent(tx: TenantTx, sha256: Buffer, blob: string): Promise<boolean> {
  const rows = await tx.sql(
    'SELECT 1 FROM maestro.artifact_contents WHERE tenant_id = $1 AND sha256 = $2 AND blob_id = $3',
    [tx.tenantId, sha256, blob],
    'is_artifact_content',
  );
  return rows.length > 0;
}

/** The digests of an artifact's contents. */
export async function digestsOf(tx: TenantTx, artifact: string): Promise<Buffer[]> {
  const rows = await tx.sql<{ sha256: Buffer }>(
    `SELECT DISTINCT sha256 FROM maestro.artifact_versions
      WHERE tenant_id = $1 AND artifact_id = $2 AND sha256 IS NOT NULL`,
    [tx.tenantId, artifact],
  );
  return rows.map(({ sha256 }) => sha256);
}

/**
 * Removes those of the contents that no version has any more, and notes their files. Gives these. Two statements: who
 * kept a content meanwhile is waited for by the first, and seen by the second.
 */
export async function dropContents(tx: TenantTx, digests: readonly Buffer[]): Promise<string[]> {
  if (digests.length === 0) return [];
  await tx.sql(
    `SELECT 1 FROM maestro.artifact_contents WHERE tenant_id = $1 AND sha256 = ANY ($2::bytea[])
      ORDER BY sha256 FOR UPDATE`,
    [tx.tenantId, digests],
  );
  const rows = await tx.sql<{ blob_id: string }>(
    `WITH gone AS (
       DELETE FROM maestro.artifact_contents c WHERE c.tenant_id = $1 AND c.sha256 = ANY ($2::bytea[])
          AND NOT EXISTS (SELECT 1 FROM maestro.artifact_versions v WHERE v.tenant_id = $1 AND v.sha256 = c.sha256)
       RETURNING c.blob_id)
     INSERT INTO maestro.artifact_leftovers (tenant_id, blob_id) SELECT $1, blob_id FROM gone RETURNING blob_id`,
    [tx.tenantId, digests],
  );
  return rows.map(({ blob_id }) => blob_id);
}
