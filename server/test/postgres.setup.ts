import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../src/db/embedded.ts';
import { generatePassword, prepareEmbeddedLogins } from '../src/db/embedded_roles.ts';
import { prepareSchema } from '../src/db/start.ts';
import type { TestCluster } from './postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    cluster: TestCluster;
  }
}

/** Starts one PostgreSQL for the whole run, with Maestro's migrations in the database that tests are cloned from. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'maestro-test-'));
  const postgres = await startEmbedded({
    dataDir,
    password: generatePassword(),
    // Nothing here outlives the run.
    durable: false,
    settings: { max_connections: '200' },
  });
  const stop = async (): Promise<void> => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const logins = await prepareEmbeddedLogins(postgres.superuser, async (_name, generate) => generate());
    await prepareSchema(logins);
    project.provide('cluster', { superuser: postgres.superuser, ...logins });
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}
