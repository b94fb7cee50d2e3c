import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuditApp, startAuditApp, type TestUser } from '../audit/audit_app.fixture.ts';
import { completeErasures } from './erasure_upkeep.ts';

let maestro: AuditApp;
beforeAll(async () => {
  maestro = await startAuditApp();
});
afterAll(() => maestro?.stop());

const erasure = async (id: string) => (await maestro.asOperator('GET', `/erasures/${id}`)).body;

async function makeRun(user: { email: string }, tags: object[] = []): Promise<string> {
  const made = await maestro.send('POST', '/api/2.0/mlflow/runs/create', {
    as: maestro.tenants.a.keys.data_scientist,
    json: { experiment_id: '0', user_id: user.email, tags },
  });
  expect(made.status, made.text).toBe(200);
  return (made.body as { run: { info: { run_id: string } } }).run.info.run_id;
}

async function userOf(runId: string): Promise<{ user_id: string; tag: string | undefined }> {
  const read = await maestro.send('GET', `/api/2.0/mlflow/runs/get?run_id=${runId}`, {
    as: maestro.tenants.a.keys.viewer,
  });
  const { run } = read.body as {
    run: { info: { user_id: string }; data: { tags?: { key: string; value: string }[] } };
  };
  return { user_id: run.info.user_id, tag: run.data.tags?.find(({ key }) => key === 'mlflow.user')?.value };
}

const member = (): Promise<TestUser> => maestro.makeUser({ tenant: 'tenant-a', role: 'data_scientist' });

describe('erasing a person', () => {
  test('makes runs say an id in the place of the address, also in a tenant the person had left', async () => {
    const user = await member();
    await maestro.asOperator('PATCH', `/users/${user.id}`, { name: 'Grace Hopper' });
    const runs = [
      await makeRun({ email: user.email.toUpperCase() }, [{ key: 'mlflow.user', value: user.email }]),
      await makeRun({ email: 'root' }, [{ key: 'mlflow.user', value: user.email.toUpperCase() }]),
    ];
    const others = [
      await makeRun({ email: `x${user.email}` }, [{ key: 'mlflow.user', value: 'Grace Hopper' }]),
      await makeRun({ email: 'root' }, [{ key: 'note', value: user.email }]),
    ];
    expect((await maestro.asAdmin('DELETE', `/members/${user.id}`)).status).toBe(204);
    expect((await maestro.asOperator('DELETE', `/users/${user.id}`)).status).toBe(204);
    expect(await Promise.all(runs.map(userOf))).toEqual([
      { user_id: user.id, tag: user.id },
      { user_id: 'root', tag: user.id },
    ]);
    expect(await Promise.all(others.map(userOf))).toEqual([
      { user_id: `x${user.email}`, tag: 'Grace Hopper' },
      { user_id: 'root', tag: undefined },
    ]);
    expect(await erasure(user.id)).toMatchObject({ erased: { runs: 1, tags: 2, users: 1 } });
  });

  test('touches no run of another person by whose name one calls oneself', async () => {
    const user = await member();
    await maestro.asOperator('PATCH', `/users/${user.id}`, { name: 'Ada Lovelace' });
    const run = await makeRun({ email: 'Ada Lovelace' }, [{ key: 'mlflow.user', value: 'Ada Lovelace' }]);
    expect((await maestro.asOperator('DELETE', `/users/${user.id}`)).status).toBe(204);
    expect(await userOf(run)).toEqual({ user_id: 'Ada Lovelace', tag: 'Ada Lovelace' });
  });

  test('is done by the person alone, who signed in a short while ago and types the address', async () => {
    const user = await member();
    const token = await maestro.signIn(user);
    const erase = (email: string) => maestro.send('POST', '/api/v1/me/erase', { as: token, json: { email } });
    const wrong = await erase(`${randomUUID()}@example.com`);
    expect([wrong.status, wrong.text]).toEqual([
      400,
      expect.stringContaining('email: expected the address of your own'),
    ]);
    await maestro.rows("UPDATE maestro.sessions SET authenticated_at = now() - interval '1 day' WHERE user_id = $1", [
      user.id,
    ]);
    await maestro.ports.identity.changed({ kind: 'user', id: user.id });
    expect((await erase(user.email)).status).toBe(403);
    const fresh = await maestro.signIn(user);
    const done = await maestro.send('POST', '/api/v1/me/erase', {
      as: fresh,
      json: { email: user.email.toUpperCase() },
    });
    expect([done.status, done.body]).toMatchObject([
      200,
      { id: user.id, kind: 'user', finished_at: expect.any(String), erased: { users: 1, sessions: 2, memberships: 1 } },
    ]);
    expect(await erasure(user.id)).toEqual(done.body);
    expect((await maestro.send('GET', '/api/v1/auth/me', { as: fresh })).status).toBe(401);
    await expect(maestro.signIn(user)).rejects.toThrow();
  });

  test('is recorded with what was erased, without an address or a key of the person’s', async () => {
    const user = await member();
    const token = await maestro.signIn(user);
    // A process that has not met the person of late.
    maestro.ports.identity.people.drop(user.id);
    await maestro.send('POST', '/api/v1/me/erase', { as: token, json: { email: user.email } });
    const [ended, begun] = await maestro.events(`?target=${user.id}`, 'operator-audit');
    expect(ended).toMatchObject({ action: 'user.erased', detail: { erased: { users: 1, sessions: 1 } } });
    expect(begun).toMatchObject({ action: 'user.delete', actor: { id: user.id }, address: '', personal: {} });
    expect(await maestro.verify('operator-audit')).toMatchObject({ ok: true });
  });

  test('takes the mails that name the person, and no mail of somebody whose address is longer', async () => {
    const user = await member();
    const longer = `x${user.email}`;
    for (const email of [user.email, longer]) {
      const invitation = { email, role: 'viewer' };
      const asB = { as: maestro.tenants.b.keys.tenant_admin, json: invitation };
      expect((await maestro.send('POST', '/api/v1/members/invite', asB)).status).toBe(201);
      expect(await maestro.mailsTo(email)).toHaveLength(1);
    }
    expect((await maestro.asOperator('DELETE', `/users/${user.id}`)).status).toBe(204);
    expect(await maestro.mailsTo(user.email)).toEqual([]);
    expect(await maestro.mailsTo(longer)).toHaveLength(1);
    expect(await erasure(user.id)).toMatchObject({ erased: { outbox_mails: 1, one_time_tokens: 1 } });
  });

  test('is completed by the server where it broke off and nobody repeats it, with the counts of the first time', async () => {
    const user = await member();
    const run = await makeRun(user);
    await maestro.asOperator('DELETE', `/users/${user.id}`);
    // As a crash right after the counts of this tenant were kept leaves it.
    await maestro.rows('UPDATE maestro.runs SET user_id = $1 WHERE tenant_id = $2 AND run_id = $3', [
      user.email,
      maestro.tenants.a.id,
      run,
    ]);
    const names = maestro.ports.identity.sealer.seal(JSON.stringify([user.email]), `erasure ${user.id}`);
    await maestro.rows(
      `UPDATE maestro.erasures SET finished_at = NULL, sealed_names = $2, began_at = now() - interval '2 minutes'
        WHERE subject_id = $1`,
      [user.id, names],
    );
    await completeErasures(maestro.ports);
    expect((await userOf(run)).user_id).toBe(user.id);
    expect(await erasure(user.id)).toMatchObject({ finished_at: expect.any(String), erased: { runs: 1 } });
    const [row] = await maestro.rows('SELECT sealed_names FROM maestro.erasures WHERE subject_id = $1', [user.id]);
    expect(row).toEqual({ sealed_names: null });
  });

  test('of somebody unknown has no report', async () => {
    expect((await maestro.asOperator('GET', `/erasures/${randomUUID()}`)).status).toBe(404);
  });
});

test('deleting a tenant leaves a report of its rows and files, which stands when the tenant is gone', async () => {
  const slug = `t-${randomUUID()}`;
  const { id } = (await maestro.asOperator('POST', '/tenants', { slug })).body as { id: string };
  await maestro.makeUser({ tenant: slug, role: 'tenant_admin' });
  expect((await maestro.asOperator('DELETE', `/tenants/${slug}`)).status).toBe(204);
  expect(await erasure(id)).toMatchObject({
    kind: 'tenant',
    finished_at: expect.any(String),
    erased: { experiments: 1, tenant_counters: 1, memberships: 1, audit_events: expect.any(Number) },
  });
  const [ended] = await maestro.events(`?target=${id}`, 'operator-audit');
  expect(ended).toMatchObject({ action: 'tenant.erased', detail: { erased: { experiments: 1 } } });
});
