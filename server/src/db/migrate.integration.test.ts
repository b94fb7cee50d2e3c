import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { migrateDown, migrateUp, migrationPlan, migrationStatus, migrationsDirectory } from './migrate.ts';
import { withClient } from './roles.ts';

let database: TestDatabase;
let directory: string;
beforeEach(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'maestro-migrations-'));
  // As on an empty database.
  await asOwner((owner) => owner.query('DROP SCHEMA maestro CASCADE; CREATE SCHEMA maestro'));
});
afterEach(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

const asOwner = <T>(work: (owner: Client) => Promise<T>) => withClient(database.logins.owner, work);

async function write(name: string, up: string, down = ''): Promise<void> {
  await writeFile(join(directory, `${name}.sql`), `-- Up Migration\n${up};\n-- Down Migration\n${down}\n`);
}

const tables = async (owner: Client) =>
  (
    await owner.query(
      "SELECT relname::text AS name FROM pg_class WHERE relnamespace = 'maestro'::regnamespace AND relkind = 'r' ORDER BY 1",
    )
  ).rows.map((row) => row.name);

describe('migrations', () => {
  test('are applied once each, in order, and reverted from the last', async () => {
    await write('0001_a', 'CREATE TABLE maestro.a ()', 'DROP TABLE maestro.a');
    await write('0002_b', 'CREATE TABLE maestro.b ()', 'DROP TABLE maestro.b');
    await asOwner(async (owner) => {
      expect(await migrateUp(owner, directory)).toEqual(['0001_a', '0002_b']);
      expect(await migrateUp(owner, directory)).toEqual([]);
      expect(await tables(owner)).toEqual(['a', 'b', 'migrations']);
      await write('0003_c', 'CREATE TABLE maestro.c ()', 'DROP TABLE maestro.c');
      expect(await migrationStatus(owner, directory)).toEqual({
        applied: ['0001_a', '0002_b'],
        pending: ['0003_c'],
        unknown: [],
      });
      expect(await migrateDown(owner, directory)).toEqual(['0002_b']);
      expect(await migrateUp(owner, directory)).toEqual(['0002_b', '0003_c']);
    });
  });

  test('that fail leave nothing behind, and say where they failed', async () => {
    await write('0001_a', 'CREATE TABLE maestro.a ()');
    await write('0002_b', 'CREATE TABLE maestro.b (); SELECT no_such_function()');
    await asOwner(async (owner) => {
      await expect(migrateUp(owner, directory)).rejects.toThrow(/rolled back[\s\S]*no_such_function/);
      expect(await tables(owner)).toEqual(['a', 'migrations']);
      expect((await migrationStatus(owner, directory)).applied).toEqual(['0001_a']);
    });
  });

  test('of a newer Maestro are refused', async () => {
    await write('0001_a', 'CREATE TABLE maestro.a ()');
    await asOwner(async (owner) => {
      await migrateUp(owner, directory);
      await rm(join(directory, '0001_a.sql'));
      await write('0000_z', 'SELECT 1');
      await expect(migrateUp(owner, directory)).rejects.toThrow('newer Maestro: it has the migrations 0001_a');
    });
  });

  test('are applied once when several servers start at the same moment', async () => {
    await write('0001_a', 'CREATE TABLE maestro.a (); SELECT pg_sleep(0.2)');
    const applied = await Promise.all(Array.from({ length: 4 }, () => asOwner((owner) => migrateUp(owner, directory))));
    expect(applied.flat()).toEqual(['0001_a']);
  });

  test('are shown by a dry run that changes nothing', async () => {
    await write('0001_a', 'CREATE TABLE maestro.a ()');
    await asOwner(async (owner) => {
      expect(await migrationPlan(owner, directory)).toContain('CREATE TABLE maestro.a ()');
      expect(await tables(owner)).toEqual([]);
    });
  });
});

test('every migration of Maestro can be reverted and applied again', async () => {
  const count = (await readdir(migrationsDirectory)).filter((file) => file.endsWith('.sql')).length;
  await asOwner(async (owner) => {
    expect(await migrateUp(owner)).toHaveLength(count);
    const before = await tables(owner);
    expect(await migrateDown(owner, migrationsDirectory, count)).toHaveLength(count);
    expect(await tables(owner)).toEqual(['migrations']);
    expect(await migrateUp(owner)).toHaveLength(count);
    expect(await tables(owner)).toEqual(before);
  });
});
