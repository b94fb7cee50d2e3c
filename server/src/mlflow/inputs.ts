import * as operations from '../tracking/inputs/operations.ts';
import { keyValue, keyValues } from './experiments.ts';
import { experimentNumber, runHex } from './ids.ts';
import { integer, nested, read, repeated, required, text } from './message.ts';
import { type MlflowRoute, mlflowRoute } from './route.ts';

const nothing = () => ({});

const dataset = nested({
  name: text(),
  digest: text(),
  source_type: text(),
  source: text(),
  schema: text(),
  profile: text(),
});

/** Inputs and outputs of runs, and the datasets of experiments. */
export const inputRoutes: MlflowRoute[] = [
  mlflowRoute(
    'POST',
    '/runs/log-inputs',
    operations.logInputs,
    (request) => {
      const message = read(request, {
        run_id: required(text()),
        datasets: repeated(nested({ dataset, tags: repeated(keyValue) })),
        models: repeated(nested({ model_id: text() })),
      });
      return {
        run_id: runHex(message.run_id),
        datasets: (message.datasets ?? []).map((input) => ({
          // The genuine server takes a dataset without a name too: absent text reads as empty.
          dataset: { name: '', digest: '', source_type: '', source: '', ...input?.dataset },
          tags: keyValues(input?.tags),
        })),
        models: (message.models ?? []).map((model) => ({ model_id: model?.model_id ?? '' })),
      };
    },
    nothing,
  ),
  mlflowRoute(
    'POST',
    '/runs/outputs',
    operations.logOutputs,
    (request) => {
      const message = read(request, {
        run_id: required(text()),
        models: required(repeated(nested({ model_id: text(), step: integer() }))),
      });
      return {
        run_id: runHex(message.run_id),
        models: message.models.map((model) => ({ model_id: model?.model_id ?? '', step: model?.step ?? 0 })),
      };
    },
    nothing,
  ),
  mlflowRoute(
    'POST',
    '/runs/log-model',
    operations.logModel,
    (request) => {
      const message = read(request, { run_id: required(text()), model_json: required(text()) });
      return { run_id: runHex(message.run_id), model_json: message.model_json };
    },
    nothing,
  ),
  mlflowRoute(
    'POST',
    '/experiments/search-datasets',
    operations.searchDatasets,
    (request) => {
      const { experiment_ids: ids = [] } = read(request, { experiment_ids: repeated(text()) });
      return { experiment_ids: ids.map((id) => experimentNumber(id ?? '')) };
    },
    ({ datasets }) =>
      datasets.length === 0
        ? {}
        : {
            dataset_summaries: datasets.map((summary) => ({
              ...summary,
              experiment_id: String(summary.experiment_id),
            })),
          },
  ),
];
