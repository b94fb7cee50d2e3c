import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDataDir, readServerState, secretPath } from './data_dir.ts';
import { DataDirLockedError } from './data_dir_lock.ts';
import { identifyProcess } from './process_identity.ts';

const run = promisify(execFile);

let root: string;
let path: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-data-dir-'));
  path = join(root, 'nested', 'data');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const modeOf = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);

/** A process that opens `path` and then runs `then`, JavaScript with `dataDir`. */
function holderScript(then: string): string {
  return `
    import { openDataDir } from ${JSON.stringify(join(import.meta.dirname, 'data_dir.ts'))};
    try {
      const dataDir = await openDataDir(${JSON.stringify(path)});
      ${then}
    } catch (error) {
      console.log(error.name);
    }`;
}

async function startHolder(then: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', holderScript(then)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [said] = await once(child.stdout, 'data');
  return { child, said: String(said).trim() };
}

const holdForever = `console.log('held'); setInterval(() => {}, 1000);`;

describe('the lock', () => {
  test('a second process is told which process has the directory', async () => {
    const { child, said } = await startHolder(holdForever);
    expect(said).toBe('held');
    const refused = await openDataDir(path).catch((error) => error);
    expect(refused).toBeInstanceOf(DataDirLockedError);
    expect(refused.message).toContain(`process ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await (await openDataDir(path)).close();
  });

  test('the same process cannot open it twice, and can again after closing it', async () => {
    const dataDir = await openDataDir(path);
    await expect(openDataDir(path)).rejects.toThrow(DataDirLockedError);
    await dataDir.close();
    await (await openDataDir(path)).close();
  });

  test('a living process that was given the pid of a dead holder does not hold it', async () => {
    await mkdir(join(path, 'locks'), { recursive: true });
    const record = { ...identifyProcess(process.pid), startedAt: 'an earlier boot:1', state: 'held' };
    await writeFile(join(path, 'locks', '7'), JSON.stringify(record));
    const dataDir = await openDataDir(path);
    expect(await readdir(join(path, 'locks'))).toEqual(['8']);
    await dataDir.close();
  });

  test('a lock file that a power cut left empty does not hold it', async () => {
    await mkdir(join(path, 'locks'), { recursive: true });
    await writeFile(join(path, 'locks', '3'), '');
    await (await openDataDir(path)).close();
  });

  test('whoever comes while the holder is stopping waits for it', async () => {
    const { child } = await startHolder(`
      await dataDir.announceStop();
      console.log('stopping');
      process.stdin.once('data', async () => { await dataDir.close(); process.exit(); });`);
    let opened = false;
    const opening = openDataDir(path).then((dataDir) => {
      opened = true;
      return dataDir;
    });
    await delay(200);
    expect(opened).toBe(false);
    child.stdin.write('end\n');
    await (await opening).close();
  });

  test('of many processes that take over from a killed one at the same moment, exactly one holds it', async () => {
    const { child } = await startHolder(holdForever);
    child.kill('SIGKILL');
    await once(child, 'exit');
    // Each prints `held` and stays until all have tried.
    const script = holderScript(`console.log('held'); await new Promise((resolve) => setTimeout(resolve, 2500));`);
    const racers = Array.from({ length: 8 }, () => run(process.execPath, ['--input-type=module', '-e', script]));
    const outcomes = (await Promise.all(racers)).map(({ stdout }) => stdout.trim());
    expect(outcomes.filter((outcome) => outcome === 'held')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'DataDirLockedError')).toHaveLength(7);
  });
});

describe('the directory', () => {
  test('is private, and so is everything in it', async () => {
    await mkdir(path, { recursive: true, mode: 0o755 });
    const dataDir = await openDataDir(path);
    await dataDir.secret('key', () => 'text');
    await dataDir.announce({ pid: 1, url: 'http://localhost:1' });
    expect(await modeOf(path)).toBe('700');
    expect(await modeOf(join(path, 'secrets'))).toBe('700');
    expect(await modeOf(join(path, 'locks'))).toBe('700');
    expect(await modeOf(secretPath(path, 'key'))).toBe('600');
    expect(await modeOf(join(path, 'server.json'))).toBe('600');
    await dataDir.close();
  });

  test('is refused when it holds something else', async () => {
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'thesis.tex'), '');
    await expect(openDataDir(path)).rejects.toThrow('neither empty nor a data directory');
    expect(await readdir(path)).toEqual(['thesis.tex']);
  });

  test('that cannot be one is named in the refusal', async () => {
    await writeFile(join(root, 'file'), '');
    await expect(openDataDir(join(root, 'file'))).rejects.toThrow(`cannot use ${join(root, 'file')}`);
  });
});

describe('secrets', () => {
  test('are made once and kept until they are dropped', async () => {
    const first = await openDataDir(path);
    expect(await first.findSecret('key')).toBeUndefined();
    expect(await first.secret('key', () => 'made')).toBe('made');
    await first.close();
    const second = await openDataDir(path);
    expect(await second.secret('key', () => 'made again')).toBe('made');
    expect(await second.findSecret('key')).toBe('made');
    await second.dropSecret('key');
    expect(await second.findSecret('key')).toBeUndefined();
    await second.close();
  });

  test('that became readable for others are closed again', async () => {
    const dataDir = await openDataDir(path);
    await dataDir.secret('key', () => 'made');
    await chmod(secretPath(path, 'key'), 0o644);
    await dataDir.secret('key', () => 'made again');
    expect(await modeOf(secretPath(path, 'key'))).toBe('600');
    await dataDir.close();
  });

  test('cannot be named out of their directory', () => {
    for (const name of ['../x', 'a/b', '', '.hidden', 'A']) expect(() => secretPath(path, name)).toThrow();
  });
});

test('the running server is found by server.json until it closes the directory', async () => {
  const dataDir = await openDataDir(path);
  await dataDir.announce({ pid: 42, url: 'http://localhost:8080' });
  expect(await readServerState(path)).toEqual({ pid: 42, url: 'http://localhost:8080' });
  expect(await readFile(join(path, 'server.json'), 'utf8')).toContain('8080');
  await dataDir.close();
  expect(await readServerState(path)).toBeUndefined();
});
