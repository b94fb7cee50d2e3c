import { randomUUID } from 'node:crypto';
import Type from 'typebox';
import type { TenantTx } from '../../db/tenancy.ts';
import { invalid, notFound } from '../../errors.ts';
import { defineOperation } from '../../operation.ts';
import { ExperimentId, KeyValueSchema } from '../experiments/operations.ts';
import { findExperiments } from '../experiments/queries.ts';
import { inactiveExperiment, missingExperiment, missingModel } from '../refusals.ts';
import { randomRunName } from '../run_names.ts';
import { searchLoggedModels as findPage } from '../search/logged_model_search.ts';
import { checkDistinctKeys, checkModelKeys, checkModelName, checkModelOrigin, quoted } from './names.ts';
import * as queries from './queries.ts';

export const ModelId = Type.String({
  pattern: '^m-[0-9a-f]{32}$',
  description: 'A logged model: m- and 32 hex digits.',
});

const StatusSchema = Type.Union([
  Type.Literal('UNSPECIFIED'),
  Type.Literal('PENDING'),
  Type.Literal('READY'),
  Type.Literal('FAILED'),
]);

const Milliseconds = Type.Integer({ description: 'Milliseconds since 1970.' });

const KeyValues = Type.Array(KeyValueSchema);

export const LoggedModelSchema = Type.Object({
  model_id: ModelId,
  experiment_id: ExperimentId,
  name: Type.String(),
  artifact_location: Type.String(),
  creation_time: Milliseconds,
  last_update_time: Milliseconds,
  status: StatusSchema,
  lifecycle_stage: Type.String({ enum: ['active', 'deleted'] }),
  model_type: Type.String(),
  source_run_id: Type.String(),
  tags: KeyValues,
  params: KeyValues,
  metrics: Type.Array(
    Type.Object({
      key: Type.String(),
      value: Type.Number(),
      timestamp: Milliseconds,
      step: Type.Integer(),
      run_id: Type.String(),
      dataset_name: Type.String(),
      dataset_digest: Type.String(),
    }),
  ),
});

/** How many of a model's points an answer holds, the newest: of one model, and of each model of a page. */
const pointsMax = { one: 10_000, page: 1_000 } as const;

/** The largest page; a call that asks for more is given a token for the rest. */
const pageMax = 1_000;

const ById = Type.Object({ model_id: ModelId });

/** The model as it is now, whatever its stage. */
async function find(tx: TenantTx, id: string): Promise<queries.LoggedModel> {
  const [model] = await queries.findLoggedModels(tx, [id], pointsMax.one);
  if (!model) throw missingModel(id);
  return model;
}

/** The model must be there; a deleted one still takes tags and params, as in MLflow. */
async function checkExists(tx: TenantTx, id: string): Promise<void> {
  if (!(await queries.modelExists(tx, id))) throw missingModel(id);
}

export const createLoggedModel = defineOperation({
  name: 'logged_model.create',
  permission: 'model:write',
  input: Type.Object({
    experiment_id: ExperimentId,
    /** Generated where absent or empty. */
    name: Type.Optional(Type.String()),
    model_type: Type.Optional(Type.String()),
    source_run_id: Type.Optional(Type.String()),
    params: Type.Optional(KeyValues),
    tags: Type.Optional(KeyValues),
  }),
  on: ({ experiment_id }) => ({ experiment: experiment_id }),
  output: LoggedModelSchema,
  async run({ tx }, input) {
    const { experiment_id: experimentId, model_type: modelType = '', source_run_id: sourceRunId = '' } = input;
    const { params = [], tags = [] } = input;
    const name = input.name || randomRunName();
    checkModelName(name);
    checkModelOrigin(modelType, sourceRunId);
    checkModelKeys(params, 'params');
    checkModelKeys(tags, 'tags');
    checkDistinctKeys(params, 'params');
    checkDistinctKeys(tags, 'tags');
    const [experiment] = await findExperiments(tx, [experimentId]);
    if (!experiment) throw missingExperiment(experimentId);
    if (experiment.lifecycle_stage !== 'active') {
      throw inactiveExperiment(experimentId, experiment.lifecycle_stage);
    }
    const id = `m-${randomUUID().replaceAll('-', '')}`;
    await queries.insertLoggedModel(tx, {
      id,
      experimentId,
      experimentLocation: experiment.artifact_location,
      name,
      modelType,
      sourceRunId,
      status: 'PENDING',
      time: Date.now(),
    });
    if (params.length > 0) await queries.insertModelParams(tx, id, params);
    if (tags.length > 0) await queries.setModelTags(tx, id, tags);
    return find(tx, id);
  },
});

export const getLoggedModel = defineOperation({
  name: 'logged_model.get',
  permission: 'model:read',
  input: Type.Object({ model_id: ModelId, allow_deleted: Type.Optional(Type.Boolean()) }),
  on: ({ model_id }) => ({ model: model_id }),
  output: LoggedModelSchema,
  async run({ tx }, { model_id: id, allow_deleted: allowDeleted = false }) {
    const model = await find(tx, id);
    if (model.lifecycle_stage === 'deleted' && !allowDeleted) throw missingModel(id);
    return model;
  },
});

export const searchLoggedModels = defineOperation({
  name: 'logged_model.list',
  permission: 'model:read',
  input: Type.Object({
    experiment_ids: Type.Array(ExperimentId, { maxItems: 10_000 }),
    filter: Type.Optional(Type.String()),
    /** Each stands in every metric comparison of the filter: their number bounds the statement's parameters. */
    datasets: Type.Optional(
      Type.Array(Type.Object({ name: Type.String(), digest: Type.Optional(Type.String()) }), { maxItems: 100 }),
    ),
    order_by: Type.Optional(
      Type.Array(
        Type.Object({
          field_name: Type.String(),
          ascending: Type.Optional(Type.Boolean({ default: true })),
          dataset_name: Type.Optional(Type.String()),
          dataset_digest: Type.Optional(Type.String()),
        }),
        { maxItems: 50 },
      ),
    ),
    max_results: Type.Optional(Type.Integer({ minimum: 0, default: 100 })),
    page_token: Type.Optional(Type.String()),
  }),
  narrows: true,
  output: Type.Object({ models: Type.Array(LoggedModelSchema), next_page_token: Type.Optional(Type.String()) }),
  async run({ tx, scope }, input) {
    const page = await findPage(tx, {
      ...(scope ? { only: scope } : {}),
      experimentIds: input.experiment_ids,
      filter: input.filter ?? '',
      datasets: input.datasets ?? [],
      orderBy: (input.order_by ?? []).map((term) => ({
        fieldName: term.field_name,
        ascending: term.ascending ?? true,
        datasetName: term.dataset_name ?? '',
        datasetDigest: term.dataset_digest ?? '',
      })),
      maxResults: Math.min(input.max_results || 100, pageMax),
      ...(input.page_token === undefined ? {} : { pageToken: input.page_token }),
    });
    const models = await queries.findLoggedModels(tx, page.modelIds, pointsMax.page);
    return { models, ...(page.nextPageToken === undefined ? {} : { next_page_token: page.nextPageToken }) };
  },
});

export const finalizeLoggedModel = defineOperation({
  name: 'logged_model.finalize',
  permission: 'model:write',
  input: Type.Object({ model_id: ModelId, status: StatusSchema }),
  on: ({ model_id }) => ({ model: model_id }),
  output: LoggedModelSchema,
  async run({ tx }, { model_id: id, status }) {
    if (!(await queries.updateLoggedModel(tx, id, { status, time: Date.now() }))) throw missingModel(id);
    return find(tx, id);
  },
});

export const deleteLoggedModel = defineOperation({
  name: 'logged_model.delete',
  permission: 'model:delete',
  input: ById,
  on: ({ model_id }) => ({ model: model_id }),
  output: Type.Null(),
  audit: true,
  async run({ tx, audit }, { model_id: id }) {
    audit(`logged model ${id}`);
    if (!(await queries.updateLoggedModel(tx, id, { stage: 'deleted', time: Date.now() }))) throw missingModel(id);
    return null;
  },
});

export const restoreLoggedModel = defineOperation({
  name: 'logged_model.restore',
  permission: 'model:delete',
  input: ById,
  on: ({ model_id }) => ({ model: model_id }),
  output: Type.Null(),
  audit: true,
  async run({ tx, audit }, { model_id: id }) {
    audit(`logged model ${id}`);
    if (!(await queries.updateLoggedModel(tx, id, { stage: 'active', time: Date.now() }))) throw missingModel(id);
    return null;
  },
});

export const logModelParams = defineOperation({
  name: 'logged_model.log_params',
  permission: 'model:write',
  input: Type.Object({ model_id: ModelId, params: KeyValues }),
  on: ({ model_id }) => ({ model: model_id }),
  output: Type.Null(),
  /** A param never changes once it is logged; the same again is harmless, as a client repeats a lost call. */
  async run({ tx }, { model_id: id, params }) {
    checkModelKeys(params, 'params');
    checkDistinctKeys(params, 'params');
    await checkExists(tx, id);
    if (params.length === 0) return null;
    const logged = new Map((await queries.insertModelParams(tx, id, params)).map(({ key, value }) => [key, value]));
    for (const { key, value } of params) {
      const before = logged.get(key);
      if (before !== undefined && before !== value) {
        throw invalid(
          `Changing param values is not allowed. Param with key=${quoted(key)} was already logged with ` +
            `value=${quoted(before)} for model ID='${id}'. Attempted logging new value ${quoted(value)}.`,
          'params',
        );
      }
    }
    return null;
  },
});

export const setLoggedModelTags = defineOperation({
  name: 'logged_model.set_tags',
  permission: 'model:write',
  input: Type.Object({ model_id: ModelId, tags: KeyValues }),
  on: ({ model_id }) => ({ model: model_id }),
  output: Type.Null(),
  async run({ tx }, { model_id: id, tags }) {
    checkModelKeys(tags, 'tags');
    await checkExists(tx, id);
    // A key given twice: the last one holds.
    const last = [...new Map(tags.map((tag) => [tag.key, tag])).values()];
    if (last.length > 0) await queries.setModelTags(tx, id, last);
    return null;
  },
});

export const deleteLoggedModelTag = defineOperation({
  name: 'logged_model.delete_tag',
  permission: 'model:write',
  // PostgreSQL's text holds no NUL, which a path may carry.
  input: Type.Object({ model_id: ModelId, key: Type.String({ pattern: '^[^\\u0000]*$' }) }),
  on: ({ model_id }) => ({ model: model_id }),
  output: Type.Null(),
  async run({ tx }, { model_id: id, key }) {
    await checkExists(tx, id);
    if (!(await queries.deleteModelTag(tx, id, key))) {
      throw notFound(`No tag with key ${quoted(key)} found for model with ID '${id}'.`);
    }
    return null;
  },
});
