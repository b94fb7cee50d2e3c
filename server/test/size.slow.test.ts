import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, openClient } from '../../bench/client.ts';
import { secretPath } from '../src/data_dir.ts';
import { superuserSecret } from '../src/db/embedded_roles.ts';
import { type MaestroProcess, startMaestro } from './maestro.ts';

const tenantId = '00000000-0000-0000-0000-000000000000';
const runCount = { small: 400, big: 100_000 };
/** Every hundredth run holds 1,000 points of each of its ten metrics, the others 41: 50 million in the big experiment. */
const points = { every: 41, hundredth: 1000 };
const slowdownMax = 3;
const serverMegabytesMax = 400;
const repeats = 31;

let root: string;
let dataDir: string;
let maestro: MaestroProcess;
let client: Client;

/** The runs, in the order of their ids, with a number that spreads values over them. */
const runsText = `SELECT md5($2 || ':' || n)::uuid AS run_id, n FROM generate_series(1, $3::integer) AS n ORDER BY 1`;

/** Fills an experiment in SQL, as the server's own statements would leave it after each series was merged. */
async function fill(experimentId: string, count: number): Promise<void> {
  const db = new pg.Client({
    host: join(dataDir, 'socket'),
    user: 'postgres',
    password: await readFile(secretPath(dataDir, superuserSecret), 'utf8'),
    database: 'maestro',
  });
  await db.connect();
  const insert = (text: string, values: readonly unknown[] = []) =>
    db.query(`WITH runs AS MATERIALIZED (${runsText}) ${text}`, [tenantId, experimentId, count, ...values]);
  try {
    await db.query('SET synchronous_commit = off; SET work_mem = 256000');
    await insert(`INSERT INTO maestro.runs (tenant_id, run_id, experiment_id, name, start_time)
      SELECT $1::uuid, run_id, $2::bigint, 'run ' || n, 1700000000000 + n FROM runs`);
    await insert(`INSERT INTO maestro.tags (tenant_id, run_id, key, value, experiment_id)
      SELECT $1::uuid, run_id, 'mlflow.runName', 'run ' || n, $2::bigint FROM runs`);
    await insert(`INSERT INTO maestro.params (tenant_id, run_id, key, value, experiment_id)
      SELECT $1::uuid, run_id, 'p' || k, (n * (k + 1) % 97)::text, $2::bigint
      FROM runs CROSS JOIN generate_series(0, 9) AS k`);
    await insert(`INSERT INTO maestro.latest_metrics (tenant_id, run_id, key, value, is_nan, step, timestamp, experiment_id)
      SELECT $1::uuid, run_id, 'm' || k, (n::bigint * (k + 7919) % 100003) / 100003.0, false, 99, 1700000000099, $2::bigint
      FROM runs CROSS JOIN generate_series(0, 9) AS k`);
    await insert(
      `, shapes AS MATERIALIZED (
         SELECT length, array_agg(1700000000000 + i ORDER BY i) AS timestamps, array_agg(i::bigint ORDER BY i) AS steps,
           array_agg(sin(i) ORDER BY i) AS values
         FROM unnest(ARRAY[$4::integer, $5::integer]) AS length CROSS JOIN LATERAL generate_series(0, length - 1) AS i
         GROUP BY length)
       INSERT INTO maestro.metric_chunks (tenant_id, run_id, key, first_timestamp, last_timestamp, first_step, last_step,
         points, timestamps, steps, values)
       SELECT $1::uuid, run_id, 'm' || k, 1700000000000, 1700000000000 + length - 1, 0, length - 1, length,
         timestamps, steps, values
       FROM runs CROSS JOIN generate_series(0, 9) AS k
       JOIN shapes ON length = CASE WHEN n % 100 = 0 THEN $5::integer ELSE $4::integer END
       WHERE $2 <> ''`,
      [points.every, points.hundredth],
    );
    await db.query('ANALYZE maestro.runs, maestro.tags, maestro.params, maestro.latest_metrics, maestro.metric_chunks');
  } finally {
    await db.end();
  }
}

interface Page {
  readonly runs?: readonly { readonly info: { readonly run_id: string } }[];
  readonly next_page_token?: string;
  readonly metrics?: readonly unknown[];
}

async function search(experimentId: string, pageToken?: string): Promise<Page> {
  const page = (await client.post('runs/search', {
    experiment_ids: [experimentId],
    filter: "metrics.m0 > 0.1 and params.p1 != '7'",
    order_by: ['metrics.m1 ASC'],
    max_results: 100,
    ...(pageToken === undefined ? {} : { page_token: pageToken }),
  })) as Page;
  expect(page.runs).toHaveLength(100);
  return page;
}

/**
 * The time of a call, in milliseconds, once the caches are warm: the lower quartile, which other work on the machine
 * moves least.
 */
async function timeOf(call: (index: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let index = -5; index < repeats; index += 1) {
    const sentAt = performance.now();
    await call(index + 5);
    if (index >= 0) times.push(performance.now() - sentAt);
  }
  return times.sort((a, b) => a - b)[repeats >> 2] as number;
}

async function searchHundredth(experimentId: string): Promise<number> {
  let token: string | undefined;
  for (let page = 1; page < 100; page += 1) token = (await search(experimentId, token)).next_page_token;
  return timeOf(() => search(experimentId, token));
}

/** Times of the reads that must not depend on how much there is. */
async function measure(experimentId: string) {
  const all = (await client.post('runs/search', { experiment_ids: [experimentId], max_results: 400 })) as Page;
  const runIds = all.runs?.map(({ info }) => info.run_id) ?? [];
  const long: string[] = [];
  for (const runId of runIds) {
    const { metrics } = (await client.get(`metrics/get-history?run_id=${runId}&metric_key=m0`)) as Page;
    if (metrics?.length === points.hundredth) long.push(runId);
  }
  const nth = (ids: readonly string[], index: number) => ids[index % ids.length] as string;
  return {
    search: await timeOf(() => search(experimentId)),
    getRun: await timeOf((index) => client.get(`runs/get?run_id=${nth(runIds, index * 11)}`)),
    history: await timeOf((index) =>
      client.get(`metrics/get-history?run_id=${nth(long, index)}&metric_key=m${index % 10}`),
    ),
  };
}

/** Everybody at once: pages, runs and histories of the experiment on 16 connections. */
async function readForSeconds(experimentId: string, seconds: number): Promise<void> {
  const endsAt = performance.now() + seconds * 1000;
  const readers = Array.from({ length: 16 }, async () => {
    while (performance.now() < endsAt) {
      for (const { info } of ((await search(experimentId)).runs ?? []).slice(0, 5)) {
        await client.get(`runs/get?run_id=${info.run_id}`);
        await client.get(`metrics/get-history?run_id=${info.run_id}&metric_key=m0`);
      }
    }
  });
  await Promise.all(readers);
}

/** Linux: the most memory the server ever had, in megabytes. */
async function peakMegabytes(): Promise<number> {
  const status = await readFile(`/proc/${maestro.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

async function makeExperiment(name: string): Promise<string> {
  const { experiment_id: id } = await client.post('experiments/create', { name });
  return id ?? '';
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-size-'));
  dataDir = join(root, 'data');
  maestro = startMaestro({ MAESTRO_DATA_DIR: dataDir, MAESTRO_LOG_LEVEL: 'warn' }, root);
  const url = (await maestro.ready).replace('localhost', '127.0.0.1');
  const token = /^export MLFLOW_TRACKING_TOKEN=(\S+)$/m.exec(maestro.stdout())?.[1];
  client = openClient({ url, token }, 16);
});
afterAll(async () => {
  client?.close();
  await maestro?.stop();
  await rm(root, { recursive: true, force: true });
});

describe('a tenant with 100,000 runs and 50 million points', () => {
  test(`is searched and read within ${slowdownMax} times of an empty database's times, in bounded memory`, async () => {
    const small = await makeExperiment('small');
    await fill(small, runCount.small);
    const before = await measure(small);

    const big = await makeExperiment('big');
    await fill(big, runCount.big);
    const after = await measure(big);
    const hundredth = await searchHundredth(big);
    await readForSeconds(big, 20);
    console.log({ before, after, hundredth, megabytes: await peakMegabytes() });

    expect(after.search).toBeLessThan(before.search * slowdownMax);
    expect(hundredth).toBeLessThan(before.search * slowdownMax);
    expect(after.getRun).toBeLessThan(before.getRun * slowdownMax);
    expect(after.history).toBeLessThan(before.history * slowdownMax);
    expect(await peakMegabytes()).toBeLessThan(serverMegabytesMax);
  });
});
