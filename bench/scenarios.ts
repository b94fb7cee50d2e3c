import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, Client } from './client.ts';

/** What a server holds before it is measured. */
export interface Stock {
  readonly experimentId: string;
  /** 400 runs, each with the metrics acc and loss, ten params and two tags. */
  readonly runIds: readonly string[];
  /** Runs that hold exactly `historyPoints` points of each of h0 … h9. */
  readonly historyRunIds: readonly string[];
}

export interface Scenario {
  readonly name: string;
  /** What one request carries, where that is counted: points of a batch. */
  readonly items: number;
  /** The least ratio to MLflow's figure that the project sets itself; undefined where there is no comparison. */
  readonly target?: number;
  run(client: Client, stock: Stock, index: number): Promise<unknown>;
}

const runCount = 400;
const historyRunCount = 10;
export const historyPoints = 1000;

/** The genuine server's connection pool runs out under set-up; patience is for that alone, never under measurement. */
async function patiently(work: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt > 20) throw error;
      await delay(200);
    }
  }
}

async function inParallel<T>(items: readonly T[], width: number, work: (item: T, index: number) => Promise<unknown>) {
  let next = 0;
  const workers = Array.from({ length: width }, async () => {
    while (next < items.length) {
      const index = next;
      next += 1;
      await work(items[index] as T, index);
    }
  });
  await Promise.all(workers);
}

const idOf = (answer: Answer): string => {
  if (!answer.run) throw new Error('no run was created');
  return answer.run.info.run_id;
};

/** Writes the stock that every scenario works on. The same for every server. */
export async function prepareStock(client: Client): Promise<Stock> {
  const name = `bench-${Date.now()}`;
  const { experiment_id: experimentId } = await patiently(() => client.post('experiments/create', { name }));
  if (experimentId === undefined) throw new Error('no experiment was created');
  const createRun = (runName: string, tag: string) =>
    patiently(() =>
      client.post('runs/create', {
        experiment_id: experimentId,
        start_time: Date.now(),
        run_name: runName,
        tags: [{ key: 'w', value: tag }],
      }),
    );
  const runIds: string[] = [];
  await inParallel(Array.from({ length: runCount }), 4, async (_, index) => {
    runIds[index] = idOf(await createRun(`r${index}`, String(index % 4)));
  });
  await inParallel(runIds, 4, (runId, index) => {
    const timestamp = Date.now();
    return patiently(() =>
      client.post('runs/log-batch', {
        run_id: runId,
        metrics: [
          { key: 'acc', value: index / runCount, timestamp, step: 0 },
          { key: 'loss', value: 1 - index / runCount, timestamp, step: 0 },
        ],
        params: Array.from({ length: 10 }, (__, param) => ({ key: `p${param}`, value: String(index * param) })),
        tags: [{ key: 'k', value: `v${index % 7}` }],
      }),
    );
  });
  const historyRunIds: string[] = [];
  await inParallel(Array.from({ length: historyRunCount }), 2, async (_, index) => {
    const runId = idOf(await createRun(`h${index}`, 'history'));
    historyRunIds[index] = runId;
    // Each batch carries a tenth of ten series, as training logs them; a retried batch leaves no more points in either
    // server, for its points are the same.
    const start = 1_700_000_000_000;
    for (let batch = 0; batch < 10; batch += 1) {
      const metrics = Array.from({ length: 1000 }, (__, point) => {
        const step = batch * 100 + Math.floor(point / 10);
        return { key: `h${point % 10}`, value: Math.sin(step), timestamp: start + step, step };
      });
      await patiently(() => client.post('runs/log-batch', { run_id: runId, metrics }));
    }
  });
  return { experimentId, runIds, historyRunIds };
}

const pick = (ids: readonly string[], index: number): string => ids[index % ids.length] as string;

/** `count` points of ten keys, in steps that no earlier batch of the same key has used. */
const batchOf = (count: number, index: number) =>
  Array.from({ length: count }, (_, point) => ({
    key: `b${point % 10}`,
    value: index + point,
    timestamp: Date.now(),
    step: (index * count) / 10 + Math.floor(point / 10),
  }));

/** The scenarios that are compared with the genuine server. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'create_run',
    items: 1,
    target: 25,
    run: (client, stock, index) =>
      client.post('runs/create', {
        experiment_id: stock.experimentId,
        start_time: Date.now(),
        run_name: `c${index}`,
      }),
  },
  {
    name: 'log_metric',
    items: 1,
    target: 25,
    run: (client, stock, index) =>
      client.post('runs/log-metric', {
        run_id: pick(stock.runIds, index),
        key: `m${index % 5}`,
        value: index * 0.5,
        timestamp: Date.now(),
        step: index,
      }),
  },
  {
    name: 'log_batch_100',
    items: 100,
    target: 25,
    run: (client, stock, index) =>
      client.post('runs/log-batch', { run_id: pick(stock.runIds, index), metrics: batchOf(100, index) }),
  },
  {
    name: 'log_batch_1000',
    items: 1000,
    target: 22,
    run: (client, stock, index) =>
      client.post('runs/log-batch', { run_id: pick(stock.runIds, index), metrics: batchOf(1000, index) }),
  },
  {
    name: 'get_run',
    items: 1,
    target: 30,
    run: (client, stock, index) => client.get(`runs/get?run_id=${pick(stock.runIds, index)}`),
  },
  {
    name: 'get_history',
    items: 1,
    target: 10,
    async run(client, stock, index) {
      const runId = pick(stock.historyRunIds, index);
      const key = `h${Math.floor(index / historyRunCount) % 10}`;
      const { metrics } = await client.get(`metrics/get-history?run_id=${runId}&metric_key=${key}&max_results=1000`);
      if (metrics?.length !== historyPoints) throw new Error(`a history of ${metrics?.length} points`);
    },
  },
  {
    name: 'search_100',
    items: 1,
    target: 22,
    async run(client, stock, index) {
      const { runs } = await client.post('runs/search', {
        experiment_ids: [stock.experimentId],
        filter: `metrics.acc > ${(index % 100) / 100} and params.p1 != '7'`,
        order_by: ['metrics.loss ASC'],
        max_results: 100,
      });
      if (!runs || runs.length === 0) throw new Error('a page without runs');
    },
  },
];

const named = (name: string): Scenario => scenarios.find((scenario) => scenario.name === name) as Scenario;

/** What a team's day looks like: ten requests, in the share of each kind. */
const day = [
  ...Array.from({ length: 4 }, () => named('log_metric')),
  ...Array.from({ length: 2 }, () => named('log_batch_100')),
  named('create_run'),
  ...Array.from({ length: 2 }, () => named('get_run')),
  named('search_100'),
];

/** All kinds of requests at once. */
export const mixed: Scenario = {
  name: 'mixed',
  items: 1,
  run: (client, stock, index) => (day[index % day.length] as Scenario).run(client, stock, index),
};
