import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestAnswer, type TestApp } from '../../test/app.ts';
import { bodyOf, codeOf, enrolmentOf } from '../../test/enrolment.ts';

interface Begun {
  device_code: string;
  user_code: string;
  verification_uri: string;
  verification_uri_complete: string;
  expires_in: number;
  interval: number;
}
interface Tokens {
  access_token: string;
  refresh_token: string;
}

let maestro: TestApp;
let people: ReturnType<typeof enrolmentOf>;
beforeAll(async () => {
  maestro = await startTestApp();
  people = enrolmentOf(maestro);
});
afterAll(() => maestro?.stop());

const begin = async (json: object = {}) => bodyOf<Begun>(await people.post('/auth/device', json));
const ask = ({ device_code }: Begun) => people.post('/auth/device/token', { device_code });
const read = (user_code: string, as: string) => people.post('/auth/device/read', { user_code }, as);
const decide = (user_code: string, approve: boolean, as: string) =>
  people.post('/auth/device/approval', { user_code, approve }, as);
const errorOf = ({ status, body }: TestAnswer) => [status, (body as { error?: string }).error];
const me = (as: string) => maestro.send('GET', '/api/v1/auth/me', { as });
/** As if the wait between two questions were over. */
const pass = () => people.rows("UPDATE maestro.device_sign_ins SET asked_at = asked_at - interval '1 minute'");

describe('a program without a browser', () => {
  test('is signed in as who approves it, in the tenant it asked for, under the name it gave', async () => {
    const person = await people.make({ tenant: 'tenant-a', role: 'viewer' });
    const as = await people.session(person);
    const begun = await begin({ client_name: 'maestro login on lovelace', tenant: 'tenant-a' });
    expect(begun).toEqual({
      device_code: expect.stringMatching(/^[\w-]{43}$/),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: `${maestro.url}/account#device`,
      verification_uri_complete: `${maestro.url}/account#device=${begun.user_code}`,
      expires_in: 600,
      interval: 5,
    });
    expect(errorOf(await ask(begun))).toEqual([400, 'authorization_pending']);
    const shown = bodyOf<Record<string, unknown>>(await read(begun.user_code, as));
    expect(shown).toMatchObject({
      client_name: 'maestro login on lovelace',
      tenant: 'tenant-a',
      address: '127.0.0.1',
      is_fresh: true,
    });
    bodyOf(await decide(begun.user_code, true, as), 204);
    const tokens = bodyOf<Tokens>(await ask(begun));
    expect((await me(tokens.access_token)).body).toMatchObject({
      id: person.id,
      tenant: { tenant: { slug: 'tenant-a' } },
    });
    const sessions = await maestro.send('GET', '/api/v1/auth/sessions', { as });
    expect((sessions.body as { items: { device: string; is_browser: boolean }[] }).items[0]).toMatchObject({
      device: 'maestro login on lovelace',
      is_browser: false,
    });
    expect((await people.post('/auth/refresh', { refresh_token: tokens.refresh_token })).status).toBe(200);
    const actions = (await people.audited(person)).map(({ action, outcome }) => [action, outcome]);
    expect(actions).toContainEqual(['auth.device_approve', 'success']);
    expect(actions).toContainEqual(['auth.device', 'success']);
  });

  test('takes its code in the hand of a person: lower case, blanks and no hyphen', async () => {
    const as = await people.session(await people.make());
    const begun = await begin();
    expect((await read(` ${begun.user_code.toLowerCase().replace('-', ' ')}`, as)).status).toBe(200);
  });

  test('gets the tokens once, also of many who ask at the same moment', async () => {
    const as = await people.session(await people.make());
    const begun = await begin();
    bodyOf(await decide(begun.user_code, true, as), 204);
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(begun)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const others = answers.filter(({ status }) => status !== 200).map(errorOf);
    expect(others).toEqual(Array.from({ length: 7 }, () => [400, 'expired_token']));
  });

  test('is told when it was denied, asks too often, or is too late', async () => {
    const person = await people.make();
    const as = await people.session(person);
    const denied = await begin();
    bodyOf(await decide(denied.user_code, false, as), 204);
    expect(errorOf(await ask(denied))).toEqual([400, 'access_denied']);
    expect((await people.audited(person)).map(({ action }) => action)).toContain('auth.device_deny');
    const hasty = await begin();
    expect(errorOf(await ask(hasty))).toEqual([400, 'authorization_pending']);
    expect(errorOf(await ask(hasty))).toEqual([400, 'slow_down']);
    await pass();
    expect(errorOf(await ask(hasty))).toEqual([400, 'authorization_pending']);
    const late = await begin();
    await people.rows('UPDATE maestro.device_sign_ins SET expires_at = now()');
    expect(errorOf(await ask(late))).toEqual([400, 'expired_token']);
    expect((await decide(late.user_code, true, as)).status).toBe(404);
    expect(errorOf(await people.post('/auth/device/token', { device_code: 'nobody' }))).toEqual([400, 'expired_token']);
  });

  test('counts as signed in with a factor where its approver was, and its sign-in is no fresher than the approver’s', async () => {
    const { person, secret } = await people.enrolled();
    const signedIn = await people.answer(await people.challenge(person), 'totp', codeOf(secret));
    const { access_token: as } = bodyOf<Tokens>(signedIn);
    await people.rows(
      "UPDATE maestro.sessions SET authenticated_at = now() - interval '9 minutes' WHERE user_id = $1",
      [person.id],
    );
    await maestro.ports.identity.changed({ kind: 'user', id: person.id });
    const begun = await begin({ client_name: 'far' });
    bodyOf(await decide(begun.user_code, true, as), 204);
    bodyOf(await ask(begun));
    const rows = await people.rows<{ with_factor: boolean; minutes: number }>(
      `SELECT with_factor, extract(epoch FROM now() - authenticated_at)::int / 60 AS minutes
         FROM maestro.sessions WHERE user_id = $1 AND device = 'far'`,
      [person.id],
    );
    expect(rows).toEqual([{ with_factor: true, minutes: 9 }]);
  });
});

describe('nobody approves', () => {
  test('who signed in a while ago: it takes a fresh sign-in, while denying does not', async () => {
    const person = await people.make();
    const as = await people.session(person);
    await people.rows("UPDATE maestro.sessions SET authenticated_at = now() - interval '1 hour' WHERE user_id = $1", [
      person.id,
    ]);
    await maestro.ports.identity.changed({ kind: 'user', id: person.id });
    const begun = await begin();
    expect(bodyOf<{ is_fresh: boolean }>(await read(begun.user_code, as)).is_fresh).toBe(false);
    expect((await decide(begun.user_code, true, as)).status).toBe(403);
    expect(errorOf(await ask(begun))).toEqual([400, 'authorization_pending']);
    bodyOf(await decide(begun.user_code, false, as), 204);
  });

  test('by an API key, or without signing in', async () => {
    const begun = await begin();
    expect((await decide(begun.user_code, true, maestro.tenants.a.keys.tenant_admin)).status).toBe(403);
    expect((await decide(begun.user_code, true, '')).status).toBe(401);
  });

  test('a sign-in into a tenant that they are not in: to them there is none', async () => {
    const as = await people.session(await people.make());
    const begun = await begin({ tenant: 'tenant-b' });
    const [other, none] = [await decide(begun.user_code, true, as), await begin({ tenant: 'tenant-zz' })];
    expect(other.status).toBe(404);
    const refused = await decide(none.user_code, true, as);
    expect(other.text.replace('tenant-b', '').replace(/"request_id":"[^"]+"/, '')).toBe(
      refused.text.replace('tenant-zz', '').replace(/"request_id":"[^"]+"/, ''),
    );
    expect(errorOf(await ask(begun))).toEqual([400, 'authorization_pending']);
  });

  test('what was answered already', async () => {
    const as = await people.session(await people.make());
    const begun = await begin();
    bodyOf(await decide(begun.user_code, false, as), 204);
    expect((await decide(begun.user_code, true, as)).status).toBe(404);
    expect(errorOf(await ask(begun))).toEqual([400, 'access_denied']);
  });

  test('for good what a changed password takes back before the tokens were fetched', async () => {
    const person = await people.make();
    const as = await people.session(person);
    const begun = await begin();
    bodyOf(await decide(begun.user_code, true, as), 204);
    bodyOf(await people.post('/auth/logout-all', {}, as));
    expect((await ask(begun)).status).toBe(401);
  });

  test('by guessing: after ten wrong codes each further one has to wait, also the right one', async () => {
    const person = await people.make();
    const as = await people.session(person);
    const begun = await begin();
    for (let wrong = 0; wrong < 10; wrong++) expect((await read('BBBB-BBBB', as)).status).toBe(404);
    const limited = await read(begun.user_code, as);
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await decide(begun.user_code, true, as)).status).toBe(429);
    const other = await people.session(await people.make());
    expect((await read(begun.user_code, other)).status).toBe(200);
  });
});

test('of neither code anything but a hash is kept', async () => {
  const begun = await begin({ client_name: 'kept' });
  const [row] = await people.rows<{ text: string }>(
    "SELECT d::text AS text FROM maestro.device_sign_ins d WHERE client_name = 'kept'",
  );
  expect(row?.text).not.toContain(begun.device_code);
  expect(row?.text).not.toMatch(new RegExp(`${begun.user_code}|${begun.user_code.replace('-', '')}`));
});

test.each([
  [{ client_name: '' }, 'client_name'],
  [{ client_name: 'x'.repeat(101) }, 'client_name'],
  [{ client_name: 'a\u202eb' }, 'client_name'],
  [{ tenant: 'No Slug' }, 'tenant'],
])('%j is refused by the name of its field', async (json, field) => {
  const refused = await people.post('/auth/device', json);
  expect(refused.status).toBe(400);
  expect(refused.body).toMatchObject({ field });
});
