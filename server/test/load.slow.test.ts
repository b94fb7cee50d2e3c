import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, openClient } from '../../bench/client.ts';
import { putLoad } from '../../bench/load.ts';
import { mixed, prepareStock, type Stock } from '../../bench/scenarios.ts';
import { type MaestroProcess, startMaestro } from './maestro.ts';

const connections = 500;

let root: string;
let maestro: MaestroProcess;
let client: Client;
let stock: Stock;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-load-'));
  maestro = startMaestro({ MAESTRO_DATA_DIR: join(root, 'data'), MAESTRO_LOG_LEVEL: 'warn' }, root);
  const url = (await maestro.ready).replace('localhost', '127.0.0.1');
  const token = /^export MLFLOW_TRACKING_TOKEN=(\S+)$/m.exec(maestro.stdout())?.[1];
  client = openClient({ url, token }, connections);
  stock = await prepareStock(client);
});
afterAll(async () => {
  client?.close();
  await maestro?.stop();
  await rm(root, { recursive: true, force: true });
});

test(`${connections} connections at once cause no error, only waiting`, async () => {
  const figures = await putLoad(client, stock, mixed, { seconds: 30, connections });
  expect(figures).toMatchObject({ errors: 0 });
  expect(figures.requests).toBeGreaterThan(connections);
  // Nobody is forgotten: the longest wait stands in proportion to the queue, not to the length of the test.
  expect(figures.p99).toBeLessThan(15_000);
  expect(maestro.stderr()).toBe('');
  expect((await client.send('GET', '/ready')).status).toBe(200);
});
