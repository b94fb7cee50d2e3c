import { loadavg } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ManyRunsServer, startManyRuns } from './many_runs_server.ts';
import { p95 } from './probe.ts';

/** Of an answer of the server, 19 of 20; an idle machine takes a fifth of it. */
const readMax = 3_000;

let server: ManyRunsServer;
beforeAll(async () => {
  server = await startManyRuns();
}, 300_000);
afterAll(() => server?.stop());

const told = (what: string, figure: number): void =>
  void process.stdout.write(`| ${what} | ${figure.toFixed(1)} | load ${loadavg()[0]?.toFixed(1)}\n`);

const chosen = {
  metrics: ['loss', 'accuracy'],
  params: ['lr', 'depth'],
  tags: ['team'],
  extremes: ['loss'],
  limit: 200,
};

test.each([
  ['the newest', '/runs/search', chosen],
  ['the best', '/runs/search', { ...chosen, order_by: ['min_metrics.loss'] }],
  ['the longest', '/runs/search', { ...chosen, order_by: ['duration DESC'] }],
  ['by name', '/runs/search', { ...chosen, order_by: ['run_name'] }],
  ['how many', '/runs/aggregate', { filter: "metrics.loss < 0.5 AND params.lr = '0.1'" }],
  ['in groups', '/runs/aggregate', { group_by: ['params.lr'], of: ['metrics.loss', 'min_metrics.loss', 'metrics.f1'] }],
])('of 100,000 runs %s are found in time', async (name, path, query) => {
  const times: number[] = [];
  for (let round = 0; round < 11; round += 1) {
    const start = performance.now();
    await server.send('POST', path, { experiment_ids: [server.experiment], ...query });
    times.push(performance.now() - start);
  }
  told(`${name}, ms`, p95(times.slice(1)));
  expect(p95(times.slice(1))).toBeLessThan(readMax);
});

test('of 10,000 metrics those that hold a text are found in time', async () => {
  const times: number[] = [];
  for (let round = 0; round < 11; round += 1) {
    const start = performance.now();
    const path = `/experiments/${server.experiment}/keys?kind=metric&q=77&limit=20`;
    const { items, total } = await server.send<{ items: string[]; total: number }>('GET', path);
    times.push(performance.now() - start);
    expect(items).toHaveLength(20);
    expect(total).toBeGreaterThan(50);
  }
  told('names, ms', p95(times.slice(1)));
  expect(p95(times.slice(1))).toBeLessThan(readMax);
});
