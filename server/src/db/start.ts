import type { DatabaseSecrets } from '../config.ts';
import type { DataDir } from '../data_dir.ts';
import { startEmbedded } from './embedded.ts';
import {
  generatePassword,
  prepareEmbeddedLogins,
  replaceEmbeddedPasswords,
  settleSuperuser,
  superuserSecret,
} from './embedded_roles.ts';
import { makeLogins, useGivenLogins } from './external_roles.ts';
import { migrateUp, migrationsDirectory } from './migrate.ts';
import { type DatabaseLogins, grantRights, probeServerRole, withClient } from './roles.ts';

/** A database that runs, with the logins to it. */
export type RunningDatabase = {
  readonly logins: DatabaseLogins;
  /** Gives every role of an embedded PostgreSQL another password; those of an external one are not ours to change. */
  readonly replacePasswords: (() => Promise<DatabaseLogins>) | undefined;
  /** Fulfilled when the embedded PostgreSQL ends by itself: why. */
  readonly crashed: Promise<string>;
  /** Stops an embedded PostgreSQL; an external one is not ours to stop. */
  stop(patienceMs?: number): Promise<void>;
};

export type Reports = {
  /** Steps that take long, for people. */
  readonly progress: (step: string) => void;
  /** The embedded PostgreSQL's own log. */
  readonly log: (line: string) => void;
};

/** The logins to an external database: those that are given, or those that the given one makes. */
export function externalLogins(
  secrets: Exclude<DatabaseSecrets, { kind: 'embedded' }>,
  dataDir: DataDir,
): Promise<DatabaseLogins> {
  return secrets.kind === 'given' ? useGivenLogins(secrets) : makeLogins(secrets.url, dataDir.secret);
}

/** Starts the embedded PostgreSQL, or connects to the given one, and sees to the logins. */
export async function startDatabase(
  secrets: DatabaseSecrets,
  dataDir: DataDir,
  reports: Reports,
): Promise<RunningDatabase> {
  const never = new Promise<never>(() => undefined);
  switch (secrets.kind) {
    case 'given':
    case 'made': {
      const logins = await externalLogins(secrets, dataDir);
      return { logins, replacePasswords: undefined, crashed: never, stop: async () => undefined };
    }
    case 'embedded': {
      const password = await dataDir.secret(superuserSecret, generatePassword);
      const postgres = await startEmbedded({ dataDir: dataDir.path, password, ...reports });
      try {
        let superuser = await settleSuperuser(postgres.superuser, dataDir);
        let replacing: Promise<unknown> = Promise.resolve();
        const replacePasswords = (): Promise<DatabaseLogins> => {
          // One after the other: the next needs the superuser's password of the one before.
          const replaced = replacing.then(() => replaceEmbeddedPasswords(superuser, dataDir));
          replacing = replaced.then(
            (made) => {
              superuser = made.superuser;
            },
            () => undefined,
          );
          return replaced.then(({ logins }) => logins);
        };
        const logins = await prepareEmbeddedLogins(superuser, dataDir.secret);
        return { logins, replacePasswords, crashed: postgres.crashed, stop: postgres.stop };
      } catch (error) {
        await postgres.stop();
        throw error;
      }
    }
  }
}

/**
 * Brings the schema up to date, grants the rights on it, and makes sure that the serving login is bound by row-level
 * security. Throws when any of this fails; nothing may be served then.
 */
export async function prepareSchema(
  logins: DatabaseLogins,
  progress?: (step: string) => void,
  directory = migrationsDirectory,
): Promise<void> {
  const [serverRole, systemRole] = [logins.server.user, logins.system.user];
  if (serverRole === undefined || systemRole === undefined) throw new Error('The database logins name no roles.');
  await withClient(logins.owner, async (owner) => {
    await migrateUp(owner, directory, progress);
    await grantRights(owner, { serverRole, systemRole });
  });
  await withClient(logins.server, probeServerRole);
}
