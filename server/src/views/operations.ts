import Type from 'typebox';
import { MaestroError } from '../errors.ts';
import { actorOf } from '../identity/caller.ts';
import { atPlace, defaultPageSize, pageFrom, placeOf } from '../identity/paging.ts';
import { id, orNull, pageInput, strict, text, time } from '../identity/schemas.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { ExperimentId } from '../tracking/experiments/operations.ts';
import { findExperiments } from '../tracking/experiments/queries.ts';
import { missingExperiment } from '../tracking/refusals.ts';
import * as queries from './queries.ts';
import { missingView } from './refusals.ts';

const name = text(1, 200);
const path = Type.String({
  pattern: '^[a-z0-9_-]+(?:/[A-Za-z0-9_-]+)*$',
  maxLength: 500,
  description: 'The page that it shows, below the tenant’s: "experiments/7".',
});
const query = text(0, 50_000, { description: 'The query string of the page, without its question mark.' });
const shared = Type.Boolean({ description: 'Whether all who may see the experiment see it; else its maker alone.' });

const ViewSchema = Type.Object({
  view_id: id,
  experiment_id: orNull(ExperimentId),
  name: Type.String(),
  path: Type.String(),
  query: Type.String(),
  is_shared: Type.Boolean(),
  is_own: Type.Boolean({ description: 'Whether the caller made it.' }),
  updated_at: time,
});

/** More are no help to anybody. */
const viewsMax = 1000;

const makerOf = ({ caller }: Pick<Contexts['tenant'], 'caller'>): string => actorOf(caller).id;

const shown = ({ created_by: maker, updated_at: at, ...view }: queries.View, caller: string) => ({
  ...view,
  is_own: maker === caller,
  updated_at: at.toISOString(),
});

const ById = Type.Object({ view_id: id }, strict);

export const listViews = defineOperation({
  name: 'view.list',
  permission: 'run:read',
  input: Type.Object({ experiment_id: Type.Optional(ExperimentId), ...pageInput }, strict),
  on: ({ experiment_id }) => (experiment_id === undefined ? undefined : { experiment: experiment_id }),
  output: pageOf(ViewSchema),
  async run(context, { experiment_id: experiment = null, limit = defaultPageSize, page_token: token }) {
    const maker = makerOf(context);
    const [after, last] = placeOf(token, 2) ?? [];
    const start = after === undefined || last === undefined ? undefined : ([after, last] as const);
    const found = await atPlace(start, () => queries.viewsOf(context.tx, experiment, maker, start, limit + 1));
    return pageFrom(
      found,
      limit,
      (view) => [view.name, view.view_id],
      (view) => shown(view, maker),
    );
  },
});

export const getView = defineOperation({
  name: 'view.get',
  permission: 'run:read',
  input: ById,
  on: ({ view_id }) => ({ view: view_id }),
  output: ViewSchema,
  async run(context, { view_id: viewId }) {
    const maker = makerOf(context);
    const view = await queries.findView(context.tx, viewId, maker);
    if (!view) throw missingView(viewId);
    return shown(view, maker);
  },
});

export const createView = defineOperation({
  name: 'view.create',
  permission: 'experiment:write',
  audit: true,
  input: Type.Object(
    { experiment_id: Type.Optional(ExperimentId), name, path, query, is_shared: Type.Optional(shared) },
    strict,
  ),
  on: ({ experiment_id }) => (experiment_id === undefined ? undefined : { experiment: experiment_id }),
  output: ViewSchema,
  async run(context, { experiment_id: experiment = null, is_shared: isShared = false, ...fields }) {
    const { tx } = context;
    const maker = makerOf(context);
    if (experiment !== null && (await findExperiments(tx, [experiment])).length === 0) {
      throw missingExperiment(experiment);
    }
    if ((await queries.countViews(tx, maker)) >= viewsMax) {
      throw new MaestroError('invalid_state', `You have ${viewsMax} saved views; delete some of them.`);
    }
    const view = await queries.insertView(tx, { ...fields, experiment_id: experiment, is_shared: isShared }, maker);
    context.audit(view.view_id, { name: view.name, is_shared: isShared });
    return shown(view, maker);
  },
});

export const updateView = defineOperation({
  name: 'view.update',
  permission: 'experiment:write',
  audit: true,
  input: Type.Object(
    {
      view_id: id,
      name: Type.Optional(name),
      query: Type.Optional(query),
      is_shared: Type.Optional(shared),
    },
    strict,
  ),
  on: ({ view_id }) => ({ view: view_id }),
  output: ViewSchema,
  async run(context, { view_id: viewId, ...change }) {
    context.audit(viewId, {
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.is_shared === undefined ? {} : { is_shared: change.is_shared }),
    });
    const maker = makerOf(context);
    const view = await queries.updateView(context.tx, viewId, maker, { ...change, updated_at: new Date() });
    if (!view) throw missingView(viewId);
    return shown(view, maker);
  },
});

export const deleteView = defineOperation({
  name: 'view.delete',
  permission: 'experiment:write',
  audit: true,
  input: ById,
  on: ({ view_id }) => ({ view: view_id }),
  output: Type.Null(),
  async run(context, { view_id: viewId }) {
    context.audit(viewId);
    if (!(await queries.deleteView(context.tx, viewId, makerOf(context)))) throw missingView(viewId);
    return null;
  },
});
