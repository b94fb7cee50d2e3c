import Type from 'typebox';
import { invalid } from '../../errors.ts';
import { defineOperation } from '../../operation.ts';
import { ExperimentId, KeyValueSchema } from '../experiments/operations.ts';
import { checkLength } from '../limits.ts';
import { lockActive as lockActiveRun, RunId } from '../runs/operations.ts';
import { setRunTag } from '../runs/queries.ts';
import { grantedAmong } from '../scope.ts';
import { modelHistoryTag, withModel } from './model_history.ts';
import * as queries from './queries.ts';

/** Lengths in code points. */
const lengths = {
  name: 500,
  digest: 36,
  source_type: 36,
  source: 65_535,
  schema: 1_048_575,
  profile: 16_777_215,
} as const;
const tagKeyLength = 255;
const tagValueLength = 500;
const modelIdLength = 36;

const DatasetSchema = Type.Object({
  name: Type.String(),
  digest: Type.String(),
  source_type: Type.String(),
  source: Type.String(),
  schema: Type.Optional(Type.String()),
  profile: Type.Optional(Type.String()),
});

const Step = Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER });

function checkDatasetInput({ dataset, tags }: queries.DatasetInput): void {
  for (const field of ['name', 'digest', 'source_type', 'source', 'schema', 'profile'] as const) {
    checkLength(dataset[field] ?? '', lengths[field], field);
  }
  for (const { key, value } of tags) {
    checkLength(key, tagKeyLength, 'key');
    checkLength(value, tagValueLength, 'value');
  }
  if (new Set(tags.map(({ key }) => key)).size < tags.length) {
    throw invalid(`The input of dataset '${dataset.name}' has a tag key twice.`, 'tags');
  }
}

/** One for each name and digest, the first. */
function distinctInputs(inputs: readonly queries.DatasetInput[]): queries.DatasetInput[] {
  const found = new Map<string, queries.DatasetInput>();
  for (const input of inputs) {
    const identity = JSON.stringify([input.dataset.name, input.dataset.digest]);
    if (!found.has(identity)) found.set(identity, input);
  }
  return [...found.values()];
}

export const logInputs = defineOperation({
  name: 'run.log_inputs',
  permission: 'run:write',
  input: Type.Object({
    run_id: RunId,
    datasets: Type.Array(Type.Object({ dataset: DatasetSchema, tags: Type.Array(KeyValueSchema) })),
    models: Type.Array(Type.Object({ model_id: Type.String() })),
  }),
  on: ({ run_id }) => ({ run: run_id }),
  output: Type.Null(),
  /** Repeats are harmless: a dataset's first record and an input's first tags stay. Models need not exist. */
  async run({ tx }, { run_id: runId, datasets, models }) {
    for (const input of datasets) checkDatasetInput(input);
    for (const { model_id: id } of models) checkLength(id, modelIdLength, 'model_id');
    const run = await lockActiveRun(tx, runId);
    const inputs = distinctInputs(datasets);
    if (inputs.length > 0) {
      await queries.insertDatasets(
        tx,
        run.experiment_id,
        inputs.map(({ dataset }) => dataset),
      );
      await queries.insertRunDatasets(tx, runId, run.experiment_id, inputs);
    }
    if (models.length > 0) {
      const read = models.map(({ model_id: id }) => ({ model_id: id, step: 0 }));
      await queries.insertRunModels(tx, runId, 'input', read);
    }
    return null;
  },
});

export const logOutputs = defineOperation({
  name: 'run.log_outputs',
  permission: 'run:write',
  input: Type.Object({ run_id: RunId, models: Type.Array(Type.Object({ model_id: Type.String(), step: Step })) }),
  on: ({ run_id }) => ({ run: run_id }),
  output: Type.Null(),
  /** The same again is harmless, as a client repeats a lost call; the same model at another step is refused. */
  async run({ tx }, { run_id: runId, models }) {
    for (const { model_id: id } of models) checkLength(id, modelIdLength, 'model_id');
    await lockActiveRun(tx, runId);
    if (models.length === 0) return null;
    const logged = await queries.insertRunModels(tx, runId, 'output', models);
    const steps = new Map(logged.map(({ model_id: id, step }) => [id, step]));
    for (const { model_id: id, step } of models) {
      if (steps.get(id) !== step) {
        throw invalid(
          `Model '${id}' is an output of run '${runId}' at step ${steps.get(id)} already; it cannot be logged at ` +
            `step ${step}.`,
          'models',
        );
      }
    }
    return null;
  },
});

export const logModel = defineOperation({
  name: 'run.log_model',
  permission: 'run:write',
  input: Type.Object({ run_id: RunId, model_json: Type.String() }),
  on: ({ run_id }) => ({ run: run_id }),
  output: Type.Null(),
  /** The run stays locked from reading its history to writing it: none of two models logged at once is lost. */
  async run({ tx }, { run_id: runId, model_json: modelJson }) {
    const run = await lockActiveRun(tx, runId);
    const history = withModel(await queries.findRunTag(tx, runId, modelHistoryTag), modelJson);
    await setRunTag(tx, run, modelHistoryTag, history);
    return null;
  },
});

const summariesMax = 1_000;
const experimentsMax = 20;

export const searchDatasets = defineOperation({
  name: 'dataset.list',
  permission: 'run:read',
  input: Type.Object({ experiment_ids: Type.Array(ExperimentId) }),
  narrows: true,
  output: Type.Object({
    datasets: Type.Array(
      Type.Object({
        experiment_id: ExperimentId,
        name: Type.String(),
        digest: Type.String(),
        context: Type.Optional(Type.String()),
      }),
    ),
  }),
  async run({ tx, scope }, { experiment_ids: ids }) {
    if (ids.length === 0) throw invalid('SearchDatasets request must specify at least one experiment_id.');
    if (ids.length > experimentsMax) {
      throw invalid(
        `SearchDatasets request cannot specify more than ${experimentsMax} experiment_ids. Received ${ids.length} ` +
          'experiment_ids.',
      );
    }
    return { datasets: await queries.findDatasetSummaries(tx, grantedAmong(scope, ids), summariesMax) };
  },
});
