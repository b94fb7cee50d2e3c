import type { TenantTx } from '../db/tenancy.ts';
import { defaultArtifactUri, uuidOf } from '../tracking/search/run_predicates.ts';

/** Where the files of a run are; undefined where there is no such run. `runId` is 32 hex digits. */
export async function findRunArtifactUri(tx: TenantTx, runId: string): Promise<string | undefined> {
  const id = uuidOf(runId);
  if (id === undefined) return undefined;
  const [run] = await tx.sql<{ artifact_uri: string }>(
    `SELECT coalesce(r.artifact_uri, ${defaultArtifactUri('r')}) AS artifact_uri
       FROM maestro.runs r WHERE r.tenant_id = $1 AND r.run_id = $2`,
    [tx.tenantId, id],
    'run_artifact_uri',
  );
  return run?.artifact_uri;
}

/** Where the files of a logged model are; undefined where there is none, or where it is deleted. */
export async function findModelArtifactUri(tx: TenantTx, modelId: string): Promise<string | undefined> {
  const [model] = await tx.sql<{ artifact_location: string }>(
    `SELECT artifact_location FROM maestro.logged_models
      WHERE tenant_id = $1 AND model_id = $2 AND lifecycle_stage = 'active'`,
    [tx.tenantId, modelId],
    'model_artifact_uri',
  );
  return model?.artifact_location;
}
