import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readServerState } from '../src/data_dir.ts';
import { type MaestroProcess, startMaestro } from './maestro.ts';

let root: string;
let dataDir: string;
let started: MaestroProcess[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-first-'));
  dataDir = join(root, 'data');
});
afterEach(async () => {
  for (const maestro of started) if (maestro.child.exitCode === null) await maestro.stop();
  started = [];
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

function start(): MaestroProcess {
  const maestro = startMaestro({ MAESTRO_DATA_DIR: dataDir, MAESTRO_LOG_LEVEL: 'error' }, root);
  started.push(maestro);
  return maestro;
}

const namesIn = (...path: string[]): Promise<string[]> => readdir(join(dataDir, ...path)).catch(() => []);

/** What a first start shows; undefined where the output holds none of it. */
function shownIn(output: string) {
  const [password, token] = [/^ {2}Password {3}(\S+)$/m, /^export MLFLOW_TRACKING_TOKEN=(\S+)$/m].map(
    (pattern) => pattern.exec(output)?.[1],
  );
  return password === undefined || token === undefined ? undefined : { password, token };
}

/** A start that nobody disturbs shows what signs in, and the one after it shows nothing. */
async function expectToBeLetIn(): Promise<void> {
  const maestro = start();
  const url = await maestro.ready;
  const shown = shownIn(maestro.stdout());
  expect(shown).toBeDefined();
  await expectToHold(url, shown);
  await maestro.stop();
  const next = start();
  await next.ready;
  expect(shownIn(next.stdout())).toBeUndefined();
  expect(await namesIn('secrets')).not.toContain('first-start');
}

async function expectToHold(url: string, shown: ReturnType<typeof shownIn>): Promise<void> {
  const signIn = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'admin@localhost', password: shown?.password }),
  });
  expect(signIn.status).toBe(200);
  const headers = { authorization: `Bearer ${shown?.token}` };
  const key = await fetch(`${url}/api/2.0/mlflow/experiments/get?experiment_id=0`, { headers });
  expect(key.status).toBe(200);
}

describe('a first start that is killed', () => {
  const moments: Record<string, (maestro: MaestroProcess) => Promise<boolean> | boolean> = {
    'while initdb works': async () =>
      (
        await Promise.all((await namesIn()).filter((name) => name.includes('.draft')).map((name) => namesIn(name)))
      ).some((made) => made.length > 5),
    'when the database has been made': async () => (await namesIn('postgres')).length > 0,
    'when it begins to migrate': (maestro) => maestro.stdout().includes('Migrating'),
    'before the administrator is in the database': async () => (await namesIn('secrets')).includes('first-start'),
    'before it serves': async () => (await namesIn()).includes('server.json'),
  };
  for (const [moment, hasCome] of Object.entries(moments)) {
    test(`${moment} locks nobody out`, async () => {
      const killed = start();
      while (!(await hasCome(killed)) && killed.child.exitCode === null) await delay(2);
      killed.child.kill('SIGKILL');
      expect((await killed.ended).signal).toBe('SIGKILL');
      // Only in the last of these moments may it have come to show them.
      if (shownIn(killed.stdout()) === undefined) await expectToBeLetIn();
      else await expectToHold(await start().ready, shownIn(killed.stdout()));
    });
  }

  test('again and again, a little later each time, locks nobody out', async () => {
    for (let lifeMs = 150; ; lifeMs *= 1.6) {
      const killed = start();
      await Promise.race([delay(lifeMs), killed.ended]);
      killed.child.kill('SIGKILL');
      await killed.ended;
      const shown = shownIn(killed.stdout());
      if (shown === undefined) continue;
      const last = start();
      await expectToHold(await last.ready, shown);
      break;
    }
  });
});

test('what nobody could read, because standard output was gone, is shown by the next start', async () => {
  const unread = start();
  unread.child.stdout?.destroy();
  while ((await readServerState(dataDir)) === undefined && unread.child.exitCode === null) await delay(20);
  await unread.stop();
  await expectToBeLetIn();
});
