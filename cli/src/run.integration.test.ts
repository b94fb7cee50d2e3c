import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';

let line: CommandLine;
let folder: string;
let experiment: number;
let id: string;

const run = (...words: string[]) =>
  line.run([...words, '--tenant', 'tenant-a'], line.as(line.maestro.tenants.a.keys.tenant_admin));

beforeAll(async () => {
  line = await startCommandLine();
  folder = await mkdtemp(join(tmpdir(), 'maestro-runs-'));
  const made = await line.people.asAdmin<{ experiment_id: number }>('POST', '/experiments', { name: randomUUID() });
  experiment = made.experiment_id;
  for (const [name, value] of [
    ['worse', 0.5],
    ['better', 0.1],
  ] as const) {
    const one = await line.people.asAdmin<{ run_id: string }>('POST', '/runs', { experiment_id: experiment, name });
    id = one.run_id;
    await line.people.asAdmin('POST', `/runs/${id}/log`, {
      metrics: [{ key: 'loss', value, step: 1 }],
      params: [{ key: 'rate', value: '0.01' }],
    });
  }
});
afterAll(async () => {
  await line?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('experiment', () => {
  test('create, list, show, delete and restore do what they say', async () => {
    const name = randomUUID();
    const { experiment_id } = json<{ experiment_id: number }>(await run('experiment', 'create', name, '--json'));
    const number = String(experiment_id);
    expect(said(await run('experiment', 'list'))).toMatch(new RegExp(`^${number} +${name} +active `, 'm'));
    expect(said(await run('experiment', 'show', number))).toMatch(new RegExp(`^Name +${name}$`, 'm'));
    expect(json<unknown[]>(await run('experiment', 'list', '--limit', '1', '--json'))).toHaveLength(1);
    expect(said(await run('experiment', 'delete', number))).toContain('maestro experiment restore brings it back');
    const filter = ['--filter', `name = '${name}'`];
    expect(said(await run('experiment', 'list', ...filter))).toBe('No experiments.\n');
    expect(json<unknown[]>(await run('experiment', 'list', ...filter, '--view', 'deleted', '--json'))).toHaveLength(1);
    said(await run('experiment', 'restore', number));
    expect(said(await run('experiment', 'list', ...filter))).toContain(name);
  });

  test('what is not there, or not understood, is said in one sentence', async () => {
    expectFailure(await run('experiment', 'show', '999999'), 1, /999999/);
    expectFailure(await run('experiment', 'show', 'churn'), 2, /the number of an experiment/);
    expectFailure(await run('experiment', 'list', '--filter', 'nonsense'), 1, /filter/i);
    expectFailure(await line.run(['experiment', 'list', '--tenant', 'tenant-a']), 1, /operator key gives no right/);
    const away = { MAESTRO_URL: 'http://127.0.0.1:1', MAESTRO_TOKEN: 'none' };
    expectFailure(await line.run(['experiment', 'list', '--tenant', 'tenant-a'], away), 3, /does not answer/);
  });
});

describe('run', () => {
  test('list, search and show find runs by what they logged', async () => {
    const of = ['--experiment', String(experiment)];
    expect(json<unknown[]>(await run('run', 'list', ...of, '--json'))).toHaveLength(2);
    const found = said(await run('run', 'search', ...of, '--filter', 'metrics.loss < 0.2'));
    expect(found).toMatch(new RegExp(`^${id} +${experiment} +better +RUNNING .* loss=0.1$`, 'm'));
    expect(found).not.toContain('worse');
    const sorted = await run('run', 'search', ...of, '--order-by', 'metrics.loss ASC', '--json');
    expect(json<{ name: string }[]>(sorted).map(({ name }) => name)).toEqual(['better', 'worse']);
    expect(said(await run('run', 'show', id))).toMatch(/^Param rate +0.01$/m);
    expectFailure(await run('run', 'list', '--experiment', 'churn'), 2, /numbers of experiments, not churn/);
  });

  test('what is uploaded is listed, and comes back as it was', async () => {
    const content = randomBytes(2_000_000);
    const file = join(folder, 'model.bin');
    await writeFile(file, content);
    const sent = await run('run', 'upload', id, file, '--path', 'model/weights', '--json');
    const { sha256 } = json<{ sha256: string }>(sent);
    expect(said(await run('run', 'files', id))).toMatch(/^model +directory$/m);
    expect(said(await run('run', 'files', id, 'model'))).toMatch(/^model\/weights +2.0 MB$/m);
    const copy = join(folder, 'copy');
    const fetched = await run('run', 'download', id, 'model/weights', '--output', copy, '--sha256', sha256);
    expect(said(fetched)).toBe(`Wrote ${copy}.\n`);
    expect((await readFile(copy)).equals(content)).toBe(true);
  });

  test('a transfer that fails leaves nothing, and says why', async () => {
    await writeFile(join(folder, 'text'), 'text');
    expect(said(await run('run', 'upload', id, join(folder, 'text')))).toMatch(/^Uploaded text: 4 B, SHA-256 \w{64}$/m);
    expect(said(await run('run', 'download', id, 'text', '--output', '-'))).toBe('text');
    const other = join(folder, 'other');
    const refused = await run('run', 'download', id, 'text', '--output', other, '--sha256', '0'.repeat(64));
    expectFailure(refused, 1, /SHA-256/);
    await expect(readFile(other)).rejects.toThrow('ENOENT');
    expectFailure(await run('run', 'download', id, 'none', '--output', other), 1, /No such artifact/);
    expectFailure(await run('run', 'upload', id, join(folder, 'none')), 1, /cannot be read \(ENOENT\)/);
    expectFailure(await run('run', 'upload', id, folder), 2, /is no file/);
  });
});
