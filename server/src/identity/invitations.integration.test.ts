import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { mailedPeopleOf, refusalOf } from '../../test/mailed_people.ts';
import { generatePassword } from './passwords.ts';

let maestro: TestApp;
const { post, rows, signIn, newAddress, person, session, linkTo, events } = mailedPeopleOf(() => maestro);
let admin: string;

beforeAll(async () => {
  maestro = await startTestApp({ policy: { bcryptRounds: 4, freeFailures: 100 } });
  admin = maestro.tenants.a.keys.tenant_admin;
  for (const slug of ['tenant-a', 'tenant-b']) {
    const limits = { as: maestro.operatorKey, json: { max_users: 1000 } };
    await maestro.send('PATCH', `/api/v1/tenants/${slug}`, limits);
  }
});
afterAll(() => maestro.stop());

const invite = (email: string, role = 'viewer', as = admin) => post('/members/invite', { email, role }, as);
const accept = (token: string | undefined, more: object = { password: generatePassword() }, as?: string) =>
  post('/auth/accept-invitation', { token, ...more }, as);
async function invited(email = newAddress(), role = 'viewer', as = admin) {
  const made = await invite(email, role, as);
  expect(made.status, made.text).toBe(201);
  return { email, id: (made.body as { id: string }).id, token: (await linkTo(email, 'invitation')) as string };
}
const placesOf = async (email: string) =>
  rows<{ slug: string; role: string }>(
    `SELECT t.slug, m.role FROM maestro.memberships m JOIN maestro.users u ON u.user_id = m.user_id
       JOIN maestro.tenants t ON t.tenant_id = m.tenant_id WHERE lower(u.email) = lower($1) ORDER BY 1`,
    [email],
  );

describe('an invitation', () => {
  test('makes an account with a verified address and the role it names, which then signs in', async () => {
    const { email, token } = await invited(newAddress(), 'ml_engineer');
    const password = generatePassword();
    const answer = await accept(token, { password, name: 'Ada' });
    expect(answer.body).toEqual({ email, tenant: 'tenant-a', role: 'ml_engineer', created: true });
    expect(answer.text).not.toContain('token');
    const profile = await maestro.send('GET', '/api/v1/me/profile', { as: await session({ email, password }) });
    expect(profile.body).toMatchObject({ email, name: 'Ada', email_verified_at: expect.any(String) });
    expect(await placesOf(email)).toEqual([{ slug: 'tenant-a', role: 'ml_engineer' }]);
  });

  test('is accepted once, also by many at once', async () => {
    const { email, token } = await invited();
    const answers = await Promise.all(Array.from({ length: 8 }, () => accept(token)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    // One that read the account a moment after it was made is asked for that account’s password.
    expect(statuses.filter((status) => ![200, 400, 401].includes(status))).toEqual([]);
    expect((await accept(token)).status).toBe(400);
    expect(await placesOf(email)).toHaveLength(1);
  });

  test('that is unknown, used, replaced, withdrawn, past its time or of another purpose is refused alike', async () => {
    const [used, old, withdrawn, late, victim] = [
      await invited(),
      await invited(),
      await invited(),
      await invited(),
      await person(),
    ];
    expect((await accept(used.token)).status).toBe(200);
    await invited(old.email.toUpperCase());
    const path = `/api/v1/invitations/${withdrawn.id}`;
    expect((await maestro.send('DELETE', path, { as: admin })).status).toBe(204);
    await rows("UPDATE maestro.one_time_tokens SET expires_at = now() - interval '1 second' WHERE token_id = $1", [
      late.id,
    ]);
    await post('/auth/request-password-reset', { email: victim.email });
    const reset = await linkTo(victim.email, 'reset');
    const tokens = ['nonsense', used.token, old.token, withdrawn.token, late.token, reset];
    const refusals = await Promise.all(tokens.map(async (token) => refusalOf(await accept(token))));
    for (const refusal of refusals) expect(refusal).toEqual(refusals[0]);
    expect(refusals[0]).toMatchObject({ status: 400, field: 'token' });
  });

  test('lives seven days, and its token is kept as a hash alone', async () => {
    const { id, token } = await invited();
    const [kept] = await rows<{ life: number; hash: string }>(
      `SELECT extract(epoch FROM expires_at - created_at)::float AS life, encode(token_hash, 'hex') AS hash
         FROM maestro.one_time_tokens WHERE token_id = $1`,
      [id],
    );
    expect(Math.abs((kept?.life ?? 0) - 7 * 86_400)).toBeLessThan(5);
    expect(kept?.hash).toHaveLength(64);
    const all = JSON.stringify([
      await rows('SELECT * FROM maestro.one_time_tokens'),
      await rows('SELECT * FROM maestro.operator_audit_events'),
      await rows('SELECT * FROM maestro.audit_events'),
    ]);
    expect(all).not.toContain(token);
  });

  test('is in no answer but the mail: who invites sees no token', async () => {
    const email = newAddress();
    const made = await invite(email);
    const token = (await linkTo(email, 'invitation')) as string;
    expect(token).toHaveLength(43);
    const list = await maestro.send('GET', '/api/v1/invitations?limit=1000', { as: admin });
    expect(made.text + list.text).not.toContain(token);
    expect(list.text).toContain(email);
  });

  test('leads to the address that Maestro was told, whatever the Host header says', async () => {
    const email = newAddress();
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' };
    const request = { as: admin, json: { email, role: 'viewer' }, headers };
    expect((await maestro.send('POST', '/api/v1/members/invite', request)).status).toBe(201);
    const [mail] = await maestro.mailsTo(email);
    expect(mail).toContain(`${maestro.url}/account#invitation=`);
    expect(mail).not.toContain('evil');
  });

  test('gives no role that its inviter does not hold, and none but administrators invite', async () => {
    const email = newAddress();
    const { data_scientist, ml_engineer } = maestro.tenants.a.keys;
    for (const as of [data_scientist, ml_engineer, maestro.operatorKey]) {
      expect((await invite(email, 'tenant_admin', as)).status).toBe(403);
    }
    expect(await maestro.mailsTo(email)).toEqual([]);
    expect((await invite(email, 'emperor')).status).toBe(400);
  });

  test('of another tenant is neither seen nor withdrawn', async () => {
    const { id, email, token } = await invited();
    const other = maestro.tenants.b.keys.tenant_admin;
    expect((await maestro.send('GET', '/api/v1/invitations', { as: other })).text).not.toContain(email);
    expect((await maestro.send('DELETE', `/api/v1/invitations/${id}`, { as: other })).status).toBe(404);
    expect((await accept(token)).status).toBe(200);
  });

  test('of an administrator who was removed or demoted meanwhile is worth nothing', async () => {
    await person({ tenant: 'tenant-a', role: 'tenant_admin' });
    for (const change of ['DELETE', 'PATCH']) {
      const inviter = await person({ tenant: 'tenant-a', role: 'tenant_admin' });
      const { token } = await invited(newAddress(), 'tenant_admin', await session(inviter));
      const json = change === 'PATCH' ? { json: { role: 'ml_engineer' } } : {};
      const path = `/api/v1/members/${inviter.id}`;
      expect((await maestro.send(change, path, { as: admin, ...json })).status).toBeLessThan(300);
      expect((await accept(token)).status).toBe(400);
    }
  });

  test('into a tenant that is full or inactive is refused, and can be accepted when there is room', async () => {
    const { email, token } = await invited();
    const limit = (json: object) =>
      maestro.send('PATCH', '/api/v1/tenants/tenant-a', { as: maestro.operatorKey, json });
    await limit({ max_users: 1 });
    expect((await accept(token)).status).toBe(429);
    expect((await rows('SELECT 1 FROM maestro.users WHERE email = $1', [email])).length).toBe(0);
    await limit({ max_users: 1000, is_active: false });
    expect((await accept(token)).status).toBe(400);
    await limit({ is_active: true });
    expect((await accept(token)).status).toBe(200);
  });

  test('lets no more people in at once than the tenant may have', async () => {
    const json = { slug: `t-${randomUUID().slice(0, 8)}`, max_users: 3 };
    expect((await maestro.send('POST', '/api/v1/tenants', { as: maestro.operatorKey, json })).status).toBe(201);
    const path = `/api/v1/tenants/${json.slug}/keys`;
    const key = { name: 'k', role: 'tenant_admin' };
    const made = await maestro.send('POST', path, { as: maestro.operatorKey, json: key });
    const as = (made.body as { key: string }).key;
    const tokens: string[] = [];
    for (let n = 0; n < 12; n += 1) tokens.push((await invited(newAddress(), 'viewer', as)).token);
    const answers = await Promise.all(tokens.map((token) => accept(token)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(3).fill(200), ...Array(9).fill(429)]);
    const usage = await maestro.send('GET', '/api/v1/tenant/usage', { as });
    expect(usage.body).toMatchObject({ users: { used: 3, max: 3 } });
  });

  test('needs a password that the policy takes, and stays open until it gets one', async () => {
    const { email, token } = await invited();
    for (const password of [undefined, 'short', 'passwordpassword', email, 'tenant-a tenant-a']) {
      const refused = await accept(token, password === undefined ? {} : { password });
      expect(refused.status).toBe(400);
      expect(refused.body).toMatchObject({ field: 'password' });
    }
    expect((await accept(token)).status).toBe(200);
  });

  test('to one address is mailed five times an hour at most', async () => {
    const email = newAddress();
    const statuses = [];
    for (let at = 0; at < 6; at++) statuses.push((await invite(email)).status);
    expect(statuses).toEqual([201, 201, 201, 201, 201, 429]);
    expect(await maestro.mailsTo(email)).toHaveLength(5);
  });

  test('goes to no address that could be two, or carry a header', async () => {
    for (const email of ['a@example.com,b@example.com', 'a@example.com\r\nBcc: b@example.com', '"a b"@example.com']) {
      const refused = await invite(email);
      expect(refused.status).toBe(400);
      expect(refused.body).toMatchObject({ field: 'email' });
    }
  });
});

describe('an invitation of somebody who has an account', () => {
  test('adds the membership for who gives its password, and leaves name and password alone', async () => {
    const friend = await person({ name: 'Grace' });
    const { token } = await invited(friend.email.toUpperCase());
    const answer = await accept(token, { password: friend.password, name: 'Mallory' });
    expect(answer.body).toMatchObject({ created: false, role: 'viewer' });
    expect(await placesOf(friend.email)).toEqual([{ slug: 'tenant-a', role: 'viewer' }]);
    const profile = await maestro.send('GET', '/api/v1/me/profile', { as: await session(friend) });
    expect(profile.body).toMatchObject({ name: 'Grace' });
  });

  test('adds it for that person’s own session, and for no other credential', async () => {
    const [friend, stranger] = [await person(), await person({ tenant: 'tenant-b' })];
    const { token } = await invited(friend.email);
    for (const as of [undefined, await session(stranger), admin, maestro.operatorKey, 'nonsense']) {
      expect((await accept(token, {}, as)).status).toBe(401);
    }
    expect(await placesOf(friend.email)).toEqual([]);
    expect((await accept(token, {}, await session(friend))).status).toBe(200);
  });

  test('opens that account to nobody: a wrong password is refused, sets nothing, and leaves the link open', async () => {
    const friend = await person();
    const { token } = await invited(friend.email);
    const mine = generatePassword();
    expect((await accept(token, { password: mine })).status).toBe(401);
    expect((await signIn(friend.email, mine)).status).toBe(401);
    expect((await signIn(friend.email, friend.password)).status).toBe(200);
    expect(await events('auth.accept_invitation', friend.id)).toMatchObject([{ outcome: 'refused' }]);
    expect((await accept(token, { password: friend.password })).status).toBe(200);
  });

  test('is told by its page, and not by the answer to who invites', async () => {
    const friend = await person();
    const [known, unknown] = [await invite(friend.email), await invite(newAddress())];
    expect(Object.keys(known.body as object)).toEqual(Object.keys(unknown.body as object));
    const token = await linkTo(friend.email, 'invitation');
    const read = await post('/auth/read-invitation', { token });
    expect(read.body).toMatchObject({ email: friend.email, tenant: 'tenant-a', role: 'viewer', has_account: true });
  });

  test('of a deactivated account is refused', async () => {
    const friend = await person();
    const { token } = await invited(friend.email);
    const path = `/api/v1/users/${friend.id}`;
    await maestro.send('PATCH', path, { as: maestro.operatorKey, json: { is_active: false } });
    expect((await accept(token, { password: friend.password })).status).toBe(400);
    expect(await placesOf(friend.email)).toEqual([]);
  });
});

describe('an operator who makes a user', () => {
  const make = (json: object) => post('/users', json, maestro.operatorKey);

  test('may have the person set the first password by mail, and knows none', async () => {
    const email = newAddress();
    const made = await make({ email, send_invitation: true, tenant: 'tenant-a', role: 'viewer', name: 'Ada' });
    expect(made.status).toBe(201);
    expect(made.body).not.toHaveProperty('password');
    expect((await signIn(email, 'whatever')).status).toBe(401);
    const token = await linkTo(email, 'invitation');
    const password = generatePassword();
    expect((await accept(token, { password })).body).toMatchObject({ email, created: true });
    expect((await signIn(email, password)).status).toBe(200);
    expect((await accept(token)).status).toBe(400);
  });

  test('gives it no password of the commonest, or too short a one', async () => {
    for (const password of ['passwordpassword', 'kxqvunwemzipo', 'maestromaestro1']) {
      const refused = await make({ email: newAddress(), password });
      expect(refused.status).toBe(400);
      expect(refused.body).toMatchObject({ field: 'password' });
      const user = await person();
      const path = `/api/v1/users/${user.id}`;
      expect((await maestro.send('PATCH', path, { as: maestro.operatorKey, json: { password } })).status).toBe(400);
    }
  });

  test('cannot do both', async () => {
    const json = { email: newAddress(), password: generatePassword(), send_invitation: true };
    expect((await make(json)).status).toBe(400);
  });
});

test('invitations and what becomes of them stand in both audits', async () => {
  const { id, email, token } = await invited();
  await accept(token);
  const [user] = await rows<{ user_id: string }>('SELECT user_id FROM maestro.users WHERE email = $1', [email]);
  expect(await events('member.invite', id)).toMatchObject([{ outcome: 'success', detail: { role: 'viewer' } }]);
  expect(await events('auth.accept_invitation', user?.user_id ?? '')).toMatchObject([
    { outcome: 'success', actor_id: user?.user_id, detail: { created: true, role: 'viewer' } },
  ]);
  const inTenant = await rows('SELECT action FROM maestro.audit_events WHERE target = ANY ($1) ORDER BY created_at', [
    [id, user?.user_id],
  ]);
  expect(inTenant).toEqual([{ action: 'member.invite' }, { action: 'auth.accept_invitation' }]);
});
