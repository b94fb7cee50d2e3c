import Type from 'typebox';
import type { TenantTx } from '../../db/tenancy.ts';
import { defineOperation } from '../../operation.ts';
import { knownRuns } from '../history/queries.ts';
import { missingRun } from '../refusals.ts';
import { RunId } from '../runs/operations.ts';
import { findRunDatasets, findRunModels } from './queries.ts';

/** Characters of a dataset's schema and profile that an answer holds: they may be megabytes, and are for people. */
const textMax = 100_000;
const text = Type.Union([Type.String(), Type.Null()], {
  description: `Its first ${textMax} characters; null for none.`,
});
const ById = Type.Object({ run_id: RunId });
const ModelLink = Type.Object({ model_id: Type.String(), step: Type.Integer() });

async function checkRun(tx: TenantTx, runId: string): Promise<void> {
  if (!(await knownRuns(tx, [runId])).has(runId)) throw missingRun(runId);
}

/** What a run read. The models need not exist. */
export const getRunInputs = defineOperation({
  name: 'run.get_inputs',
  permission: 'run:read',
  input: ById,
  on: ({ run_id }) => ({ run: run_id }),
  output: Type.Object({
    datasets: Type.Array(
      Type.Object({
        name: Type.String(),
        digest: Type.String(),
        source_type: Type.String(),
        source: text,
        schema: text,
        profile: text,
        tags: Type.Record(Type.String(), Type.String(), {
          description: 'Of this use: mlflow.data.context says what for.',
        }),
      }),
      { description: 'In the order in which they were logged, the first 1,000.' },
    ),
    models: Type.Array(ModelLink),
  }),
  async run({ tx }, { run_id: runId }) {
    await checkRun(tx, runId);
    return {
      datasets: await findRunDatasets(tx, runId, textMax),
      models: await findRunModels(tx, runId, 'input'),
    };
  },
});

/** The models that a run wrote. */
export const getRunOutputs = defineOperation({
  name: 'run.get_outputs',
  permission: 'run:read',
  input: ById,
  on: ({ run_id }) => ({ run: run_id }),
  output: Type.Object({ models: Type.Array(ModelLink) }),
  async run({ tx }, { run_id: runId }) {
    await checkRun(tx, runId);
    return { models: await findRunModels(tx, runId, 'output') };
  },
});
