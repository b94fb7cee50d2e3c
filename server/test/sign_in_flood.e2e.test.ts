import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MaestroProcess, startMaestro } from './maestro.ts';
import { prepareDataDir } from './prepared_data.ts';

let root: string;
let maestro: MaestroProcess;
let url: string;
let key: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-flood-'));
  prepareDataDir(join(root, 'data'));
  // The flood comes from many addresses and tries many passwords: else the throttle would end it.
  const environment = { MAESTRO_DATA_DIR: join(root, 'data'), MAESTRO_TRUSTED_PROXY: '127.0.0.1' };
  maestro = startMaestro({ ...environment, MAESTRO_LOG_LEVEL: 'error' }, root);
  url = (await maestro.ready).replace('localhost', '127.0.0.1');
  key = /^export MLFLOW_TRACKING_TOKEN=(\S+)$/m.exec(maestro.stdout())?.[1] as string;
});
afterAll(async () => {
  if (maestro?.child.exitCode === null) await maestro.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** Keeps `connections` sign-ins under way until `stop` is called; gives how many of each status were answered. */
function flood(connections: number): { stop(): Promise<Map<number, number>> } {
  const statuses = new Map<number, number>();
  let running = true;
  let made = 0;
  const sign = async (): Promise<void> => {
    while (running) {
      const at = ++made;
      const answer = await fetch(`${url}/api/v1/auth/login`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-forwarded-for': `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
        },
        body: JSON.stringify({ email: `nobody-${at}@example.com`, password: `whatever it may be ${at}` }),
      });
      await answer.arrayBuffer();
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    }
  };
  const all = Promise.all(Array.from({ length: connections }, sign));
  return {
    async stop() {
      running = false;
      await all;
      return statuses;
    },
  };
}

/** Milliseconds of each of `count` reads, one after the other. */
async function reads(count: number): Promise<number[]> {
  const times: number[] = [];
  for (let at = 0; at < count; at++) {
    const start = performance.now();
    const answer = await fetch(`${url}/api/v1/experiments?limit=5`, { headers: { authorization: `Bearer ${key}` } });
    await answer.arrayBuffer();
    expect(answer.status).toBe(200);
    times.push(performance.now() - start);
  }
  return times.toSorted((a, b) => a - b);
}

test('a flood of sign-ins leaves the rest of the API under 200 ms, and is itself served as far as it can be', async () => {
  await reads(20);
  const flooding = flood(48);
  // Whatever else this machine is doing: the best of a few rounds is what Maestro is answerable for.
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 8 && best >= 200; round++) {
    const times = await reads(60);
    best = Math.min(best, times[Math.floor(times.length * 0.95)] as number);
  }
  const statuses = await flooding.stop();
  expect(best).toBeLessThan(200);
  expect(statuses.get(401) ?? 0).toBeGreaterThan(0);
  // What is too much is told so, and nothing breaks.
  expect([...statuses.keys()].filter((status) => ![401, 429, 503].includes(status))).toEqual([]);
});
