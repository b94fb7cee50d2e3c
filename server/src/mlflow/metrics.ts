import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { callOf } from '../call.ts';
import { invalid } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import { readHistories, readHistory, sampleHistories } from '../tracking/history/operations.ts';
import type { Points } from '../tracking/history/queries.ts';
import { runHex } from './ids.ts';
import { doubleText, integer, read, repeated, required, text } from './message.ts';
import { type MlflowRoute, mlflowRoute } from './route.ts';

/** How many points of an unpaged history are read at once: what one response holds in memory. */
const pointsPerRead = 25_000;
const pointsPerSampleMax = 2500;
const runsPerSampleMax = 100;

/** Points as the items of a JSON list, without its brackets; of `runId` where one is given. */
function pointsText(key: string, { timestamps, steps, values }: Points, runId?: string): string {
  const head = `{"key":${JSON.stringify(key)},"value":`;
  const tail = runId === undefined ? '}' : `,"run_id":"${runId}"}`;
  let out = '';
  for (let index = 0; index < values.length; index += 1) {
    out += `${index > 0 ? ',' : ''}${head}${doubleText(values[index] as number)},"timestamp":${timestamps[index]},"step":${steps[index]}${tail}`;
  }
  return out;
}

const historyMessage = (request: FastifyRequest) => {
  const message = read(request, {
    run_id: required(text()),
    metric_key: required(text()),
    page_token: text(),
    max_results: integer(),
  });
  const { max_results: max } = message;
  if (max !== undefined && max <= 0) {
    throw invalid(`Invalid value ${max} for parameter 'max_results' supplied. It must be a positive integer.`);
  }
  return message;
};

/** The rest of a history of any length, page after page through the pipeline, each as it is asked for. */
async function* restOf(ports: Ports, request: FastifyRequest, first: { text: string; token: string }) {
  const { run_id: runId, metric_key: key } = historyMessage(request);
  yield `{"metrics":[${first.text}`;
  for (let token: string | undefined = first.token; token !== undefined; ) {
    const input = { run_id: runHex(runId), key, max_results: pointsPerRead, page_token: token };
    const page: { points: Points; next_page_token?: string } = await readHistory.execute(ports, callOf(request), input);
    if (page.points.values.length > 0) yield `,${pointsText(key, page.points)}`;
    token = page.next_page_token;
  }
  yield ']}';
}

const stepRange = (start: number | undefined, end: number | undefined) => {
  if (start === undefined && end === undefined) return {};
  if (start === undefined || end === undefined) {
    throw invalid('If either start step or end step are specified, both must be specified.');
  }
  if (start > end) {
    throw invalid(`end_step must be greater than start_step. Found start_step=${start} and end_step=${end}.`);
  }
  return { start_step: start, end_step: end };
};

export const metricRoutes = (ports: Ports): MlflowRoute[] => [
  mlflowRoute(
    'GET',
    '/metrics/get-history',
    readHistory,
    (request) => {
      const { run_id: runId, metric_key: key, max_results: max, page_token: token } = historyMessage(request);
      return {
        run_id: runHex(runId),
        key,
        max_results: Math.min(max ?? pointsPerRead, pointsPerRead),
        ...(token ? { page_token: token } : {}),
      };
    },
    ({ points, next_page_token: token }, reply, request) => {
      const { metric_key: key, max_results: max } = historyMessage(request);
      if (points.values.length === 0) return '{}';
      const items = pointsText(key, points);
      if (token === undefined) return `{"metrics":[${items}]}`;
      if (max !== undefined) return `{"metrics":[${items}],"next_page_token":"${token}"}`;
      reply.type('application/json; charset=utf-8');
      return Readable.from(restOf(ports, request, { text: items, token }));
    },
  ),
  mlflowRoute(
    'GET',
    '/metrics/get-history-bulk-interval',
    sampleHistories,
    (request) => {
      const message = read(request, {
        run_ids: required(repeated(text())),
        metric_key: required(text()),
        start_step: integer(),
        end_step: integer(),
        max_results: integer(),
      });
      const { run_ids: runIds, metric_key: key, max_results: max = pointsPerSampleMax } = message;
      if (runIds.length > runsPerSampleMax) {
        throw invalid(
          `GetMetricHistoryBulkInterval request must specify at most ${runsPerSampleMax} run_ids. ` +
            `Received ${runIds.length} run_ids. See the API docs for more information about request parameters.`,
        );
      }
      if (max < 1 || max > pointsPerSampleMax) {
        throw invalid(
          `max_results must be between 1 and ${pointsPerSampleMax}. ` +
            'See the API docs for more information about request parameters.',
        );
      }
      return {
        run_ids: runIds.map((runId) => runHex(runId ?? '')),
        key,
        max_results: max,
        ...stepRange(message.start_step, message.end_step),
      };
    },
    (points) => {
      if (points.length === 0) return '{}';
      const items = points.map(
        ({ run_id: runId, key, value, timestamp, step }) =>
          `{"key":${JSON.stringify(key)},"value":${doubleText(value)},"timestamp":${timestamp},"step":${step},"run_id":"${runId}"}`,
      );
      return `{"metrics":[${items.join(',')}]}`;
    },
  ),
  mlflowRoute(
    'GET',
    '/metrics/get-history-bulk',
    readHistories,
    (request) => {
      const message = read(request, { run_id: repeated(text()), metric_key: text(), max_results: integer() });
      const runIds = message.run_id ?? [];
      if (runIds.length === 0) throw invalid('GetMetricHistoryBulk request must specify at least one run_id.');
      if (runIds.length > runsPerSampleMax) {
        throw invalid(
          `GetMetricHistoryBulk request cannot specify more than ${runsPerSampleMax} run_ids. ` +
            `Received ${runIds.length} run_ids.`,
        );
      }
      if (message.metric_key === undefined) {
        throw invalid('GetMetricHistoryBulk request must specify a metric_key.');
      }
      return {
        run_ids: runIds.map((runId) => runHex(runId ?? '')),
        key: message.metric_key,
        max_results: Math.min(Math.max(message.max_results ?? pointsPerRead, 0), pointsPerRead),
      };
    },
    (histories, _reply, request) => {
      const { metric_key: key = '' } = read(request, { metric_key: text() });
      const items = histories.filter(({ points }) => points.values.length > 0);
      return `{"metrics":[${items.map(({ run_id: runId, points }) => pointsText(key, points, runId)).join(',')}]}`;
    },
  ),
];
