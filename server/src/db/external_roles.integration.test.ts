import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { makeLogins, roleName, useGivenLogins } from './external_roles.ts';
import { probeServerRole, withClient } from './roles.ts';
import { prepareSchema } from './start.ts';

// An empty database and roles as an administrator elsewhere would have made them.
const cluster = inject('cluster');
let database: string;
let roles: string[];

const asSuperuser = (text: string, where = database) =>
  withClient({ ...cluster.superuser, database: where }, (client) => client.query(text));

beforeEach(async () => {
  database = `external_${randomUUID().slice(0, 8)}`;
  roles = (['owner', 'server', 'system'] as const).map((duty) => roleName(duty, database));
  await asSuperuser(`CREATE DATABASE ${database}`, 'postgres');
});
afterEach(async () => {
  await asSuperuser(`DROP DATABASE ${database} WITH (FORCE)`, 'postgres');
  for (const role of roles) await asSuperuser(`DROP ROLE IF EXISTS ${role}`, 'postgres');
});

function urlOf(user: string, password: string): string {
  const host = encodeURIComponent(String(cluster.superuser.host));
  return `postgres://${user}:${password}@localhost/${database}?host=${host}&port=${cluster.superuser.port}`;
}

async function createRole(attributes: string, password = 'secret'): Promise<string> {
  const name = `login_${randomUUID().slice(0, 8)}`;
  roles.push(name);
  await asSuperuser(`CREATE ROLE ${name} LOGIN PASSWORD '${password}' ${attributes}`);
  return name;
}

const keepNothing = async (): Promise<string> => {
  throw new Error('no secret is to be kept');
};

describe('one login that may create roles', () => {
  test('makes three lesser ones, and the server serves with one that is bound by row-level security', async () => {
    const maker = await createRole('SUPERUSER');
    const logins = await makeLogins(urlOf(maker, 'secret'), keepNothing);
    expect([logins.owner.user, logins.server.user, logins.system.user]).toEqual(roles.slice(0, 3));
    await prepareSchema(logins);
    await withClient(logins.server, probeServerRole);
    await withClient(logins.system, (client) => client.query('SELECT FROM maestro.tenants'));
    await asSuperuser(`DROP OWNED BY ${maker}`);
  });

  test('finds the same logins on every later start, without a common data directory', async () => {
    const maker = await createRole('SUPERUSER');
    const first = await makeLogins(urlOf(maker, 'secret'), keepNothing);
    const again = await makeLogins(urlOf(maker, 'secret'), keepNothing);
    expect(again).toEqual(first);
  });

  test('several servers may start at the same moment', async () => {
    const maker = await createRole('SUPERUSER');
    const all = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const logins = await makeLogins(urlOf(maker, 'secret'), keepNothing);
        await prepareSchema(logins);
        return logins;
      }),
    );
    for (const logins of all) await withClient(logins.server, probeServerRole);
  });

  test('changes their passwords when its own has changed', async () => {
    const maker = await createRole('SUPERUSER');
    const before = await makeLogins(urlOf(maker, 'secret'), keepNothing);
    await asSuperuser(`ALTER ROLE ${maker} PASSWORD 'changed'`);
    const after = await makeLogins(urlOf(maker, 'changed'), keepNothing);
    await withClient(after.server, probeServerRole);
    await expect(withClient(before.server, probeServerRole)).rejects.toMatchObject({ code: '28P01' });
  });

  test('need not be a superuser where it has CREATEROLE, BYPASSRLS and the database', async () => {
    const maker = await createRole('CREATEROLE BYPASSRLS');
    await asSuperuser(`ALTER DATABASE ${database} OWNER TO ${maker}`);
    const logins = await makeLogins(urlOf(maker, 'secret'), keepNothing);
    await prepareSchema(logins);
    await asSuperuser(`ALTER DATABASE ${database} OWNER TO postgres`);
  });
});

describe('one login that may not create roles', () => {
  test.each(['', 'CREATEROLE'])('(%s) is answered with the SQL to run and the variables to set', async (attributes) => {
    const login = await createRole(attributes);
    const refusal = makeLogins(urlOf(login, 'secret'), keepNothing);
    await expect(refusal).rejects.toThrow(`CREATE ROLE maestro_system LOGIN BYPASSRLS`);
    await expect(refusal).rejects.toThrow('MAESTRO_DATABASE_OWNER_URL');
  });
});

describe('three given logins', () => {
  test('are used as they are', async () => {
    const [server, owner, system] = [await createRole(''), await createRole(''), await createRole('BYPASSRLS')];
    await asSuperuser(`GRANT CREATE ON DATABASE ${database} TO ${owner}`);
    const logins = await useGivenLogins({
      serverUrl: urlOf(server, 'secret'),
      ownerUrl: urlOf(owner, 'secret'),
      systemUrl: urlOf(system, 'secret'),
    });
    await prepareSchema(logins);
    expect(logins.server.user).toBe(server);
  });

  test('that do not fit their duties are refused with every reason', async () => {
    const [server, other] = [await createRole(''), await createRole('')];
    const refusal = useGivenLogins({
      serverUrl: urlOf(server, 'secret'),
      ownerUrl: urlOf(server, 'secret'),
      systemUrl: urlOf(other, 'secret'),
    });
    await expect(refusal).rejects.toThrow('must be a role of its own');
    await expect(refusal).rejects.toThrow(`GRANT CREATE ON DATABASE`);
    await expect(refusal).rejects.toThrow(`ALTER ROLE ${other} BYPASSRLS`);
  });

  test('nothing is served with a superuser, however many logins are given', async () => {
    const [server, owner, system] = [
      await createRole('SUPERUSER'),
      await createRole(''),
      await createRole('BYPASSRLS'),
    ];
    await asSuperuser(`GRANT CREATE ON DATABASE ${database} TO ${owner}`);
    const urls = {
      serverUrl: urlOf(server, 'secret'),
      ownerUrl: urlOf(owner, 'secret'),
      systemUrl: urlOf(system, 'secret'),
    };
    await expect(useGivenLogins(urls).then((logins) => prepareSchema(logins))).rejects.toThrow('is a superuser');
  });

  test('that cannot connect are named by their variable, without the password', async () => {
    const login = await createRole('');
    const refusal: Error = await makeLogins(urlOf(login, 'hunter2'), keepNothing).then(
      () => new Error('not refused'),
      (error) => error,
    );
    expect(refusal.message).toContain('DATABASE_URL');
    expect(refusal.message).not.toContain('hunter2');
  });
});

test('role names carry the database, and fit PostgreSQL’s 63 bytes', () => {
  expect(roleName('server', 'maestro')).toBe('maestro_server_maestro');
  for (const name of ['x'.repeat(63), 'Größe', 'with-dash']) {
    expect(roleName('system', name)).toMatch(/^maestro_system_[0-9a-f]{16}$/);
  }
  expect(roleName('server', 'Größe')).not.toBe(roleName('server', 'größe'));
});
