import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openClient } from '../../bench/client.ts';
import { startMaestro } from '../../server/test/maestro.ts';
import { type FakeCommit, file, makeRepository } from './git_repository.fixture.ts';

const bin = join(import.meta.dirname, '../bin/maestro.mjs');
const count = 100_000;

/** By 200 people, in a tree of 2,000 files; two files a commit, and each hundredth one renames a file. */
function* history(): Generator<FakeCommit> {
  for (let index = 0; index < count; index++) {
    const author = `P${index % 200} <p${index % 200}@example.org>`;
    const [one, other] = [index % 2000, (index * 7) % 2000].map((at) => `d${at % 40}/f${at}`) as [string, string];
    const tree = [file(one, `${index}\n`), file(other, `${index}\nb\n`)];
    if (index % 100 === 99) tree.push(`R ${one} moved/f${index}`);
    yield { author, at: 1_600_000_000 + index * 300, tree };
  }
}

test('100,000 commits are synced in under 30 seconds, and a second sync finds nothing new in under 3', async () => {
  const root = await mkdtemp(join(tmpdir(), 'maestro-sync-'));
  const repository = await makeRepository();
  await repository.add(history());
  const maestro = startMaestro({ MAESTRO_DATA_DIR: join(root, 'data'), MAESTRO_LOG_LEVEL: 'warn' }, root);
  try {
    const url = (await maestro.ready).replace('localhost', '127.0.0.1');
    const token = /^export MLFLOW_TRACKING_TOKEN=(\S+)$/m.exec(maestro.stdout())?.[1] as string;
    const client = openClient({ url, token }, 1);
    const made = await client.send('POST', '/api/v1/projects', { name: 'code' });
    client.close();
    const { project_id: project } = JSON.parse(made.text) as { project_id: string };
    const words = ['git', 'sync', repository.path, '--project', project, '--tenant', 'default', '--json'];
    const env = { PATH: process.env.PATH, XDG_CONFIG_HOME: root, MAESTRO_URL: url, MAESTRO_TOKEN: token };
    const sync = async () => {
      const began = performance.now();
      const { stdout } = await promisify(execFile)(process.execPath, [bin, ...words], { env });
      const { recorded } = JSON.parse(stdout) as { recorded: number };
      return { recorded, seconds: (performance.now() - began) / 1000 };
    };
    const [first, second] = [await sync(), await sync()];
    console.log(`${count} commits in ${first.seconds.toFixed(1)} s; again in ${second.seconds.toFixed(1)} s`);
    expect(first.recorded).toBe(count);
    expect(first.seconds).toBeLessThan(30);
    expect(second.recorded).toBe(0);
    expect(second.seconds).toBeLessThan(3);
  } finally {
    await maestro.stop();
    await repository.remove();
    await rm(root, { recursive: true, force: true });
  }
});
