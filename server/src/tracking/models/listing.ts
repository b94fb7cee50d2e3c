import Type, { type Static } from 'typebox';
import { invalid } from '../../errors.ts';
import { defineOperation } from '../../operation.ts';
import { PageToken, pageOf } from '../../paging.ts';
import { ExperimentId } from '../experiments/operations.ts';
import { missingModel } from '../refusals.ts';
import { MetricValue } from '../runs/operations.ts';
import { searchLoggedModels as findPage } from '../search/logged_model_search.ts';
import { checkModelKeys } from './names.ts';
import { LoggedModelSchema, ModelId } from './operations.ts';
import * as queries from './queries.ts';

const Pairs = Type.Record(Type.String(), Type.String());

const { metrics, ...described } = LoggedModelSchema.properties;

/** A logged model with its params and tags by key, as runs have theirs. */
export const ModelSchema = Type.Object({
  ...described,
  tags: Pairs,
  params: Pairs,
  metrics: Type.Array(Type.Object({ ...metrics.items.properties, value: MetricValue }), {
    description: 'Its points, by key, time, step and run; of a model with very many the newest.',
  }),
});

const byKey = (pairs: readonly { key: string; value: string }[]) =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, value]));

export const shownModel = (model: Static<typeof LoggedModelSchema>): Static<typeof ModelSchema> => ({
  ...model,
  tags: byKey(model.tags),
  params: byKey(model.params),
  // PostgreSQL writes NaN as text, which is what the contract has, too.
  metrics: model.metrics as Static<typeof ModelSchema>['metrics'],
});

/** How many points of each model of a list are given, the newest. */
const pointsOfEach = 100;

function orderTerm(term: string) {
  const [, fieldName = '', direction = 'ASC'] = /^(.+?)(?:\s+(asc|desc))?$/is.exec(term.trim()) ?? [];
  if (fieldName === '') throw invalid('order_by: expected a field, such as "creation_time DESC"', 'order_by');
  return { fieldName, ascending: direction.toUpperCase() === 'ASC', datasetName: '', datasetDigest: '' };
}

export const listModels = defineOperation({
  name: 'logged_model.search',
  permission: 'model:read',
  input: Type.Object({
    experiment_ids: Type.Optional(
      Type.Array(ExperimentId, { maxItems: 10_000, description: 'All experiments without it.' }),
    ),
    filter: Type.Optional(
      Type.String({ maxLength: 100_000, description: `As in MLflow, such as "attributes.name ILIKE '%tree%'".` }),
    ),
    order_by: Type.Optional(
      Type.Array(Type.String({ maxLength: 1000 }), {
        maxItems: 50,
        description: 'Such as "metrics.acc DESC"; the newest first without it.',
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    page_token: Type.Optional(PageToken),
  }),
  narrows: true,
  output: pageOf(ModelSchema),
  async run({ tx, scope }, { experiment_ids: experimentIds, filter = '', order_by: order = [], limit = 100, ...rest }) {
    const page = await findPage(tx, {
      ...(scope ? { only: scope } : {}),
      experimentIds,
      filter,
      datasets: [],
      orderBy: order.map(orderTerm),
      maxResults: limit,
      ...(rest.page_token === undefined ? {} : { pageToken: rest.page_token }),
    });
    const models = await queries.findLoggedModels(tx, page.modelIds, pointsOfEach);
    return { items: models.map(shownModel), next_page_token: page.nextPageToken ?? null };
  },
});

export const setModelTag = defineOperation({
  name: 'logged_model.set_tag',
  permission: 'model:write',
  input: Type.Object({
    model_id: ModelId,
    key: Type.String({ minLength: 1 }),
    value: Type.String({ maxLength: 8000 }),
  }),
  on: ({ model_id }) => ({ model: model_id }),
  output: Type.Null(),
  async run({ tx }, { model_id: id, key, value }) {
    checkModelKeys([{ key }], 'tags');
    if (!(await queries.modelExists(tx, id))) throw missingModel(id);
    await queries.setModelTags(tx, id, [{ key, value }]);
    return null;
  },
});
