import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { secretPath } from '../../server/src/data_dir.ts';
import { secretNames } from '../../server/src/identity/secrets.ts';
import { freePort } from '../../server/test/free_port.ts';
import { superuserOf } from '../../server/test/large_tenant.ts';
import { startMaestro } from '../../server/test/maestro.ts';
import { curves, fillRuns, valueAt } from './many_runs.ts';

/** A Maestro in a process of its own, whose tenant `large` has an experiment of 100,000 runs and one of long curves. */
export interface ManyRunsServer {
  readonly origin: string;
  /** The experiment of 100,000 runs. */
  readonly experiment: number;
  /** The experiment of `curves`. */
  readonly curves: number;
  /** Sends JSON to `/api/v1` as an administrator of the tenant; throws where the answer is no 2xx. */
  send<Body>(method: string, path: string, json?: unknown): Promise<Body>;
  /** Signs a tenant's administrator in. */
  signIn(context: BrowserContext): Promise<void>;
  stop(): Promise<void>;
}

type Send = ManyRunsServer['send'];

const sender =
  (origin: string, key: string): Send =>
  async <Body>(method: string, path: string, json?: unknown) => {
    const answer = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as Body;
  };

const pointsAtOnce = 1_000;

/** Logs runs with a long curve each. */
async function logCurves(send: Send, experimentId: number): Promise<void> {
  const start_time = 1_790_000_000_000;
  const logged = Array.from({ length: curves.runs }, async (_, run) => {
    const name = `curve-${run}`;
    const { run_id } = await send<{ run_id: string }>('POST', '/runs', {
      experiment_id: experimentId,
      name,
      start_time: start_time + run,
    });
    for (let from = 0; from < curves.points; from += pointsAtOnce) {
      const metrics = Array.from({ length: pointsAtOnce }, (_, at) => ({
        key: curves.metric,
        step: from + at,
        timestamp: start_time + (from + at) * 1_000,
        value: valueAt(run, from + at),
      }));
      await send('POST', `/runs/${run_id}/log`, { metrics });
    }
    await send('PATCH', `/runs/${run_id}`, { status: 'FINISHED' });
  });
  await Promise.all(logged);
}

export async function startManyRuns(): Promise<ManyRunsServer> {
  const root = await mkdtemp(join(tmpdir(), 'many-runs-'));
  const dataDir = join(root, 'data');
  const maestro = startMaestro({ MAESTRO_DATA_DIR: dataDir, MAESTRO_PORT: String(await freePort()) }, root);
  const stop = async () => {
    await maestro.stop();
    await rm(root, { recursive: true, force: true });
  };
  try {
    const origin = (await maestro.ready).replace('127.0.0.1', 'localhost');
    const operator = sender(origin, (await readFile(secretPath(dataDir, secretNames.operatorKey), 'utf8')).trim());
    const { id } = await operator<{ id: string }>('POST', '/tenants', { slug: 'large', requests_per_second: 1_000 });
    const email = 'scientist@example.org';
    const role = 'tenant_admin';
    const { password } = await operator<{ password: string }>('POST', '/users', { email, tenant: 'large', role });
    const { key } = await operator<{ key: string }>('POST', '/tenants/large/keys', { name: 'key', role });
    const send = sender(origin, key);
    const made = (name: string) => send<{ experiment_id: number }>('POST', '/experiments', { name });
    const { experiment_id: experiment } = await made('many');
    const { experiment_id: ofCurves } = await made('curves');
    await fillRuns(await superuserOf(dataDir), id, experiment);
    await logCurves(send, ofCurves);
    return {
      origin,
      experiment,
      curves: ofCurves,
      send,
      stop,
      async signIn(context) {
        const answer = await context.request.post(`${origin}/api/v1/auth/login`, {
          data: { email, password, cookie: true },
          headers: { origin },
        });
        if (!answer.ok()) throw new Error(`nobody was signed in: ${await answer.text()}`);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
