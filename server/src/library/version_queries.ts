import type { TenantTx } from '../db/tenancy.ts';

/** Where a version's content comes from. Run ids are 32 hex digits. */
export interface Source {
  run_id: string | null;
  /** The file or the directory of the run. */
  run_path: string | null;
  model_id: string | null;
}

export interface VersionRow extends Source {
  version: string;
  number: number;
  description: string;
  storage_path: string | null;
  /** Hex digits of the content's SHA-256, and its bytes; null where none is kept here. */
  sha256: string | null;
  size: number | null;
  file_name: string | null;
  uses: number;
  created_by: string;
  created_at: Date;
}

export interface NewVersion {
  /** Undefined: its number, or the next one that is no other version’s name. */
  readonly version: string | undefined;
  readonly description: string;
  readonly storage_path: string | null;
  readonly created_by: string;
  readonly content?: { readonly sha256: Buffer; readonly file_name: string };
  readonly source?: Source;
}

/** The first number from `number` on that no version is called: there are fewer of them than `number`. */
async function freeName(tx: TenantTx, artifact: string, number: number): Promise<string | undefined> {
  const [free] = await tx.sql<{ name: string }>(
    `SELECT n::text AS name FROM generate_series($3::integer, 2 * $3::integer) AS n
      WHERE NOT EXISTS (SELECT 1 FROM maestro.artifact_versions v
                         WHERE v.tenant_id = $1 AND v.artifact_id = $2 AND v.version = n::text)
      ORDER BY n LIMIT 1`,
    [tx.tenantId, artifact, number],
    'free_version_name',
  );
  return free?.name;
}

/** Gives what it is called; undefined where the artifact has one of this name. Whoever calls has locked the artifact. */
export async function insertVersion(tx: TenantTx, artifact: string, given: NewVersion): Promise<string | undefined> {
  const { source, content } = given;
  const [counted] = await tx.sql<{ number: number }>(
    `UPDATE maestro.artifacts SET versions = versions + 1, updated_at = now()
      WHERE tenant_id = $1 AND artifact_id = $2 RETURNING versions AS number`,
    [tx.tenantId, artifact],
    'count_artifact_version',
  );
  const number = counted?.number ?? 1;
  const [row] = await tx.sql<{ version: string }>(
    `INSERT INTO maestro.artifact_versions (tenant_id, artifact_id, version, number, description, storage_path, created_by,
                                            sha256, file_name, run_id, run_path, model_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::uuid, $11, $12)
     ON CONFLICT (tenant_id, artifact_id, version) DO NOTHING RETURNING version`,
    [
      tx.tenantId,
      artifact,
      given.version ?? (await freeName(tx, artifact, number)),
      number,
      given.description,
      given.storage_path,
      given.created_by,
      content?.sha256 ?? null,
      content?.file_name ?? null,
      source?.run_id ?? null,
      source?.run_path ?? null,
      source?.model_id ?? null,
    ],
    'insert_artifact_version',
  );
  return row?.version;
}

const columns = `v.version, v.number, v.description, v.storage_path, encode(v.sha256, 'hex') AS sha256, c.size, v.file_name,
  replace(v.run_id::text, '-', '') AS run_id, v.run_path, v.model_id,
  (SELECT count(*) FROM maestro.artifact_usages u
    WHERE u.tenant_id = $1 AND u.artifact_id = v.artifact_id AND u.version = v.version) AS uses,
  v.created_by, v.created_at`;
const source = `maestro.artifact_versions v
  LEFT JOIN maestro.artifact_contents c ON c.tenant_id = $1 AND c.sha256 = v.sha256`;

export async function findVersion(tx: TenantTx, artifact: string, version: string): Promise<VersionRow | undefined> {
  const [row] = await tx.sql<VersionRow>(
    `SELECT ${columns} FROM ${source} WHERE v.tenant_id = $1 AND v.artifact_id = $2 AND v.version = $3`,
    [tx.tenantId, artifact, version],
    'artifact_version',
  );
  return row;
}

/** The newest first, from before `number`. */
export function listVersions(tx: TenantTx, artifact: string, before: number, limit: number): Promise<VersionRow[]> {
  return tx.sql<VersionRow>(
    `SELECT ${columns} FROM ${source}
      WHERE v.tenant_id = $1 AND v.artifact_id = $2 AND v.number < $3 ORDER BY v.number DESC LIMIT $4`,
    [tx.tenantId, artifact, before, limit],
    'artifact_versions',
  );
}

/** Locks a version, whose content is given once. */
export async function lockVersion(
  tx: TenantTx,
  artifact: string,
  version: string,
): Promise<{ sha256: Buffer | null; storage_path: string | null } | undefined> {
  const [row] = await tx.sql<{ sha256: Buffer | null; storage_path: string | null }>(
    `SELECT sha256, storage_path FROM maestro.artifact_versions
      WHERE tenant_id = $1 AND artifact_id = $2 AND version = $3 FOR UPDATE`,
    [tx.tenantId, artifact, version],
    'lock_artifact_version',
  );
  return row;
}

export async function setContent(
  tx: TenantTx,
  artifact: string,
  version: string,
  { sha256, file_name }: { sha256: Buffer; file_name: string },
): Promise<void> {
  await tx.sql(
    `UPDATE maestro.artifact_versions SET sha256 = $4, file_name = $5
      WHERE tenant_id = $1 AND artifact_id = $2 AND version = $3`,
    [tx.tenantId, artifact, version, sha256, file_name],
    'set_artifact_content',
  );
}

export async function findContent(
  tx: TenantTx,
  artifact: string,
  version: string,
): Promise<{ blob_id: string | null; file_name: string | null; storage_path: string | null } | undefined> {
  const [row] = await tx.sql<{ blob_id: string | null; file_name: string | null; storage_path: string | null }>(
    `SELECT c.blob_id, v.file_name, v.storage_path FROM ${source}
      WHERE v.tenant_id = $1 AND v.artifact_id = $2 AND v.version = $3`,
    [tx.tenantId, artifact, version],
    'artifact_content',
  );
  return row;
}
