import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPeople } from '../identity/people.ts';
import { type AuditApp, startAuditApp, type TestUser } from './audit_app.fixture.ts';

let maestro: AuditApp;
beforeAll(async () => {
  maestro = await startAuditApp();
});
afterAll(() => maestro?.stop());

/** Both logs as they are stored, all columns as text. */
async function stored(where = 'true'): Promise<string> {
  const texts = await maestro.rows<{ row: string }>(
    `SELECT e::text || coalesce(encode(personal, 'escape'), '') AS row FROM maestro.audit_events e WHERE ${where}
     UNION ALL
     SELECT e::text || coalesce(encode(personal, 'escape'), '') FROM maestro.operator_audit_events e
      WHERE ${where}`,
  );
  return texts.map(({ row }) => row).join('\n');
}

const keyOf = (person: string) =>
  maestro.rows<{ sealed_key: Buffer | null; destroyed_at: Date | null }>(
    'SELECT sealed_key, destroyed_at FROM maestro.person_keys WHERE person = $1',
    [person],
  );

/** Signs in, is refused something, and makes a key: rows in both logs. */
async function act(user: TestUser, agent: string): Promise<string> {
  const token = await maestro.signIn(user, agent);
  const made = await maestro.send('POST', '/api/v1/me/keys', { as: token, json: { name: `laptop of ${agent}` } });
  expect(made.status, made.text).toBe(201);
  expect((await maestro.send('POST', '/api/v1/keys', { as: token, json: { name: 'x' } })).status).toBe(403);
  return token;
}

describe('what is personal in an audit row', () => {
  test('stands in neither log in the open: no address, no device, no e-mail address, no name of a person’s own', async () => {
    const user = await maestro.makeUser({ tenant: 'tenant-a', role: 'viewer' });
    const agent = `device-${randomUUID()}`;
    await act(user, agent);
    await maestro.asOperator('PATCH', `/users/${user.id}`, { name: 'Ada Lovelace' });
    const text = await stored(`actor_id = '${user.id}' OR target = '${user.id}'`);
    expect(text).toContain('auth.login');
    for (const personal of [agent, user.email, 'Ada', 'Lovelace', 'laptop of']) expect(text).not.toContain(personal);
    expect(await stored("actor_kind IN ('user', 'anonymous')")).not.toMatch(/127\.0\.0\.1|::1/);
  });

  test('is shown to those who may read the log', async () => {
    const user = await maestro.makeUser({ tenant: 'tenant-a', role: 'viewer' });
    await act(user, 'a telephone');
    const [denied, key, login] = await maestro.events(`?actor=${user.id}&limit=3`);
    expect(denied).toMatchObject({ action: 'key.create', outcome: 'refused', address: '127.0.0.1', erased: false });
    expect(key).toMatchObject({ action: 'own_key.create', personal: { name: 'laptop of a telephone' } });
    expect(login).toMatchObject({ action: 'auth.login', address: '127.0.0.1', personal: { device: 'a telephone' } });
    const [forOperators] = await maestro.events(`?actor=${user.id}`, 'operator-audit');
    expect(forOperators).toMatchObject({ action: 'auth.login', personal: { device: 'a telephone' } });
  });

  test('of a machine is not sealed: a service account’s address names no person', async () => {
    await maestro.asAdmin('POST', '/keys', { name: 'by a machine' });
    const [event] = await maestro.events('?action=key.create&outcome=success&limit=1');
    expect(event).toMatchObject({ actor: { kind: 'service_account' }, address: '127.0.0.1', personal: {} });
    expect(await stored("actor_kind = 'service_account'")).toContain('127.0.0.1');
  });

  test('of somebody unknown is sealed with the key of nobody, which is another one each month', async () => {
    const email = `${randomUUID()}@example.org`;
    const json = { email, password: 'a password of nobody' };
    expect((await maestro.send('POST', '/api/v1/auth/login', { json })).status).toBe(401);
    const [event] = await maestro.events('?action=auth.login&outcome=refused&limit=1', 'operator-audit');
    expect(event).toMatchObject({ actor: { kind: 'anonymous' }, personal: { email }, address: '127.0.0.1' });
    expect(await stored()).not.toContain(email);
    const [row] = await maestro.rows('SELECT person FROM maestro.operator_audit_events WHERE seq = $1', [event?.seq]);
    expect(row?.person).toBe(`nobody-${new Date().toISOString().slice(0, 7)}`);
  });

  test('opens in no other row than its own', async () => {
    const [one, other] = [await maestro.makeUser({ tenant: 'tenant-b' }), await maestro.makeUser()];
    await maestro.signIn(one, 'first device');
    await maestro.signIn(one, 'second device');
    await maestro.signIn(other);
    const [second, first] = await maestro.events(`?actor=${one.id}`, 'operator-audit');
    await maestro.rows(
      `UPDATE maestro.operator_audit_events SET personal = (SELECT personal FROM maestro.operator_audit_events WHERE seq = $1)
        WHERE seq = $2`,
      [first?.seq, second?.seq],
    );
    const [moved, kept] = await maestro.events(`?actor=${one.id}`, 'operator-audit');
    expect(moved).toMatchObject({ personal: {}, erased: true });
    expect(kept).toMatchObject({ personal: { device: 'first device' } });
    expect(await maestro.verify('operator-audit')).toMatchObject({ ok: false, fault: { seq: second?.seq } });
    await maestro.rows('DELETE FROM maestro.operator_audit_events WHERE seq >= $1', [second?.seq]);
    await maestro.rows(
      `UPDATE maestro.operator_audit_heads SET seq = e.seq, hash = e.hash FROM maestro.operator_audit_events e
        WHERE e.seq = $1 - 1`,
      [second?.seq],
    );
  });

  test('the person’s key is stored sealed, and opens nothing for whoever has the database alone', async () => {
    const user = await maestro.makeUser();
    await maestro.signIn(user);
    const [key] = await keyOf(user.id);
    const stolen = openPeople(maestro.ports.db, {
      seal: maestro.ports.identity.sealer.seal,
      open: () => Promise.reject(new Error('another encryption key')),
    });
    expect(key?.sealed_key?.length).toBeGreaterThan(32);
    await expect(stolen.open([{ person: user.id, sealed: Buffer.alloc(40), context: 'x' }])).rejects.toThrow();
    // The app's own keys again.
    openPeople(maestro.ports.db, maestro.ports.identity.sealer);
  });

  test('a key made in a transaction that is undone seals nothing later', async () => {
    const person = randomUUID();
    const { people } = maestro.ports.identity;
    const { db } = maestro.ports;
    await expect(
      db.inIdentity(async (tx) => {
        await people.seal(person, 'x', 'context', tx);
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    expect(await keyOf(person)).toEqual([]);
    const { sealed } = await people.seal(person, 'kept', 'context');
    expect(await people.open([{ person, sealed, context: 'context' }])).toEqual(['kept']);
  });

  test('is sealed with one key, however many calls need it first at the same moment', async () => {
    const person = randomUUID();
    const { people } = maestro.ports.identity;
    const all = await Promise.all(Array.from({ length: 20 }, (_, n) => people.seal(person, `${n}`, 'context')));
    const texts = await people.open(all.map(({ sealed }) => ({ person, sealed, context: 'context' })));
    expect(texts).toEqual(Array.from({ length: 20 }, (_, n) => `${n}`));
  });
});

describe('deleting a person', () => {
  test('makes what is personal unreadable in every log, and leaves the chains whole', async () => {
    const user = await maestro.makeUser({ tenant: 'tenant-a', role: 'viewer' });
    const other = await maestro.makeUser({ tenant: 'tenant-a', role: 'viewer' });
    await act(user, 'the device of the first');
    await act(other, 'the device of the other');
    expect((await maestro.asOperator('DELETE', `/users/${user.id}`)).status).toBe(204);
    for (const log of ['audit', 'operator-audit'] as const) {
      const events = await maestro.events(`?actor=${user.id}`, log);
      expect(events.length).toBeGreaterThan(0);
      for (const event of events) expect(event).toMatchObject({ address: '', personal: {}, erased: true });
      const others = await maestro.events(`?actor=${other.id}`, log);
      for (const event of others) expect(event).toMatchObject({ address: '127.0.0.1', erased: false });
      expect((await maestro.verify(log)).ok).toBe(true);
    }
    const [key] = await keyOf(user.id);
    expect(key).toMatchObject({ sealed_key: null, destroyed_at: expect.any(Date) });
  });

  test('leaves nothing of name, address, device or credential in any table', async () => {
    const user = await maestro.makeUser({ tenant: 'tenant-a', role: 'viewer' });
    const agent = `device-${randomUUID()}`;
    await act(user, agent);
    await maestro.asOperator('PATCH', `/users/${user.id}`, { name: `name-${agent}` });
    const invitation = { as: maestro.tenants.b.keys.tenant_admin, json: { email: user.email, role: 'viewer' } };
    expect((await maestro.send('POST', '/api/v1/members/invite', invitation)).status).toBeLessThan(300);
    expect((await maestro.asOperator('DELETE', `/users/${user.id}`)).status).toBe(204);
    const tables = await maestro.rows<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'maestro'::regnamespace AND relkind = 'r'`,
    );
    for (const { name } of tables) {
      const found = await maestro.rows(
        `SELECT 1 FROM maestro.${name} t WHERE t::text LIKE '%' || $1 || '%' OR t::text LIKE '%' || $2 || '%'`,
        [agent, user.email],
      );
      expect(found, name).toEqual([]);
    }
    const [row] = await maestro.rows('SELECT password_hash, is_active FROM maestro.users WHERE user_id = $1', [
      user.id,
    ]);
    expect(row).toEqual({ password_hash: null, is_active: false });
  });

  test('ends every way in, and the person is not there any more', async () => {
    const user = await maestro.makeUser({ tenant: 'tenant-a', role: 'viewer' });
    const token = await maestro.signIn(user);
    const made = await maestro.send('POST', '/api/v1/me/keys', { as: token, json: { name: 'own' } });
    const { key } = made.body as { key: string };
    expect((await maestro.send('GET', '/api/v1/auth/me', { as: key })).status).toBe(200);
    expect((await maestro.asOperator('DELETE', `/users/${user.id}`)).status).toBe(204);
    for (const as of [token, key]) expect((await maestro.send('GET', '/api/v1/auth/me', { as })).status).toBe(401);
    await expect(maestro.signIn(user)).rejects.toThrow();
    expect((await maestro.asOperator('GET', `/users/${user.id}`)).status).toBe(404);
    expect((await maestro.asOperator('PATCH', `/users/${user.id}`, { is_active: true })).status).toBe(404);
    expect((await maestro.asOperator('DELETE', `/users/${user.id}`)).status).toBe(404);
    const members = (await maestro.asAdmin('GET', '/members?limit=1000')).text;
    expect(members).not.toContain(user.id);
    // The address is free again.
    expect((await maestro.asOperator('POST', '/users', { email: user.email })).status).toBe(201);
  });

  test('is in the operators’ audit and in that of each tenant the person was in', async () => {
    const user = await maestro.makeUser({ tenant: 'tenant-a', role: 'viewer' });
    expect((await maestro.asOperator('DELETE', `/users/${user.id}`)).status).toBe(204);
    for (const log of ['audit', 'operator-audit'] as const) {
      const events = await maestro.events(`?target=${user.id}&action=user.delete`, log);
      expect(events, log).toHaveLength(1);
    }
  });

  test('is refused for the last operator, and for the last administrator of a tenant', async () => {
    const [admin] = await maestro.rows<{ user_id: string }>('SELECT user_id FROM maestro.users WHERE is_operator');
    expect((await maestro.asOperator('DELETE', `/users/${admin?.user_id}`)).status).toBe(400);
    const user = await maestro.makeUser({ tenant: 'tenant-b', role: 'tenant_admin' });
    expect((await maestro.asOperator('DELETE', `/users/${user.id}`)).status).toBe(400);
    expect((await maestro.asOperator('GET', `/users/${user.id}`)).body).toMatchObject({ is_active: true });
  });

  test('lets no later row about the person be sealed with a key of the person’s own', async () => {
    const user = await maestro.makeUser();
    await maestro.signIn(user);
    await maestro.asOperator('DELETE', `/users/${user.id}`);
    const { person } = await maestro.ports.identity.people.seal(user.id, 'x', 'context');
    expect(person).toMatch(/^nobody-/);
  });
});
