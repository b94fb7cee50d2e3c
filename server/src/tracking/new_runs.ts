import { int8Array } from '../db/arrays.ts';
import type { TenantTx } from '../db/tenancy.ts';
import type { KeyValue } from './entry.ts';
import type { Outcome } from './group_commit.ts';
import { inactiveExperiment, missingExperiment } from './refusals.ts';

/** A run to be created. Ids are 32 hex digits; `startTime` in milliseconds. */
export interface NewRun {
  readonly runId: string;
  readonly experimentId: number;
  readonly name: string;
  readonly userId: string;
  readonly startTime: number;
  /** One for each key. */
  readonly tags: readonly KeyValue[];
}

/** Creates runs in one statement, the last of the transaction. A run of an experiment that is missing or deleted fails alone. */
export async function createRunsInExperiments(
  tx: TenantTx,
  runs: readonly NewRun[],
): Promise<Outcome<{ artifactLocation: string }>[]> {
  const tags = runs.flatMap(({ runId, experimentId, tags: own }) =>
    own.map((tag) => ({ runId, experimentId, ...tag })),
  );
  const experiments = await tx.last<{ experiment_id: number; lifecycle_stage: string; artifact_location: string }>(
    `SELECT * FROM maestro.create_runs($1, $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::uuid[],
                                       $8::bigint[], $9::text[], $10::text[])`,
    [
      tx.tenantId,
      runs.map(({ runId }) => runId),
      int8Array(runs.map(({ experimentId }) => experimentId)),
      runs.map(({ name }) => name),
      runs.map(({ userId }) => userId),
      int8Array(runs.map(({ startTime }) => startTime)),
      tags.map(({ runId }) => runId),
      int8Array(tags.map(({ experimentId }) => experimentId)),
      tags.map(({ key }) => key),
      tags.map(({ value }) => value),
    ],
    'create_runs',
  );
  const byId = new Map(experiments.map((experiment) => [experiment.experiment_id, experiment]));
  return runs.map(({ experimentId }) => {
    const experiment = byId.get(experimentId);
    if (!experiment) return { error: missingExperiment(experimentId) };
    if (experiment.lifecycle_stage !== 'active') {
      return {
        error: inactiveExperiment(experimentId, experiment.lifecycle_stage),
      };
    }
    return { result: { artifactLocation: experiment.artifact_location } };
  });
}
