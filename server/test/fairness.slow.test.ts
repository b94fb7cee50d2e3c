import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeRuns, slowdown } from './fairness_load.ts';
import { type MaestroProcess, startMaestro } from './maestro.ts';

let directory: string;
let maestro: MaestroProcess;
let url: string;
const tenants: Record<string, { key: string; runs: string[] }> = {};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'maestro-fairness-'));
  maestro = startMaestro({ MAESTRO_DATA_DIR: join(directory, 'data'), MAESTRO_LOG_LEVEL: 'warn' }, directory);
  url = (await maestro.ready).replace('localhost', '127.0.0.1');
  const operatorKey = (await readFile(join(directory, 'data/secrets/operator-key'), 'utf8')).trim();
  const post = async (path: string, json: object) => {
    const headers = { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' };
    const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(json) });
    return (await answer.json()) as { key: string };
  };
  for (const slug of ['flood', 'light']) {
    await post('/api/v1/tenants', { slug });
    const { key } = await post(`/api/v1/tenants/${slug}/keys`, { name: 'k', role: 'ml_engineer' });
    tenants[slug] = { key, runs: await makeRuns(url, key, slug === 'flood' ? 200 : 20) };
  }
});
afterAll(async () => {
  await maestro?.stop();
  await rm(directory, { recursive: true, force: true });
});

const cases = (['batch', 'search', 'metric', 'mixed'] as const).flatMap((flood) =>
  (['get_run', 'log_metric'] as const).map((call) => [flood, call] as const),
);

test.each(cases)(
  'a tenant that floods with %s slows another’s %s by no more than a fifth at the median',
  async (flood, call) => {
    const { flood: heavy, light } = tenants;
    if (!heavy || !light) throw new Error('the tenants were not made');
    const flooding = { url, tenant: heavy, kind: flood, connections: 48 };
    const measured = await slowdown(url, light, call, { ...flooding, rounds: { least: 15, most: 60 }, most: 1.2 });
    console.info(flood, call, JSON.stringify(measured));
    expect(Object.keys(measured.flooded)).toEqual(['200']);
    expect(measured.flooded['200']).toBeGreaterThan(500);
    expect(measured.ratio).toBeLessThan(1.2);
  },
);
