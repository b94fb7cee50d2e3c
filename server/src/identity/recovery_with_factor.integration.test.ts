import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestAnswer, type TestApp } from '../../test/app.ts';
import { type Authenticator, authenticatorAt } from '../../test/authenticator.ts';
import { startChromium } from '../../test/chromium.ts';
import { bodyOf, codeOf, enrolmentOf, type Person } from '../../test/enrolment.ts';
import { freePort } from '../../test/free_port.ts';
import { mailedPeopleOf } from '../../test/mailed_people.ts';
import { generatePassword } from './passwords.ts';

interface Asked {
  challenge: string;
  public_key: unknown;
}

let maestro: TestApp;
let people: ReturnType<typeof enrolmentOf>;
let browser: Browser;
let origin: string;
const { linkTo, isSignedIn } = mailedPeopleOf(() => maestro);

beforeAll(async () => {
  const port = await freePort();
  origin = `http://localhost:${port}`;
  maestro = await startTestApp({ port, publicUrl: origin });
  people = enrolmentOf(maestro);
  browser = await startChromium();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await maestro?.stop();
});

const tokenOf = (answer: TestAnswer) => bodyOf<{ access_token: string }>(answer).access_token;
const factorsOf = async (as: string) =>
  (await maestro.send('GET', '/api/v1/me/factors', { as })).body as { factors: { id: string; name: string }[] };

/** By the link of the mail; gives the person with the new password, whom the answer signs in nowhere. */
async function reset(person: Person): Promise<Person> {
  const asked = await people.post('/auth/request-password-reset', { email: person.email });
  expect(asked.status).toBe(202);
  const [token, password] = [await linkTo(person.email, 'reset'), generatePassword()];
  const done = await people.post('/auth/reset-password', { token, password });
  expect([done.status, done.text, done.headers.get('set-cookie')]).toEqual([204, '', null]);
  return { ...person, password };
}

describe('somebody with an authenticator app who sets a new password by a link', () => {
  test('is signed out everywhere, is asked for the app as before, and gets in by both and by nothing less', async () => {
    const { person, token, secret, factorId } = await people.enrolled();
    const other = tokenOf(await people.answer(await people.challenge(person), 'totp', codeOf(secret)));
    await people.forget(person);
    expect(await Promise.all([token, other].map(isSignedIn))).toEqual([true, true]);
    const renewed = await reset(person);
    expect(await Promise.all([token, other].map(isSignedIn))).toEqual([false, false]);
    expect((await people.signIn(person)).status, 'the old password').toBe(401);

    const asked = bodyOf<{ second_factor: { methods: string[] } }>(await people.signIn(renewed));
    expect(asked).not.toHaveProperty('access_token');
    expect(asked.second_factor.methods).toEqual(['totp', 'backup_code']);
    const [challenge = '', next = ''] = await people.challenges(renewed, 2);
    expect((await people.answer(challenge, 'totp', 'abcdef')).status).toBe(401);
    const session = tokenOf(await people.answer(next, 'totp', codeOf(secret)));
    expect((await factorsOf(session)).factors.map(({ id }) => id)).toEqual([factorId]);
  });

  test('completes no sign-in that was begun with the old password', async () => {
    const { person, secret } = await people.enrolled();
    const begun = await people.challenge(person);
    await reset(person);
    expect((await people.answer(begun, 'totp', codeOf(secret))).status).toBe(401);
  });

  test('gets in by a backup code of before, once', async () => {
    const { person, backupCodes } = await people.enrolled();
    const renewed = await reset(person);
    const [code = ''] = backupCodes;
    const [first = '', second = ''] = await people.challenges(renewed, 2);
    expect(await isSignedIn(tokenOf(await people.answer(first, 'backup_code', code)))).toBe(true);
    expect((await people.answer(second, 'backup_code', code)).status).toBe(401);
  });
});

describe('somebody with a passkey who sets a new password by a link', () => {
  const plugIn = (): Promise<Authenticator> => authenticatorAt(browser, `${origin}/api/docs`);

  async function holder() {
    const person = await people.make();
    const token = await people.session(person);
    const authenticator = await plugIn();
    const asked = bodyOf<Asked>(await people.post('/me/factors/webauthn/options', {}, token));
    const credential = await authenticator.create(asked.public_key);
    const json = { challenge: asked.challenge, credential, name: 'Key' };
    const { factor } = bodyOf<{ factor: { id: string } }>(await people.post('/me/factors/webauthn', json, token), 201);
    return { person, token, authenticator, factorId: factor.id };
  }
  async function byPasskey(authenticator: Authenticator): Promise<TestAnswer> {
    const { challenge, public_key } = bodyOf<Asked>(await people.post('/auth/passkey/options', {}));
    return people.post('/auth/passkey', { challenge, credential: await authenticator.get(public_key) });
  }

  test('is signed out everywhere, is asked for the passkey after the new password, and signs in by it alone as before', async () => {
    const { person, token, authenticator, factorId } = await holder();
    const other = tokenOf(await byPasskey(authenticator));
    const renewed = await reset(person);
    expect(await Promise.all([token, other].map(isSignedIn))).toEqual([false, false]);

    const answered = bodyOf<{ second_factor: Asked }>(await people.signIn(renewed));
    expect(answered).not.toHaveProperty('access_token');
    const { challenge, public_key } = answered.second_factor;
    const credential = await authenticator.get(public_key);
    const both = await people.post('/auth/second-factor', { challenge, method: 'webauthn', credential });
    expect(await isSignedIn(tokenOf(both))).toBe(true);

    const alone = tokenOf(await byPasskey(authenticator));
    expect(await isSignedIn(alone)).toBe(true);
    expect((await factorsOf(alone)).factors).toMatchObject([{ id: factorId, name: 'Key' }]);
  });

  test('completes no sign-in by password that was begun with the old one', async () => {
    const { person, authenticator } = await holder();
    const { second_factor } = bodyOf<{ second_factor: Asked }>(await people.signIn(person));
    const credential = await authenticator.get(second_factor.public_key);
    await reset(person);
    const json = { challenge: second_factor.challenge, method: 'webauthn', credential };
    expect((await people.post('/auth/second-factor', json)).status).toBe(401);
  });

  test('may call it something else: it signs in under its new name', async () => {
    const { token, authenticator, factorId } = await holder();
    const renamed = await maestro.send('PATCH', `/api/v1/me/factors/${factorId}`, {
      as: token,
      json: { name: 'Desk' },
    });
    expect(renamed.body).toMatchObject({ id: factorId, kind: 'webauthn', name: 'Desk' });
    const again = tokenOf(await byPasskey(authenticator));
    expect((await factorsOf(again)).factors).toMatchObject([{ id: factorId, name: 'Desk' }]);
  });
});
