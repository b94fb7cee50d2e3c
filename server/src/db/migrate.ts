import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ClientBase } from 'pg';
import { migrationsTable, schema } from './roles.ts';

/** Maestro's own migrations. */
export const migrationsDirectory = join(import.meta.dirname, 'migrations');

export type MigrationStatus = {
  /** Names without `.sql`, in order. */
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  /** Applied, but not in the directory: the database belongs to a newer Maestro. */
  readonly unknown: readonly string[];
};

/** What has been applied to the database, and what is yet to be. `owner` is connected as the owner. */
export async function migrationStatus(owner: ClientBase, directory = migrationsDirectory): Promise<MigrationStatus> {
  const names = (await readdir(directory))
    .filter((file) => file.endsWith('.sql'))
    .map((file) => basename(file, '.sql'))
    .sort();
  const { rows: tables } = await owner.query('SELECT to_regclass($1) IS NOT NULL AS present', [
    `${schema}.${migrationsTable}`,
  ]);
  const { rows } = tables[0]?.present
    ? await owner.query<{ name: string }>(`SELECT name FROM ${schema}.${migrationsTable} ORDER BY run_on, id`)
    : { rows: [] };
  const applied = rows.map((row) => row.name);
  return {
    applied,
    pending: names.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !names.includes(name)),
  };
}

/**
 * Applies what is pending, each migration in a transaction of its own, and gives the names applied. Waits while
 * another server migrates. Throws when the database belongs to a newer Maestro, or when a migration fails.
 */
export async function migrateUp(
  owner: ClientBase,
  directory = migrationsDirectory,
  progress?: (step: string) => void,
): Promise<readonly string[]> {
  const { pending, unknown } = await migrationStatus(owner, directory);
  if (unknown.length > 0) {
    throw new Error(
      `The database belongs to a newer Maestro: it has the migrations ${unknown.join(', ')}, which this one does not know.`,
    );
  }
  if (pending.length === 0) return [];
  progress?.(`Migrating the database: ${pending.length} ${pending.length === 1 ? 'step' : 'steps'} …`);
  return runMigrations(owner, directory, { direction: 'up' });
}

/** Reverts the last `count` migrations. */
export async function migrateDown(
  owner: ClientBase,
  directory = migrationsDirectory,
  count = 1,
): Promise<readonly string[]> {
  return runMigrations(owner, directory, { direction: 'down', count });
}

/** The SQL that `migrateUp` would run; nothing is changed. */
export async function migrationPlan(owner: ClientBase, directory = migrationsDirectory): Promise<string> {
  const texts: string[] = [];
  // node-pg-migrate makes its table even in a dry run.
  await owner.query('BEGIN');
  try {
    await runMigrations(owner, directory, { direction: 'up', dryRun: true, show: (text) => texts.push(text) });
  } finally {
    await owner.query('ROLLBACK');
  }
  return texts.join('\n').trim();
}

type Run = {
  readonly direction: 'up' | 'down';
  readonly count?: number;
  readonly dryRun?: true;
  readonly show?: (text: string) => void;
};

async function runMigrations(owner: ClientBase, directory: string, run: Run): Promise<readonly string[]> {
  // Loaded only when there is something to do: it brings a module loader with it that a plain start has no use for.
  const { runner } = await import('node-pg-migrate');
  const silent = (): void => undefined;
  const faults: string[] = [];
  const ran = await runner({
    dbClient: owner,
    dir: directory,
    direction: run.direction,
    ...(run.count === undefined ? {} : { count: run.count }),
    dryRun: run.dryRun === true,
    migrationsSchema: schema,
    migrationsTable,
    advisoryLockMode: 'wait',
    verbose: run.show !== undefined,
    logger: {
      debug: run.show ?? silent,
      info: silent,
      warn: silent,
      error: (text: string) => {
        faults.push(text);
      },
    },
  }).catch(async (error) => {
    await owner.query('ROLLBACK').catch(silent);
    throw new Error(`A migration failed, and was rolled back: ${error.message}\n${faults.join('\n')}`.trim(), {
      cause: error,
    });
  });
  return ran.map((migration) => migration.name);
}
