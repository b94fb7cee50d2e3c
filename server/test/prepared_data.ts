import { execFileSync } from 'node:child_process';
import { inject } from 'vitest';

/**
 * Makes `dataDir` what it is after most of a first start: a database with the migrations, and nobody in it. For tests
 * whose point is not the first start, which takes seconds. Only in tests of the categories that have
 * `server/test/prepared_data.setup.ts`.
 */
export function prepareDataDir(dataDir: string): void {
  // Node's own copies drop the modes of directories, and PostgreSQL takes none that others may enter.
  execFileSync('cp', ['-Rp', inject('preparedData'), dataDir]);
}
