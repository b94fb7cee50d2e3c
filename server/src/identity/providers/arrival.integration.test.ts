import { randomUUID } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/app.ts';
import { freePort } from '../../../test/free_port.ts';
import { type IdentityProvider, type Person, startIdentityProvider } from '../../../test/identity_provider.ts';
import { type People, peopleOf } from '../../../test/people.ts';
import { callbackOf, newPerson, oidcSettings, providerSignInsOf } from '../../../test/provider_sign_ins.ts';
import type { WebBrowser } from '../../../test/web_browser.ts';
import { openProviders } from './providers.ts';

let maestro: TestApp;
let company: IdentityProvider;
let people: People;
const { signIn, invite, placesOf, refusals, rows } = providerSignInsOf(() => maestro);
const asked = '/account#second-factor=%2Faccount';

beforeAll(async () => {
  company = await startIdentityProvider();
  const port = await freePort();
  maestro = await startTestApp({
    providers: openProviders([oidcSettings('company', company, { groupsClaim: 'groups' })]),
    port,
  });
  company.open(callbackOf(maestro, 'company'));
  people = peopleOf(maestro);
  await operator('PATCH', '/tenants/tenant-a', { max_users: 1000 });
});
afterAll(async () => {
  await maestro?.stop();
  await company?.stop();
});

async function operator(method: string, path: string, json: object): Promise<void> {
  const answer = await maestro.send(method, `/api/v1${path}`, { as: maestro.operatorKey, json });
  if (answer.status >= 300) throw new Error(answer.text);
}

const domain = 'people.example.com';
const leads = [
  { provider: 'company', group: 'leads', role: 'tenant_admin' },
  { provider: 'company', group: '*', role: 'viewer' },
];

/** A tenant of its own that takes whoever comes by the provider, with the roles of groups; and how it changes that. */
async function newTenant(more: object = {}) {
  const slug = `t-${randomUUID()}`;
  await operator('POST', '/tenants', { slug });
  const admin = await people.member('tenant_admin', slug);
  const settle = async (json: object): Promise<void> => {
    const answer = await people.native(admin.as, 'PATCH', '/tenant/sign-in', json);
    expect(answer.status, answer.text).toBe(200);
  };
  await settle({ allowed_email_domains: [domain], jit_providers: ['company'], jit_role: 'data_scientist', ...more });
  return { slug, settle };
}

function arrives(person: Person, groups: readonly string[] = []): void {
  company.person = { ...person, claims: { ...person.claims, groups } };
}

/** Somebody of tenant-a who signs in by the provider and has an authenticator app, with codes for ten sign-ins. */
async function enrolled() {
  const person = newPerson({ email: `p-${randomUUID()}@${domain}` });
  await invite(person.email);
  arrives(person);
  const { browser } = await signIn('company');
  const { secret } = (await browser.call('POST', '/me/factors/totp')).body as { secret: string };
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
  const confirmed = await browser.call('POST', '/me/factors/totp/confirm', { code });
  const { backup_codes: codes } = confirmed.body as { backup_codes: string[] };
  return { ...person, codes };
}

/** The challenge of a sign-in that the provider has done its part of. */
async function challengeOf(tenant?: string): Promise<{ browser: WebBrowser; challenge: string }> {
  const { location, browser } = await signIn('company', tenant === undefined ? {} : { tenant });
  expect(location).toBe(asked);
  const answer = await browser.call('POST', '/auth/providers/second-factor');
  expect(answer.status, answer.text).toBe(200);
  return { browser, challenge: (answer.body as { second_factor: { challenge: string } }).second_factor.challenge };
}
const answer = ({ browser, challenge }: { browser: WebBrowser; challenge: string }, code: string) =>
  browser.call('POST', '/auth/second-factor', { challenge, method: 'backup_code', code, cookie: true });

const enters = async (browser: WebBrowser, slug: string): Promise<number> => {
  const cookie = Object.entries(browser.cookies()).map((pair) => pair.join('='));
  const headers = { 'x-mlflow-workspace': slug, cookie: cookie.join('; ') };
  return (await maestro.send('GET', '/api/v1/tenant', { headers })).status;
};
/** What the audit has of tenants that somebody joined, or where groups changed a role. */
const done = async (slug: string) =>
  (
    await rows<{ action: string }>(
      `SELECT action FROM maestro.operator_audit_events e JOIN maestro.tenants t ON t.tenant_id = ANY (e.copy_to)
        WHERE t.slug = $1 AND action IN ('auth.provider_join', 'member.map_groups') ORDER BY seq`,
      [slug],
    )
  ).map(({ action }) => action);
const home = { slug: 'tenant-a', role: 'data_scientist' };

describe('a sign-in by a provider of somebody who has a second factor', () => {
  test('joins no tenant before the factor is given, and joins it with the role of their groups then', async () => {
    const [person, { slug }] = [await enrolled(), await newTenant({ group_roles: leads })];
    arrives(person, ['leads']);
    const waits = await challengeOf(slug);
    expect(await placesOf(person.email)).toEqual([home]);
    expect(await done(slug)).toEqual([]);
    expect((await answer(waits, 'not-a-code')).status).toBe(401);
    expect(await placesOf(person.email)).toEqual([home]);
    expect((await answer(waits, person.codes[0]!)).status).toBe(200);
    expect(await placesOf(person.email)).toEqual([{ slug, role: 'tenant_admin' }, home]);
    expect(await done(slug)).toEqual(['auth.provider_join', 'member.map_groups']);
    expect(await enters(waits.browser, slug)).toBe(200);
  });

  test('changes no role before the factor is given', async () => {
    const [person, { slug }] = [await enrolled(), await newTenant({ group_roles: leads })];
    arrives(person, ['leads']);
    await answer(await challengeOf(slug), person.codes[0]!);
    arrives(person, []);
    const waits = await challengeOf();
    expect(await placesOf(person.email)).toContainEqual({ slug, role: 'tenant_admin' });
    expect((await answer(waits, person.codes[1]!)).status).toBe(200);
    expect(await placesOf(person.email)).toContainEqual({ slug, role: 'viewer' });
  });

  test('joins once where the challenge is answered twice at once', async () => {
    const [person, { slug }] = [await enrolled(), await newTenant()];
    arrives(person);
    const waits = await challengeOf(slug);
    const answers = await Promise.all(person.codes.slice(0, 3).map((code) => answer(waits, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    expect(await done(slug)).toEqual(['auth.provider_join']);
  });

  test('is refused where a later one came from the provider, so that what is older undoes nothing', async () => {
    const [person, { slug }] = [await enrolled(), await newTenant({ group_roles: leads })];
    arrives(person, ['leads']);
    const older = await challengeOf(slug);
    arrives(person, []);
    const later = await challengeOf(slug);
    expect((await answer(later, person.codes[0]!)).status).toBe(200);
    const late = await answer(older, person.codes[1]!);
    expect(late.status, late.text).toBe(401);
    expect(await placesOf(person.email)).toContainEqual({ slug, role: 'viewer' });
    const told = await rows<{ reason: string }>(
      `SELECT detail->>'reason' AS reason FROM maestro.operator_audit_events
        WHERE action = 'auth.second_factor' AND outcome = 'refused' ORDER BY seq DESC LIMIT 1`,
    );
    expect(told).toEqual([{ reason: 'the account was changed during the sign-in' }]);
  });

  test('joins no tenant that meanwhile takes nobody, lists other domains, or was closed', async () => {
    const person = await enrolled();
    arrives(person);
    const changes: ((tenant: Awaited<ReturnType<typeof newTenant>>) => Promise<void>)[] = [
      ({ settle }) => settle({ jit_providers: [] }),
      ({ settle }) => settle({ allowed_email_domains: ['other.example.com'] }),
      ({ slug }) => operator('PATCH', `/tenants/${slug}`, { is_active: false }),
    ];
    for (const [at, change] of changes.entries()) {
      const tenant = await newTenant({ group_roles: leads });
      const waits = await challengeOf(tenant.slug);
      await change(tenant);
      const refused = await answer(waits, person.codes[at]!);
      expect(refused.status, refused.text).toBe(404);
      expect(await placesOf(person.email)).toEqual([home]);
      expect(await done(tenant.slug)).toEqual([]);
      expect((await waits.browser.call('GET', '/auth/me')).status).toBe(401);
    }
  });

  test('goes by what the tenant says of groups when the session opens, of all groups that the provider told', async () => {
    const [person, { slug, settle }] = [await enrolled(), await newTenant({ group_roles: leads })];
    arrives(person, ['leads', 'ml']);
    const waits = await challengeOf(slug);
    await settle({ group_roles: [{ provider: 'company', group: 'ml', role: 'ml_engineer' }] });
    expect((await answer(waits, person.codes[0]!)).status).toBe(200);
    expect(await placesOf(person.email)).toContainEqual({ slug, role: 'ml_engineer' });
  });

  test('joins no tenant that has filled meanwhile, and says so', async () => {
    const [person, { slug }] = [await enrolled(), await newTenant()];
    arrives(person);
    const waits = await challengeOf(slug);
    await operator('PATCH', `/tenants/${slug}`, { max_users: 1 });
    const refused = await answer(waits, person.codes[0]!);
    expect(refused.body).toMatchObject({ detail: 'The tenant has all the 1 users it may have.' });
    expect(await placesOf(person.email)).toEqual([home]);
  });

  test('keeps what the provider said sealed, and no way back to the provider’s callback by it', async () => {
    const person = await enrolled();
    const group = `g-${randomUUID()}`;
    arrives(person, [group]);
    const { browser } = await signIn('company');
    const kept = await rows<{ all: string; sealed: Buffer }>(
      'SELECT f::text AS all, sealed_checks AS sealed FROM maestro.provider_flows f',
    );
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.some(({ all, sealed }) => all.includes(group) || sealed.includes(group))).toBe(false);
    const [, challenge] = Object.entries(browser.cookies()).find(([name]) => name.endsWith('-flow'))!;
    for (const state of [challenge, `said ${challenge}`]) {
      const back = `${callbackOf(maestro, 'company')}?code=x&state=${encodeURIComponent(state)}`;
      expect(await browser.backTo(back)).toBe('/account#sign-in-failed=expired');
    }
    expect((await browser.call('POST', '/auth/providers/second-factor')).status).toBe(200);
  });

  test('is over where what the provider said has run out, though the challenge lives', async () => {
    const [person, { slug }] = [await enrolled(), await newTenant()];
    arrives(person);
    const waits = await challengeOf(slug);
    await rows('UPDATE maestro.provider_flows SET expires_at = now()');
    expect((await answer(waits, person.codes[0]!)).status).toBe(401);
    expect(await placesOf(person.email)).toEqual([home]);
  });
});

describe('a tenant that requires a second factor', () => {
  const requiring = async () => {
    const tenant = await newTenant();
    await operator('PATCH', `/tenants/${tenant.slug}`, { requires_factor: true });
    return tenant;
  };

  test('is open to whoever joins it with one, in the session that the sign-in opens', async () => {
    const [person, { slug }] = [await enrolled(), await requiring()];
    arrives(person);
    const waits = await challengeOf(slug);
    expect((await answer(waits, person.codes[0]!)).status).toBe(200);
    expect(await enters(waits.browser, slug)).toBe(200);
  });

  test('is closed to whoever joins it without one', async () => {
    const { slug } = await requiring();
    const known = newPerson({ email: `p-${randomUUID()}@${domain}` });
    await invite(known.email);
    for (const person of [known, newPerson({ email: `p-${randomUUID()}@${domain}` })]) {
      arrives(person);
      if (person === known) await signIn('company');
      const { location, browser } = await signIn('company', { tenant: slug });
      expect(location).toBe('/account');
      expect(await placesOf(person.email)).toContainEqual({ slug, role: 'data_scientist' });
      expect(await enters(browser, slug)).toBe(403);
    }
  });
});

test('who has no second factor joins a named tenant at once, and is told where that is full', async () => {
  const person = newPerson({ email: `p-${randomUUID()}@${domain}` });
  await invite(person.email);
  arrives(person);
  await signIn('company');
  const { slug } = await newTenant();
  await operator('PATCH', `/tenants/${slug}`, { max_users: 1 });
  expect((await signIn('company', { tenant: slug })).location).toBe('/account#sign-in-failed=tenant-full');
  expect((await refusals()).at(-1)).toBe('tenant-full');
  expect(await placesOf(person.email)).toEqual([home]);
  await operator('PATCH', `/tenants/${slug}`, { max_users: 10 });
  expect((await signIn('company', { tenant: slug })).location).toBe('/account');
  expect(await placesOf(person.email)).toHaveLength(2);
});
