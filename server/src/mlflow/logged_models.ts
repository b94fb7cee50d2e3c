import type { FastifyRequest } from 'fastify';
import { invalid } from '../errors.ts';
import * as operations from '../tracking/models/operations.ts';
import type { LoggedModel, ModelMetric } from '../tracking/models/queries.ts';
import { modelStatuses } from '../tracking/models/statuses.ts';
import { missingModel } from '../tracking/refusals.ts';
import { keyValue, keyValues } from './experiments.ts';
import { experimentNumber } from './ids.ts';
import { doubleText, flag, integer, nested, oneOf, read, repeated, required, text } from './message.ts';
import { type MlflowRoute, mlflowRoute } from './route.ts';

/** A status's name in the protocol, by its number. */
const statusNames = [
  'LOGGED_MODEL_STATUS_UNSPECIFIED',
  'LOGGED_MODEL_PENDING',
  'LOGGED_MODEL_READY',
  'LOGGED_MODEL_UPLOAD_FAILED',
] as const;

const metricText = ({ key, value, timestamp, step, ...of }: ModelMetric, modelId: string): string => {
  const rest = {
    timestamp,
    step,
    ...(of.dataset_name ? { dataset_name: of.dataset_name } : {}),
    ...(of.dataset_digest ? { dataset_digest: of.dataset_digest } : {}),
    model_id: modelId,
    run_id: of.run_id,
  };
  return `{"key":${JSON.stringify(key)},"value":${doubleText(value)},${JSON.stringify(rest).slice(1)}`;
};

/** A model as the protocol shows it, as JSON text: empty lists are left out, doubles are never printed as integers. */
function modelText(model: LoggedModel): string {
  const info = {
    model_id: model.model_id,
    experiment_id: String(model.experiment_id),
    name: model.name,
    creation_timestamp_ms: model.creation_time,
    last_updated_timestamp_ms: model.last_update_time,
    artifact_uri: model.artifact_location,
    status: statusNames[modelStatuses.indexOf(model.status)],
    model_type: model.model_type,
    source_run_id: model.source_run_id,
    ...(model.tags.length > 0 ? { tags: model.tags } : {}),
  };
  const data = [
    ...(model.params.length > 0 ? [`"params":${JSON.stringify(model.params)}`] : []),
    ...(model.metrics.length > 0
      ? [`"metrics":[${model.metrics.map((metric) => metricText(metric, model.model_id)).join()}]`]
      : []),
  ];
  return `{"info":${JSON.stringify(info)},"data":{${data.join()}}}`;
}

const answer = (model: LoggedModel): string => `{"model":${modelText(model)}}`;

const nothing = () => ({});

/** A model's id; any other text names no model. */
function modelId(id: string): string {
  if (!/^m-[0-9a-f]{32}$/.test(id)) throw missingModel(id);
  return id;
}

const inPath = (request: FastifyRequest) => request.params as { model_id: string; tag_key: string };

export const loggedModelRoutes: MlflowRoute[] = [
  mlflowRoute(
    'POST',
    '/logged-models',
    operations.createLoggedModel,
    (request) => {
      const { experiment_id, params, tags, ...rest } = read(request, {
        experiment_id: required(text()),
        name: text(),
        model_type: text(),
        source_run_id: text(),
        params: repeated(keyValue),
        tags: repeated(keyValue),
      });
      return {
        ...rest,
        experiment_id: experimentNumber(experiment_id),
        params: keyValues(params),
        tags: keyValues(tags),
      };
    },
    answer,
  ),
  mlflowRoute(
    'POST',
    '/logged-models/search',
    operations.searchLoggedModels,
    (request) => {
      const message = read(request, {
        experiment_ids: required(repeated(text())),
        filter: text(),
        datasets: repeated(nested({ dataset_name: text(), dataset_digest: text() })),
        max_results: integer(),
        order_by: repeated(
          nested({ field_name: text(), ascending: flag(), dataset_name: text(), dataset_digest: text() }),
        ),
        page_token: text(),
      });
      if ((message.max_results ?? 0) < 0) {
        throw invalid(
          `Invalid value ${message.max_results} for parameter 'max_results' supplied. It must be a positive integer`,
          'max_results',
        );
      }
      return {
        experiment_ids: message.experiment_ids.map((id) => experimentNumber(id ?? '')),
        datasets: (message.datasets ?? []).map((dataset) => ({
          name: dataset?.dataset_name ?? '',
          ...(dataset?.dataset_digest ? { digest: dataset.dataset_digest } : {}),
        })),
        order_by: (message.order_by ?? []).map((term) => ({ ...term, field_name: term?.field_name ?? '' })),
        ...(message.filter ? { filter: message.filter } : {}),
        ...(message.max_results ? { max_results: message.max_results } : {}),
        ...(message.page_token ? { page_token: message.page_token } : {}),
      };
    },
    ({ models, next_page_token: token }) => {
      const fields = [
        ...(models.length > 0 ? [`"models":[${models.map(modelText).join()}]`] : []),
        ...(token === undefined ? [] : [`"next_page_token":${JSON.stringify(token)}`]),
      ];
      return `{${fields.join()}}`;
    },
  ),
  mlflowRoute(
    'GET',
    '/logged-models/:model_id',
    operations.getLoggedModel,
    (request) => {
      // Any other text than a form of "true" means no, as the genuine server reads it.
      const allowed = (request.query as { allow_deleted?: string | string[] }).allow_deleted;
      const first = Array.isArray(allowed) ? allowed[0] : allowed;
      return { model_id: modelId(inPath(request).model_id), allow_deleted: first?.toLowerCase() === 'true' };
    },
    answer,
  ),
  mlflowRoute(
    'PATCH',
    '/logged-models/:model_id',
    operations.finalizeLoggedModel,
    // The id in the body holds, and is required there: the genuine server does not look at the one in the path.
    (request) => {
      const { model_id, status } = read(request, { model_id: required(text()), status: required(oneOf(statusNames)) });
      return { model_id: modelId(model_id), status: modelStatuses[statusNames.indexOf(status)] ?? 'UNSPECIFIED' };
    },
    answer,
  ),
  mlflowRoute(
    'DELETE',
    '/logged-models/:model_id',
    operations.deleteLoggedModel,
    (request) => ({ model_id: modelId(inPath(request).model_id) }),
    nothing,
  ),
  mlflowRoute(
    'POST',
    '/logged-models/:model_id/params',
    operations.logModelParams,
    (request) => {
      const { params } = read(request, { model_id: required(text()), params: repeated(keyValue) });
      return { model_id: modelId(inPath(request).model_id), params: keyValues(params) };
    },
    nothing,
  ),
  mlflowRoute(
    'PATCH',
    '/logged-models/:model_id/tags',
    operations.setLoggedModelTags,
    (request) => {
      const { tags } = read(request, { tags: repeated(keyValue) });
      return { model_id: modelId(inPath(request).model_id), tags: keyValues(tags) };
    },
    nothing,
  ),
  mlflowRoute(
    'DELETE',
    '/logged-models/:model_id/tags/:tag_key',
    operations.deleteLoggedModelTag,
    (request) => {
      const { model_id, tag_key: key } = inPath(request);
      return { model_id: modelId(model_id), key };
    },
    nothing,
  ),
];
