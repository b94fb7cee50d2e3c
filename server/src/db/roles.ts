import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import pg, { type ClientBase, type ClientConfig } from 'pg';

/** A login to the one database for each duty. */
export type DatabaseLogins = {
  /** Owns the schema, runs migrations. */
  readonly owner: ClientConfig;
  /** What the server serves with: bound by row-level security. */
  readonly server: ClientConfig;
  /** Above row-level security, for `asSystem`. */
  readonly system: ClientConfig;
};

/** Where everything of Maestro is in the database. */
export const schema = 'maestro';
/** node-pg-migrate's table in that schema; no business of the serving login. */
export const migrationsTable = 'migrations';

/** Connects, runs `work`, and disconnects whatever happens. */
export async function withClient<T>(login: ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ application_name: 'maestro', connectionTimeoutMillis: 10_000, ...login });
  // A connection that breaks fails the query under way; without a listener the event would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const probeText = `
  WITH me AS (SELECT r.* FROM pg_roles r WHERE r.rolname IN (current_user, session_user))
  SELECT 'is a superuser' AS fault FROM me WHERE rolsuper
  UNION SELECT 'has BYPASSRLS' FROM me WHERE rolbypassrls
  UNION SELECT 'has CREATEROLE' FROM me WHERE rolcreaterole
  UNION SELECT 'has CREATEDB' FROM me WHERE rolcreatedb
  UNION SELECT 'has REPLICATION' FROM me WHERE rolreplication
  UNION SELECT 'is a member of ' || r.rolname FROM me, pg_roles r
    WHERE r.oid <> me.oid AND NOT me.rolsuper AND pg_has_role(me.oid, r.oid, 'MEMBER')
      AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolname IN
        ('pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files'))
  UNION SELECT 'owns, or is a member of the owner of, the schema ' || n.nspname FROM me, pg_namespace n
    WHERE n.nspname = $1 AND NOT me.rolsuper AND pg_has_role(me.oid, n.nspowner, 'MEMBER')
  UNION (SELECT 'owns, or is a member of the owner of, the table ' || c.oid::regclass FROM me, pg_class c
    WHERE c.relnamespace = to_regnamespace($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND NOT me.rolsuper AND pg_has_role(me.oid, c.relowner, 'MEMBER') ORDER BY 1 LIMIT 1)
  ORDER BY 1`;

/**
 * Throws, naming every reason, when the role of `client` could step over row-level security: by itself, as an owner,
 * or as a direct or indirect member of a role that could.
 */
export async function probeServerRole(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ fault: string }>(probeText, [schema]);
  if (rows.length === 0) return;
  const user = (await client.query<{ name: string }>('SELECT session_user::text AS name')).rows[0]?.name;
  throw new Error(
    `Maestro does not serve with the database login ${user}: it ${rows.map((row) => row.fault).join(', it ')}, so row-level security would not hold it. DATABASE_URL must be a login without these rights.`,
  );
}

/**
 * What the server may do with the tables of the audit, beside SELECT: their rows stand as they were written. A head
 * moves on with each row; what retention or the end of a tenant takes away, the system's login takes.
 */
const auditRights: Readonly<Record<string, readonly string[]>> = {
  audit_events: ['INSERT'],
  operator_audit_events: ['INSERT'],
  audit_heads: ['INSERT', 'UPDATE'],
  operator_audit_heads: ['UPDATE'],
  audit_anchors: [],
  operator_audit_anchors: [],
};
const auditTables = Object.keys(auditRights);
/** Table and right, for each right the server must not have there. */
const deniedRights = Object.entries(auditRights).flatMap(([table, rights]) =>
  ['INSERT', 'UPDATE', 'DELETE'].filter((right) => !rights.includes(right)).map((right) => ({ table, right })),
);

const missingRightsText = `
  SELECT EXISTS (
    SELECT FROM unnest($2::text[]) AS role
    WHERE NOT has_schema_privilege(role, $1, 'USAGE')
      OR has_table_privilege($3, format('%I.%I', $1, $4::text), 'SELECT')
      OR EXISTS (
        SELECT FROM pg_class c
        WHERE c.relnamespace = to_regnamespace($1) AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relname <> $4
          AND NOT (has_table_privilege(role, c.oid, 'SELECT') AND has_table_privilege(role, c.oid, 'INSERT')
            AND has_table_privilege(role, c.oid, 'UPDATE') AND has_table_privilege(role, c.oid, 'DELETE'))
          AND NOT (role = $3 AND c.relname = ANY ($5)))
      OR EXISTS (
        SELECT FROM unnest($5::text[]) AS t JOIN pg_class c
            ON c.relnamespace = to_regnamespace($1) AND c.relname = t
          CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS w("right")
        WHERE has_table_privilege($3, c.oid, w.right) = (t || ' ' || w.right = ANY ($6)))
      OR EXISTS (
        SELECT FROM pg_proc p
        WHERE p.pronamespace = to_regnamespace($1) AND NOT has_function_privilege(role, p.oid, 'EXECUTE'))
  ) AS missing`;

/**
 * Lets the server's and the system's role work with the tables of the schema, those of later migrations included.
 * `owner` is connected as the owner, after the migrations. Changes nothing where all is granted.
 */
export async function grantRights(
  owner: ClientBase,
  { serverRole, systemRole }: { serverRole: string; systemRole: string },
): Promise<void> {
  const { rows } = await owner.query<{ missing: boolean }>(missingRightsText, [
    schema,
    [serverRole, systemRole],
    serverRole,
    migrationsTable,
    auditTables,
    deniedRights.map(({ table, right }) => `${table} ${right}`),
  ]);
  if (!rows[0]?.missing) return;
  const roles = [serverRole, systemRole].map((role) => pg.escapeIdentifier(role)).join(', ');
  const server = pg.escapeIdentifier(serverRole);
  await inTransaction(owner, async () => {
    await owner.query(`
      GRANT USAGE ON SCHEMA ${schema} TO ${roles};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${roles};
      GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ${schema} TO ${roles};
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schema} TO ${roles};
      ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${roles};
      ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT USAGE, SELECT ON SEQUENCES TO ${roles};
      ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT EXECUTE ON FUNCTIONS TO ${roles};
      REVOKE ALL ON TABLE ${schema}.${migrationsTable} FROM ${server};
      REVOKE ALL ON SEQUENCE ${schema}.${migrationsTable}_id_seq FROM ${server}`);
    for (const { table, right } of deniedRights) {
      const { rows: there } = await owner.query('SELECT FROM pg_class WHERE oid = to_regclass($1)', [
        `${schema}.${table}`,
      ]);
      if (there.length > 0) await owner.query(`REVOKE ${right} ON TABLE ${schema}.${table} FROM ${server}`);
    }
  });
}

/** Runs `work` in a transaction under Maestro's advisory lock: several servers may start at the same moment. */
export async function inTransaction<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock(7203641)');
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** A role to make, or to bring to this state. */
export type RoleWish = { readonly name: string; readonly password: string; readonly bypassRls: boolean };

/** SQL that makes a login without any right but the wished one. The password is in it as a SCRAM verifier only. */
export async function createRoleText({ name, password, bypassRls }: RoleWish): Promise<string> {
  const verifier = await scramVerifier(password);
  return `CREATE ROLE ${pg.escapeIdentifier(name)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION
    ${bypassRls ? 'BYPASSRLS' : 'NOBYPASSRLS'} PASSWORD ${pg.escapeLiteral(verifier)}`;
}

export async function alterPasswordText({ name, password }: Pick<RoleWish, 'name' | 'password'>): Promise<string> {
  return `ALTER ROLE ${pg.escapeIdentifier(name)} PASSWORD ${pg.escapeLiteral(await scramVerifier(password))}`;
}

const deriveKey = promisify(pbkdf2);

/** What PostgreSQL stores for a password (RFC 5803, SCRAM-SHA-256): sent in its place, it stays out of every log. */
async function scramVerifier(password: string): Promise<string> {
  const salt = randomBytes(16);
  const iterations = 4096;
  const salted = await deriveKey(password, salt, iterations, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
