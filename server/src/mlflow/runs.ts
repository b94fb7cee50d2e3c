import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { callOf } from '../call.ts';
import { invalid } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import { missingValue } from '../tracking/limits.ts';
import * as operations from '../tracking/runs/operations.ts';
import { keyValue, keyValues, views } from './experiments.ts';
import { experimentNumber, runHex } from './ids.ts';
import { double, integer, nested, oneOf, read, repeated, required, text } from './message.ts';
import { type MlflowRoute, mlflowRoute } from './route.ts';

const nothing = () => '{}';
const byId = { run_id: required(text()) };

/** Statuses by their number in the protocol. */
const statuses = [undefined, 'RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;

const metricFields = {
  key: required(text()),
  value: required(double()),
  timestamp: required(integer()),
  step: integer(),
  model_id: text(),
  dataset_name: text(),
  dataset_digest: text(),
};
const batchMetrics = repeated(nested(metricFields));

interface MetricMessage {
  key: string;
  value: number;
  timestamp: number;
  step?: number;
  model_id?: string;
  dataset_name?: string;
  dataset_digest?: string;
}

/** The points of messages, and those of them that are also a model's. */
function pointsOf(messages: readonly MetricMessage[]) {
  const metrics = messages.map(({ key, value, timestamp, step = 0 }) => ({ key, value, timestamp, step }));
  const modelMetrics = messages.flatMap(
    ({ model_id: modelId, dataset_name: name, dataset_digest: digest, ...point }) =>
      modelId ? { ...point, step: point.step ?? 0, modelId, datasetName: name ?? '', datasetDigest: digest ?? '' } : [],
  );
  return { metrics, ...(modelMetrics.length > 0 ? { model_metrics: modelMetrics } : {}) };
}

/** Params and tags of a batch: a key is needed, an absent value is empty text. */
function batchPairs(name: string, items: readonly { key?: string; value?: string }[] | undefined) {
  const pairs = keyValues(items);
  const keyless = pairs.findIndex(({ key }) => key === '');
  if (keyless >= 0) {
    throw invalid(
      `${missingValue(`${name}[${keyless}].key`)} See the API docs for more information about request parameters.`,
    );
  }
  return pairs;
}

function searchInput(request: FastifyRequest) {
  const message = read(request, {
    experiment_ids: repeated(text()),
    filter: text(),
    run_view_type: oneOf(views),
    max_results: integer(),
    order_by: repeated(text()),
    page_token: text(),
  });
  const { max_results: max } = message;
  if (max !== undefined && max <= 0) {
    throw invalid(`Invalid value ${max} for parameter 'max_results' supplied. It must be a positive integer`);
  }
  if (max !== undefined && max > 50_000) {
    throw invalid(
      `Invalid value ${max} for parameter 'max_results' supplied:  Hint: Value was of type 'int'. ` +
        'See the API docs for more information about request parameters.',
    );
  }
  return {
    experiment_ids: [...new Set((message.experiment_ids ?? []).map((id) => experimentNumber(id ?? '')))],
    ...(message.filter ? { filter: message.filter } : {}),
    ...(message.order_by ? { order_by: message.order_by.map((part) => part ?? '') } : {}),
    ...(message.run_view_type ? { view: message.run_view_type } : {}),
    ...(max === undefined ? {} : { max_results: max }),
    ...(message.page_token ? { page_token: message.page_token } : {}),
  };
}

/** A long page, piece after piece through the pipeline, each as it is asked for. */
async function* piecesOf(
  ports: Ports,
  request: FastifyRequest,
  { documents, others }: { documents: string; others: readonly string[] },
  tail: string,
) {
  yield `{"runs":[${documents}`;
  for (let start = 0; start < others.length; start += operations.runsPerPiece) {
    const runIds = others.slice(start, start + operations.runsPerPiece);
    const piece = await operations.readFoundRuns.execute(ports, callOf(request), { run_ids: runIds });
    if (piece !== '') yield `,${piece}`;
  }
  yield `]${tail}}`;
}

export const runRoutes = (ports: Ports): MlflowRoute[] => [
  mlflowRoute(
    'POST',
    '/runs/create',
    operations.createRun,
    (request) => {
      const message = read(request, {
        experiment_id: text(),
        user_id: text(),
        run_name: text(),
        start_time: integer(),
        tags: repeated(keyValue),
      });
      const { experiment_id: id, run_name: name, tags, start_time = 0, ...rest } = message;
      if (!id) {
        throw invalid(
          `${missingValue('experiment_id')} See the API docs for more information about request parameters.`,
        );
      }
      const given = { ...rest, start_time, ...(name ? { name } : {}), tags: keyValues(tags) };
      return { ...given, experiment_id: experimentNumber(id) };
    },
    (run) => ({
      run: {
        info: {
          run_uuid: run.run_id,
          experiment_id: String(run.experiment_id),
          run_name: run.name,
          user_id: run.user_id,
          status: 'RUNNING',
          start_time: run.start_time,
          artifact_uri: run.artifact_uri,
          lifecycle_stage: 'active',
          run_id: run.run_id,
        },
        data: { tags: run.tags },
        inputs: {},
      },
    }),
  ),
  mlflowRoute(
    'GET',
    '/runs/get',
    operations.readRunDocument,
    (request) => ({ run_id: runHex(read(request, byId).run_id) }),
    (document) => `{"run":${document}}`,
  ),
  mlflowRoute('POST', '/runs/search', operations.searchRunDocuments, searchInput, (page, reply, request) => {
    const next = page.next_page_token === undefined ? '' : `,"next_page_token":${JSON.stringify(page.next_page_token)}`;
    if (page.documents === '') return '{}';
    if (page.others.length === 0) return `{"runs":[${page.documents}]${next}}`;
    reply.type('application/json; charset=utf-8');
    return Readable.from(piecesOf(ports, request, page, next));
  }),
  mlflowRoute(
    'POST',
    '/runs/update',
    operations.updateRun,
    (request) => {
      const message = read(request, { ...byId, status: oneOf(statuses), end_time: integer(), run_name: text() });
      const { run_id: runId, run_name: name, ...rest } = message;
      return { ...rest, run_id: runHex(runId), ...(name ? { name } : {}) };
    },
    (run) => ({
      run_info: {
        run_uuid: run.run_id,
        experiment_id: String(run.experiment_id),
        run_name: run.name,
        user_id: run.user_id,
        status: run.status,
        start_time: run.start_time,
        ...(run.end_time ? { end_time: run.end_time } : {}),
        artifact_uri: run.artifact_uri,
        lifecycle_stage: run.lifecycle_stage,
        run_id: run.run_id,
      },
    }),
  ),
  mlflowRoute(
    'POST',
    '/runs/delete',
    operations.deleteRun,
    (request) => ({ run_id: runHex(read(request, byId).run_id) }),
    nothing,
  ),
  mlflowRoute(
    'POST',
    '/runs/restore',
    operations.restoreRun,
    (request) => ({ run_id: runHex(read(request, byId).run_id) }),
    nothing,
  ),
  mlflowRoute(
    'POST',
    '/runs/log-metric',
    operations.logBatch,
    (request) => {
      const { run_id: runId, ...metric } = read(request, { ...byId, ...metricFields });
      return { run_id: runHex(runId), single: true, ...pointsOf([metric]) };
    },
    nothing,
  ),
  mlflowRoute(
    'POST',
    '/runs/log-parameter',
    operations.logBatch,
    (request) => {
      const { run_id: runId, key, value = '' } = read(request, { ...byId, key: required(text()), value: text() });
      return { run_id: runHex(runId), single: true, params: [{ key, value }] };
    },
    nothing,
  ),
  mlflowRoute(
    'POST',
    '/runs/set-tag',
    operations.logBatch,
    (request) => {
      const { run_id: runId, key, value = '' } = read(request, { ...byId, key: required(text()), value: text() });
      return { run_id: runHex(runId), single: true, tags: [{ key, value }] };
    },
    nothing,
  ),
  mlflowRoute(
    'POST',
    '/runs/delete-tag',
    operations.deleteRunTag,
    (request) => {
      const { run_id: runId, key } = read(request, { ...byId, key: required(text()) });
      return { run_id: runHex(runId), key };
    },
    nothing,
  ),
  mlflowRoute(
    'POST',
    '/runs/log-batch',
    operations.logBatch,
    (request) => {
      const message = read(request, {
        ...byId,
        metrics: batchMetrics,
        params: repeated(keyValue),
        tags: repeated(keyValue),
      });
      return {
        run_id: runHex(message.run_id),
        ...pointsOf(message.metrics ?? []),
        params: batchPairs('params', message.params),
        tags: batchPairs('tags', message.tags),
      };
    },
    nothing,
  ),
];
