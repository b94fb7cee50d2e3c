import type { Logger } from 'pino';
import type { Application } from './application.ts';
import type { DatabaseSecrets } from './config.ts';
import type { DataDir } from './data_dir.ts';
import { externalLogins, prepareSchema } from './db/start.ts';
import type { HeldSecrets } from './ports/secrets.ts';
import type { SecretListener, SecretWatch } from './ports/secrets_watch.ts';

export interface ChangedLoginsOptions {
  /** What Maestro started with. */
  readonly secrets: DatabaseSecrets;
  /** What it would start with if the store of secrets held this. */
  readonly read: (held: HeldSecrets) => DatabaseSecrets;
  readonly secretWatch: SecretWatch;
  readonly dataDir: DataDir;
  readonly application: Pick<Application, 'useLogins'>;
  readonly log: Logger;
}

const names = ['DATABASE_URL', 'MAESTRO_DATABASE_OWNER_URL', 'MAESTRO_DATABASE_SYSTEM_URL'] as const;

/**
 * Takes the logins to an external database that have changed where they are kept, in files or in a store; SIGHUP has it
 * looked at once. What does not hold is not taken: the log says why, and what was there goes on.
 */
export function takeChangedLogins(options: ChangedLoginsOptions): void {
  const { secrets, read, secretWatch, dataDir, application, log } = options;
  let taken = secrets;
  async function look(_value: string, held: HeldSecrets): Promise<void> {
    const database = read(held);
    if (database.kind === 'embedded' || JSON.stringify(database) === JSON.stringify(taken)) return;
    const logins = await externalLogins(database, dataDir);
    // Rights for a role that is new, and proof that row-level security holds it.
    await prepareSchema(logins);
    await application.useLogins(logins);
    taken = database;
    log.info('other logins to the database are in use');
  }
  const lookOrSay: SecretListener = (value, held) =>
    look(value, held).catch((error: unknown) => {
      log.error({ err: error }, 'the logins to the database stay as they were');
      throw error;
    });
  for (const name of names) secretWatch.onChange(name, lookOrSay);
  process.on('SIGHUP', () => void secretWatch.refresh());
}
