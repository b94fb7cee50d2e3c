import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type MaestroProcess, startMaestro } from './maestro.ts';

const rounds = 24;
const writers = 8;

let root: string;
let maestro: MaestroProcess | undefined;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-kill-'));
});
afterEach(async () => {
  await maestro?.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** What the server said it has of one run: steps of the metric `m`, and params by key. */
interface Acknowledged {
  readonly runId: string;
  readonly steps: number[];
  readonly params: Map<string, string>;
}

interface Answered {
  readonly experiment_id?: string;
  readonly run?: {
    readonly info: { readonly run_id: string };
    readonly data: { readonly params?: readonly { key: string; value: string }[] };
  };
  readonly metrics?: readonly { readonly step: number }[];
}

async function call(url: string, token: string, path: string, body?: unknown): Promise<Answered> {
  const response = await fetch(`${url}/api/2.0/mlflow/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return JSON.parse(text) as Answered;
}

/** Writes to a run of its own, one call after the other, until the server is gone. */
async function write(url: string, token: string, experimentId: string, acknowledged: Acknowledged[]): Promise<void> {
  try {
    const created = await call(url, token, 'runs/create', { experiment_id: experimentId });
    const runId = created.run?.info.run_id ?? '';
    const mine: Acknowledged = { runId, steps: [], params: new Map() };
    acknowledged.push(mine);
    for (let step = 0; ; step += 1) {
      await call(url, token, 'runs/log-metric', { run_id: runId, key: 'm', value: step, timestamp: Date.now(), step });
      mine.steps.push(step);
      if (step % 5 > 0) continue;
      const [key, value] = [`p${step}`, `value ${step}`];
      await call(url, token, 'runs/log-batch', { run_id: runId, params: [{ key, value }] });
      mine.params.set(key, value);
    }
  } catch (error) {
    // fetch fails with a TypeError when the connection does; anything the server itself said is a fault.
    if (!(error instanceof TypeError)) throw error;
  }
}

async function expectAll(url: string, token: string, acknowledged: readonly Acknowledged[]): Promise<void> {
  for (const { runId, steps, params } of acknowledged) {
    const { run } = await call(url, token, `runs/get?run_id=${runId}`);
    const kept = new Map(run?.data.params?.map(({ key, value }) => [key, value]));
    for (const [key, value] of params) expect(kept.get(key)).toBe(value);
    const { metrics = [] } = await call(url, token, `metrics/get-history?run_id=${runId}&metric_key=m`);
    expect(new Set(metrics.map(({ step }) => step)).isSupersetOf(new Set(steps))).toBe(true);
  }
}

test(`every acknowledged write outlives ${rounds} kills under load`, async () => {
  const dataDir = join(root, 'data');
  const acknowledged: Acknowledged[] = [];
  let token = '';
  let experimentId = '';
  let checked = 0;
  for (let round = 0; round < rounds; round += 1) {
    maestro = startMaestro({ MAESTRO_DATA_DIR: dataDir, MAESTRO_LOG_LEVEL: 'error' }, root);
    const url = (await maestro.ready).replace('localhost', '127.0.0.1');
    if (round === 0) {
      token = /^export MLFLOW_TRACKING_TOKEN=(\S+)$/m.exec(maestro.stdout())?.[1] ?? '';
      experimentId = (await call(url, token, 'experiments/create', { name: 'killed' })).experiment_id ?? '';
    }
    await expectAll(url, token, acknowledged.slice(checked));
    checked = acknowledged.length;
    const writing = Array.from({ length: writers }, () => write(url, token, experimentId, acknowledged));
    await delay(300 + Math.random() * 700);
    if (round % 2 === 1) {
      // PostgreSQL too, as when the machine loses power but for what the disk has not got yet.
      const postmaster = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8');
      process.kill(Number(postmaster.split('\n')[0]), 'SIGKILL');
    }
    maestro.child.kill('SIGKILL');
    await Promise.all([...writing, maestro.ended]);
  }
  maestro = startMaestro({ MAESTRO_DATA_DIR: dataDir, MAESTRO_LOG_LEVEL: 'error' }, root);
  await expectAll((await maestro.ready).replace('localhost', '127.0.0.1'), token, acknowledged);
  expect(acknowledged.length).toBeGreaterThan(rounds);
  expect(acknowledged.reduce((sum, { steps }) => sum + steps.length, 0)).toBeGreaterThan(rounds * writers);
});
