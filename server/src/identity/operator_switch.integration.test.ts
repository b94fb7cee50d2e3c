import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { type People, type Person, peopleOf } from '../../test/people.ts';
import { withClient } from '../db/roles.ts';

let maestro: TestApp;
let people: People;
/** An operator who is no member of tenant-a, with a session of its own. */
let operator: Person;
let experiment: number;

beforeAll(async () => {
  maestro = await startTestApp();
  people = peopleOf(maestro);
  const made = await people.asAdmin<{ experiment_id: number }>('POST', '/experiments', { name: 'theirs' });
  experiment = made.experiment_id;
});
afterAll(() => maestro?.stop());
beforeEach(async () => {
  operator = await people.operator();
});

const reason = 'a ticket of the tenant';
const rows = (text: string, values: unknown[] = []) =>
  withClient(maestro.database.superuser, async (client) => (await client.query(text, values)).rows);
const enter = (json: object = {}, as = operator.as) =>
  people.native(as, 'POST', '/operator/switch', { tenant: 'tenant-a', reason, minutes: 5, ...json });
const inTenantA = (as = operator.as) =>
  maestro.send('GET', `/api/v1/experiments/${experiment}`, { as, headers: { 'x-mlflow-workspace': 'tenant-a' } });

describe('an operator', () => {
  test('without a switch reads nothing in a tenant that it is no member of, by either face', async () => {
    const headers = { 'x-mlflow-workspace': 'tenant-a' };
    for (const path of [
      `/api/v1/experiments/${experiment}`,
      '/api/v1/members',
      '/api/2.0/mlflow/experiments/get?experiment_id=0',
    ]) {
      const met = await maestro.send('GET', path, { as: operator.as, headers });
      expect([path, met.status]).toEqual([path, 404]);
    }
  });

  test('goes in by a switch: its calls land there, as tenant_admin, until it leaves', async () => {
    const entered = await enter();
    expect(entered.status, entered.text).toBe(201);
    expect(entered.body).toMatchObject({ tenant: 'tenant-a', role: 'tenant_admin', reason, user_id: operator.id });
    const found = await people.native(operator.as, 'GET', `/experiments/${experiment}`);
    expect(found.body).toMatchObject({ name: 'theirs', tenant: 'tenant-a' });
    expect((await inTenantA()).status).toBe(200);
    expect((await people.native(operator.as, 'GET', '/members')).status).toBe(200);
    expect((await people.native(operator.as, 'GET', '/auth/me')).body).toMatchObject({
      tenant: { tenant: { slug: 'tenant-a' }, role: 'tenant_admin' },
    });
    expect((await people.native(operator.as, 'DELETE', '/operator/switch')).status).toBe(204);
    expect((await inTenantA()).status).toBe(404);
    expect((await people.native(operator.as, 'DELETE', '/operator/switch')).status).toBe(400);
  });

  test('has the weaker role that it asks for, of every tenant or of this one', async () => {
    await enter({ role: 'viewer' });
    expect((await inTenantA()).status).toBe(200);
    expect((await people.native(operator.as, 'DELETE', `/experiments/${experiment}`)).status).toBe(403);
    expect((await people.native(operator.as, 'GET', '/members')).status).toBe(403);
    const other = await people.operator();
    const own = { name: `r${randomUUID().slice(0, 8)}`, permissions: ['member:read'] };
    await people.asAdmin('POST', '/roles', own);
    expect((await enter({ role: own.name }, other.as)).status).toBe(201);
    expect((await people.native(other.as, 'GET', '/members')).status).toBe(200);
    expect((await people.native(other.as, 'GET', `/experiments/${experiment}`)).status).toBe(404);
  });

  test('is out by itself when the time is over, though it was cached as being in', async () => {
    await enter();
    expect((await inTenantA()).status).toBe(200);
    // The time in the database is over; what the process knows must end with it.
    await rows("UPDATE maestro.operator_switches SET expires_at = now() + interval '1200 ms'");
    await maestro.ports.identity.changed({ kind: 'user', id: operator.id });
    expect((await inTenantA()).status).toBe(200);
    await expect.poll(async () => (await inTenantA()).status, { timeout: 3000, interval: 50 }).toBe(404);
    expect((await enter()).status, 'and may go in anew').toBe(201);
  });

  test('is in one tenant at a time, by the session that went in and by no other', async () => {
    expect((await enter()).status).toBe(201);
    expect((await people.native(operator.as, 'GET', '/auth/me')).body).toMatchObject({
      switch: { tenant: 'tenant-a', reason: expect.any(String), expires_at: expect.any(String) },
    });
    expect((await enter({ tenant: 'tenant-b' })).status).toBe(400);
    const other = await people.operator();
    expect((await people.native(other.as, 'GET', '/auth/me')).body).toMatchObject({ switch: null });
    expect((await inTenantA(other.as)).status).toBe(404);
    expect((await people.native(other.as, 'DELETE', '/operator/switch')).status).toBe(400);
  });

  test('of two switches at once makes one', async () => {
    const answers = await Promise.all([enter(), enter({ tenant: 'tenant-b' })]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 400]);
  });

  test('is out once it signs out, or is no operator any more', async () => {
    await enter();
    await people.native(operator.as, 'POST', '/auth/logout');
    expect((await inTenantA()).status).toBe(401);
    const email = `${randomUUID()}@example.org`;
    const made = await people.native(maestro.operatorKey, 'POST', '/users', { email, is_operator: true });
    const { id, password } = made.body as { id: string; password: string };
    const login = await maestro.send('POST', '/api/v1/auth/login', { json: { email, password } });
    const { access_token: as } = login.body as { access_token: string };
    expect((await enter({}, as)).status).toBe(201);
    expect((await inTenantA(as)).status).toBe(200);
    await people.native(maestro.operatorKey, 'PATCH', `/users/${id}`, { is_operator: false });
    expect((await inTenantA(as)).status).toBe(404);
  });

  test('is in the tenant for every process that serves its session', async () => {
    await enter();
    // A second process over the same database, which never heard of the switch.
    const other = await startTestApp({ beside: maestro });
    const seen = await other.ports.authenticate({ authorization: `Bearer ${operator.as}` }, '');
    await other.stop();
    expect(seen).toMatchObject({ kind: 'session', tenantId: maestro.tenants.a.id });
  });
});

describe('a switch is refused', () => {
  test.each([
    [{ reason: undefined }, 400, 'reason'],
    [{ reason: 'x' }, 400, 'reason'],
    [{ minutes: undefined }, 400, 'minutes'],
    [{ minutes: 61 }, 400, 'minutes'],
    [{ minutes: 0 }, 400, 'minutes'],
    [{ minutes: 1.5 }, 400, 'minutes'],
    [{ role: 'owner' }, 400, 'role'],
    [{ tenant: 'nowhere' }, 404, undefined],
  ])('with input no. %#, by the name of the field at fault', async (json, status, field) => {
    const answer = await enter(json);
    expect([answer.status, (answer.body as { field?: string }).field]).toEqual([status, field]);
    expect((await inTenantA()).status).toBe(404);
  });

  test('to whoever is no operator, and to every key: an operator’s own, the operator key, a tenant’s', async () => {
    const member = await people.member('tenant_admin');
    const own = await people.native(operator.as, 'POST', '/me/keys', { name: 'own' });
    const { key } = own.body as { key: string };
    for (const as of [member.as, key, maestro.operatorKey, maestro.tenants.a.keys.tenant_admin]) {
      expect((await enter({}, as)).status).toBe(403);
      expect((await people.native(as, 'DELETE', '/operator/switch')).status).toBe(403);
    }
    expect((await inTenantA(key)).status, 'nor does a key share its user’s stay').toBe(404);
  });

  test('to an operator who signed in some time ago, until they show anew who they are', async () => {
    const age = "UPDATE maestro.sessions SET authenticated_at = now() - interval '11 minutes' WHERE user_id = $1";
    await rows(age, [operator.id]);
    await maestro.ports.identity.changed({ kind: 'user', id: operator.id });
    const refused = await enter();
    expect([refused.status, (refused.body as { detail: string }).detail]).toEqual([403, 'Sign in again to do this.']);
    expect((await inTenantA()).status).toBe(404);
    const { password } = maestro.admin;
    expect((await people.native(operator.as, 'POST', '/auth/reauthenticate', { password })).status).toBe(200);
    expect((await enter()).status).toBe(201);
    await rows(age, [operator.id]);
    await maestro.ports.identity.changed({ kind: 'user', id: operator.id });
    expect((await people.native(operator.as, 'DELETE', '/operator/switch')).status, 'but leaves at any time').toBe(204);
  });

  test('into a tenant that is closed', async () => {
    const slug = `closed-${randomUUID()}`;
    await people.native(maestro.operatorKey, 'POST', '/tenants', { slug });
    await people.native(maestro.operatorKey, 'PATCH', `/tenants/${slug}`, { is_active: false });
    expect((await enter({ tenant: slug })).status).toBe(400);
  });
});

describe('the audit', () => {
  test('of operators and of the tenant both tell of the switch, with its reason and its end', async () => {
    await enter({ minutes: 7 });
    await people.native(operator.as, 'DELETE', '/operator/switch');
    for (const table of ['operator_audit_events', 'audit_events']) {
      const found = await rows(
        `SELECT action, detail FROM maestro.${table}
          WHERE actor_id = $1 AND action LIKE 'operator.switch%' ORDER BY created_at DESC LIMIT 2`,
        [operator.id],
      );
      expect(found.map(({ action }) => action)).toEqual(['operator.switch_back', 'operator.switch']);
      expect(found[1].detail).toMatchObject({ reason, role: 'tenant_admin', expires_at: expect.any(String) });
    }
  });

  test('of the tenant tells of every action of the stay, reads and refusals too, as the operator’s by a switch', async () => {
    await enter({ role: 'data_scientist' });
    const since = new Date();
    const { experiment_id: id } = (await people.native(operator.as, 'POST', '/experiments', { name: randomUUID() }))
      .body as {
      experiment_id: number;
    };
    const { run_id: run } = (await people.native(operator.as, 'POST', '/runs', { experiment_id: id })).body as {
      run_id: string;
    };
    await people.native(operator.as, 'GET', `/runs/${run}`);
    await maestro.send('POST', '/api/2.0/mlflow/runs/search', {
      as: operator.as,
      json: { experiment_ids: [String(id)] },
    });
    await people.native(operator.as, 'DELETE', `/runs/${run}`);
    await people.native(operator.as, 'DELETE', `/experiments/${id}`);
    const found = await rows(
      `SELECT tenant_id, action, outcome, actor_kind, detail FROM maestro.audit_events
        WHERE actor_id = $1 AND created_at >= $2 ORDER BY created_at`,
      [operator.id, since],
    );
    expect(found.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'experiment.create success',
      'run.create success',
      'run.get success',
      'run.search_documents success',
      'run.delete success',
      'experiment.delete refused',
    ]);
    for (const event of found) {
      expect(event).toMatchObject({ tenant_id: maestro.tenants.a.id, actor_kind: 'user', detail: { switched: true } });
    }
  });

  test('marks changes of members and roles in a stay in both audits', async () => {
    await enter();
    const member = await people.member('viewer');
    await people.native(operator.as, 'PATCH', `/members/${member.id}`, { role: 'ml_engineer' });
    for (const table of ['operator_audit_events', 'audit_events']) {
      const [event] = await rows(`SELECT detail FROM maestro.${table} WHERE action = 'member.update' AND target = $1`, [
        member.id,
      ]);
      expect(event?.detail, table).toMatchObject({ role: 'ml_engineer', switched: true });
    }
  });

  test('of who is where now is open to operators alone', async () => {
    await enter({ role: 'viewer' });
    const { items } = (await people.native(operator.as, 'GET', '/operator/switches')).body as { items: object[] };
    expect(items).toContainEqual(
      expect.objectContaining({ user_id: operator.id, tenant: 'tenant-a', role: 'viewer', reason }),
    );
    await people.native(operator.as, 'POST', '/auth/logout');
    const left = (await people.native(maestro.operatorKey, 'GET', '/operator/switches')).body as { items: object[] };
    expect(left.items).toHaveLength(items.length - 1);
    expect((await people.native(maestro.tenants.a.keys.tenant_admin, 'GET', '/operator/switches')).status).toBe(403);
  });
});
