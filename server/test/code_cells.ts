import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { migrationsDirectory } from '../src/db/migrate.ts';

/** What the server keeps of a project's code while it is told of it. */
export const codeCellTables = [
  'code_days',
  'code_person_cells',
  'code_cells',
  'code_review_ties',
  'code_files',
] as const;

/** Counts all commits, builds, changes, reviews and files of all tenants anew, as the migration does; as a superuser. */
export async function fillCodeCells(client: pg.Client): Promise<void> {
  const migration = await readFile(join(migrationsDirectory, '0032_code_cells.sql'), 'utf8');
  const [up = ''] = migration.split('-- Down Migration');
  // Who is above row-level security needs none of what surrounds them.
  const statements = up.slice(
    up.indexOf('INSERT INTO maestro.code_days'),
    up.lastIndexOf('ALTER TABLE maestro.code_people FORCE'),
  );
  await client.query(`DELETE FROM maestro.${codeCellTables.join('; DELETE FROM maestro.')}`);
  await client.query(statements);
}
