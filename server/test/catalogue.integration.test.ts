import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogueFaults } from './catalogue.ts';
import { createTestDatabase, type TestDatabase } from './postgres.ts';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client(database.superuser);
  await client.connect();
});

afterAll(async () => {
  await client?.end();
  await database?.drop();
});

test('every table is closed by row-level security and keyed by its tenant, and the server owns nothing', async () => {
  expect(await catalogueFaults(client)).toEqual([]);
});

/** Each makes one fault in an otherwise sound database; the text is what the test must say of it. */
const isolated = `SELECT maestro.isolate_by_tenant('maestro.bad')`;
const keyed = 'tenant_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant_id, id)';
const policy = (text: string) =>
  `CREATE TABLE maestro.bad (${keyed}); ${isolated}; DROP POLICY own_tenant ON maestro.bad; ${text}`;
const badTables: [fault: string, sql: string][] = [
  [
    'bad: has no tenant_id first in its primary key',
    `CREATE TABLE maestro.bad (id uuid PRIMARY KEY, tenant_id uuid NOT NULL); ${isolated}`,
  ],
  ['bad: has no primary key', `CREATE TABLE maestro.bad (tenant_id uuid NOT NULL); ${isolated}`],
  [
    'bad: row-level security is not enabled',
    `CREATE TABLE maestro.bad (${keyed}); ${isolated}; ALTER TABLE maestro.bad DISABLE ROW LEVEL SECURITY`,
  ],
  [
    'bad: row-level security is not forced',
    `CREATE TABLE maestro.bad (${keyed}); ${isolated}; ALTER TABLE maestro.bad NO FORCE ROW LEVEL SECURITY`,
  ],
  ['bad: its policies are not exactly own_tenant', policy('')],
  [
    'bad: its policies are not exactly own_tenant',
    `CREATE TABLE maestro.bad (${keyed}); ${isolated}; CREATE POLICY more ON maestro.bad USING (true)`,
  ],
  ['bad: its policies are not exactly own_tenant', policy('CREATE POLICY own_tenant ON maestro.bad USING (true)')],
  [
    'bad: its policies are not exactly own_tenant',
    policy(
      "CREATE POLICY own_tenant ON maestro.bad FOR SELECT USING (tenant_id = nullif(current_setting('maestro.tenant', true), '')::uuid)",
    ),
  ],
  [
    'bad: policy own_tenant holds a subquery',
    policy('CREATE POLICY own_tenant ON maestro.bad USING (tenant_id IN (SELECT tenant_id FROM maestro.tenants))'),
  ],
  [
    'bad: unique index bad_name_key lacks tenant_id',
    `CREATE TABLE maestro.bad (${keyed}, name text UNIQUE); ${isolated}`,
  ],
  [
    'bad: unique index bad_lower lacks tenant_id',
    `CREATE TABLE maestro.bad (${keyed}, name text); CREATE UNIQUE INDEX bad_lower ON maestro.bad (lower(name)); ${isolated}`,
  ],
  [
    'bad: foreign key bad_user_id_fkey lacks tenant_id',
    `CREATE TABLE maestro.bad (${keyed}, user_id uuid REFERENCES maestro.users); ${isolated}`,
  ],
  [
    'bad: foreign key bad_id_tenant_id_fkey pairs tenant_id with another column',
    `CREATE TABLE maestro.bad (${keyed}, FOREIGN KEY (id, tenant_id) REFERENCES maestro.runs (tenant_id, run_id)); ${isolated}`,
  ],
  [
    'bad: foreign key bad_tenant_id_id_fkey may set tenant_id to null',
    `CREATE TABLE maestro.bad (${keyed}, FOREIGN KEY (tenant_id, id) REFERENCES maestro.runs ON DELETE SET NULL); ${isolated}`,
  ],
  [
    'bad: foreign key bad_tenant_id_id_fkey may set tenant_id to null',
    `CREATE TABLE maestro.bad (${keyed}, FOREIGN KEY (tenant_id, id) REFERENCES maestro.runs ON UPDATE SET DEFAULT); ${isolated}`,
  ],
  [
    'bad: has the trigger bad_trigger',
    `CREATE TABLE maestro.bad (${keyed}); ${isolated}; CREATE FUNCTION maestro.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER bad_trigger BEFORE INSERT ON maestro.bad FOR EACH ROW EXECUTE FUNCTION maestro.nothing()`,
  ],
  [
    'bad: column n is an identity or takes from a sequence',
    `CREATE TABLE maestro.bad (${keyed}, n bigint GENERATED ALWAYS AS IDENTITY); ${isolated}`,
  ],
  [
    'bad: column n is an identity or takes from a sequence',
    `CREATE TABLE maestro.bad (${keyed}, n bigserial); ${isolated}`,
  ],
  [
    'bad: column tenant_id is not a uuid that must be there',
    `CREATE TABLE maestro.bad (tenant_id text NOT NULL PRIMARY KEY); ALTER TABLE maestro.bad ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY own_tenant ON maestro.bad USING (tenant_id = current_setting('maestro.tenant', true))`,
  ],
  [
    'bad: has no index on (tenant_id, created_at)',
    `CREATE TABLE maestro.bad (${keyed}, created_at timestamptz NOT NULL); ${isolated}`,
  ],
  ['bad: is a view without security_invoker', 'CREATE VIEW maestro.bad AS SELECT * FROM maestro.runs'],
  ['bad: is a materialized view', 'CREATE MATERIALIZED VIEW maestro.bad AS SELECT 1 AS one'],
  ['users: its policies are not exactly identity_only', 'DROP POLICY identity_only ON maestro.users'],
  ['users: row-level security is not forced', 'ALTER TABLE maestro.users NO FORCE ROW LEVEL SECURITY'],
  [
    'bad(): runs with the rights of its owner',
    `CREATE FUNCTION maestro.bad() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'SELECT'`,
  ],
  [
    'maestro_server owns bad',
    `CREATE TABLE maestro.bad (${keyed}); ${isolated}; ALTER TABLE maestro.bad OWNER TO maestro_server`,
  ],
  ['maestro_server may do TRUNCATE on runs', 'GRANT TRUNCATE ON maestro.runs TO maestro_server'],
  ['maestro_server may do UPDATE on audit_events', 'GRANT UPDATE ON maestro.audit_events TO maestro_server'],
  ['maestro_server may do DELETE on audit_events', 'GRANT DELETE ON maestro.audit_events TO maestro_server'],
  ['maestro_server may do TRUNCATE on audit_events', 'GRANT TRUNCATE ON maestro.audit_events TO maestro_server'],
  [
    'maestro_server may do DELETE on operator_audit_events',
    'GRANT DELETE ON maestro.operator_audit_events TO maestro_server',
  ],
  ['maestro_server may do INSERT on audit_anchors', 'GRANT INSERT ON maestro.audit_anchors TO maestro_server'],
  ['maestro_server may do SELECT on migrations', 'GRANT SELECT ON maestro.migrations TO maestro_server'],
  ['maestro_server is above row-level security', 'ALTER ROLE maestro_server BYPASSRLS'],
  ['maestro_server may create in the schema', 'GRANT CREATE ON SCHEMA maestro TO maestro_server'],
];

test.each(badTables)('a database is refused where %s', async (fault, sql) => {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    expect((await catalogueFaults(client)).join('\n')).toContain(fault);
  } finally {
    await client.query('ROLLBACK');
  }
});
