import type { TenantTx } from '../db/tenancy.ts';
import type { Entry } from './entry.ts';
import { missingModel } from './refusals.ts';

/** Writes the points that entries log for models. A model that is not there fails the group (each is tried alone). */
export async function insertModelPoints(
  tx: TenantTx,
  entries: readonly Entry[],
  unusableRuns: readonly string[],
): Promise<void> {
  const unusable = new Set(unusableRuns.map((run) => run.replaceAll('-', '')));
  const points = entries
    .filter(({ runId }) => !unusable.has(runId))
    .flatMap(({ runId, modelPoints }) => modelPoints.map((point) => ({ runId, ...point })));
  if (points.length === 0) return;
  const models = [...new Set(points.map(({ modelId }) => modelId))];
  const known = await tx.sql<{ model_id: string }>(
    'SELECT model_id FROM maestro.logged_models WHERE tenant_id = $1 AND model_id = ANY ($2)',
    [tx.tenantId, models],
  );
  const missing = models.find((model) => !known.some(({ model_id }) => model_id === model));
  if (missing !== undefined) throw missingModel(missing);
  await tx.sql(
    `INSERT INTO maestro.logged_model_metrics (tenant_id, model_id, key, timestamp, step, run_id, value, dataset_name,
                                               dataset_digest, experiment_id)
     SELECT $1, w.model_id, w.key, w.timestamp, w.step, w.run_id, w.value, w.dataset_name, w.dataset_digest,
            r.experiment_id
       FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::uuid[], $7::float8[], $8::text[], $9::text[])
         AS w(model_id, key, timestamp, step, run_id, value, dataset_name, dataset_digest)
      CROSS JOIN LATERAL (
        SELECT x.experiment_id FROM maestro.runs x WHERE x.tenant_id = $1 AND x.run_id = w.run_id LIMIT 1
      ) r
      ORDER BY w.model_id, w.key, w.timestamp, w.step, w.run_id
     ON CONFLICT (tenant_id, model_id, key, timestamp, step, run_id) DO NOTHING`,
    [
      tx.tenantId,
      points.map(({ modelId }) => modelId),
      points.map(({ key }) => key),
      points.map(({ timestamp }) => timestamp),
      points.map(({ step }) => step),
      points.map(({ runId }) => runId),
      points.map(({ value }) =>
        Number.isFinite(value) ? value : Number.isNaN(value) ? 0 : Math.sign(value) * Number.MAX_VALUE,
      ),
      points.map(({ datasetName }) => datasetName),
      points.map(({ datasetDigest }) => datasetDigest),
    ],
  );
}
