import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type MaestroProcess, startMaestro } from './maestro.ts';
import { prepareDataDir } from './prepared_data.ts';

let root: string;
let maestro: MaestroProcess | undefined;
let url = '';
let token = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-impact-'));
  prepareDataDir(join(root, 'data'));
});
afterEach(async () => {
  await maestro?.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

async function start(): Promise<MaestroProcess> {
  const started = startMaestro({ MAESTRO_DATA_DIR: join(root, 'data') }, root);
  maestro = started;
  url = (await started.ready).replace('localhost', '127.0.0.1');
  token = /^export MLFLOW_TRACKING_TOKEN=(\S+)$/m.exec(started.stdout())?.[1] ?? token;
  return started;
}

async function call<Body>(method: string, path: string, json?: unknown): Promise<Body> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  expect(response.status).toBeLessThan(300);
  return (await response.json()) as Body;
}

test('an outcome whose server was killed at once still teaches: the next one estimates the impact', async () => {
  const first = await start();
  const { artifact_id: artifact } = await call<{ artifact_id: string }>('POST', '/artifacts', {
    name: 'a',
    type: 'schema',
    version: '1',
  });
  for (const [at, success_score] of [50, 80, 52, 79].entries()) {
    const { project_id } = await call<{ project_id: string }>('POST', '/projects', { name: `p${at}`, success_score });
    if (at % 2 === 1) await call('POST', `/artifacts/${artifact}/use`, { project_id });
  }
  first.child.kill('SIGKILL');
  await first.ended;
  await start();
  await vi.waitFor(
    async () =>
      expect(await call('GET', `/artifacts/${artifact}`)).toMatchObject({
        impact_projects: 2,
        avg_impact_score: expect.any(Number),
      }),
    { timeout: 60_000, interval: 200 },
  );
});
