import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestAnswer, type TestApp } from '../../test/app.ts';
import { bodyOf, codeOf, enrolmentOf, type Person } from '../../test/enrolment.ts';

let maestro: TestApp;
let people: ReturnType<typeof enrolmentOf>;
beforeAll(async () => {
  maestro = await startTestApp();
  people = enrolmentOf(maestro);
});
afterAll(() => maestro?.stop());

const get = (path: string, as: string, headers = {}) => maestro.send('GET', path, { as, headers });
const me = (as: string) => get('/api/v1/auth/me', as);
const experiments = (as: string, headers = {}) => get('/api/v1/experiments', as, headers);
const removal = (as: string, factorId: string) => maestro.send('DELETE', `/api/v1/me/factors/${factorId}`, { as });
const rename = (as: string, factorId: string, name: unknown) =>
  maestro.send('PATCH', `/api/v1/me/factors/${factorId}`, { as, json: { name } });
const reauthenticate = (as: string, json: object) => people.post('/auth/reauthenticate', json, as);
const tokenOf = (answer: TestAnswer) => bodyOf<{ access_token: string }>(answer).access_token;

const signInWithCode = async (person: Person, secret: string) => {
  const token = tokenOf(await people.answer(await people.challenge(person), 'totp', codeOf(secret)));
  await people.forget(person);
  return token;
};

/** An answer without the id that it was asked about. */
const plain = ({ text }: TestAnswer, id: string) => text.replace(id, '').replace(/"request_id":"[^"]*"/, '');

/** As if the sign-in of all sessions of a person were a quarter of an hour ago. */
const age = async (person: Person) => {
  await people.rows("UPDATE maestro.sessions SET authenticated_at = now() - interval '15 minutes' WHERE user_id = $1", [
    person.id,
  ]);
  await maestro.ports.identity.changed({ kind: 'user', id: person.id });
};

const require = async (slug: string, requires_factor: boolean) =>
  bodyOf(
    await maestro.send('PATCH', `/api/v1/tenants/${slug}`, { as: maestro.operatorKey, json: { requires_factor } }),
  );

const newTenant = async (): Promise<string> => {
  const slug = `t-${randomUUID()}`;
  bodyOf(await people.post('/tenants', { slug }, maestro.operatorKey), 201);
  return slug;
};

describe('changing factors', () => {
  test('ends all other sessions of the person at once, not the one that changes them, and tells the person by mail', async () => {
    const person = await people.make();
    const [one, other] = [await people.session(person), await people.session(person)];
    expect((await me(other)).status).toBe(200);
    const { secret, factorId } = await people.enrol(one);
    expect((await me(other)).status).toBe(401);
    expect((await me(one)).status).toBe(200);
    await people.forget(person);
    const third = await signInWithCode(person, secret);
    expect((await removal(one, factorId)).status).toBe(204);
    expect((await me(third)).status).toBe(401);
    expect((await me(one)).status).toBe(200);
    expect(await maestro.mailsTo(person.email)).toHaveLength(2);
  });

  const changes: [string, (as: string) => Promise<TestAnswer>][] = [
    ['beginning an app', (as) => people.post('/me/factors/totp', {}, as)],
    ['confirming an app', (as) => people.post('/me/factors/totp/confirm', { code: '000000' }, as)],
    ['asking for a key', (as) => people.post('/me/factors/webauthn/options', {}, as)],
    ['new backup codes', (as) => people.post('/me/factors/backup-codes', {}, as)],
    ['another name', (as) => rename(as, randomUUID(), 'Phone')],
    ['a removal', (as) => removal(as, randomUUID())],
  ];

  test.each(changes)('%s needs a fresh sign-in', async (_name, change) => {
    const person = await people.make();
    const token = await people.session(person);
    await age(person);
    const answer = await change(token);
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ detail: 'Sign in again to do this.' });
    bodyOf(await reauthenticate(token, { password: person.password }));
    expect((await change(token)).status).not.toBe(403);
  });

  test.each(changes)('%s is for sessions: no key of any kind', async (_name, change) => {
    const person = await people.make({ tenant: 'tenant-a' });
    const key = await people.post('/me/keys', { name: 'own' }, await people.session(person));
    for (const as of [
      bodyOf<{ key: string }>(key, 201).key,
      maestro.operatorKey,
      maestro.tenants.a.keys.tenant_admin,
    ]) {
      expect((await change(as)).status).toBe(403);
    }
  });

  test('another name changes nothing else: the factor and all sessions go on, and the audit seals both names', async () => {
    const { person, token, secret, factorId } = await people.enrolled();
    const other = await signInWithCode(person, secret);
    const renamed = await rename(token, factorId, 'Phone of 2026');
    expect(bodyOf(renamed)).toMatchObject({ id: factorId, kind: 'totp', name: 'Phone of 2026' });
    expect((await get('/api/v1/me/factors', other)).body).toMatchObject({
      factors: [{ id: factorId, name: 'Phone of 2026' }],
    });
    await signInWithCode(person, secret);
    const events = await people.audited(person);
    expect(events.find(({ action }) => action === 'factor.rename')).toMatchObject({ detail: { kind: 'totp' } });
    expect(JSON.stringify(events)).not.toContain('Phone of 2026');
    for (const name of ['', 'x'.repeat(101), 7, undefined]) {
      const refused = await rename(token, factorId, name);
      expect([refused.status, (refused.body as { field: string }).field]).toEqual([400, 'name']);
    }
  });

  test('another person’s factor is renamed by nobody, and is as one that is not there', async () => {
    const [one, other] = [await people.enrolled(), await people.enrolled()];
    const ghost = randomUUID();
    const [theirs, nobodys] = [await rename(one.token, other.factorId, 'x'), await rename(one.token, ghost, 'x')];
    expect([theirs.status, nobodys.status]).toEqual([404, 404]);
    expect(plain(theirs, other.factorId)).toBe(plain(nobodys, ghost));
    expect((await get('/api/v1/me/factors', other.token)).body).toMatchObject({
      factors: [{ name: 'Authenticator app' }],
    });
  });

  test('another person’s factor is as one that is not there', async () => {
    const [one, other] = [await people.enrolled(), await people.enrolled()];
    const ghost = randomUUID();
    const [theirs, nobodys] = [await removal(one.token, other.factorId), await removal(one.token, ghost)];
    expect(theirs.status).toBe(404);
    expect(plain(theirs, other.factorId)).toBe(plain(nobodys, ghost));
    expect((await get('/api/v1/me/factors', other.token)).body).toMatchObject({ factors: [{ id: other.factorId }] });
  });

  test('one app a person: a second one waits for the removal of the first', async () => {
    const { token, factorId } = await people.enrolled();
    expect((await people.post('/me/factors/totp', {}, token)).status).toBe(409);
    expect((await removal(token, factorId)).status).toBe(204);
    expect((await people.post('/me/factors/totp', {}, token)).status).toBe(201);
  });

  test('a wrong code confirms no app, nor does the code of one that was begun before', async () => {
    const token = await people.session(await people.make());
    const begin = async () => bodyOf<{ secret: string }>(await people.post('/me/factors/totp', {}, token), 201).secret;
    const [first, second] = [await begin(), await begin()];
    for (const code of ['abcdef', codeOf(first)]) {
      const answer = await people.post('/me/factors/totp/confirm', { code }, token);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ field: 'code' });
    }
    bodyOf(await people.post('/me/factors/totp/confirm', { code: codeOf(second) }, token));
  });

  test('an app that was begun long ago cannot be confirmed any more', async () => {
    const person = await people.make();
    const token = await people.session(person);
    const { secret } = bodyOf<{ secret: string }>(await people.post('/me/factors/totp', {}, token), 201);
    await people.rows("UPDATE maestro.totp_factors SET created_at = now() - interval '16 minutes' WHERE user_id = $1", [
      person.id,
    ]);
    expect((await people.post('/me/factors/totp/confirm', { code: codeOf(secret) }, token)).status).toBe(400);
  });

  test('with the last factor go the backup codes, and the password alone signs in again', async () => {
    const { person, token, factorId } = await people.enrolled();
    expect((await removal(token, factorId)).status).toBe(204);
    expect((await get('/api/v1/me/factors', token)).body).toEqual({
      factors: [],
      backup_codes_left: 0,
      required_by: [],
    });
    expect((await people.signIn(person)).body).toHaveProperty('access_token');
  });

  test('an operator takes them from a person who lost them: sessions and codes end, and it is audited', async () => {
    const { person, token, backupCodes } = await people.enrolled();
    const challenge = await people.challenge(person);
    const path = `/api/v1/users/${person.id}/factors`;
    expect((await maestro.send('DELETE', path, { as: maestro.tenants.a.keys.tenant_admin })).status).toBe(403);
    expect((await maestro.send('DELETE', path, { as: maestro.operatorKey })).status).toBe(204);
    expect((await me(token)).status).toBe(401);
    expect((await people.answer(challenge, 'backup_code', backupCodes[0]!)).status).toBe(401);
    expect((await people.signIn(person)).body).toHaveProperty('access_token');
    const [event] = await people.rows(
      "SELECT actor_kind, outcome FROM maestro.operator_audit_events WHERE action = 'user.reset_factors' AND target = $1",
      [person.id],
    );
    expect(event).toEqual({ actor_kind: 'operator_key', outcome: 'success' });
    const ghost = `/api/v1/users/${randomUUID()}/factors`;
    expect((await maestro.send('DELETE', ghost, { as: maestro.operatorKey })).status).toBe(404);
  });
});

describe('a fresh sign-in', () => {
  test('takes the password, and a factor of who has one: neither alone is enough', async () => {
    const { person, token, secret } = await people.enrolled();
    await age(person);
    const { password } = person;
    expect((await reauthenticate(token, { password: 'wrong' })).status).toBe(401);
    expect((await reauthenticate(token, { password: 'wrong', method: 'totp', code: codeOf(secret) })).status).toBe(401);
    expect((await reauthenticate(token, { password, method: 'totp', code: 'abcdef' })).status).toBe(401);
    const asked = bodyOf<{ second_factor: { methods: string[] } }>(await reauthenticate(token, { password }));
    expect(asked.second_factor.methods).toEqual(['totp', 'backup_code']);
    expect((await people.post('/me/factors/backup-codes', {}, token)).status).toBe(403);
    bodyOf(await reauthenticate(token, { password, method: 'totp', code: codeOf(secret) }));
    expect((await people.post('/me/factors/backup-codes', {}, token)).status).toBe(201);
  });

  test('is not had by the challenge of another session or of a sign-in, nor does its own sign in', async () => {
    const { person, token, secret, backupCodes } = await people.enrolled();
    const other = await signInWithCode(person, secret);
    const { password } = person;
    const ask = async (as: string) =>
      bodyOf<{ second_factor: { challenge: string } }>(await reauthenticate(as, { password })).second_factor.challenge;
    const answer = { password, method: 'backup_code', code: backupCodes[0]! };
    for (const challenge of [await ask(other), await people.challenge(person)]) {
      expect((await reauthenticate(token, { ...answer, challenge })).status).toBe(401);
    }
    expect((await people.answer(await ask(token), 'backup_code', backupCodes[0]!)).status).toBe(401);
    bodyOf(await reauthenticate(token, { ...answer, challenge: await ask(token) }));
  });

  test('passes the same throttle as signing in: passwords are not guessed from a stolen session', async () => {
    const person = await people.make();
    const token = await people.session(person);
    const guesses = Array.from({ length: 20 }, () => reauthenticate(token, { password: 'wrong' }));
    const answers = await Promise.all(guesses);
    expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(5);
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(15);
  });

  test('renews this session alone', async () => {
    const person = await people.make();
    const [one, other] = [await people.session(person), await people.session(person)];
    await age(person);
    bodyOf(await reauthenticate(one, { password: person.password }));
    expect((await people.post('/me/factors/totp', {}, other)).status).toBe(403);
    expect((await people.post('/me/factors/totp', {}, one)).status).toBe(201);
  });
});

describe('a tenant that requires a factor', () => {
  test('is closed on both faces to a session without one, which may still set one up, and then it opens', async () => {
    const tenant = await newTenant();
    const person = await people.make({ tenant, role: 'viewer' });
    const token = await people.session(person);
    expect((await experiments(token)).status).toBe(200);
    await require(tenant, true);
    const search = '/api/2.0/mlflow/experiments/search?max_results=5';
    for (const [path, headers] of [
      ['/api/v1/experiments', {}],
      ['/api/v1/experiments', { 'x-mlflow-workspace': tenant }],
      [search, {}],
      [search, { 'x-mlflow-workspace': tenant }],
    ] as const) {
      const answer = await get(path, token, headers);
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('second factor');
    }
    expect((await get('/api/v1/me/factors', token)).body).toMatchObject({ factors: [], required_by: [tenant] });
    await people.enrol(token);
    expect((await experiments(token)).status).toBe(200);
    expect((await get(search, token)).status).toBe(200);
  });

  test('opens to a sign-in with a second step, and not to a password’s session of before', async () => {
    const tenant = await newTenant();
    await require(tenant, true);
    const { person, secret, token } = await people.enrolled({ tenant, role: 'viewer' });
    expect((await experiments(token)).status).toBe(200);
    expect((await experiments(await signInWithCode(person, secret))).status).toBe(200);
    const other = await people.make({ tenant, role: 'viewer' });
    expect((await experiments(await people.session(other))).status).toBe(403);
  });

  test('refuses in the audit too, in its own log', async () => {
    const tenant = await newTenant();
    await require(tenant, true);
    const person = await people.make({ tenant, role: 'viewer' });
    await experiments(await people.session(person));
    const rows = await people.rows(
      `SELECT e.action, e.outcome FROM maestro.audit_events e JOIN maestro.tenants t USING (tenant_id)
        WHERE t.slug = $1 AND e.actor_id = $2 AND e.outcome = 'refused'`,
      [tenant, person.id],
    );
    expect(rows).toEqual([{ action: 'experiment.list', outcome: 'refused' }]);
  });

  test('is closed to keys as well, until all who hold them or made them have a factor', async () => {
    const tenant = await newTenant();
    const person = await people.make({ tenant, role: 'tenant_admin' });
    const admin = await people.session(person);
    const make = async (path: string) =>
      bodyOf<{ key: string }>(await people.post(path, { name: 'a-key' }, admin), 201).key;
    const keys = [await make('/me/keys'), await make('/keys')];
    const search = '/api/2.0/mlflow/experiments/search?max_results=5';
    const answers = () =>
      Promise.all(keys.flatMap((key) => [experiments(key), get(search, key)].map(async (sent) => (await sent).status)));
    expect(await answers()).toEqual([200, 200, 200, 200]);
    await require(tenant, true);
    expect(await answers()).toEqual([403, 403, 403, 403]);
    expect((await experiments(keys[0] as string)).text).toContain('second factor');
    const { factorId } = await people.enrol(admin);
    expect(await answers()).toEqual([200, 200, 200, 200]);
    await require(tenant, false);
    expect((await removal(admin, factorId)).status).toBe(204);
    await require(tenant, true);
    expect(await answers()).toEqual([403, 403, 403, 403]);
    // Nobody's: the operator key made it.
    const path = `/tenants/${tenant}/keys`;
    const machine = bodyOf<{ key: string }>(await people.post(path, { name: 'ci' }, maestro.operatorKey), 201).key;
    expect((await experiments(machine)).status).toBe(200);
  });

  test('does not close other tenants of the person', async () => {
    const [open, closed] = [await newTenant(), await newTenant()];
    const person = await people.make({ tenant: closed, role: 'tenant_admin' });
    const admin = await people.session(person);
    const other = await people.make({ tenant: open, role: 'tenant_admin' });
    const invited = await maestro.send('POST', '/api/v1/members', {
      as: await people.session(other),
      json: { email: person.email, role: 'viewer' },
    });
    expect(invited.status).toBe(201);
    await require(closed, true);
    expect((await experiments(admin, { 'x-mlflow-workspace': open })).status).toBe(200);
    expect((await experiments(admin, { 'x-mlflow-workspace': closed })).status).toBe(403);
  });

  test('keeps the last factor of its members, and lets it go where it requires none any more', async () => {
    const tenant = await newTenant();
    await require(tenant, true);
    const { token, factorId } = await people.enrolled({ tenant, role: 'viewer' });
    const refused = await removal(token, factorId);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain(tenant);
    expect((await experiments(token)).status).toBe(200);
    await require(tenant, false);
    expect((await removal(token, factorId)).status).toBe(204);
    // The session goes on, but not as one with a factor.
    await require(tenant, true);
    expect((await experiments(token)).status).toBe(403);
  });

  test('is set by its own administrator, whom it binds as well', async () => {
    const tenant = await newTenant();
    const admin = await people.session(await people.make({ tenant, role: 'tenant_admin' }));
    const set = () => maestro.send('PATCH', '/api/v1/tenant', { as: admin, json: { requires_factor: true } });
    expect((await set()).status).toBe(200);
    expect((await set()).status).toBe(403);
  });

  test('is said to be one, or none, by nobody but a person who signed in a short while ago', async () => {
    const tenant = await newTenant();
    const person = await people.make({ tenant, role: 'tenant_admin' });
    const admin = await people.session(person);
    const key = bodyOf<{ key: string }>(await people.post('/me/keys', { name: 'own' }, admin), 201).key;
    const set = (as: string, json: object) => maestro.send('PATCH', '/api/v1/tenant', { as, json });
    expect((await set(key, { requires_factor: false })).status).toBe(403);
    expect((await set(key, { name: 'Renamed' })).status).toBe(200);
    await age(person);
    expect((await set(admin, { requires_factor: true })).status).toBe(403);
    bodyOf(await reauthenticate(admin, { password: person.password }));
    expect((await set(admin, { requires_factor: true })).status).toBe(200);
  });
});
