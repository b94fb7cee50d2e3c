import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type AuditApp, startAuditApp } from '../audit/audit_app.fixture.ts';
import { withClient } from '../db/roles.ts';

let maestro: AuditApp;
beforeAll(async () => {
  maestro = await startAuditApp();
});
afterAll(() => maestro?.stop());

/**
 * Sends a deletion and breaks the connection of the transaction that first writes to `table`, from outside of Maestro:
 * what was committed before stays, as after a crash at this place.
 */
async function breakOff(
  path: string,
  table: string,
  send: (method: string, path: string) => Promise<{ status: number }> = maestro.asOperator,
): Promise<void> {
  await withClient(maestro.database.superuser, async (client) => {
    await client.query('BEGIN');
    await client.query(`LOCK TABLE maestro.${table} IN SHARE MODE`);
    const answer = send('DELETE', path);
    await vi.waitUntil(
      async () => {
        const broken = await client.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))`,
        );
        return broken.rows.length > 0;
      },
      { timeout: 10_000 },
    );
    await client.query('ROLLBACK');
    expect((await answer).status).toBe(503);
  });
}

/** The tables that hold rows of a tenant, past row-level security. */
async function tablesWith(tenantId: string): Promise<string[]> {
  const tables = await maestro.rows<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'maestro'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'tenant_id'`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await maestro.rows(`SELECT 1 FROM maestro.${name} WHERE tenant_id = $1 LIMIT 1`, [tenantId]);
    if (rows.length > 0) found.push(name);
  }
  return found;
}

const recorded = (action: string, target: string) =>
  maestro.rows(
    "SELECT 1 FROM maestro.operator_audit_events WHERE action = $1 AND target = $2 AND outcome = 'success'",
    [action, target],
  );

const made = async (path: string, json: object): Promise<string> => {
  const answer = await maestro.asOperator('POST', path, json);
  expect(answer.status, answer.text).toBe(201);
  return (answer.body as { id: string }).id;
};

describe('a deletion of a tenant that broke off', () => {
  async function makeTenant() {
    const slug = `t-${randomUUID()}`;
    const id = await made('/tenants', { slug });
    await made(`/tenants/${slug}/keys`, { name: 'ci' });
    const admin = await maestro.makeUser({ tenant: slug, role: 'tenant_admin' });
    await maestro.signIn(admin);
    await maestro.ports.blobs.write(id, 'a/b.txt', Readable.from(['x']));
    return { slug, id, admin };
  }

  test.each(['tenants', 'experiments', 'tenant_counters', 'audit_events', 'memberships'])(
    'while it wrote to %s is completed by repeating it, and nothing of the tenant is left',
    async (table) => {
      const { slug, id, admin } = await makeTenant();
      expect(await tablesWith(id)).toEqual(expect.arrayContaining(['experiments', 'audit_events', 'memberships']));
      await breakOff(`/tenants/${slug}`, table);
      expect((await maestro.asOperator('DELETE', `/tenants/${slug}`)).status).toBe(204);
      expect(await tablesWith(id)).toEqual([]);
      expect(await maestro.ports.blobs.list(id, 'a')).toEqual([]);
      expect(await recorded('tenant.delete', id)).toHaveLength(1);
      expect((await maestro.asOperator('DELETE', `/tenants/${slug}`)).status).toBe(404);
      expect((await maestro.asOperator('GET', `/users/${admin.id}`)).status).toBe(200);
    },
  );

  test('is in the audit although nobody repeats it, and leaves the tenant closed for good', async () => {
    const { slug, id, admin } = await makeTenant();
    await breakOff(`/tenants/${slug}`, 'audit_events');
    expect(await recorded('tenant.delete', id)).toHaveLength(1);
    expect((await maestro.asOperator('GET', `/tenants/${slug}`)).body).toMatchObject({ is_active: false });
    const opening = await maestro.asOperator('PATCH', `/tenants/${slug}`, { is_active: true });
    expect(opening.status).toBe(400);
    expect(opening.text).toContain('is being deleted');
    // Its last administrator need not stay.
    expect((await maestro.asOperator('DELETE', `/users/${admin.id}`)).status).toBe(204);
    expect((await maestro.asOperator('DELETE', `/tenants/${slug}`)).status).toBe(204);
    expect(await tablesWith(id)).toEqual([]);
  });
});

test('a tenant of any size can be deleted: the bound on a request’s statements breaks none of it off', async () => {
  const slug = `t-${randomUUID()}`;
  await made('/tenants', { slug });
  await maestro.rows(
    `CREATE FUNCTION maestro.refuse_bound() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF current_setting('statement_timeout') <> '0' THEN RAISE EXCEPTION 'a statement is bounded'; END IF;
       RETURN OLD;
     END $$`,
  );
  await maestro.rows(`CREATE TRIGGER refuse_bound BEFORE DELETE ON maestro.experiments
                        FOR EACH ROW EXECUTE FUNCTION maestro.refuse_bound()`);
  const answer = await maestro.asOperator('DELETE', `/tenants/${slug}`);
  await maestro.rows('DROP FUNCTION maestro.refuse_bound CASCADE');
  expect(answer.status, answer.text).toBe(204);
});

test.each(['grants', 'api_keys', 'memberships'])(
  'a removal of a member that broke off while it wrote to %s leaves no grant and no key to who is no member, and is repeated',
  async (table) => {
    const { id: tenantId } = maestro.tenants.a;
    const user = await maestro.makeUser({ tenant: 'tenant-a', role: 'data_scientist' });
    const { id } = user;
    const key = await maestro.send('POST', '/api/v1/me/keys', {
      as: await maestro.signIn(user),
      json: { name: 'laptop' },
    });
    expect(key.status, key.text).toBe(201);
    await maestro.rows(
      `INSERT INTO maestro.grants (tenant_id, subject_kind, subject_id, resource_kind, resource_id, role, created_by)
       VALUES ($1, 'user', $2, 'experiment', '0', 'viewer', '')`,
      [tenantId, id],
    );
    const member = `/members/${id}`;
    const left = async () => ({
      memberships: await maestro.rows('SELECT 1 FROM maestro.memberships WHERE user_id = $1', [id]),
      rights: await maestro.rows(
        `SELECT 1 FROM maestro.grants WHERE subject_id = $1
         UNION ALL SELECT 1 FROM maestro.api_keys WHERE user_id = $1 AND revoked_at IS NULL`,
        [id],
      ),
    });
    await breakOff(member, table, maestro.asAdmin);
    const { memberships, rights } = await left();
    expect(memberships.length === 1 || rights.length === 0).toBe(true);
    expect((await maestro.asAdmin('DELETE', member)).status).toBe(204);
    expect(await left()).toEqual({ memberships: [], rights: [] });
    expect((await maestro.asAdmin('DELETE', member)).status).toBe(404);
    expect(await maestro.events(`?target=${id}&action=member`)).toMatchObject([
      { action: 'member.remove', outcome: 'success' },
      { action: 'member.take_rights', outcome: 'success', detail: { grants: 1, keys: 1 } },
    ]);
  },
);

test('a grant to a member who is removed at the same moment does not outlive it', async () => {
  const { id } = await maestro.makeUser({ tenant: 'tenant-a', role: 'data_scientist' });
  const json = { subject: { kind: 'user', id }, resource: { kind: 'experiment', id: '0' }, role: 'viewer' };
  const granting = await withClient(maestro.database.superuser, async (client) => {
    await client.query('BEGIN');
    // What a grant reads once it knows that there is such a member, and a removal does not.
    await client.query('LOCK TABLE maestro.experiments');
    const answer = maestro.asAdmin('POST', '/grants', json);
    await vi.waitUntil(async () => {
      const waiting = 'SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))';
      return (await client.query(waiting)).rows.length > 0;
    });
    expect((await maestro.asAdmin('DELETE', `/members/${id}`)).status).toBe(204);
    await client.query('ROLLBACK');
    return answer;
  });
  expect([granting.status, granting.body]).toEqual([404, expect.objectContaining({ field: 'subject.id' })]);
  expect(await maestro.rows('SELECT 1 FROM maestro.grants WHERE subject_id = $1', [id])).toEqual([]);
  const [{ target } = { target: '' }] = await maestro.events('?action=grant.delete');
  expect(await maestro.events(`?target=${target}`)).toMatchObject([
    { action: 'grant.delete', detail: { subject: { id } } },
    { action: 'grant.create', detail: { subject: { id } } },
  ]);
});

describe('a deletion of a user that broke off', () => {
  async function makeUser() {
    const user = await maestro.makeUser({ tenant: 'tenant-a', role: 'data_scientist' });
    const token = await maestro.signIn(user);
    for (const { slug, id, keys } of [maestro.tenants.a, maestro.tenants.b]) {
      const as = keys.tenant_admin;
      if (slug === 'tenant-b') {
        const json = { email: user.email, role: 'viewer' };
        expect((await maestro.send('POST', '/api/v1/members', { as, json })).status).toBe(201);
      }
      const headers = { 'x-mlflow-workspace': slug };
      const key = await maestro.send('POST', '/api/v1/me/keys', { as: token, headers, json: { name: user.email } });
      expect(key.status, key.text).toBe(201);
      await maestro.rows(
        `INSERT INTO maestro.grants (tenant_id, subject_kind, subject_id, resource_kind, resource_id, role, created_by)
         VALUES ($1, 'user', $2, 'experiment', '0', 'viewer', '')`,
        [id, user.id],
      );
    }
    return user;
  }

  test.each(['users', 'person_keys', 'api_keys', 'grants', 'memberships'])(
    'while it wrote to %s is completed by repeating it, and nothing of the person is left',
    async (table) => {
      const user = await makeUser();
      await breakOff(`/users/${user.id}`, table);
      expect((await maestro.asOperator('DELETE', `/users/${user.id}`)).status).toBe(204);
      expect(await maestro.rows('SELECT 1 FROM maestro.memberships WHERE user_id = $1', [user.id])).toEqual([]);
      expect(await maestro.rows('SELECT 1 FROM maestro.grants WHERE subject_id = $1', [user.id])).toEqual([]);
      const keys = await maestro.rows('SELECT name, revoked_at FROM maestro.api_keys WHERE user_id = $1', [user.id]);
      expect(keys).toHaveLength(2);
      for (const key of keys) expect(key).toEqual({ name: 'of a deleted user', revoked_at: expect.any(Date) });
      const personKeys = await maestro.rows('SELECT sealed_key FROM maestro.person_keys WHERE person = $1', [user.id]);
      expect(personKeys).toEqual([{ sealed_key: null }]);
      expect(await recorded('user.delete', user.id)).toHaveLength(1);
      for (const { id } of [maestro.tenants.a, maestro.tenants.b]) {
        const copies = await maestro.rows(
          "SELECT 1 FROM maestro.audit_events WHERE tenant_id = $1 AND action = 'user.delete' AND target = $2",
          [id, user.id],
        );
        expect(copies).toHaveLength(1);
      }
      expect((await maestro.asOperator('DELETE', `/users/${user.id}`)).status).toBe(404);
    },
  );

  test('lets the person in nowhere meanwhile, and shows nobody of that address', async () => {
    const user = await makeUser();
    const token = await maestro.signIn(user);
    await breakOff(`/users/${user.id}`, 'api_keys');
    expect((await maestro.send('GET', '/api/v1/auth/me', { as: token })).status).toBe(401);
    expect((await maestro.asOperator('GET', `/users/${user.id}`)).status).toBe(404);
    expect((await maestro.asAdmin('GET', '/members?limit=1000')).text).not.toContain(user.email);
  });

  test('is recorded once when two operators delete the person at the same moment', async () => {
    const user = await makeUser();
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => maestro.asOperator('DELETE', `/users/${user.id}`)),
    );
    for (const { status } of answers) expect([204, 404]).toContain(status);
    expect(answers.map(({ status }) => status)).toContain(204);
    expect(await recorded('user.delete', user.id)).toHaveLength(1);
    expect(await maestro.rows('SELECT 1 FROM maestro.memberships WHERE user_id = $1', [user.id])).toEqual([]);
  });
});
