import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/app.ts';
import { freePort } from '../../../test/free_port.ts';
import { type IdentityProvider, type Person, startIdentityProvider } from '../../../test/identity_provider.ts';
import { mailedPeopleOf } from '../../../test/mailed_people.ts';
import { callbackOf, newPerson, oidcSettings, providerSignInsOf } from '../../../test/provider_sign_ins.ts';
import type { WebBrowser } from '../../../test/web_browser.ts';
import { openProviders } from './providers.ts';

let maestro: TestApp;
let company: IdentityProvider;
const { signIn, newBrowser, invite, refusals, rows } = providerSignInsOf(() => maestro);
const { person: newUser, events } = mailedPeopleOf(() => maestro);
const failed = (code: string) => `/account#sign-in-failed=${code}`;

beforeAll(async () => {
  company = await startIdentityProvider();
  const port = await freePort();
  maestro = await startTestApp({ providers: openProviders([oidcSettings('company', company)]), port });
  company.open(callbackOf(maestro, 'company'));
  await maestro.send('PATCH', '/api/v1/tenants/tenant-a', { as: maestro.operatorKey, json: { max_users: 1000 } });
});
afterAll(async () => {
  await maestro?.stop();
  await company?.stop();
});

function arrives<T extends Person>(person: T): T {
  company.person = person;
  return person;
}

/** A user with a password who is signed in by it, in a browser. */
async function member() {
  const user = await newUser({ tenant: 'tenant-a', role: 'viewer' });
  const browser = newBrowser();
  const { email, password } = user;
  const answer = await browser.call('POST', '/auth/login', { email, password, cookie: true });
  expect(answer.status, answer.text).toBe(200);
  return { ...user, browser };
}

async function beginLink(browser: WebBrowser, json: object = {}): Promise<string> {
  const begun = await browser.call('POST', '/me/identities/company/begin', json);
  expect(begun.status, begun.text).toBe(200);
  return browser.awayTo((begun.body as { authorization_url: string }).authorization_url);
}
const link = async (browser: WebBrowser, json: object = {}) => browser.backTo(await beginLink(browser, json));

interface Listed {
  identities: { id: string; provider: string; email: string | null }[];
}
const listOf = async (browser: WebBrowser) => ((await browser.call('GET', '/me/identities')).body as Listed).identities;
const me = async (browser: WebBrowser) => (await browser.call('GET', '/auth/me')).body as { id: string };
const makeOld = async (id: string) => {
  await rows("UPDATE maestro.sessions SET authenticated_at = now() - interval '1 hour' WHERE user_id = $1", [id]);
  await maestro.ports.identity.changed({ kind: 'user', id });
};

describe('an identity', () => {
  test('is added by who is signed in, whatever address the provider says, and signs in to that account from then on', async () => {
    const { id, email, browser } = await member();
    const person = arrives(newPerson({ email_verified: false }));
    expect(await link(browser, { return_to: '/settings' })).toBe('/settings');
    const [identity, ...more] = await listOf(browser);
    expect(more).toEqual([]);
    expect(identity).toMatchObject({ provider: 'company', issuer: company.issuer, email: null });
    expect(await events('identity.link', String(identity?.id))).toMatchObject([{ outcome: 'success', actor_id: id }]);
    expect((await maestro.mailsTo(email)).at(-1)).toContain('added to');
    arrives(person);
    const { location, browser: other } = await signIn('company');
    expect(location).toBe('/account');
    expect(await me(other)).toMatchObject({ id });
  });

  test('that is the user’s already stays, and one of somebody else is never moved', async () => {
    const [first, second] = [await member(), await member()];
    arrives(newPerson());
    expect(await link(first.browser)).toBe('/account');
    expect(await link(first.browser)).toBe('/account');
    expect(await listOf(first.browser)).toHaveLength(1);
    expect(await link(second.browser)).toBe(failed('identity-in-use'));
    expect(await listOf(second.browser)).toEqual([]);
    expect((await refusals('identity.link')).at(-1)).toBe('identity-in-use');
    const { browser } = await signIn('company');
    expect(await me(browser)).toMatchObject({ id: first.id });
  });

  test('is added in a fresh sign-in alone, by no key and to nobody who is not signed in', async () => {
    const { id, browser } = await member();
    const path = '/me/identities/company/begin';
    expect((await newBrowser().call('POST', path, {})).status).toBe(401);
    const as = maestro.tenants.a.keys.tenant_admin;
    expect((await maestro.send('POST', `/api/v1${path}`, { as, json: {} })).status).toBe(403);
    await makeOld(id);
    expect((await browser.call('POST', path, {})).body).toMatchObject({ detail: 'Sign in again to do this.' });
  });

  test('is added by the browser that asked for it: not by one that was sent there, nor after the session ended', async () => {
    const [attacker, victim] = [await member(), await member()];
    arrives(newPerson());
    const back = await beginLink(attacker.browser);
    expect(await victim.browser.backTo(back)).toBe(failed('expired'));
    expect(await listOf(attacker.browser)).toEqual([]);
    expect((await attacker.browser.call('POST', '/auth/logout-all', {})).status).toBe(200);
    expect(await attacker.browser.backTo(back)).toBe(failed('changed'));
    const linked = await rows('SELECT 1 FROM maestro.identities WHERE user_id = $1', [attacker.id]);
    expect(linked).toEqual([]);
  });

  test('is removed by its person in a fresh sign-in, which ends the other sessions, and opens nothing any more', async () => {
    const { id, email, browser } = await member();
    arrives(newPerson());
    await link(browser);
    const { browser: other } = await signIn('company');
    const [identity] = await listOf(browser);
    const path = `/me/identities/${identity?.id}`;
    const stranger = await member();
    expect((await stranger.browser.call('DELETE', path)).status).toBe(404);
    expect((await browser.call('DELETE', `/me/identities/${randomUUID()}`)).status).toBe(404);
    const removed = await browser.call('DELETE', path);
    expect(removed.status, removed.text).toBe(204);
    expect(await listOf(browser)).toEqual([]);
    expect((await other.call('GET', '/auth/me')).status).toBe(401);
    expect((await signIn('company')).location).toMatch(/not-invited/);
    expect(await events('identity.unlink', String(identity?.id))).toMatchObject([{ outcome: 'success', actor_id: id }]);
    expect((await maestro.mailsTo(email)).at(-1)).toContain('removed from');
  });

  test('that is the only way in stays, and in an old sign-in any', async () => {
    const { email } = arrives(newPerson());
    await invite(email);
    const { browser } = await signIn('company');
    const [identity] = await listOf(browser);
    const path = `/me/identities/${identity?.id}`;
    expect((await browser.call('DELETE', path)).body).toMatchObject({ title: 'Invalid state' });
    const { id } = await me(browser);
    await makeOld(id);
    expect((await browser.call('DELETE', path)).status).toBe(403);
    expect(await listOf(browser)).toHaveLength(1);
  });
});
