import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { alterPasswordText, createRoleText, grantRights, probeServerRole, withClient } from './roles.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const asSuperuser = (text: string) => withClient(database.superuser, (client) => client.query(text));

describe('probeServerRole', () => {
  const role = 'probed';
  const login = () => ({ ...database.superuser, user: role, password: 'probed' });
  const probe = () => withClient(login(), probeServerRole);
  beforeAll(() => asSuperuser(`CREATE ROLE ${role} LOGIN PASSWORD 'probed'`));
  afterAll(() => asSuperuser(`DROP OWNED BY ${role}; DROP ROLE ${role}`));

  test('lets the login that the server is given serve', async () => {
    await withClient(database.logins.server, probeServerRole);
    await probe();
  });

  test.each([
    ['SUPERUSER', 'is a superuser'],
    ['BYPASSRLS', 'has BYPASSRLS'],
    ['CREATEROLE', 'has CREATEROLE'],
    ['CREATEDB', 'has CREATEDB'],
    ['REPLICATION', 'has REPLICATION'],
  ])('refuses a login with %s', async (attribute, reason) => {
    await asSuperuser(`ALTER ROLE ${role} ${attribute}`);
    await expect(probe()).rejects.toThrow(reason);
    await asSuperuser(`ALTER ROLE ${role} NO${attribute}`);
    await probe();
  });

  test('refuses the owner, the system login and a superuser', async () => {
    await expect(withClient(database.logins.owner, probeServerRole)).rejects.toThrow('owns');
    await expect(withClient(database.logins.system, probeServerRole)).rejects.toThrow('BYPASSRLS');
    await expect(withClient(database.superuser, probeServerRole)).rejects.toThrow('is a superuser');
  });

  test('refuses an indirect member of the owner or of the system role', async () => {
    await asSuperuser('CREATE ROLE between');
    for (const [target, reason] of [
      ['maestro_owner', 'member of the owner of, the schema'],
      ['maestro_system', 'is a member of maestro_system'],
      ['pg_execute_server_program', 'is a member of pg_execute_server_program'],
    ] as const) {
      await asSuperuser(`GRANT ${target} TO between; GRANT between TO ${role}`);
      await expect(probe()).rejects.toThrow(reason);
      await asSuperuser(`REVOKE ${target} FROM between; REVOKE between FROM ${role}`);
    }
    await asSuperuser('DROP ROLE between');
    await probe();
  });

  test('refuses the owner of a single table', async () => {
    await asSuperuser(`CREATE TABLE maestro.mine (); ALTER TABLE maestro.mine OWNER TO ${role}`);
    await expect(probe()).rejects.toThrow('the table maestro.mine');
    await asSuperuser('DROP TABLE maestro.mine');
  });

  test('is not deceived by SET ROLE', async () => {
    await withClient(database.superuser, async (client) => {
      await client.query('SET ROLE maestro_server');
      await expect(probeServerRole(client)).rejects.toThrow('is a superuser');
    });
  });
});

describe('the rights of the server’s login', () => {
  test('reach every table, but not the migration table', async () => {
    await withClient(database.logins.server, async (client) => {
      await client.query('SELECT FROM maestro.tenants');
      await expect(client.query('SELECT FROM maestro.migrations')).rejects.toMatchObject({ code: '42501' });
      await expect(client.query('CREATE TABLE maestro.own ()')).rejects.toMatchObject({ code: '42501' });
      await expect(client.query('CREATE TABLE public.own ()')).rejects.toMatchObject({ code: '42501' });
      await expect(client.query('ALTER TABLE maestro.runs NO FORCE ROW LEVEL SECURITY')).rejects.toMatchObject({
        code: '42501',
      });
    });
  });

  test('reach tables and functions that the owner makes later', async () => {
    await withClient(database.logins.owner, (client) =>
      client.query('CREATE TABLE maestro.later (n int); CREATE FUNCTION maestro.one() RETURNS int RETURN 1'),
    );
    for (const login of [database.logins.server, database.logins.system]) {
      await withClient(login, (client) => client.query('INSERT INTO maestro.later SELECT maestro.one()'));
    }
  });

  test('are restored by grantRights when they were taken away', async () => {
    const rights = { serverRole: 'maestro_server', systemRole: 'maestro_system' };
    await withClient(database.logins.owner, async (owner) => {
      await owner.query(
        'REVOKE INSERT ON maestro.params FROM maestro_server; GRANT ALL ON maestro.migrations TO maestro_server',
      );
      await grantRights(owner, rights);
    });
    await withClient(database.logins.server, async (client) => {
      const { rows } = await client.query(
        `SELECT has_table_privilege('maestro.params', 'INSERT') AS params, has_table_privilege('maestro.migrations', 'SELECT') AS migrations`,
      );
      expect(rows).toEqual([{ params: true, migrations: false }]);
    });
  });

  test('only the system login sees past row-level security', async () => {
    const owned = `INSERT INTO maestro.service_accounts (tenant_id, name, role) VALUES (gen_random_uuid(), 'ci', 'viewer')`;
    await asSuperuser(owned);
    const seen = (login: typeof database.superuser) =>
      withClient(login, async (client) => (await client.query('SELECT FROM maestro.service_accounts')).rowCount);
    expect(await seen(database.logins.server)).toBe(0);
    expect(await seen(database.logins.owner)).toBe(0);
    expect(await seen(database.logins.system)).toBe(1);
    await expect(withClient(database.logins.server, (client) => client.query(owned))).rejects.toMatchObject({
      code: '42501',
    });
  });
});

test('a role’s password is in no SQL text, and fits all the same', async () => {
  const wish = { name: 'hashed', password: 'correct horse ünd staple', bypassRls: false };
  const texts = [await createRoleText(wish), await alterPasswordText(wish)];
  expect(texts.join()).not.toContain('horse');
  for (const text of texts) {
    await asSuperuser(text);
    await withClient({ ...database.superuser, user: wish.name, password: wish.password }, async () => undefined);
  }
  await asSuperuser('DROP ROLE hashed');
});
