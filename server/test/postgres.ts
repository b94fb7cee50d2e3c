import { randomUUID } from 'node:crypto';
import type { ClientConfig } from 'pg';
import { inject } from 'vitest';
import { type DatabaseLogins, withClient } from '../src/db/roles.ts';

/** The PostgreSQL of a test run; its database `maestro` has the migrations, and nobody connects to it. */
export type TestCluster = DatabaseLogins & { readonly superuser: ClientConfig };

export type TestDatabase = {
  readonly name: string;
  readonly logins: DatabaseLogins;
  /** The superuser, in this database: to look at what row-level security hides. */
  readonly superuser: ClientConfig;
  drop(): Promise<void>;
};

/** A freshly migrated database of its own (some 50 ms). Only in tests of the categories that have `server/test/postgres.setup.ts`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { superuser, owner, server, system } = inject('cluster');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await withClient(superuser, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE maestro OWNER maestro_owner`));
  const here = (login: ClientConfig): ClientConfig => ({ ...login, database: name });
  return {
    name,
    logins: { owner: here(owner), server: here(server), system: here(system) },
    superuser: here(superuser),
    drop: () =>
      withClient(superuser, async (client) => void (await client.query(`DROP DATABASE ${name} WITH (FORCE)`))),
  };
}
