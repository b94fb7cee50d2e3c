import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, contentOf, testBlobStore } from './blobs.suite.ts';
import { openDiskBlobs } from './blobs_disk.ts';

testBlobStore('the disk', async () => {
  const root = await mkdtemp(join(tmpdir(), 'maestro-files-'));
  return {
    blobs: await openDiskBlobs(root, { multipart: true }),
    close: () => rm(root, { recursive: true, force: true }),
  };
});

describe('files on disk', () => {
  let root: string;
  const tenant = randomUUID();
  const open = () => openDiskBlobs(root, { multipart: true });
  const tree = (...path: string[]) => join(root, tenant, 'tree', ...path);

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'maestro-files-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it('are readable by their owner alone', async () => {
    const blobs = await open();
    await blobs.write(tenant, 'private/file', bodyOf('x'));
    expect((await stat(tree('private/file'))).mode & 0o777).toBe(0o600);
    for (const directory of [join(root, tenant), tree(), tree('private')]) {
      expect((await stat(directory)).mode & 0o777).toBe(0o700);
    }
  });

  it('are never reached through a link, wherever it stands', async () => {
    const blobs = await open();
    const outside = await mkdtemp(join(tmpdir(), 'maestro-outside-'));
    try {
      await writeFile(join(outside, 'secret'), 'secret');
      await blobs.write(tenant, 'links/x', bodyOf('x'));
      await symlink(outside, tree('links', 'directory'));
      await symlink(join(outside, 'secret'), tree('links', 'file'));
      expect(await blobs.open(tenant, 'links/directory/secret')).toBeUndefined();
      expect(await blobs.open(tenant, 'links/file')).toBeUndefined();
      expect(await blobs.list(tenant, 'links/directory')).toEqual([]);
      expect((await blobs.list(tenant, 'links')).map(({ name }) => name)).toEqual(['x']);
      await expect(blobs.write(tenant, 'links/directory/new', bodyOf('x'))).rejects.toThrow('below a file');
      expect(await blobs.remove(tenant, 'links/directory/secret')).toBe(false);
      await blobs.write(tenant, 'links/file', bodyOf('mine'));
      expect(await blobs.remove(tenant, 'links')).toBe(true);
      expect(await readdir(outside)).toEqual(['secret']);
      expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
    } finally {
      await rm(outside, { recursive: true, force: true });
    }
  });

  it('leave nothing behind that is not a file or on its way', async () => {
    const blobs = await open();
    await blobs.write(tenant, 'clean/file', bodyOf('x'));
    await expect(blobs.write(tenant, 'clean', bodyOf('x'))).rejects.toThrow();
    await blobs.remove(tenant, 'clean');
    expect(await readdir(join(root, tenant, 'incoming'))).toEqual([]);
  });

  it('drop an upload that nobody touched for a day, and keep a younger one', async () => {
    const uploads = (await open()).uploads;
    const stale = (await uploads?.begin(tenant, 'stale')) ?? '';
    const young = (await uploads?.begin(tenant, 'young')) ?? '';
    const dayBefore = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await utimes(join(root, tenant, 'uploads', stale), dayBefore, dayBefore);
    await open();
    const left = await readdir(join(root, tenant, 'uploads'));
    expect(left).not.toContain(stale);
    expect(left).toContain(young);
  });

  it('show whole files or none after kill -9 in the middle of writes, and nothing of the rest after the next start', async () => {
    const writer = `
      import { Readable } from 'node:stream';
      import { openDiskBlobs } from ${JSON.stringify(new URL('./blobs_disk.ts', import.meta.url).href)};
      const blobs = await openDiskBlobs(process.argv[1], { multipart: false });
      const endless = (letter) => Readable.from((function* () { for (;;) yield Buffer.alloc(65536, letter); })());
      blobs.write(process.argv[2], 'killed/endless/file', endless('e'));
      for (let round = 0; ; round += 1) {
        const body = Readable.from(Array.from({ length: 8 }, () => Buffer.alloc(65536, 97 + (round % 26))));
        await blobs.write(process.argv[2], 'killed/' + (round % 5) + '/' + round, body);
        process.stdout.write(round + '\\n');
      }`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer, root, tenant], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const acknowledged: string[] = [];
    let rest = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      acknowledged.push(...lines);
      if (acknowledged.length > 20) child.kill('SIGKILL');
    });
    await once(child, 'close');
    expect((await readdir(join(root, tenant, 'incoming'))).length).toBeGreaterThan(0);
    const blobs = await open();
    expect(await readdir(join(root, tenant)).then((names) => names.includes('incoming'))).toBe(false);
    for (const round of acknowledged) {
      const content = await contentOf(blobs, tenant, `killed/${Number(round) % 5}/${round}`);
      expect(content).toBe(String.fromCharCode(97 + (Number(round) % 26)).repeat(8 * 65_536));
    }
    const directories = await blobs.list(tenant, 'killed');
    expect(directories.map(({ name }) => name)).not.toContain('endless');
    for (const { name } of directories) {
      for (const { size } of await blobs.list(tenant, `killed/${name}`)) expect(size).toBe(8 * 65_536);
    }
  });
});
