import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/app.ts';
import { freePort } from '../../../test/free_port.ts';
import { type IdentityProvider, type Person, startIdentityProvider } from '../../../test/identity_provider.ts';
import { mailedPeopleOf } from '../../../test/mailed_people.ts';
import { callbackOf, newPerson, oidcSettings, providerSignInsOf } from '../../../test/provider_sign_ins.ts';
import { openProviders } from './providers.ts';

let maestro: TestApp;
let company: IdentityProvider;
const { signIn, cameBack, newBrowser, invite, placesOf, refusals, rows } = providerSignInsOf(() => maestro);
const { person: newUser, events } = mailedPeopleOf(() => maestro);

beforeAll(async () => {
  company = await startIdentityProvider({ claimsInToken: true });
  const port = await freePort();
  const providers = openProviders([oidcSettings('company', company)]);
  maestro = await startTestApp({ providers, port });
  company.open(callbackOf(maestro, 'company'));
  await maestro.send('PATCH', '/api/v1/tenants/tenant-a', { as: maestro.operatorKey, json: { max_users: 1000 } });
});
beforeEach(() => {
  company.person = undefined;
  company.tamper = undefined;
});
afterAll(async () => {
  await maestro?.stop();
  await company?.stop();
});

/** Whoever signs in next at the provider. */
function arrives<T extends Person>(person: T): T {
  company.person = person;
  return person;
}

/** Somebody who was invited and has signed in once. */
async function known() {
  const person = newPerson();
  await invite(person.email);
  company.person = person;
  const { location, browser } = await signIn('company');
  expect(location).toBe('/account');
  const { id } = (await browser.call('GET', '/auth/me')).body as { id: string };
  return { ...person, id };
}

const usersOf = (email: string) => rows('SELECT 1 FROM maestro.users WHERE lower(email) = lower($1)', [email]);

describe('a first sign-in', () => {
  test('accepts the invitation of the verified address, and opens a session in the cookie of the browser', async () => {
    const { email } = arrives(newPerson());
    await invite(email, 'ml_engineer');
    const { location, browser } = await signIn('company', { return_to: '/experiments?x=1' });
    expect(location).toBe('/experiments?x=1');
    const me = await browser.call('GET', '/auth/me');
    expect(me.body).toMatchObject({ kind: 'user', name: email });
    expect(await placesOf(email)).toEqual([{ slug: 'tenant-a', role: 'ml_engineer' }]);
    const profile = await browser.call('GET', '/me/profile');
    expect(profile.body).toMatchObject({ name: 'Ada', has_password: false, email_verified_at: expect.any(String) });
    const { id } = me.body as { id: string };
    const [joined] = await events('auth.provider_join', id);
    expect(joined).toMatchObject({
      outcome: 'success',
      actor_id: id,
      detail: { provider: 'company', by: 'invitation' },
    });
  });

  test('of an address that nobody invited opens nothing, and is audited', async () => {
    const { email } = arrives(newPerson());
    const { location, browser } = await signIn('company');
    expect(location).toBe('/account#sign-in-failed=not-invited');
    expect((await browser.call('GET', '/auth/me')).status).toBe(401);
    expect(await usersOf(email)).toEqual([]);
    expect((await refusals()).at(-1)).toBe('not-invited');
  });

  test('with an address that the provider does not vouch for opens nothing, invited or not', async () => {
    for (const email_verified of [false, 'false', undefined, null]) {
      const { email } = arrives(newPerson({ email_verified }));
      await invite(email);
      expect((await signIn('company')).location).toBe('/account#sign-in-failed=email-not-verified');
      expect(await usersOf(email)).toEqual([]);
    }
  });

  test('with the address of an account takes that account over in no case, in whatever spelling', async () => {
    const victim = await newUser({ tenant: 'tenant-a', role: 'tenant_admin' });
    company.person = newPerson({ email: victim.email.toUpperCase() });
    const { location, browser } = await signIn('company');
    expect(location).toBe('/account#sign-in-failed=account-exists');
    expect((await browser.call('GET', '/auth/me')).status).toBe(401);
    expect(await rows('SELECT 1 FROM maestro.identities WHERE user_id = $1', [victim.id])).toEqual([]);
  });

  test('is no way into an account that was made beforehand and waits for its person', async () => {
    const { email } = arrives(newPerson());
    const json = { email, send_invitation: true, tenant: 'tenant-a', role: 'tenant_admin' };
    await maestro.send('POST', '/api/v1/users', { as: maestro.operatorKey, json });
    expect((await signIn('company')).location).toBe('/account#sign-in-failed=account-exists');
  });

  test('by several browsers at once makes one account, and all are signed in', async () => {
    const { email } = arrives(newPerson());
    await invite(email);
    const browsers = Array.from({ length: 6 }, newBrowser);
    const backs = await Promise.all(browsers.map((browser) => cameBack('company', browser)));
    const ends = await Promise.all(browsers.map((browser, at) => browser.backTo(backs[at] as string)));
    expect(new Set(ends)).toEqual(new Set(['/account']));
    expect(await usersOf(email)).toHaveLength(1);
  });
});

describe('a later sign-in', () => {
  test('is known by issuer and subject, whatever address the provider says by now', async () => {
    const { id, sub, email } = await known();
    arrives({ ...newPerson({ email: `other-${email}` }), sub });
    const { browser } = await signIn('company');
    expect((await browser.call('GET', '/auth/me')).body).toMatchObject({ id, name: email });
    company.person = { sub, claims: {} };
    expect((await signIn('company')).location).toBe('/account');
  });

  test('of a user who was deactivated or deleted opens nothing', async () => {
    const [closed, deleted] = [await known(), await known()];
    const path = `/api/v1/users/${closed.id}`;
    await maestro.send('PATCH', path, { as: maestro.operatorKey, json: { is_active: false } });
    company.person = closed;
    expect((await signIn('company')).location).toBe('/account#sign-in-failed=account-inactive');
    const gone = await maestro.send('DELETE', `/api/v1/users/${deleted.id}`, { as: maestro.operatorKey });
    expect(gone.status, gone.text).toBe(204);
    company.person = deleted;
    expect((await signIn('company')).location).toBe('/account#sign-in-failed=not-invited');
    expect(await rows('SELECT 1 FROM maestro.identities WHERE user_id = $1', [deleted.id])).toEqual([]);
  });

  test('into a tenant that the user is not in opens nothing', async () => {
    company.person = await known();
    expect((await signIn('company', { tenant: 'tenant-b' })).location).toBe('/account#sign-in-failed=not-a-member');
    expect((await signIn('company', { tenant: 'tenant-a' })).location).toBe('/account');
  });

  test('is audited with its session, and says nothing personal in the open', async () => {
    const { id, email } = arrives(await known());
    const { browser } = await signIn('company');
    const { items } = (await browser.call('GET', '/auth/sessions')).body as {
      items: { id: string; is_current: boolean }[];
    };
    const current = items.find(({ is_current }) => is_current)!;
    expect(await events('auth.provider_sign_in', current.id)).toMatchObject([{ outcome: 'success', actor_id: id }]);
    const all = JSON.stringify(
      await rows("SELECT * FROM maestro.operator_audit_events WHERE action LIKE '%provider%'"),
    );
    expect(all).not.toContain(email);
  });

  test('asks for the second factor of a user who has one, and opens no session before', async () => {
    const person = arrives(await known());
    const { browser } = await signIn('company');
    const begun = await browser.call('POST', '/me/factors/totp');
    const { secret } = begun.body as { secret: string };
    const codeAt = (shift: number) =>
      new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + shift });
    const confirmed = await browser.call('POST', '/me/factors/totp/confirm', { code: codeAt(0) });
    expect(confirmed.status, confirmed.text).toBe(200);

    const { location, browser: other } = await signIn('company', { return_to: '/a/b' });
    expect(location).toBe('/account#second-factor=%2Fa%2Fb');
    expect((await other.call('GET', '/auth/me')).status).toBe(401);
    expect((await newBrowser().call('POST', '/auth/providers/second-factor')).status).toBe(401);
    const asked = await other.call('POST', '/auth/providers/second-factor');
    expect(asked.body).toMatchObject({ second_factor: { methods: expect.arrayContaining(['totp']) } });
    expect((await other.call('POST', '/auth/providers/second-factor')).status).toBe(401);
    const { challenge } = (asked.body as { second_factor: { challenge: string } }).second_factor;
    const answer = { challenge, method: 'totp', code: codeAt(30_000), cookie: true };
    const done = await other.call('POST', '/auth/second-factor', answer);
    expect(done.status, done.text).toBe(200);
    expect((await other.call('GET', '/auth/me')).body).toMatchObject({ id: person.id });
  });
});

describe('the beginning of a sign-in', () => {
  const begin = (json: object = {}) => newBrowser().call('POST', '/auth/providers/company/begin', json);

  test('sends the browser away with PKCE, state and nonce, and back to the configured address alone', async () => {
    const answer = await maestro.send('POST', '/api/v1/auth/providers/company/begin', {
      json: {},
      headers: { origin: maestro.url, 'x-forwarded-host': 'evil.example' },
    });
    const address = new URL((answer.body as { authorization_url: string }).authorization_url);
    expect(address.origin).toBe(company.url);
    const asked = Object.fromEntries(address.searchParams);
    expect(asked).toEqual({
      client_id: company.clientId,
      response_type: 'code',
      redirect_uri: callbackOf(maestro, 'company'),
      scope: 'openid email profile',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    const [cookie, ...more] = answer.headers.getSetCookie();
    expect(more).toEqual([]);
    const { port } = new URL(maestro.url);
    expect(cookie).toMatch(
      new RegExp(`^maestro-${port}-flow=[\\w-]{43}; Max-Age=600; Path=/; HttpOnly; SameSite=Lax$`),
    );
  });

  test('keeps of its secrets hashes and what is sealed', async () => {
    const answer = await begin();
    const address = new URL((answer.body as { authorization_url: string }).authorization_url);
    const cookie = answer.headers.getSetCookie()[0]!.split(/[=;]/)[1]!;
    const kept = await rows<{ all: string; sealed: Buffer }>(
      'SELECT f::text AS all, sealed_checks AS sealed FROM maestro.provider_flows f',
    );
    const secrets = [cookie, ...['state', 'nonce'].map((name) => address.searchParams.get(name)!)];
    for (const secret of secrets) {
      for (const { all, sealed } of kept) {
        expect(all).not.toContain(secret);
        expect(sealed.includes(secret)).toBe(false);
      }
    }
  });

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/\\/evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/a b',
    ' /a',
    'javascript:alert(1)',
    'evil.example',
    '',
    '/é',
    `/${'a'.repeat(2000)}`,
  ])('that is to end at %j is refused: it is no path of ours', async (return_to) => {
    const answer = await begin({ return_to });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ field: 'return_to' });
  });

  test.each(['/', '/a', '/a//b', '/a?next=https://evil.example', '/#a', '/@evil.example', '/.evil.example', '/..//x'])(
    'that is to end at %s ends at our own address',
    async (return_to) => {
      company.person = await known();
      expect(new URL(maestro.url + (await signIn('company', { return_to })).location).origin).toBe(maestro.url);
    },
  );

  test('by a page of another site is refused, and one at a provider that is not there is 404', async () => {
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }, {}]) {
      const path = '/api/v1/auth/providers/company/begin';
      const answer = await maestro.send('POST', path, { json: {}, headers: headers as Record<string, string> });
      expect(answer.status).toBe(403);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect((await newBrowser().call('POST', '/auth/providers/other/begin', {})).status).toBe(404);
  });

  test('the list of providers names them and no secret', async () => {
    const answer = await maestro.send('GET', '/api/v1/auth/providers');
    expect(answer.body).toEqual({ providers: [{ name: 'company', label: 'Sign in at company', kind: 'oidc' }] });
  });
});
