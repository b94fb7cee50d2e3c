import { randomBytes } from 'node:crypto';
import type { ClientConfig } from 'pg';
import type { DataDir } from '../data_dir.ts';
import { alterPasswordText, createRoleText, type DatabaseLogins, type RoleWish, schema, withClient } from './roles.ts';

/** Keeps a generated text under a name; `DataDir.secret` is one. */
export type KeepSecret = (name: string, generate: () => string) => Promise<string>;

export const generatePassword = (): string => randomBytes(24).toString('base64url');

/** The secret that is the password of the embedded PostgreSQL's superuser. */
export const superuserSecret = 'postgres-superuser';
/** There only while that password is replaced. */
const nextSuperuserSecret = 'postgres-superuser-next';

const database = 'maestro';
const duties = ['owner', 'server', 'system'] as const;

/** The logins of an embedded PostgreSQL whose roles exist, as far as `keep` knows their passwords. */
export async function embeddedLogins(superuser: ClientConfig, keep: KeepSecret): Promise<DatabaseLogins> {
  const login = async (duty: (typeof duties)[number]): Promise<ClientConfig> => ({
    ...superuser,
    user: `maestro_${duty}`,
    password: await keep(`postgres-${duty}`, generatePassword),
    database,
    // On a Unix socket; PGSSLMODE in the environment is meant for others.
    ssl: false,
  });
  return { owner: await login('owner'), server: await login('server'), system: await login('system') };
}

/**
 * Makes the roles, the database and the schema of an embedded PostgreSQL where they are missing, and sets the
 * passwords that `keep` holds where they do not fit.
 */
export async function prepareEmbeddedLogins(superuser: ClientConfig, keep: KeepSecret): Promise<DatabaseLogins> {
  const logins = await embeddedLogins(superuser, keep);
  await withClient(superuser, async (client) => {
    const { rows } = await client.query<{ roles: string[]; database: boolean }>(
      `SELECT array(SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'maestro\\_%') AS roles,
         EXISTS (SELECT FROM pg_database WHERE datname = $1) AS database`,
      [database],
    );
    const found = rows[0] ?? { roles: [], database: false };
    for (const duty of duties) {
      const wish: RoleWish = {
        name: `maestro_${duty}`,
        password: String(logins[duty].password),
        bypassRls: duty === 'system',
      };
      if (!found.roles.includes(wish.name)) await client.query(await createRoleText(wish));
      else if (found.database && !(await canLogIn(logins[duty]))) await client.query(await alterPasswordText(wish));
    }
    if (!found.database) {
      await client.query(`CREATE DATABASE ${database} OWNER maestro_owner`);
    }
  });
  await withClient({ ...superuser, database }, async (client) => {
    const { rows } = await client.query('SELECT to_regnamespace($1) IS NOT NULL AS present', [schema]);
    if (rows[0]?.present) return;
    await client.query(`
      REVOKE ALL ON DATABASE ${database} FROM PUBLIC;
      GRANT CONNECT ON DATABASE ${database} TO maestro_server, maestro_system;
      REVOKE ALL ON SCHEMA public FROM PUBLIC;
      CREATE SCHEMA ${schema} AUTHORIZATION maestro_owner`);
  });
  return logins;
}

type Secrets = Pick<DataDir, 'secret' | 'findSecret' | 'replaceSecret' | 'dropSecret'>;

/** The login of the superuser whose password PostgreSQL takes, where the process that was to replace it ended on the way. */
export async function settleSuperuser(superuser: ClientConfig, secrets: Secrets): Promise<ClientConfig> {
  const next = await secrets.findSecret(nextSuperuserSecret);
  if (next === undefined) return superuser;
  const other = { ...superuser, password: next };
  const isReplaced = await canLogIn(other);
  if (isReplaced) await secrets.replaceSecret(superuserSecret, next);
  await secrets.dropSecret(nextSuperuserSecret);
  return isReplaced ? other : superuser;
}

/**
 * Gives every role of an embedded PostgreSQL another password, and the logins with these. They are written down first:
 * what a crash leaves of it is set right by the next start.
 */
export async function replaceEmbeddedPasswords(
  superuser: ClientConfig,
  secrets: Secrets,
): Promise<{ superuser: ClientConfig; logins: DatabaseLogins }> {
  const next = generatePassword();
  await secrets.replaceSecret(nextSuperuserSecret, next);
  const texts = [await alterPasswordText({ name: String(superuser.user), password: next })];
  for (const duty of duties) {
    const password = generatePassword();
    await secrets.replaceSecret(`postgres-${duty}`, password);
    texts.push(await alterPasswordText({ name: `maestro_${duty}`, password }));
  }
  await withClient(superuser, (client) => client.query(['BEGIN', ...texts, 'COMMIT'].join(';')));
  await secrets.replaceSecret(superuserSecret, next);
  await secrets.dropSecret(nextSuperuserSecret);
  const renewed = { ...superuser, password: next };
  return { superuser: renewed, logins: await embeddedLogins(renewed, secrets.secret) };
}

/** False where PostgreSQL refuses the password; other failures throw. */
export async function canLogIn(login: ClientConfig): Promise<boolean> {
  try {
    await withClient(login, async () => undefined);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === '28P01' || code === '28000') return false;
    throw error;
  }
}
