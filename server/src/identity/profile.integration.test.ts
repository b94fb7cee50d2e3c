import { hash as bcrypt } from '@node-rs/bcrypt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { mailedPeopleOf, type Person } from '../../test/mailed_people.ts';
import { generatePassword, openPasswords } from './passwords.ts';

let maestro: TestApp;
const { post, rows, signIn, newAddress, person, session, isSignedIn, linkTo, events } = mailedPeopleOf(() => maestro);

beforeAll(async () => {
  maestro = await startTestApp({ policy: { bcryptRounds: 5 } });
});
afterAll(() => maestro.stop());

const change = (as: string | undefined, current: string, next = generatePassword()) =>
  post('/me/password', { current_password: current, new_password: next }, as);

const age = (user: Person) =>
  rows("UPDATE maestro.sessions SET authenticated_at = now() - interval '11 minutes' WHERE user_id = $1", [user.id]);

describe('changing one’s own password', () => {
  test('ends every other session, keeps this one, and says so', async () => {
    const user = await person();
    const [here, there, elsewhere] = [await session(user), await session(user), await session(user)];
    for (const as of [here, there, elsewhere]) expect(await isSignedIn(as)).toBe(true);
    const next = generatePassword();
    const answer = await change(here, user.password, next);
    expect(answer.body).toEqual({ sessions_ended: 2, this_session_kept: true });
    expect([await isSignedIn(here), await isSignedIn(there), await isSignedIn(elsewhere)]).toEqual([
      true,
      false,
      false,
    ]);
    expect((await signIn(user.email, user.password)).status).toBe(401);
    expect((await signIn(user.email, next)).status).toBe(200);
    expect((await maestro.mailsTo(user.email)).at(-1)).toContain('Subject: Your Maestro password was changed');
    expect(await events('profile.change_password', user.id)).toMatchObject([
      { outcome: 'success', actor_id: user.id, detail: { sessions_ended: 2 } },
    ]);
  });

  test('needs the current password, and leaves everything as it is without', async () => {
    const user = await person();
    const [here, there] = [await session(user), await session(user)];
    const refused = await change(here, 'not the current one');
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ field: 'current_password' });
    expect(await isSignedIn(there)).toBe(true);
    expect((await signIn(user.email, user.password)).status).toBe(200);
    expect(await events('profile.change_password', user.id)).toMatchObject([{ outcome: 'refused' }]);
  });

  test('is no second door to guess at: its failures count with those of sign-in', async () => {
    const user = await person();
    const as = await session(user);
    const statuses = [];
    for (let at = 0; at < 8; at++) statuses.push((await change(as, `guess ${at}`)).status);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(2);
    expect((await signIn(user.email, user.password)).status).toBe(429);
  });

  test('needs a sign-in of the last minutes', async () => {
    const user = await person();
    const as = await session(user);
    await age(user);
    const refused = await change(as, user.password);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('Sign in again');
    expect((await signIn(user.email, user.password)).status).toBe(200);
  });

  test('is for a person’s session alone', async () => {
    const user = await person({ tenant: 'tenant-a', role: 'viewer' });
    const made = await post('/me/keys', { name: 'own' }, await session(user));
    const { key } = made.body as { key: string };
    for (const as of [key, maestro.tenants.a.keys.tenant_admin, maestro.operatorKey]) {
      expect((await change(as, user.password)).status).toBe(403);
    }
    expect((await change(undefined, user.password)).status).toBe(401);
  });

  test('takes none that the policy refuses', async () => {
    const user = await person();
    const as = await session(user);
    const local = user.email.split('@')[0] as string;
    for (const next of ['kxqvunwemzipo', 'qwertyuiopqwertyuiop', local, 'maestro maestro maestro']) {
      const refused = await change(as, user.password, next);
      expect(refused.status).toBe(400);
      expect(refused.body).toMatchObject({ field: 'new_password' });
    }
    expect((await signIn(user.email, user.password)).status).toBe(200);
  });

  test('of two at once, one wins', async () => {
    const user = await person();
    const as = await session(user);
    const nexts = [generatePassword(), generatePassword(), generatePassword()];
    const statuses = await Promise.all(nexts.map(async (next) => (await change(as, user.password, next)).status));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect((await signIn(user.email, nexts[statuses.indexOf(200)] as string)).status).toBe(200);
  });

  test('ends a reset link that is out', async () => {
    const user = await person();
    await post('/auth/request-password-reset', { email: user.email });
    const token = await linkTo(user.email, 'reset');
    expect((await change(await session(user), user.password)).status).toBe(200);
    expect((await post('/auth/reset-password', { token, password: generatePassword() })).status).toBe(400);
  });
});

describe('changing one’s own address', () => {
  const ask = (as: string, email: string) => post('/me/email', { email }, as);

  test('happens when the new one’s mail is read, not before; the old one gets a notice', async () => {
    const user = await person();
    const as = await session(user);
    const next = newAddress();
    expect((await ask(as, next)).status).toBe(202);
    const token = await linkTo(next, 'verification');
    expect((await signIn(next, user.password)).status).toBe(401);
    expect((await signIn(user.email, user.password)).status).toBe(200);
    expect((await post('/auth/verify-email', { token })).body).toEqual({ email: next });
    expect((await signIn(user.email, user.password)).status).toBe(401);
    expect((await signIn(next, user.password)).status).toBe(200);
    expect((await maestro.mailsTo(user.email)).at(-1)).toContain('address of your Maestro account was changed');
    expect(await events('user.change_email', user.id)).toMatchObject([{ outcome: 'success' }]);
    expect((await maestro.send('GET', '/api/v1/auth/me', { as })).body).toMatchObject({ name: next });
  });

  test('ends what was mailed to the old one', async () => {
    const user = await person();
    await post('/auth/request-password-reset', { email: user.email });
    const stale = await linkTo(user.email, 'reset');
    const next = newAddress();
    await ask(await session(user), next);
    await post('/auth/verify-email', { token: await linkTo(next, 'verification') });
    expect((await post('/auth/reset-password', { token: stale, password: generatePassword() })).status).toBe(400);
  });

  test('to somebody else’s is answered like any other, and mails nothing', async () => {
    const [user, other] = [await person(), await person()];
    const as = await session(user);
    const [taken, free] = [await ask(as, other.email.toUpperCase()), await ask(as, newAddress())];
    expect([taken.status, taken.text]).toEqual([free.status, free.text]);
    expect(await maestro.mailsTo(other.email)).toEqual([]);
  });

  test('to one that somebody took meanwhile is refused as a link that does not hold', async () => {
    const user = await person();
    const next = newAddress();
    await ask(await session(user), next);
    const token = await linkTo(next, 'verification');
    await post('/users', { email: next }, maestro.operatorKey);
    expect((await post('/auth/verify-email', { token })).status).toBe(400);
    expect((await signIn(user.email, user.password)).status).toBe(200);
  });

  test('needs a sign-in of the last minutes', async () => {
    const user = await person();
    const as = await session(user);
    await age(user);
    expect((await ask(as, newAddress())).status).toBe(403);
  });
});

test('a person reads and changes the own name, and nothing else of the account', async () => {
  const user = await person({ name: 'Ada' });
  const as = await session(user);
  const path = '/api/v1/me/profile';
  expect((await maestro.send('GET', path, { as })).body).toMatchObject({
    id: user.id,
    name: 'Ada',
    has_password: true,
  });
  expect((await maestro.send('PATCH', path, { as, json: { name: 'Augusta' } })).body).toMatchObject({
    name: 'Augusta',
  });
  for (const json of [{ name: 'x', is_operator: true }, { email: newAddress() }, { name: 'x\0' }, {}]) {
    expect((await maestro.send('PATCH', path, { as, json })).status).toBe(400);
  }
  expect((await maestro.send('GET', path, { as })).body).toMatchObject({ name: 'Augusta', email: user.email });
});

describe('a hash of an older system, or of fewer rounds', () => {
  const stored = async (user: Person) =>
    (await rows<{ password_hash: string }>('SELECT password_hash FROM maestro.users WHERE user_id = $1', [user.id]))[0]
      ?.password_hash;
  const withHash = async (password: string, hash: string): Promise<Person> => {
    const user = { ...(await person()), password };
    await rows('UPDATE maestro.users SET password_hash = $2 WHERE user_id = $1', [user.id, hash]);
    return user;
  };

  test.each(['2a', '2b', '2y'])('$%s$ signs in and is renewed, and the password goes on to open', async (version) => {
    const password = generatePassword();
    const old = (await bcrypt(password, { cost: 4 })).replace('$2b$', `$${version}$`);
    const user = await withHash(password, old);
    expect((await signIn(user.email, 'a wrong one')).status).toBe(401);
    expect(await stored(user)).toBe(old);
    expect((await signIn(user.email, password)).status).toBe(200);
    expect(await stored(user)).toMatch(/^m1:[0-9a-f]{12}:\$2b\$05\$/);
    expect((await signIn(user.email, password)).status).toBe(200);
  });

  test('is renewed by two sign-ins at once without harm to either', async () => {
    const password = generatePassword();
    const user = await withHash(password, await bcrypt(password, { cost: 4 }));
    const answers = await Promise.all(Array.from({ length: 5 }, () => signIn(user.email, password)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect((await signIn(user.email, password)).status).toBe(200);
  });

  test('is not renewed over a password that was set meanwhile', async () => {
    const password = generatePassword();
    const user = await withHash(password, await bcrypt(password, { cost: 4 }));
    // A password set between the look-up and the renewal, as a sign-in that took long would meet it.
    const { verifyPassword } = await import('./password_proof.ts');
    const { findUserByEmail } = await import('./queries.ts');
    const seen = await maestro.ports.db.inIdentity((tx) => findUserByEmail(tx, user.email));
    const next = generatePassword();
    const path = `/api/v1/users/${user.id}`;
    await maestro.send('PATCH', path, { as: maestro.operatorKey, json: { password: next } });
    await verifyPassword(maestro.ports, seen, password);
    expect((await signIn(user.email, next)).status).toBe(200);
    expect((await signIn(user.email, password)).status).toBe(401);
  });

  test('made with another pepper opens nothing', async () => {
    const password = generatePassword();
    const pepper = Buffer.alloc(32, 7).toString('base64');
    const user = await withHash(password, await openPasswords({ pepper, rounds: 5 }).hash(password));
    expect((await signIn(user.email, password)).status).toBe(401);
  });
});
