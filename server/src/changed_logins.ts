import type { Logger } from 'pino';
import type { Application } from './application.ts';
import type { DatabaseSecrets } from './config.ts';
import type { DataDir } from './data_dir.ts';
import { externalLogins, prepareSchema } from './db/start.ts';

export interface ChangedLoginsOptions {
  /** What Maestro started with. */
  readonly secrets: DatabaseSecrets;
  /** What it would start with now. */
  readonly read: () => DatabaseSecrets;
  readonly dataDir: DataDir;
  readonly application: Pick<Application, 'useLogins'>;
  readonly log: Logger;
}

/**
 * On SIGHUP reads the logins to an external database anew, from the files that hold them, and takes those that have
 * changed. What does not hold is not taken: the log says why, and what was there goes on.
 */
export function takeChangedLogins({ secrets, read, dataDir, application, log }: ChangedLoginsOptions): void {
  let taken = secrets;
  async function look(): Promise<void> {
    const database = read();
    if (database.kind === 'embedded' || JSON.stringify(database) === JSON.stringify(taken)) return;
    const logins = await externalLogins(database, dataDir);
    // Rights for a role that is new, and proof that row-level security holds it.
    await prepareSchema(logins);
    application.useLogins(logins);
    taken = database;
    log.info('other logins to the database are in use');
  }
  process.on('SIGHUP', () => {
    look().catch((error: unknown) => log.error({ err: error }, 'the logins to the database stay as they were'));
  });
}
