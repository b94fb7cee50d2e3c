import { build, type TenantTx } from '../db/tenancy.ts';
import { placeOf } from '../files/paths.ts';
import { findModelArtifactUri, findRunArtifactUri } from '../files/queries.ts';
import { isUuid } from '../uuid.ts';

export async function experimentNamed(tx: TenantTx, name: string): Promise<number | undefined> {
  const row = await tx.first(
    build
      .selectFrom('experiments')
      .select('experiment_id')
      .where('tenant_id', '=', tx.tenantId)
      .where('name', '=', name),
  );
  return row?.experiment_id;
}

export async function experimentExists(tx: TenantTx, id: number): Promise<boolean> {
  const row = await tx.first(
    build
      .selectFrom('experiments')
      .select('experiment_id')
      .where('tenant_id', '=', tx.tenantId)
      .where('experiment_id', '=', id),
  );
  return row !== undefined;
}

export async function projectExists(tx: TenantTx, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  const row = await tx.first(
    build.selectFrom('projects').select('project_id').where('tenant_id', '=', tx.tenantId).where('project_id', '=', id),
  );
  return row !== undefined;
}

/** The experiments of projects. */
export async function experimentsOfProjects(tx: TenantTx, projects: readonly string[]): Promise<number[]> {
  const rows = await tx.sql<{ experiment_id: number }>(
    `SELECT experiment_id FROM maestro.project_experiments
      WHERE tenant_id = $1 AND project_id = ANY ($2::uuid[])`,
    [tx.tenantId, projects.filter((project) => isUuid(project))],
    'experiments_of_projects',
  );
  return rows.map(({ experiment_id }) => experiment_id);
}

export async function projectOfExperiment(tx: TenantTx, experiment: number): Promise<string | undefined> {
  const row = await tx.first(
    build
      .selectFrom('project_experiments')
      .select('project_id')
      .where('tenant_id', '=', tx.tenantId)
      .where('experiment_id', '=', experiment),
  );
  return row?.project_id;
}

const hexId = /^[0-9a-f]{32}$/;

/** The experiment of each run that is there, by the run's 32 hex digits. */
export async function experimentsOfRuns(tx: TenantTx, runs: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.sql<{ run_id: string; experiment_id: number }>(
    `SELECT replace(run_id::text, '-', '') AS run_id, experiment_id FROM maestro.runs
      WHERE tenant_id = $1 AND run_id = ANY ($2::uuid[])`,
    [tx.tenantId, runs.filter((run) => hexId.test(run))],
    'experiments_of_runs',
  );
  return new Map(rows.map((row) => [row.run_id, row.experiment_id]));
}

/** The experiment of each logged model that is there, deleted ones too. */
export async function experimentsOfModels(
  tx: TenantTx,
  models: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.sql<{ model_id: string; experiment_id: number }>(
    'SELECT model_id, experiment_id FROM maestro.logged_models WHERE tenant_id = $1 AND model_id = ANY ($2)',
    [tx.tenantId, models],
    'experiments_of_models',
  );
  return new Map(rows.map((row) => [row.model_id, row.experiment_id]));
}

/** The experiment that a saved view is of; undefined for a view of none, and for one that is not there. */
export async function experimentOfView(tx: TenantTx, view: string, maker: string): Promise<number | undefined> {
  const rows = await tx.sql<{ experiment_id: number }>(
    `SELECT experiment_id FROM maestro.saved_views
      WHERE tenant_id = $1 AND view_id = $2 AND experiment_id IS NOT NULL AND (is_shared OR created_by = $3)`,
    [tx.tenantId, view, maker],
    'experiment_of_view',
  );
  return rows[0]?.experiment_id;
}

const isBelow = (path: string, uri: string | undefined): boolean => {
  if (uri === undefined) return false;
  try {
    const place = placeOf(uri);
    return place !== '' && (path === place || path.startsWith(`${place}/`));
  } catch {
    // Its files are kept elsewhere: no path of ours leads there.
    return false;
  }
};

/**
 * The run or model whose files a canonical path leads to: named in the path, and keeping its files at its beginning.
 * Undefined for every other path.
 */
export async function runOfPath(
  tx: TenantTx,
  path: string,
): Promise<{ experiment: number; model?: string } | undefined> {
  const [, model, run] = /(?:^|\/)(?:models\/(m-[0-9a-f]{32})|([0-9a-f]{32}))\/artifacts(?:\/|$)/.exec(path) ?? [];
  if (model !== undefined) {
    const experiment = (await experimentsOfModels(tx, [model])).get(model);
    const isOwn = experiment !== undefined && isBelow(path, await findModelArtifactUri(tx, model));
    return isOwn ? { experiment, model } : undefined;
  }
  if (run === undefined) return undefined;
  const experiment = (await experimentsOfRuns(tx, [run])).get(run);
  const isOwn = experiment !== undefined && isBelow(path, await findRunArtifactUri(tx, run));
  return isOwn ? { experiment } : undefined;
}
