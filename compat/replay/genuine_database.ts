import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbedded } from '../../server/src/db/embedded.ts';
import { generatePassword } from '../../server/src/db/embedded_roles.ts';
import { withClient } from '../../server/src/db/roles.ts';

export interface GenuineDatabases {
  /** Makes an empty database and gives its SQLAlchemy URI. */
  create(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** The project's own PostgreSQL, in a temporary directory, for genuine servers: both sides run on the same engine. */
export async function startGenuineDatabases(): Promise<GenuineDatabases> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'genuine-postgres-'));
  const password = generatePassword();
  const postgres = await startEmbedded({ dataDir, password, durable: false });
  const { host, port, user } = postgres.superuser;
  return {
    async create(name) {
      await withClient(postgres.superuser, (client) => client.query(`CREATE DATABASE ${name}`));
      const query = new URLSearchParams({ host: String(host), port: String(port ?? 5432) });
      return `postgresql+psycopg2://${user}:${encodeURIComponent(password)}@/${name}?${query}`;
    },
    async stop() {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
