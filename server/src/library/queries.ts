import type { Impact } from '@maestro/insight/impact';
import type { TenantTx } from '../db/tenancy.ts';
import { isUniqueViolation } from '../identity/tenants.ts';

/** What callers say of an artifact. */
export interface ArtifactFields {
  name: string;
  type: string;
  description: string;
  tags: string[];
}

/** What is estimated, and when that was (ISO 8601). */
export type StoredImpact = Impact & { readonly computed_at: string };

export interface ArtifactRow extends ArtifactFields {
  artifact_id: string;
  is_active: boolean;
  deprecation_reason: string | null;
  /** The newest by time; null where it has none. */
  latest_version: string | null;
  uses: number;
  avg_impact_score: number | null;
  impact_projects: number;
  /** Null: no finished project has used it. */
  impact: StoredImpact | null;
  created_by: string;
  created_at: Date;
  updated_at: Date;
}

/** The columns of `artifacts a`; the tenant is $1. */
export const artifactColumns = `a.artifact_id, a.name, a.type, a.description, a.tags, a.is_active, a.deprecation_reason,
  (SELECT v.version FROM maestro.artifact_versions v
    WHERE v.tenant_id = $1 AND v.artifact_id = a.artifact_id ORDER BY v.number DESC LIMIT 1) AS latest_version,
  a.uses, a.avg_impact_score, a.impact_projects, a.impact, a.created_by, a.created_at, a.updated_at`;

/** Gives its id; undefined where the name is taken. */
export async function insertArtifact(
  tx: TenantTx,
  { name, type, description, tags }: ArtifactFields,
  createdBy: string,
): Promise<string | undefined> {
  const [row] = await tx.sql<{ artifact_id: string }>(
    `INSERT INTO maestro.artifacts (tenant_id, name, type, description, tags, created_by) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (tenant_id, name) DO NOTHING RETURNING artifact_id`,
    [tx.tenantId, name, type, description, tags, createdBy],
    'insert_artifact',
  );
  return row?.artifact_id;
}

/** In the order of `ids`; what is not there is left out. */
export async function findArtifacts(tx: TenantTx, ids: readonly string[]): Promise<ArtifactRow[]> {
  const rows = await tx.sql<ArtifactRow>(
    `SELECT ${artifactColumns} FROM maestro.artifacts a WHERE a.tenant_id = $1 AND a.artifact_id = ANY ($2::uuid[])`,
    [tx.tenantId, ids],
    'artifacts',
  );
  const byId = new Map(rows.map((row) => [row.artifact_id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** Locks it: what it is found by, and its versions' numbers, change in turn. */
export async function lockArtifact(tx: TenantTx, id: string): Promise<ArtifactFields | undefined> {
  const [row] = await tx.sql<ArtifactFields>(
    `SELECT name, type, description, tags FROM maestro.artifacts WHERE tenant_id = $1 AND artifact_id = $2 FOR UPDATE`,
    [tx.tenantId, id],
    'lock_artifact',
  );
  return row;
}

/** False where the name is another one's: the transaction has then failed. */
export async function updateArtifact(tx: TenantTx, id: string, fields: ArtifactFields): Promise<boolean> {
  const { name, type, description, tags } = fields;
  try {
    await tx.sql(
      `UPDATE maestro.artifacts SET name = $3, type = $4, description = $5, tags = $6, updated_at = now()
        WHERE tenant_id = $1 AND artifact_id = $2`,
      [tx.tenantId, id, name, type, description, tags],
      'update_artifact',
    );
    return true;
  } catch (error) {
    if (isUniqueViolation(error)) return false;
    throw error;
  }
}

/** `reason`: why it is not to be used any more. */
export async function setActive(tx: TenantTx, id: string, isActive: boolean, reason: string | null): Promise<void> {
  await tx.sql(
    `UPDATE maestro.artifacts SET is_active = $3, deprecation_reason = $4, updated_at = now()
      WHERE tenant_id = $1 AND artifact_id = $2`,
    [tx.tenantId, id, isActive, reason],
  );
}

export async function deleteArtifact(tx: TenantTx, id: string): Promise<void> {
  await tx.sql('DELETE FROM maestro.artifacts WHERE tenant_id = $1 AND artifact_id = $2', [tx.tenantId, id]);
}
