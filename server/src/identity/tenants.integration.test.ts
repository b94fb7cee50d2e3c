import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { withClient } from '../db/roles.ts';
import { defaultTenantId } from './tenants.ts';

interface Tenant {
  id: string;
  slug: string;
  max_users: number;
}

let maestro: TestApp;
beforeAll(async () => {
  maestro = await startTestApp();
});
afterAll(() => maestro.stop());

const rows = <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
  withClient(maestro.database.superuser, async (client) => (await client.query<Row>(text, values)).rows);
const asOperator = (method: string, path: string, json?: object) =>
  maestro.send(method, path, { as: maestro.operatorKey, ...(json ? { json } : {}) });

async function makeTenant(json: object = {}): Promise<Tenant> {
  const made = await asOperator('POST', '/api/v1/tenants', { slug: `t-${randomUUID()}`, ...json });
  expect(made.status).toBe(201);
  return made.body as Tenant;
}

async function makeUser(json: object = {}): Promise<{ id: string; email: string; password: string }> {
  const made = await asOperator('POST', '/api/v1/users', { email: `${randomUUID()}@example.com`, ...json });
  expect(made.status).toBe(201);
  return made.body as { id: string; email: string; password: string };
}

/** How many rows each tenant table holds of a tenant, read past row-level security. */
async function rowsOf(tenantId: string): Promise<Record<string, number>> {
  const tables = await rows<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'maestro'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'tenant_id'
      ORDER BY 1`,
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await rows<{ n: string }>(`SELECT count(*) AS n FROM maestro.${name} WHERE tenant_id = $1`, [
      tenantId,
    ]);
    counts[name] = Number(row?.n);
  }
  return counts;
}

/** The tables with a tenant's rows, by their columns: the deletion finds them by their policies. */
const tablesOfTenants = async () =>
  (
    await rows<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'maestro'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'tenant_id'
          AND c.relname NOT IN
            ('tenants', 'memberships', 'sessions', 'audit_copies', 'operator_switches', 'one_time_tokens', 'webhooks')
        ORDER BY 1`,
    )
  ).map(({ name }) => name);

/** A row in every tenant table, straight from the catalogue: each column gets a value of its type that its checks take. */
async function fill(tenantId: string): Promise<void> {
  const columns = await rows<{ table: string; column: string; type: string; checks: string | null }>(
    `SELECT c.relname AS table, a.attname AS column, t.typname AS type,
            (SELECT string_agg(pg_get_constraintdef(k.oid), ' ') FROM pg_constraint k
              WHERE k.conrelid = c.oid AND k.contype = 'c' AND a.attnum = ANY (k.conkey)) AS checks
       FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_attribute a ON a.attrelid = c.oid
       JOIN pg_type t ON t.oid = a.atttypid
      WHERE p.polname = 'own_tenant' AND a.attnum > 0 AND a.attnotnull AND NOT a.atthasdef AND a.attname <> 'tenant_id'`,
  );
  const fitting = ({ column, type, checks }: (typeof columns)[number]): unknown => {
    const allowed = /'([a-zA-Z_]+)'::text/.exec(checks ?? '')?.[1];
    if (allowed && !column.endsWith('name')) return allowed;
    if (type === 'bytea') return Buffer.alloc(32, 1);
    if (type === 'uuid') return checks?.includes('<>') ? randomUUID() : tenantId;
    if (type === 'json' || type === 'jsonb') return '{}';
    if (type === 'bool') return false;
    if (type === 'timestamptz') return new Date();
    if (type === 'date') return '2026-01-31';
    if (type.startsWith('_')) return [];
    return type === 'text' ? 'xxxxxxxx' : 1;
  };
  const byTable = Map.groupBy(columns, ({ table }) => table);
  await withClient(maestro.database.superuser, async (client) => {
    // Foreign keys and their order are of no matter here.
    await client.query('SET session_replication_role = replica');
    for (const table of await tablesOfTenants()) {
      const given = byTable.get(table) ?? [];
      const values = given.map(fitting);
      if (table === 'api_keys') {
        given.push({ table, column: 'user_id', type: 'uuid', checks: null });
        values.push(tenantId);
      }
      const names = ['tenant_id', ...given.map(({ column }) => `"${column}"`)].join(', ');
      const places = ['$1', ...values.map((_, index) => `$${index + 2}`)].join(', ');
      await client.query(`INSERT INTO maestro.${table} (${names}) VALUES (${places}) ON CONFLICT DO NOTHING`, [
        tenantId,
        ...values,
      ]);
    }
  });
}

describe('making a tenant', () => {
  test('it has its experiment 0 and its counter from the first moment, and the documented limits', async () => {
    const tenant = await makeTenant({ name: 'Acme, Inc.' });
    expect(tenant).toMatchObject({ name: 'Acme, Inc.', max_users: 10, max_projects: 100, max_artifacts: 1000 });
    const [experiment] = await rows('SELECT * FROM maestro.experiments WHERE tenant_id = $1', [tenant.id]);
    expect(experiment).toMatchObject({
      experiment_id: 0,
      name: 'Default',
      artifact_location: 'mlflow-artifacts:/0',
      lifecycle_stage: 'active',
    });
    const [counter] = await rows('SELECT name, value FROM maestro.tenant_counters WHERE tenant_id = $1', [tenant.id]);
    expect(counter).toEqual({ name: 'experiment', value: 0 });
  });

  test('a taken slug is refused, also to many at once, and leaves no rows behind', async () => {
    const slug = `race-${randomUUID()}`;
    const answers = await Promise.all(Array.from({ length: 5 }, () => asOperator('POST', '/api/v1/tenants', { slug })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409, 409]);
    const orphans = await rows(
      'SELECT 1 FROM maestro.experiments WHERE tenant_id NOT IN (SELECT tenant_id FROM maestro.tenants)',
    );
    expect(orphans).toEqual([]);
  });

  test.each([
    [{ slug: 'A' }, 'slug'],
    [{ slug: 'x' }, 'slug'],
    [{ slug: 'api' }, 'slug'],
    [{ slug: '-ab' }, 'slug'],
    [{ slug: 'a'.repeat(64) }, 'slug'],
    [{ slug: 'fine', name: '' }, 'name'],
    [{ slug: 'fine', max_users: 0 }, 'max_users'],
    [{ slug: 'fine', max_users: 1.5 }, 'max_users'],
    [{ slug: 'fine', settings: { deep: ['nul \0'] } }, 'settings'],
    [{ slug: 'fine', settings: { big: 'x'.repeat(70_000) } }, 'settings'],
    [{ slug: 'fine', id: randomUUID() }, 'id'],
    [{}, 'slug'],
  ])('with input no. %# is refused, naming the field at fault', async (json, field) => {
    const answer = await asOperator('POST', '/api/v1/tenants', json);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(field);
  });

  test('only an operator may', async () => {
    for (const as of [undefined, ...Object.values(maestro.tenants.a.keys)]) {
      const answer = await maestro.send('POST', '/api/v1/tenants', { as, json: { slug: 'mine' } });
      expect(answer.status).toBe(as === undefined ? 401 : 403);
    }
  });
});

test('limits, settings and names change, and nothing else does', async () => {
  const tenant = await makeTenant();
  const json = { name: 'New', max_users: 3, settings: { theme: 'dark' } };
  const changed = await asOperator('PATCH', `/api/v1/tenants/${tenant.slug}`, json);
  expect(changed.body).toMatchObject({ ...tenant, ...json, updated_at: expect.any(String) });
  expect((await asOperator('GET', `/api/v1/tenants/${tenant.slug}`)).body).toEqual(changed.body);
});

test('a list of tenants gives each once, page by page', async () => {
  const list = async (query: string) =>
    (await asOperator('GET', `/api/v1/tenants${query}`)).body as { items: Tenant[]; next_page_token: string | null };
  const all = await list('?limit=1000');
  const slugs: string[] = [];
  let token: string | null = null;
  do {
    const page = await list(`?limit=2${token === null ? '' : `&page_token=${token}`}`);
    slugs.push(...page.items.map(({ slug }) => slug));
    token = page.next_page_token;
  } while (token !== null);
  expect(slugs).toEqual(all.items.map(({ slug }) => slug));
});

describe('deleting a tenant', () => {
  test('leaves no row of it in any table, no file, and no way in; another tenant keeps all it has', async () => {
    const [tenant, other] = [await makeTenant(), await makeTenant()];
    const made = await asOperator('POST', `/api/v1/tenants/${tenant.slug}/keys`, { name: 'ci' });
    const { key } = made.body as { key: string };
    const user = await makeUser({ tenant: tenant.slug });
    const invited = { email: 'invited@example.com', role: 'viewer' };
    const admin = await asOperator('POST', `/api/v1/tenants/${tenant.slug}/keys`, { name: 'a', role: 'tenant_admin' });
    const as = (admin.body as { key: string }).key;
    expect((await maestro.send('POST', '/api/v1/members/invite', { as, json: invited })).status).toBe(201);
    for (const { id } of [tenant, other]) {
      await fill(id);
      await maestro.ports.blobs.write(id, 'a/b.txt', Readable.from(['x']));
    }
    const before = await rowsOf(tenant.id);
    for (const table of await tablesOfTenants()) expect(before, table).not.toHaveProperty(table, 0);
    const kept = await rowsOf(other.id);

    expect((await asOperator('DELETE', `/api/v1/tenants/${tenant.slug}`)).status).toBe(204);

    const after = await rowsOf(tenant.id);
    for (const [table, count] of Object.entries(after)) expect(count, table).toBe(0);
    expect(await rowsOf(other.id)).toEqual(kept);
    expect(await maestro.ports.blobs.list(tenant.id, 'a')).toEqual([]);
    expect(await maestro.ports.blobs.list(other.id, 'a')).toHaveLength(1);
    expect((await maestro.send('GET', '/api/v1/auth/me', { as: key })).status).toBe(401);
    expect((await asOperator('GET', `/api/v1/tenants/${tenant.slug}`)).status).toBe(404);
    expect((await asOperator('GET', `/api/v1/users/${user.id}`)).status).toBe(200);
  });

  test('is refused for the first one', async () => {
    expect((await asOperator('DELETE', '/api/v1/tenants/default')).status).toBe(400);
    expect((await rowsOf(defaultTenantId)).experiments).toBe(1);
  });
});

describe('members', () => {
  const asAdmin = (method: string, path: string, json?: object) =>
    maestro.send(method, path, { as: maestro.tenants.a.keys.tenant_admin, ...(json ? { json } : {}) });

  test('a tenant takes no more users than it may have, also of many at once', async () => {
    const tenant = await makeTenant({ max_users: 2 });
    const made = await asOperator('POST', `/api/v1/tenants/${tenant.slug}/keys`, {
      name: 'admin',
      role: 'tenant_admin',
    });
    const { key } = made.body as { key: string };
    const users = await Promise.all(Array.from({ length: 4 }, () => makeUser()));
    const answers = await Promise.all(
      users.map(({ email }) => maestro.send('POST', '/api/v1/members', { as: key, json: { email, role: 'viewer' } })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 429, 429]);
    const refused = await asOperator('POST', '/api/v1/users', { email: 'one@more.org', tenant: tenant.slug });
    expect(refused.status).toBe(429);
    expect(await rows("SELECT 1 FROM maestro.users WHERE email = 'one@more.org'")).toEqual([]);
  });

  test('the last tenant_admin neither leaves nor is demoted, not even by two at once', async () => {
    const [one, two] = [
      await makeUser({ tenant: 'tenant-a', role: 'tenant_admin' }),
      await makeUser({ tenant: 'tenant-a', role: 'tenant_admin' }),
    ];
    const answers = await Promise.all([
      asAdmin('DELETE', `/api/v1/members/${one.id}`),
      asAdmin('PATCH', `/api/v1/members/${two.id}`, { role: 'viewer' }),
    ]);
    expect(answers.map(({ status }) => status >= 400).toSorted()).toEqual([false, true]);
  });

  test('a member is added once, of users that exist, and never of another tenant', async () => {
    const user = await makeUser({ tenant: 'tenant-b' });
    expect((await asAdmin('PATCH', `/api/v1/members/${user.id}`, { role: 'viewer' })).status).toBe(404);
    expect((await asAdmin('DELETE', `/api/v1/members/${user.id}`)).status).toBe(404);
    expect((await asAdmin('POST', '/api/v1/members', { email: 'nobody@x.org', role: 'viewer' })).status).toBe(404);
    expect((await asAdmin('POST', '/api/v1/members', { email: user.email, role: 'viewer' })).status).toBe(201);
    expect((await asAdmin('POST', '/api/v1/members', { email: user.email, role: 'viewer' })).status).toBe(409);
    const list = (await asAdmin('GET', '/api/v1/members')).body as { items: { user_id: string }[] };
    expect(list.items.filter(({ user_id }) => user_id === user.id)).toHaveLength(1);
  });

  test('a change of members is audited in the tenant and for operators', async () => {
    const user = await makeUser();
    await asAdmin('POST', '/api/v1/members', { email: user.email, role: 'viewer' });
    const where = "action = 'member.add' AND target = $1";
    expect(await rows(`SELECT 1 FROM maestro.audit_events WHERE ${where}`, [user.id])).toHaveLength(1);
    expect(await rows(`SELECT 1 FROM maestro.operator_audit_events WHERE ${where}`, [user.id])).toHaveLength(1);
  });
});

describe('users', () => {
  test('an e-mail address is taken once, whatever its letter case', async () => {
    const { email } = await makeUser();
    expect((await asOperator('POST', '/api/v1/users', { email: email.toUpperCase() })).status).toBe(409);
  });

  test('a password that was given is not shown again; one past 72 bytes is refused', async () => {
    expect(await makeUser({ password: 'a fine password' })).not.toHaveProperty('password');
    const answer = await asOperator('POST', '/api/v1/users', { email: 'long@x.org', password: 'ü'.repeat(40) });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('password');
  });

  test('the last operator is neither deactivated nor demoted', async () => {
    const [admin] = await rows<{ user_id: string }>('SELECT user_id FROM maestro.users WHERE is_operator');
    for (const json of [{ is_active: false }, { is_operator: false }]) {
      expect((await asOperator('PATCH', `/api/v1/users/${admin?.user_id}`, json)).status).toBe(400);
    }
    const other = await makeUser({ is_operator: true });
    expect((await asOperator('PATCH', `/api/v1/users/${other.id}`, { is_operator: false })).status).toBe(200);
  });
});
