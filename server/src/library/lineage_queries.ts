import type { TenantTx } from '../db/tenancy.ts';
import type { Source } from './version_queries.ts';

/** The run that a logged model says it is of, as 32 hex digits. */
export async function findModelOrigin(tx: TenantTx, model: string): Promise<string | null> {
  const [row] = await tx.sql<{ run: string | null }>(
    'SELECT source_run_id AS run FROM maestro.logged_models WHERE tenant_id = $1 AND model_id = $2',
    [tx.tenantId, model],
    'artifact_model_origin',
  );
  return row?.run && /^[0-9a-f]{32}$/.test(row.run) ? row.run : null;
}

export interface OriginRow extends Source {
  version: string;
  run_name: string | null;
  experiment_id: number | null;
  experiment_name: string | null;
  project_id: string | null;
  project_name: string | null;
}

/** Where each version comes from, the newest first: its run, the run's experiment, and whose project that is. */
export function originsOf(tx: TenantTx, artifact: string, limit: number): Promise<OriginRow[]> {
  return tx.sql<OriginRow>(
    `SELECT v.version, replace(v.run_id::text, '-', '') AS run_id, v.run_path, v.model_id, r.name AS run_name,
            r.experiment_id, e.name AS experiment_name, p.project_id, p.name AS project_name
       FROM maestro.artifact_versions v
       LEFT JOIN maestro.runs r ON r.tenant_id = $1 AND r.run_id = v.run_id
       LEFT JOIN maestro.experiments e ON e.tenant_id = $1 AND e.experiment_id = r.experiment_id
       LEFT JOIN maestro.project_experiments x ON x.tenant_id = $1 AND x.experiment_id = r.experiment_id
       LEFT JOIN maestro.projects p ON p.tenant_id = $1 AND p.project_id = x.project_id
      WHERE v.tenant_id = $1 AND v.artifact_id = $2 ORDER BY v.number DESC LIMIT $3`,
    [tx.tenantId, artifact, limit],
    'artifact_origins',
  );
}

export interface ProjectArtifact {
  artifact_id: string;
  name: string;
  type: string;
  version: string;
  /** When it was made of a run of the project, or first used in it. */
  at: Date;
}

/** Versions that were promoted from runs of a project, the newest first. */
export function producedBy(tx: TenantTx, project: string, limit: number): Promise<(ProjectArtifact & Source)[]> {
  return tx.sql(
    `SELECT a.artifact_id, a.name, a.type, v.version, v.created_at AS at, replace(v.run_id::text, '-', '') AS run_id,
            v.run_path, v.model_id
       FROM maestro.artifact_versions v
       JOIN maestro.artifacts a ON a.tenant_id = $1 AND a.artifact_id = v.artifact_id
       JOIN maestro.runs r ON r.tenant_id = $1 AND r.run_id = v.run_id
       JOIN maestro.project_experiments x ON x.tenant_id = $1 AND x.experiment_id = r.experiment_id
      WHERE v.tenant_id = $1 AND v.run_id IS NOT NULL AND x.project_id = $2
      ORDER BY v.created_at DESC, a.artifact_id LIMIT $3`,
    [tx.tenantId, project, limit],
    'project_artifacts_produced',
  );
}

/** Versions that a project uses, the newest use first. */
export function usedBy(tx: TenantTx, project: string, limit: number): Promise<ProjectArtifact[]> {
  return tx.sql(
    `SELECT a.artifact_id, a.name, a.type, u.version, u.used_at AS at
       FROM maestro.artifact_usages u
       JOIN maestro.artifacts a ON a.tenant_id = $1 AND a.artifact_id = u.artifact_id
      WHERE u.tenant_id = $1 AND u.project_id = $2 ORDER BY u.used_at DESC, a.artifact_id LIMIT $3`,
    [tx.tenantId, project, limit],
    'project_artifacts_used',
  );
}
