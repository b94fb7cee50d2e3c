import { createHash, hkdfSync } from 'node:crypto';
import type { Client, ClientConfig } from 'pg';
import pg from 'pg';
import { whyDistrusted } from '../tls/distrust.ts';
import { canLogIn, generatePassword, type KeepSecret } from './embedded_roles.ts';
import { parseLogin } from './login_url.ts';
import {
  alterPasswordText,
  createRoleText,
  type DatabaseLogins,
  inTransaction,
  type RoleWish,
  schema,
  withClient,
} from './roles.ts';

/** PostgreSQL 14, as `server_version_num` counts. */
const oldestVersion = 140_000;

type Standing = {
  readonly user: string;
  readonly database: string;
  readonly version: number;
  readonly versionText: string;
  readonly superuser: boolean;
  readonly createRole: boolean;
  readonly bypassRls: boolean;
  /** Whether it may create the schema, or create in it where it exists. */
  readonly mayBuild: boolean;
  readonly schemaExists: boolean;
};

/**
 * Three logins given as URLs: checked to be PostgreSQL 14 or newer, one database, and fit for their duties.
 * Throws one Error that names every fault.
 */
export async function useGivenLogins(urls: {
  readonly serverUrl: string;
  readonly ownerUrl: string;
  readonly systemUrl: string;
}): Promise<DatabaseLogins> {
  const names = {
    server: 'DATABASE_URL',
    owner: 'MAESTRO_DATABASE_OWNER_URL',
    system: 'MAESTRO_DATABASE_SYSTEM_URL',
  };
  const logins = {
    server: parseLogin(urls.serverUrl, names.server),
    owner: parseLogin(urls.ownerUrl, names.owner),
    system: parseLogin(urls.systemUrl, names.system),
  };
  const [server, owner, system] = await Promise.all([
    standingOf(logins.server, names.server),
    standingOf(logins.owner, names.owner),
    standingOf(logins.system, names.system),
  ]);
  const faults: string[] = [];
  if (server.database !== owner.database || server.database !== system.database) {
    faults.push(
      `the three logins lead to different databases (${server.database}, ${owner.database}, ${system.database})`,
    );
  }
  if (server.user === owner.user || server.user === system.user) {
    faults.push(`${names.server} must be a role of its own, not ${server.user} again`);
  }
  if (!owner.mayBuild) {
    const right = owner.schemaExists ? `SCHEMA ${schema}` : `DATABASE ${pg.escapeIdentifier(owner.database)}`;
    faults.push(`the role of ${names.owner} may not create tables; run: GRANT CREATE ON ${right} TO ${owner.user}`);
  }
  if (!system.bypassRls && !system.superuser) {
    faults.push(`the role of ${names.system} needs BYPASSRLS; run: ALTER ROLE ${system.user} BYPASSRLS`);
  }
  if (faults.length > 0) throw new Error(`The database logins do not fit: ${faults.join('; ')}.`);
  await createSchema(logins.owner);
  return {
    server: { ...logins.server, user: server.user },
    owner: { ...logins.owner, user: owner.user },
    system: { ...logins.system, user: system.user },
  };
}

/**
 * Makes the three logins with the rights of `url`, and brings their passwords up to date. Passwords follow from the
 * one in `url`, so that servers without a common data directory agree; where it has none, `keep` holds generated ones.
 * Throws an Error that says what to set and which SQL to run where `url` has not the rights.
 */
export async function makeLogins(url: string, keep: KeepSecret): Promise<DatabaseLogins> {
  const maker = parseLogin(url, 'DATABASE_URL');
  const standing = await standingOf(maker, 'DATABASE_URL');
  if (!standing.superuser && !standing.createRole) throw new Error(howToGiveLogins(standing));

  const wishFor = async (duty: 'owner' | 'server' | 'system'): Promise<RoleWish> => {
    const name = roleName(duty, standing.database);
    const password =
      typeof maker.password === 'string' && maker.password !== ''
        ? derivePassword(maker.password, name)
        : await keep(`database-${createHash('sha256').update(name).digest('hex').slice(0, 12)}`, generatePassword);
    return { name, password, bypassRls: duty === 'system' };
  };
  const wishes = { owner: await wishFor('owner'), server: await wishFor('server'), system: await wishFor('system') };
  const loginOf = (wish: RoleWish): ClientConfig => ({ ...maker, user: wish.name, password: wish.password });

  try {
    await withClient(maker, (client) => bringRolesUpToDate(client, Object.values(wishes), loginOf, wishes.owner.name));
  } catch (error) {
    const forbidden = error instanceof Error && 'code' in error && error.code === '42501';
    throw forbidden ? new Error(howToGiveLogins(standing), { cause: error }) : error;
  }
  await createSchema(loginOf(wishes.owner));
  return { owner: loginOf(wishes.owner), server: loginOf(wishes.server), system: loginOf(wishes.system) };
}

async function bringRolesUpToDate(
  client: Client,
  wishes: readonly RoleWish[],
  loginOf: (wish: RoleWish) => ClientConfig,
  ownerName: string,
): Promise<void> {
  const existing = async () => {
    const names = wishes.map((wish) => wish.name);
    const { rows } = await client.query<{ name: string }>(
      'SELECT rolname::text AS name FROM pg_roles WHERE rolname = ANY ($1)',
      [names],
    );
    return rows.map((row) => row.name);
  };
  const before = await existing();
  const stale: RoleWish[] = [];
  for (const wish of wishes) if (before.includes(wish.name) && !(await canLogIn(loginOf(wish)))) stale.push(wish);
  if (before.length === wishes.length && stale.length === 0) return;

  await inTransaction(client, async () => {
    const present = await existing();
    for (const wish of wishes) if (!present.includes(wish.name)) await client.query(await createRoleText(wish));
    for (const wish of stale) await client.query(await alterPasswordText(wish));
    const { rows } = await client.query<{ name: string }>('SELECT current_database()::text AS name');
    const database = pg.escapeIdentifier(rows[0]!.name);
    const names = wishes.map((wish) => pg.escapeIdentifier(wish.name)).join(', ');
    await client.query(`GRANT CONNECT ON DATABASE ${database} TO ${names}`);
    await client.query(`GRANT CREATE ON DATABASE ${database} TO ${pg.escapeIdentifier(ownerName)}`);
  });
}

async function standingOf(login: ClientConfig, variable: string): Promise<Standing> {
  const standing = await withClient(login, async (client) => {
    const { rows } = await client.query<Standing>(
      `SELECT current_user::text AS user, current_database()::text AS database,
         current_setting('server_version_num')::int AS version, current_setting('server_version') AS "versionText",
         rolsuper AS superuser, rolcreaterole AS "createRole", rolbypassrls AS "bypassRls",
         to_regnamespace($1) IS NOT NULL AS "schemaExists",
         CASE WHEN to_regnamespace($1) IS NULL THEN has_database_privilege(current_database(), 'CREATE')
              ELSE has_schema_privilege($1, 'CREATE') END AS "mayBuild"
       FROM pg_roles WHERE rolname = current_user`,
      [schema],
    );
    return rows[0]!;
  }).catch((error) => {
    const distrust = whyDistrusted(error);
    const said = error instanceof AggregateError ? error.errors.map(String).join(', ') : error.message;
    const reason = distrust === undefined ? said : `${distrust} (sslrootcert names the file of who vouches for it)`;
    throw new Error(`Maestro cannot work with the database of ${variable}: ${reason}.`, { cause: error });
  });
  if (standing.version < oldestVersion) {
    throw new Error(`${variable} leads to PostgreSQL ${standing.versionText}; Maestro needs 14 or newer.`);
  }
  return standing;
}

async function createSchema(owner: ClientConfig): Promise<void> {
  await withClient(owner, async (client) => {
    const { rows } = await client.query('SELECT to_regnamespace($1) IS NOT NULL AS present', [schema]);
    // Under the lock: of two that create it at the same moment one fails, IF NOT EXISTS or not.
    if (!rows[0]?.present) await inTransaction(client, () => client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`));
  });
}

/** Roles belong to the whole cluster, which may hold several Maestros: the name carries the database. */
export function roleName(duty: 'owner' | 'server' | 'system', database: string): string {
  const plain = `maestro_${duty}_${database}`;
  if (/^[a-z0-9_]{1,63}$/.test(plain)) return plain;
  return `maestro_${duty}_${createHash('sha256').update(database).digest('hex').slice(0, 16)}`;
}

function derivePassword(password: string, role: string): string {
  return Buffer.from(hkdfSync('sha256', password, role, 'maestro database login 1', 32)).toString('base64url');
}

function howToGiveLogins({ user, database }: Standing): string {
  const name = pg.escapeIdentifier(database);
  return `The database login ${user} of DATABASE_URL may not create the roles that Maestro needs. Have a superuser run:

    CREATE ROLE maestro_owner LOGIN PASSWORD '…';
    CREATE ROLE maestro_system LOGIN BYPASSRLS PASSWORD '…';
    GRANT CONNECT, CREATE ON DATABASE ${name} TO maestro_owner;
    GRANT CONNECT ON DATABASE ${name} TO maestro_system;

and set MAESTRO_DATABASE_OWNER_URL and MAESTRO_DATABASE_SYSTEM_URL to logins with them, beside DATABASE_URL.`;
}
