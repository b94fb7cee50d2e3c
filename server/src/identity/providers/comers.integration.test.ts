import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/app.ts';
import { freePort } from '../../../test/free_port.ts';
import { type IdentityProvider, type Person, startIdentityProvider } from '../../../test/identity_provider.ts';
import { type Person as Member, type People, peopleOf } from '../../../test/people.ts';
import { callbackOf, newPerson, oidcSettings, providerSignInsOf } from '../../../test/provider_sign_ins.ts';
import type { WebBrowser } from '../../../test/web_browser.ts';
import { openProviders } from './providers.ts';

let maestro: TestApp;
let company: IdentityProvider;
let people: People;
let admin: Member;
const { signIn, cameBack, newBrowser, invite, placesOf, refusals, rows } = providerSignInsOf(() => maestro);
const failed = (code: string) => `/account#sign-in-failed=${code}`;

beforeAll(async () => {
  company = await startIdentityProvider();
  const port = await freePort();
  const settings = [oidcSettings('company', company, { groupsClaim: 'groups' }), oidcSettings('spare', company)];
  maestro = await startTestApp({ providers: openProviders(settings), port });
  company.open(callbackOf(maestro, 'company'));
  people = peopleOf(maestro);
  for (const slug of ['tenant-a', 'tenant-b']) {
    const limits = { as: maestro.operatorKey, json: { max_users: 1000 } };
    await maestro.send('PATCH', `/api/v1/tenants/${slug}`, limits);
  }
  admin = await people.member('tenant_admin');
});
afterAll(async () => {
  await maestro?.stop();
  await company?.stop();
});

function arrives<T extends Person>(person: T): T {
  company.person = person;
  return person;
}
/** Somebody new of a domain. */
const comerOf = (domain: string, claims: object = {}) =>
  arrives(newPerson({ email: `p-${randomUUID()}@${domain}`, ...claims }));
const newDomain = () => `${randomUUID().slice(0, 8)}.example.com`;
const change = (json: object, as = admin.as) => people.native(as, 'PATCH', '/tenant/sign-in', json);
const closed = { allowed_email_domains: [], jit_providers: [], jit_role: 'viewer', group_roles: [] };
async function settle(json: object, as = admin.as): Promise<void> {
  const answer = await change({ ...closed, ...json }, as);
  expect(answer.status, answer.text).toBe(200);
}
const enters = async (browser: WebBrowser, slug: string) =>
  (
    await maestro.send('GET', '/api/v1/tenant', {
      headers: {
        'x-mlflow-workspace': slug,
        cookie: Object.entries(browser.cookies())
          .map((pair) => pair.join('='))
          .join('; '),
      },
    })
  ).status;

describe('membership just in time', () => {
  test('is for people of the tenant’s domains by its providers, with the role that it says', async () => {
    const domain = newDomain();
    await settle({ allowed_email_domains: [domain], jit_providers: ['company'], jit_role: 'data_scientist' });
    const { email } = comerOf(domain.toUpperCase());
    const { location, browser } = await signIn('company');
    expect(location).toBe('/account');
    expect(await placesOf(email)).toEqual([{ slug: 'tenant-a', role: 'data_scientist' }]);
    expect(await enters(browser, 'tenant-a')).toBe(200);
    const [event] = await rows<{ detail: object; tenants: number }>(
      `SELECT detail, cardinality(copy_to) AS tenants FROM maestro.operator_audit_events
        WHERE action = 'auth.provider_join' ORDER BY seq DESC LIMIT 1`,
    );
    expect(event).toMatchObject({ detail: { by: 'just in time', role: 'data_scientist' }, tenants: 1 });
  });

  test('is off until the tenant switches it on, for each provider by itself', async () => {
    const domain = newDomain();
    for (const jit_providers of [[], ['spare']]) {
      await settle({ allowed_email_domains: [domain], jit_providers });
      comerOf(domain);
      expect((await signIn('company')).location).toBe(failed('not-invited'));
    }
  });

  test('is for no other domain: not one below, above or beside, nor an address that is not verified', async () => {
    const domain = newDomain();
    await settle({ allowed_email_domains: [domain], jit_providers: ['company'] });
    for (const other of [`sub.${domain}`, `x${domain}`, 'example.com', `${domain}.evil.example`]) {
      comerOf(other);
      expect((await signIn('company')).location, other).toBe(failed('not-invited'));
    }
    arrives(newPerson({ email: `"a@${domain}"@evil.example` }));
    expect((await signIn('company')).location).toMatch(/not-invited|email-not-verified/);
    comerOf(domain, { email_verified: false });
    expect((await signIn('company')).location).toBe(failed('email-not-verified'));
  });

  test('is asked for by name where several tenants would take somebody, and adds one that a known person names', async () => {
    const domain = newDomain();
    const other = await people.member('tenant_admin', 'tenant-b');
    const wish = { allowed_email_domains: [domain], jit_providers: ['company'] };
    await settle(wish);
    await settle(wish, other.as);
    const { email } = comerOf(domain);
    expect((await signIn('company')).location).toBe(failed('tenant-required'));
    expect((await signIn('company', { tenant: 'tenant-b' })).location).toBe('/account');
    expect((await signIn('company')).location).toBe('/account');
    expect(await placesOf(email)).toEqual([{ slug: 'tenant-b', role: 'viewer' }]);
    const browsers = Array.from({ length: 4 }, newBrowser);
    const backs = await Promise.all(browsers.map((browser) => cameBack('company', browser, { tenant: 'tenant-a' })));
    const ends = await Promise.all(browsers.map((browser, at) => browser.backTo(backs[at] as string)));
    expect(new Set(ends)).toEqual(new Set(['/account']));
    expect(await placesOf(email)).toHaveLength(2);
    await settle({}, other.as);
  });

  test('stops where the tenant has all the users it may have', async () => {
    const domain = newDomain();
    await settle({ allowed_email_domains: [domain], jit_providers: ['company'] });
    const limit = (max_users: number) =>
      maestro.send('PATCH', '/api/v1/tenants/tenant-a', { as: maestro.operatorKey, json: { max_users } });
    await limit(1);
    const { email } = comerOf(domain);
    expect((await signIn('company')).location).toBe(failed('tenant-full'));
    expect(await rows('SELECT 1 FROM maestro.users WHERE email = $1', [email])).toEqual([]);
    await limit(1000);
    expect((await signIn('company')).location).toBe('/account');
  });
});

describe('a tenant that lists domains', () => {
  test('is closed to who comes by a provider with an address of another one, at once and in a session under way', async () => {
    await settle({});
    const [ours, theirs] = [newDomain(), newDomain()];
    const { email } = comerOf(theirs);
    await invite(email);
    const { browser } = await signIn('company');
    expect(await enters(browser, 'tenant-a')).toBe(200);
    await settle({ allowed_email_domains: [ours] });
    expect(await enters(browser, 'tenant-a')).toBe(404);
    expect((await signIn('company')).location).toBe(failed('domain-not-allowed'));
    expect((await signIn('company', { tenant: 'tenant-a' })).location).toBe(failed('domain-not-allowed'));
    expect((await refusals()).at(-1)).toBe('domain-not-allowed');
    await settle({ allowed_email_domains: [ours, theirs] });
    expect(await enters(browser, 'tenant-a')).toBe(200);
  });

  test('takes no invitation of another domain by a provider, and stays open to passwords', async () => {
    await settle({ allowed_email_domains: [newDomain()] });
    const { email } = comerOf(newDomain());
    await invite(email);
    expect((await signIn('company')).location).toBe(failed('not-invited'));
    expect((await people.native(admin.as, 'GET', '/tenant')).status).toBe(200);
    await settle({});
    expect((await signIn('company')).location).toBe('/account');
  });

  test('takes nobody for one of them whose address is not verified any more', async () => {
    const domain = newDomain();
    await settle({ allowed_email_domains: [domain], jit_providers: ['company'] });
    const person = comerOf(domain);
    expect((await signIn('company')).location).toBe('/account');
    arrives({ ...person, claims: { ...person.claims, email_verified: false } });
    expect((await signIn('company')).location).toBe(failed('domain-not-allowed'));
  });
});

describe('groups of a provider', () => {
  const map = (...entries: [group: string, role: string][]) =>
    entries.map(([group, role]) => ({ provider: 'company', group, role }));
  async function roleAfter(person: Person, groups: unknown): Promise<string | undefined> {
    arrives({ ...person, claims: { ...person.claims, groups } });
    expect((await signIn('company')).location).toBe('/account');
    return (await placesOf(String(person.claims.email)))[0]?.role;
  }

  test('raise and lower the role at each sign-in, by the first that fits, and leave it where none does', async () => {
    const domain = newDomain();
    const jit = { allowed_email_domains: [domain], jit_providers: ['company'] };
    await settle({ ...jit, group_roles: map(['leads', 'tenant_admin'], ['ml', 'ml_engineer']) });
    const person = comerOf(domain);
    expect(await roleAfter(person, ['ml', 'leads'])).toBe('tenant_admin');
    expect(await roleAfter(person, ['ml'])).toBe('ml_engineer');
    expect(await roleAfter(person, 'leads')).toBe('tenant_admin');
    expect(await roleAfter(person, ['LEADS', 'nobody', 7])).toBe('tenant_admin');
    await settle({ ...jit, group_roles: map(['leads', 'tenant_admin'], ['*', 'viewer']) });
    expect(await roleAfter(person, undefined)).toBe('viewer');
    await settle(jit);
    expect(await roleAfter(person, ['leads'])).toBe('viewer');
    const mapped = await rows(
      "SELECT 1 FROM maestro.operator_audit_events WHERE action = 'member.map_groups' AND outcome = 'success'",
    );
    expect(mapped).toHaveLength(4);
  });

  test('of another provider count for nothing', async () => {
    const domain = newDomain();
    const group_roles = [{ provider: 'spare', group: '*', role: 'tenant_admin' }];
    await settle({ allowed_email_domains: [domain], jit_providers: ['company'], group_roles });
    expect(await roleAfter(comerOf(domain), ['leads'])).toBe('viewer');
  });

  test('leave the last administrator one, and say so in the audit', async () => {
    const domain = newDomain();
    const slug = `t-${randomUUID()}`;
    await maestro.send('POST', '/api/v1/tenants', { as: maestro.operatorKey, json: { slug } });
    const first = await people.member('tenant_admin', slug);
    const group_roles = map(['leads', 'tenant_admin'], ['*', 'viewer']);
    await settle({ allowed_email_domains: [domain], jit_providers: ['company'], group_roles }, first.as);
    const person = comerOf(domain);
    expect(await roleAfter(person, ['leads'])).toBe('tenant_admin');
    const removed = await people.native(maestro.operatorKey, 'PATCH', `/users/${first.id}`, { is_active: false });
    expect(removed.status, removed.text).toBe(200);
    expect(await roleAfter(person, [])).toBe('tenant_admin');
    const refused = await rows(
      "SELECT 1 FROM maestro.operator_audit_events WHERE action = 'member.map_groups' AND outcome = 'refused'",
    );
    expect(refused).toHaveLength(1);
  });
});

describe('what a tenant says of them', () => {
  test('is read by members, and changed by a person who signed in a short while ago', async () => {
    await settle({});
    const viewer = await people.member('viewer');
    expect((await people.native(viewer.as, 'GET', '/tenant/sign-in')).body).toEqual(closed);
    const key = maestro.tenants.a.keys.tenant_admin;
    for (const as of [viewer.as, key]) expect((await change({ jit_role: 'viewer' }, as)).status).toBe(403);
    const old = await people.member('tenant_admin');
    await rows("UPDATE maestro.sessions SET authenticated_at = now() - interval '1 hour' WHERE user_id = $1", [old.id]);
    await maestro.ports.identity.changed({ kind: 'user', id: old.id });
    expect((await change({ jit_role: 'viewer' }, old.as)).body).toMatchObject({ detail: 'Sign in again to do this.' });
  });

  test('gives nobody more than whoever says it holds, and lets nobody weaker take roles away by groups', async () => {
    const name = `r${randomUUID().replaceAll('-', '')}`;
    await people.asAdmin('POST', '/roles', { name, inherits: ['viewer'], permissions: ['tenant:write'] });
    const weak = await people.member(name);
    const domain = { allowed_email_domains: [newDomain()] };
    const group_roles = [{ provider: 'company', group: '*', role: name }];
    for (const wish of [{ jit_role: 'tenant_admin' }, { jit_role: 'data_scientist' }, { group_roles }]) {
      const answer = await change({ ...domain, ...wish }, weak.as);
      expect(answer.status, answer.text).toBe(403);
    }
    expect((await change({ ...domain, jit_role: 'viewer' }, weak.as)).status).toBe(200);
    expect((await change({ jit_role: 'tenant_admin' })).status).toBe(200);
    // The role that stands there is given by whoever lets people in, too.
    expect((await change({ ...domain, jit_providers: ['company'] }, weak.as)).status).toBe(403);
    await settle({});
  });

  test.each([
    [{ jit_providers: ['nobody'], allowed_email_domains: ['example.com'] }, 'jit_providers'],
    [{ group_roles: [{ provider: 'nobody', group: 'g', role: 'viewer' }] }, 'group_roles'],
    [{ group_roles: [{ provider: 'company', group: 'g', role: 'no_such_role' }] }, 'role'],
    [{ jit_role: 'no_such_role' }, 'role'],
    [{ jit_providers: ['company'], allowed_email_domains: [] }, 'allowed_email_domains'],
    [{ allowed_email_domains: ['Example.com'] }, 'allowed_email_domains.0'],
    [{ allowed_email_domains: ['*.example.com'] }, 'allowed_email_domains.0'],
    [{ allowed_email_domains: ['example.com', 'example.com'] }, 'allowed_email_domains'],
  ])('%j is refused by its field', async (json, field) => {
    const answer = await change(json);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ field });
  });

  test('keeps a role from being deleted that it gives', async () => {
    const name = `r${randomUUID().replaceAll('-', '')}`;
    await people.asAdmin('POST', '/roles', { name, permissions: ['run:read'] });
    const path = `/roles/${name}`;
    for (const wish of [{ jit_role: name }, { group_roles: [{ provider: 'company', group: 'g', role: name }] }]) {
      await settle(wish);
      const refused = await people.native(maestro.tenants.a.keys.tenant_admin, 'DELETE', path);
      expect(refused.body).toMatchObject({ detail: expect.stringContaining('by an identity provider') });
    }
    await settle({});
    expect((await people.native(maestro.tenants.a.keys.tenant_admin, 'DELETE', path)).status).toBe(204);
  });
});

test('two first sign-ins just in time at once make one account and one membership', async () => {
  const domain = newDomain();
  await settle({ allowed_email_domains: [domain], jit_providers: ['company'] });
  const { email } = comerOf(domain);
  const browsers = Array.from({ length: 6 }, newBrowser);
  const backs = await Promise.all(browsers.map((browser) => cameBack('company', browser)));
  const ends = await Promise.all(browsers.map((browser, at) => browser.backTo(backs[at] as string)));
  expect(new Set(ends)).toEqual(new Set(['/account']));
  expect(await placesOf(email)).toHaveLength(1);
});
