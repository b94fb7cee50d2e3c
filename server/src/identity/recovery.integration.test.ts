import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { mailedPeopleOf, refusalOf } from '../../test/mailed_people.ts';
import { generatePassword } from './passwords.ts';

let maestro: TestApp;
const { post, rows, signIn, newAddress, person, session, isSignedIn, linkTo, events } = mailedPeopleOf(() => maestro);

beforeAll(async () => {
  maestro = await startTestApp({ policy: { bcryptRounds: 4, freeFailures: 100 } });
});
afterAll(() => maestro.stop());
// All tests come from one network address.
beforeEach(() => rows("UPDATE maestro.one_time_tokens SET address = 'elsewhere'"));

const ask = (email: string, headers = {}) =>
  maestro.send('POST', '/api/v1/auth/request-password-reset', { json: { email }, headers });
const reset = (token: string | undefined, password = generatePassword()) =>
  post('/auth/reset-password', { token, password });
async function resetLink(email: string): Promise<string> {
  expect((await ask(email)).status).toBe(202);
  return (await linkTo(email, 'reset')) as string;
}

describe('asking for a new password', () => {
  test('gets the same answer whether there is an account, it is inactive, or was asked for too often', async () => {
    const [known, inactive, often] = [await person(), await person(), await person()];
    const path = `/api/v1/users/${inactive.id}`;
    await maestro.send('PATCH', path, { as: maestro.operatorKey, json: { is_active: false } });
    for (let at = 0; at < 5; at++) await resetLink(often.email);
    const answers = [];
    for (const { email } of [{ email: newAddress() }, known, inactive, often]) {
      const { status, text, headers } = await ask(email);
      answers.push({ status, text, names: [...headers.keys()].toSorted(), length: headers.get('content-length') });
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]?.status).toBe(202);
    expect(await maestro.mailsTo(known.email)).toHaveLength(1);
    expect(await maestro.mailsTo(inactive.email)).toHaveLength(0);
    expect(await maestro.mailsTo(often.email)).toHaveLength(5);
  });

  test('is answered before anything is looked up: the time says nothing', async () => {
    const { email, id } = await person();
    // Whoever holds the user's row keeps the work behind the answer waiting, and not the answer.
    const { withClient } = await import('../db/roles.ts');
    await withClient(maestro.database.superuser, async (client) => {
      await client.query('BEGIN');
      await client.query('SELECT 1 FROM maestro.users WHERE user_id = $1 FOR UPDATE', [id]);
      expect((await ask(email)).status).toBe(202);
      await client.query('COMMIT');
    });
    expect(await linkTo(email, 'reset')).toBeDefined();
  });

  test('is audited for those who exist and those who do not, without an address or a token', async () => {
    const { id, email } = await person();
    const nobody = newAddress();
    const token = await resetLink(email);
    await ask(nobody);
    await maestro.mailsTo(nobody);
    expect(await events('auth.request_password_reset', id)).toMatchObject([{ outcome: 'success', actor_id: id }]);
    const unknown = await events('auth.request_password_reset', '');
    expect(unknown.at(-1)).toMatchObject({ outcome: 'refused', detail: { reason: 'unknown e-mail address' } });
    const all = JSON.stringify(await rows('SELECT * FROM maestro.operator_audit_events'));
    for (const secret of [email, nobody, token]) expect(all).not.toContain(secret);
  });

  test('mails a link of the address that Maestro was told, whatever the Host header says', async () => {
    const { email } = await person();
    await ask(email, { host: 'evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' });
    const [mail] = await maestro.mailsTo(email);
    expect(mail).toContain(`${maestro.url}/account#reset=`);
    expect(mail).not.toContain('evil');
  });

  test('for many people from one network address mails sixty times an hour at most', async () => {
    const many = await person();
    await rows(
      `INSERT INTO maestro.one_time_tokens (token_hash, purpose, email, user_id, address, expires_at)
       SELECT sha256(n::text::bytea), 'reset', $2, $1, '127.0.0.1', now() FROM generate_series(1, 58) n`,
      [many.id, many.email],
    );
    const people = [await person(), await person(), await person(), await person()];
    for (const { email } of people) {
      expect((await ask(email)).status).toBe(202);
      await maestro.mailsTo(email);
    }
    const mails = await Promise.all(people.map(({ email }) => maestro.mailsTo(email)));
    expect(mails.map(({ length }) => length)).toEqual([1, 1, 0, 0]);
  });
});

describe('a reset link', () => {
  test('sets the password once, also for many at once, and signs nobody in', async () => {
    const user = await person();
    const token = await resetLink(user.email);
    const passwords = Array.from({ length: 6 }, generatePassword);
    const answers = await Promise.all(passwords.map((password) => reset(token, password)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 400, 400, 400, 400, 400]);
    const won = answers.findIndex(({ status }) => status === 204);
    expect(answers[won]?.text).toBe('');
    expect([...(answers[won]?.headers.keys() ?? [])]).not.toContain('set-cookie');
    const opens = await Promise.all(passwords.map(async (password) => (await signIn(user.email, password)).status));
    expect(opens.map((status) => status === 200)).toEqual(passwords.map((_, at) => at === won));
    expect((await signIn(user.email, user.password)).status).toBe(401);
  });

  test('ends every session of the user, in the very next request, and nobody else’s', async () => {
    const [user, other] = [await person(), await person()];
    const [one, two, theirs] = [await session(user), await session(user), await session(other)];
    for (const as of [one, two, theirs]) expect(await isSignedIn(as)).toBe(true);
    expect((await reset(await resetLink(user.email))).status).toBe(204);
    expect([await isSignedIn(one), await isSignedIn(two), await isSignedIn(theirs)]).toEqual([false, false, true]);
  });

  test('that is unknown, used, replaced, past its time, of another purpose or of an inactive user is refused alike', async () => {
    const [used, twice, late, inactive, other] = [
      await person(),
      await person(),
      await person(),
      await person(),
      await person(),
    ];
    const tokens: (string | undefined)[] = ['nonsense'];
    const spent = await resetLink(used.email);
    expect((await reset(spent)).status).toBe(204);
    tokens.push(spent, await resetLink(twice.email));
    await resetLink(twice.email);
    tokens.push(await resetLink(late.email), await resetLink(inactive.email));
    await rows("UPDATE maestro.one_time_tokens SET expires_at = now() - interval '1 second' WHERE user_id = $1", [
      late.id,
    ]);
    const path = `/api/v1/users/${inactive.id}`;
    await maestro.send('PATCH', path, { as: maestro.operatorKey, json: { is_active: false } });
    await post('/auth/request-email-verification', {}, await session(other));
    tokens.push(await linkTo(other.email, 'verification'));
    const refusals = await Promise.all(tokens.map(async (token) => refusalOf(await reset(token))));
    expect(refusals).toHaveLength(6);
    for (const refusal of refusals) expect(refusal).toEqual(refusals[0]);
    for (const { email, password } of [late, other]) expect((await signIn(email, password)).status).toBe(200);
  });

  test('lives thirty minutes and is kept as a hash', async () => {
    const { id, email } = await person();
    const token = await resetLink(email);
    const [kept] = await rows<{ life: number }>(
      'SELECT extract(epoch FROM expires_at - created_at)::float AS life FROM maestro.one_time_tokens WHERE user_id = $1',
      [id],
    );
    expect(Math.abs((kept?.life ?? 0) - 1800)).toBeLessThan(5);
    expect(
      JSON.stringify(await rows("SELECT *, encode(token_hash, 'escape') FROM maestro.one_time_tokens")),
    ).not.toContain(token);
  });

  test('takes no password that the policy refuses, names why, and stays open', async () => {
    const { email } = await person({ tenant: 'tenant-a' });
    const token = await resetLink(email);
    for (const password of ['short', 'passwordpassword', email, 'tenant-atenant-a', 'x'.repeat(1025)]) {
      const refused = await reset(token, password);
      expect(refused.status).toBe(400);
      expect(refused.body).toMatchObject({ field: 'password' });
      expect(refused.text).not.toContain(password);
    }
    expect((await reset(token)).status).toBe(204);
  });

  test('leaves a notice at the person’s address, and its row in the audit', async () => {
    const { id, email } = await person();
    await reset(await resetLink(email));
    const notice = (await maestro.mailsTo(email)).at(-1);
    expect(notice).toContain('Subject: Your Maestro password was changed');
    expect(notice).not.toMatch(/https?:/);
    expect(await events('auth.reset_password', id)).toMatchObject([{ outcome: 'success', actor_id: id }]);
  });

  test('a token in the URL opens nothing', async () => {
    const { email } = await person();
    const token = await resetLink(email);
    const answer = await maestro.send('POST', `/api/v1/auth/reset-password?token=${token}`, {
      json: { password: generatePassword() },
    });
    expect(answer.status).toBe(400);
    expect((await maestro.send('GET', `/api/v1/auth/reset-password?token=${token}`)).status).toBe(405);
  });
});

describe('verifying an address', () => {
  test('works once by the link mailed to it, for the signed-in person who asks', async () => {
    const user = await person();
    const as = await session(user);
    const verifiedAt = async () =>
      ((await maestro.send('GET', '/api/v1/me/profile', { as })).body as { email_verified_at: string | null })
        .email_verified_at;
    expect(await verifiedAt()).toBeNull();
    expect((await post('/auth/request-email-verification')).status).toBe(401);
    expect((await post('/auth/request-email-verification', {}, as)).status).toBe(202);
    const token = await linkTo(user.email, 'verification');
    const answers = await Promise.all([1, 2, 3].map(() => post('/auth/verify-email', { token })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400, 400]);
    expect(await verifiedAt()).toEqual(expect.any(String));
    expect(await events('auth.verify_email', user.id)).toMatchObject([{ outcome: 'success' }]);
  });

  test('is no way to set a password or to join a tenant', async () => {
    const user = await person();
    await post('/auth/request-email-verification', {}, await session(user));
    const token = await linkTo(user.email, 'verification');
    expect((await reset(token)).status).toBe(400);
    expect((await post('/auth/accept-invitation', { token, password: generatePassword() })).status).toBe(400);
    expect((await post('/auth/verify-email', { token })).status).toBe(200);
  });
});

test('one purpose’s mails do not use up another’s', async () => {
  const user = await person();
  for (let at = 0; at < 6; at++) await ask(user.email);
  await post('/auth/request-email-verification', {}, await session(user));
  expect(await linkTo(user.email, 'verification')).toBeDefined();
});
