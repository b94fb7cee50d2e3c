import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateUp, migrationsDirectory } from '../src/db/migrate.ts';
import { withClient } from '../src/db/roles.ts';
import type { TestDatabase } from './postgres.ts';

/** Takes a database back to what it was before the migration `file`, empty; the test migrates it on. */
export async function rewind({ logins }: TestDatabase, file: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'maestro-before-'));
  try {
    for (const name of await readdir(migrationsDirectory)) {
      if (name.endsWith('.sql') && name < file) await cp(join(migrationsDirectory, name), join(directory, name));
    }
    await withClient(logins.owner, async (owner) => {
      await owner.query('DROP SCHEMA maestro CASCADE; CREATE SCHEMA maestro');
      await migrateUp(owner, directory);
    });
  } finally {
    await rm(directory, { recursive: true });
  }
}
