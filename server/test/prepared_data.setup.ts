import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openDataDir } from '../src/data_dir.ts';
import { prepareSchema, startDatabase } from '../src/db/start.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    preparedData: string;
  }
}

/** Makes one data directory for the whole run: a database with Maestro's migrations, and nobody in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = await mkdtemp(join(tmpdir(), 'maestro-prepared-'));
  const remove = () => rm(root, { recursive: true, force: true });
  try {
    const dataDir = await openDataDir(join(root, 'data'));
    const database = await startDatabase({ kind: 'embedded' }, dataDir, {
      progress: () => undefined,
      log: () => undefined,
    });
    await prepareSchema(database.logins).finally(() => database.stop());
    await dataDir.close();
    project.provide('preparedData', dataDir.path);
    return remove;
  } catch (error) {
    await remove();
    throw error;
  }
}
