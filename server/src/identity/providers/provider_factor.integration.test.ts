import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/app.ts';
import { freePort } from '../../../test/free_port.ts';
import { type IdentityProvider, type Person, startIdentityProvider } from '../../../test/identity_provider.ts';
import { callbackOf, newPerson, oidcSettings, providerSignInsOf } from '../../../test/provider_sign_ins.ts';
import type { WebBrowser } from '../../../test/web_browser.ts';
import { openProviders } from './providers.ts';

let maestro: TestApp;
let believed: IdentityProvider;
let company: IdentityProvider;
const { signIn, invite, rows } = providerSignInsOf(() => maestro);
const asked = '/account#second-factor=%2Faccount';

beforeAll(async () => {
  [believed, company] = [await startIdentityProvider(), await startIdentityProvider()];
  const port = await freePort();
  const settings = [oidcSettings('believed', believed, { trustsMfa: true }), oidcSettings('company', company)];
  maestro = await startTestApp({ providers: openProviders(settings), port });
  believed.open(callbackOf(maestro, 'believed'));
  company.open(callbackOf(maestro, 'company'));
  const json = { max_users: 1000, requires_factor: true };
  const answer = await maestro.send('PATCH', '/api/v1/tenants/tenant-a', { as: maestro.operatorKey, json });
  expect(answer.status, answer.text).toBe(200);
});
afterAll(async () => {
  await maestro?.stop();
  await believed?.stop();
  await company?.stop();
});

async function invited(more: Partial<Person> = {}) {
  const person = { ...newPerson(), ...more };
  await invite(person.email);
  return person;
}

/** The status of entering tenant-a, which requires a second factor. */
async function enters(browser: WebBrowser): Promise<number> {
  const cookie = Object.entries(browser.cookies()).map((pair) => pair.join('='));
  return (await maestro.send('GET', '/api/v1/tenant', { headers: { cookie: cookie.join('; ') } })).status;
}

async function comesBy(name: 'believed' | 'company', person: Person) {
  (name === 'believed' ? believed : company).person = person;
  return signIn(name);
}

/** What the audit says of the last session that a provider opened. */
const audited = async () =>
  (
    await rows<{ detail: object }>(
      `SELECT detail FROM maestro.operator_audit_events
        WHERE action = 'auth.provider_sign_in' AND outcome = 'success' ORDER BY seq DESC LIMIT 1`,
    )
  )[0]?.detail;

describe('a provider’s own second factor', () => {
  test('counts as one where the operator believes the provider, and is audited', async () => {
    const { location, browser } = await comesBy('believed', await invited({ amr: ['pwd', 'otp', 'mfa'] }));
    expect(location).toBe('/account');
    expect(await enters(browser)).toBe(200);
    const { items } = (await browser.call('GET', '/auth/sessions')).body as { items: object[] };
    expect(items).toMatchObject([{ with_factor: true }]);
    expect(await audited()).toEqual({ provider: 'believed', with_factor: true });
  });

  test('counts for nothing where the operator says nothing of it', async () => {
    const { location, browser } = await comesBy('company', await invited({ amr: ['pwd', 'otp', 'mfa'] }));
    expect(location).toBe('/account');
    expect(await enters(browser)).toBe(403);
    expect(await audited()).toEqual({ provider: 'company', with_factor: false });
  });

  test.each([
    ['of methods that are not called several factors', { amr: ['pwd', 'otp'] }],
    ['of no methods at all', {}],
  ])('is none %s', async (_what, more) => {
    const { browser } = await comesBy('believed', await invited(more));
    expect(await enters(browser)).toBe(403);
    expect(await audited()).toEqual({ provider: 'believed', with_factor: false });
  });

  test('is none that UserInfo alone tells of', async () => {
    const person = await invited();
    const { browser } = await comesBy('believed', { ...person, claims: { ...person.claims, amr: ['mfa'] } });
    expect(await enters(browser)).toBe(403);
  });

  test('stands in for the one that the user has here, which is asked for where the provider says of none', async () => {
    const person = await invited({ amr: ['mfa'] });
    const { browser } = await comesBy('believed', person);
    const { secret } = (await browser.call('POST', '/me/factors/totp')).body as { secret: string };
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    expect((await browser.call('POST', '/me/factors/totp/confirm', { code })).status).toBe(200);
    expect((await comesBy('believed', person)).location).toBe('/account');
    expect((await comesBy('believed', { ...person, amr: ['pwd'] })).location).toBe(asked);
  });
});
