import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { mailedPeopleOf, refusalOf } from '../../test/mailed_people.ts';
import { type People, peopleOf } from '../../test/people.ts';
import { generatePassword } from './passwords.ts';

let maestro: TestApp;
let people: People;

beforeAll(async () => {
  maestro = await startTestApp();
  people = peopleOf(maestro);
});
afterAll(() => maestro?.stop());

const id = randomUUID();
const password = generatePassword();
/** All that a person does alone. */
const personal: [method: string, path: string, json?: object][] = [
  ['POST', '/auth/logout'],
  ['POST', '/auth/logout-all'],
  ['GET', '/auth/sessions'],
  ['DELETE', `/auth/sessions/${id}`],
  ['POST', '/auth/reauthenticate', { password }],
  ['POST', '/auth/request-email-verification'],
  ['GET', '/me/profile'],
  ['PATCH', '/me/profile', { name: 'n' }],
  ['POST', '/me/password', { current_password: password, new_password: password }],
  ['POST', '/me/email', { email: 'ada@example.org' }],
  ['GET', '/me/factors'],
  ['POST', '/me/factors/totp'],
  ['POST', '/me/factors/totp/confirm', { code: '000000' }],
  ['POST', '/me/factors/webauthn/options'],
  ['POST', '/me/factors/backup-codes'],
  ['PATCH', `/me/factors/${id}`, { name: 'n' }],
  ['DELETE', `/me/factors/${id}`],
];
const asKeyOf = { status: 403, detail: 'Only a person who is signed in may do this; a key may not.' };

test('where a person is needed every key is refused, with one status and in one sentence', async () => {
  const member = await people.member('tenant_admin');
  const made = await people.native(member.as, 'POST', '/me/keys', { name: 'own' });
  const { key } = made.body as { key: string };
  for (const as of [key, maestro.tenants.a.keys.tenant_admin, maestro.operatorKey]) {
    for (const [method, path, json] of personal) {
      const answer = await people.native(as, method, path, json ?? (method === 'POST' ? {} : undefined));
      expect(refusalOf(answer), `${method} ${path}`).toMatchObject(asKeyOf);
    }
  }
  const inTenant = await people.native(key, 'POST', '/me/keys', { name: 'another' });
  expect(refusalOf(inTenant)).toMatchObject(asKeyOf);
  for (const method of ['POST', 'DELETE']) {
    const json = method === 'POST' ? { tenant: 'tenant-a', reason: 'a reason', minutes: 1 } : undefined;
    const answer = await people.native(maestro.operatorKey, method, '/operator/switch', json);
    expect(refusalOf(answer), `${method} of a switch`).toMatchObject(asKeyOf);
  }
});

test('the other sessions of a person are ended only by a sign-in of the last minutes, the own one always', async () => {
  const { person, session, isSignedIn, rows } = mailedPeopleOf(() => maestro);
  const user = await person();
  const [stale, other] = [await session(user), await session(user)];
  const ask = (method: string, path: string, json?: object) => people.native(stale, method, `/auth/${path}`, json);
  const { items } = (await ask('GET', 'sessions')).body as { items: { id: string; is_current: boolean }[] };
  const [mine, theirs] = [true, false].map((own) => items.find(({ is_current }) => is_current === own)?.id);
  const age = async () => {
    await rows("UPDATE maestro.sessions SET authenticated_at = now() - interval '11 minutes' WHERE user_id = $1", [
      user.id,
    ]);
    await maestro.ports.identity.changed({ kind: 'user', id: user.id });
  };
  await age();
  const late = {
    status: 403,
    type: 'urn:maestro:error:fresh_sign_in_required',
    detail: 'Sign in again to do this.',
  };
  expect(refusalOf(await ask('DELETE', `sessions/${theirs}`))).toMatchObject(late);
  for (const json of [{ others_only: true }, {}]) {
    expect(refusalOf(await ask('POST', 'logout-all', json))).toMatchObject(late);
  }
  expect([await isSignedIn(stale), await isSignedIn(other)]).toEqual([true, true]);
  expect((await ask('POST', 'reauthenticate', { password: user.password })).status).toBe(200);
  expect((await ask('DELETE', `sessions/${theirs}`)).status).toBe(204);
  expect(await isSignedIn(other)).toBe(false);
  await age();
  expect((await ask('DELETE', `sessions/${mine}`)).status).toBe(204);
});
