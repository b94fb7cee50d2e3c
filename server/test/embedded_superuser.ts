import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientConfig } from 'pg';
import { secretPath } from '../src/data_dir.ts';
import { superuserSecret } from '../src/db/embedded_roles.ts';
import { readPostmasterFile } from '../src/db/postmaster_file.ts';

/** The login of the superuser of the PostgreSQL that runs in a data directory. */
export async function embeddedSuperuser(dataDir: string): Promise<ClientConfig> {
  const postmaster = await readPostmasterFile(join(dataDir, 'postgres'));
  const password = await readFile(secretPath(dataDir, superuserSecret), 'utf8');
  return { host: postmaster?.socketDirectory ?? '', user: 'postgres', password, database: 'maestro', ssl: false };
}
