import type { TenantTx } from '../db/tenancy.ts';
import { readUse } from '../limits/queries.ts';
import { nextNumber } from '../tracking/experiments/queries.ts';
import type { Outcome } from './outcomes.ts';
import type { Report } from './report.ts';
import type { TaughtModel } from './training.ts';

/** The newest versions are kept, and of those before them what predictions name, up to so many in all. */
const versionsKept = 20;
const versionsMax = 120;

const counter = 'insight_training';

/** How many trainings have written something. */
export const trainingsOf = (tx: TenantTx): Promise<number> => readUse(tx, counter);

/** Counts a training that writes, and gives how many there are. Those that write wait for one another here. */
export const countTraining = (tx: TenantTx): Promise<number> => nextNumber(tx, counter);

export interface CurrentVersion {
  version: number;
  data_hash: Buffer;
  trained_at: Date;
}

export async function currentVersion(tx: TenantTx): Promise<CurrentVersion | undefined> {
  const [row] = await tx.sql<CurrentVersion>(
    `SELECT version, data_hash, trained_at FROM maestro.insight_models WHERE tenant_id = $1
      ORDER BY version DESC LIMIT 1`,
    [tx.tenantId],
    'current_insight_version',
  );
  return row;
}

export interface ModelRow {
  outcome: Outcome;
  projects: string[];
  model: Buffer;
}

export const modelsOf = (tx: TenantTx, version: number): Promise<ModelRow[]> =>
  tx.sql<ModelRow>(
    'SELECT outcome, projects, model FROM maestro.insight_models WHERE tenant_id = $1 AND version = $2',
    [tx.tenantId, version],
    'insight_models',
  );

/**
 * Adds a version, after `countTraining`, unless the one in use was learned from the same data; old ones go, as far as no
 * prediction names them or more are named than are kept. Gives its number, undefined where it was not added, and the one
 * that was in use before.
 */
export async function insertModels(
  tx: TenantTx,
  hash: Buffer,
  models: readonly TaughtModel[],
): Promise<{ version: number | undefined; before: number | undefined }> {
  const current = await currentVersion(tx);
  const before = current?.version;
  if (current?.data_hash.equals(hash)) return { version: undefined, before };
  const version = await nextNumber(tx, 'insight_model');
  for (const { outcome, projects, model, report } of models) {
    await tx.sql(
      `INSERT INTO maestro.insight_models (tenant_id, version, outcome, trained_at, data_hash, projects, model, report)
       VALUES ($1, $2, $3, now(), $4, $5, $6, $7)`,
      [tx.tenantId, version, outcome, hash, projects, model, report],
      'insert_insight_model',
    );
  }
  await tx.sql(
    `DELETE FROM maestro.insight_models m WHERE m.tenant_id = $1 AND m.version <= $2::integer
        AND (NOT EXISTS (SELECT FROM maestro.predictions p WHERE p.tenant_id = $1 AND p.model_version = m.version)
             OR m.version <= (SELECT DISTINCT n.version FROM maestro.insight_models n WHERE n.tenant_id = $1
                               ORDER BY n.version DESC OFFSET $3 LIMIT 1))`,
    [tx.tenantId, version - versionsKept, versionsMax],
    'delete_old_insight_models',
  );
  return { version, before };
}

export async function deleteModels(tx: TenantTx): Promise<void> {
  await tx.sql('DELETE FROM maestro.insight_models WHERE tenant_id = $1', [tx.tenantId], 'delete_insight_models');
}

export interface ReportRow {
  version: number;
  outcome: Outcome;
  trained_at: Date;
  report: Report;
}

export const reportsOf = (tx: TenantTx, version: number): Promise<ReportRow[]> =>
  tx.sql<ReportRow>(
    `SELECT version, outcome, trained_at, report FROM maestro.insight_models WHERE tenant_id = $1 AND version = $2`,
    [tx.tenantId, version],
    'insight_reports',
  );

/** What lists tell of a model. */
export interface VersionRow {
  version: number;
  trained_at: Date;
  outcomes: {
    outcome: Outcome;
    rows: number;
    is_thin: boolean;
    errors: Report['errors'];
    intervals: Report['intervals'];
  }[];
}

/** Versions below one, the newest first. */
export const versionsBelow = (tx: TenantTx, version: number | undefined, limit: number): Promise<VersionRow[]> =>
  tx.sql<VersionRow>(
    `SELECT version, min(trained_at) AS trained_at,
            json_agg(json_build_object('outcome', outcome, 'rows', report->'rows', 'is_thin', report->'is_thin',
                                       'errors', report->'errors', 'intervals', report->'intervals')
                     ORDER BY outcome) AS outcomes
       FROM maestro.insight_models WHERE tenant_id = $1 AND ($2::integer IS NULL OR version < $2)
      GROUP BY version ORDER BY version DESC LIMIT $3`,
    [tx.tenantId, version ?? null, limit],
    'insight_versions',
  );
