import type { Static } from 'typebox';
import { invalid } from '../errors.ts';
import * as operations from '../tracking/experiments/operations.ts';
import { experimentNumber } from './ids.ts';
import { integer, nested, oneOf, read, repeated, required, text } from './message.ts';
import { type MlflowRoute, mlflowRoute } from './route.ts';

/** Views by their number in the protocol. */
export const views = [undefined, 'ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'] as const;

/** Tags in messages: absent fields read as empty text. */
export const keyValue = nested({ key: text(), value: text() });

export const keyValues = (items: readonly { key?: string; value?: string }[] | undefined) =>
  items?.map(({ key = '', value = '' }) => ({ key, value })) ?? [];

/** An experiment as the protocol shows it: no empty lists. */
const experimentMessage = (experiment: Static<typeof operations.ExperimentSchema>) => {
  const { experiment_id: id, tags, tenant, project: _ours, ...rest } = experiment;
  return { experiment_id: String(id), ...rest, ...(tags.length > 0 ? { tags } : {}), workspace: tenant };
};

const nothing = () => ({});
const byId = { experiment_id: required(text()) };

export const experimentRoutes: MlflowRoute[] = [
  mlflowRoute(
    'POST',
    '/experiments/create',
    operations.createExperiment,
    (request) => {
      const message = read(request, { name: required(text()), artifact_location: text(), tags: repeated(keyValue) });
      return { ...message, tags: keyValues(message.tags) };
    },
    ({ experiment_id: id }) => ({ experiment_id: String(id) }),
  ),
  mlflowRoute(
    'GET',
    '/experiments/get',
    operations.getExperiment,
    (request) => ({ experiment_id: experimentNumber(read(request, byId).experiment_id) }),
    (experiment) => ({ experiment: experimentMessage(experiment) }),
  ),
  mlflowRoute(
    'GET',
    '/experiments/get-by-name',
    operations.getExperimentByName,
    (request) => ({ name: read(request, { experiment_name: required(text()) }).experiment_name }),
    (experiment) => ({ experiment: experimentMessage(experiment) }),
  ),
  ...(['GET', 'POST'] as const).map((method) =>
    mlflowRoute(
      method,
      '/experiments/search',
      operations.searchExperiments,
      (request) => {
        const message = read(request, {
          view_type: oneOf(views),
          max_results: integer(),
          order_by: repeated(text()),
          filter: text(),
          page_token: text(),
        });
        const { view_type: view, page_token: token, max_results: limit = 0, order_by, ...rest } = message;
        const refused = `Invalid value ${limit} for parameter 'max_results' supplied. It must be`;
        if (limit <= 0) throw invalid(`${refused} a positive integer`);
        if (limit > 50_000) throw invalid(`${refused} at most 50000`);
        return {
          ...rest,
          limit,
          ...(order_by ? { order_by: order_by.map((part) => part ?? '') } : {}),
          ...(view ? { view } : {}),
          ...(token ? { page_token: token } : {}),
        };
      },
      ({ items, next_page_token: token }) => ({
        ...(items.length > 0 ? { experiments: items.map(experimentMessage) } : {}),
        ...(token === null ? {} : { next_page_token: token }),
      }),
    ),
  ),
  mlflowRoute(
    'POST',
    '/experiments/update',
    operations.renameExperiment,
    (request) => {
      const message = read(request, { ...byId, new_name: required(text()) });
      return { experiment_id: experimentNumber(message.experiment_id), name: message.new_name };
    },
    nothing,
  ),
  mlflowRoute(
    'POST',
    '/experiments/delete',
    operations.deleteExperiment,
    (request) => ({ experiment_id: experimentNumber(read(request, byId).experiment_id) }),
    nothing,
  ),
  mlflowRoute(
    'POST',
    '/experiments/restore',
    operations.restoreExperiment,
    (request) => ({ experiment_id: experimentNumber(read(request, byId).experiment_id) }),
    nothing,
  ),
  mlflowRoute(
    'POST',
    '/experiments/set-experiment-tag',
    operations.setExperimentTag,
    (request) => {
      const message = read(request, { ...byId, key: required(text()), value: text() });
      return { experiment_id: experimentNumber(message.experiment_id), key: message.key, value: message.value ?? '' };
    },
    nothing,
  ),
  mlflowRoute(
    'POST',
    '/experiments/delete-experiment-tag',
    operations.deleteExperimentTag,
    (request) => {
      const message = read(request, { ...byId, key: required(text()) });
      return { experiment_id: experimentNumber(message.experiment_id), key: message.key };
    },
    nothing,
  ),
];
