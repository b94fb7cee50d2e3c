import { execFile } from 'node:child_process';
import { chmod, chown, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { findPostgresBinaries, type PostgresBinaries } from './postgres_binaries.ts';
import { chooseQuarters, commandIn } from './unprivileged.ts';

const run = promisify(execFile);

test.runIf(process.getuid?.() === 0).each(['namespace', 'dropped'] as const)(
  'as root (%s), a clone below another user’s home of mode 0700 has its PostgreSQL copied to where it can be run',
  async (kind) => {
    const home = await mkdtemp(join(tmpdir(), 'maestro-home-'));
    const found = await findPostgresBinaries();
    const native = join(home, 'node_modules', 'native');
    await cp(found.native, native, { recursive: true, verbatimSymlinks: true });
    const dataDir = join(home, 'data');
    await mkdir(dataDir);
    await chown(home, 1000, 1000);
    await chmod(home, 0o700);
    const binaries: PostgresBinaries = {
      ...found,
      native,
      postgres: join(native, 'bin', 'postgres'),
      initdb: join(native, 'bin', 'initdb'),
    };
    const quarters = await chooseQuarters(dataDir, binaries, [kind]);
    try {
      expect(quarters.place).toMatch(/^\/var\/lib\/maestro\/[0-9a-f]{16}$/);
      expect(quarters.binaries.initdb.startsWith(quarters.place)).toBe(true);
      const { file, args, options } = commandIn(quarters, quarters.binaries.initdb, ['--version']);
      expect((await run(file, args, options)).stdout).toContain('initdb (PostgreSQL)');
    } finally {
      await rm(quarters.place, { recursive: true });
      await rm(home, { recursive: true });
    }
  },
);
