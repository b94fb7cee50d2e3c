import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/app.ts';
import { freePort } from '../../../test/free_port.ts';
import { type GithubProvider, newGithubPerson, startGithub } from '../../../test/github_provider.ts';
import { type IdentityProvider, startIdentityProvider } from '../../../test/identity_provider.ts';
import { callbackOf, newPerson, oidcSettings, providerSignInsOf } from '../../../test/provider_sign_ins.ts';
import { openProviders } from './providers.ts';

const directory = randomUUID();
const microsoftHost = 'https://login.microsoftonline.com';
const template = `${microsoftHost}/{tenantid}/v2.0`;

let maestro: TestApp;
let google: IdentityProvider;
let microsoft: IdentityProvider;
/** Of one directory, in a cloud of its own. */
let oneDirectory: IdentityProvider;
let github: GithubProvider;
/** Each provider is where its name says, as the names of this machine have it. */
const reach: typeof fetch = (input, init) => {
  const { origin } = new URL(String(input));
  if (origin === microsoftHost) return microsoft.fetch(input, init);
  if (origin === 'https://login.microsoftonline.us') return oneDirectory.fetch(input, init);
  return origin === 'https://accounts.google.com' ? google.fetch(input, init) : fetch(input, init);
};
const { signIn, cameBack, newBrowser, invite, rows } = providerSignInsOf(
  () => maestro,
  () => reach,
);
const failed = (code: string) => `/account#sign-in-failed=${code}`;

beforeAll(async () => {
  google = await startIdentityProvider({ issuer: 'https://accounts.google.com', claimsInToken: true });
  microsoft = await startIdentityProvider({ issuer: `${microsoftHost}/${directory}/v2.0`, claimsInToken: true });
  // Microsoft's names a template, and promises no issuer in what comes back.
  microsoft.describe = ({ authorization_response_iss_parameter_supported: _, ...said }) => ({
    ...said,
    issuer: template,
  });
  const usIssuer = `https://login.microsoftonline.us/${directory}/v2.0`;
  oneDirectory = await startIdentityProvider({ issuer: usIssuer, claimsInToken: true });
  github = await startGithub();
  const port = await freePort();
  const issuer = `${microsoftHost}/organizations/v2.0`;
  const settings = [
    oidcSettings('google', google, { kind: 'google' }),
    oidcSettings('microsoft', { ...microsoft, issuer }, { kind: 'microsoft' }),
    oidcSettings('one-directory', oneDirectory, { kind: 'microsoft' }),
    {
      name: 'github',
      kind: 'github' as const,
      label: 'GitHub',
      clientId: github.clientId,
      clientSecret: github.clientSecret,
      scopes: ['read:user', 'user:email'],
      baseUrl: github.url,
      apiUrl: `${github.url}/api/v3`,
    },
  ];
  maestro = await startTestApp({ providers: openProviders(settings, reach), port });
  google.open(callbackOf(maestro, 'google'));
  microsoft.open(callbackOf(maestro, 'microsoft'));
  oneDirectory.open(callbackOf(maestro, 'one-directory'));
  await maestro.send('PATCH', '/api/v1/tenants/tenant-a', { as: maestro.operatorKey, json: { max_users: 1000 } });
});
afterAll(async () => {
  await maestro?.stop();
  await Promise.all([google?.stop(), microsoft?.stop(), oneDirectory?.stop(), github?.stop()]);
});

const identitiesOf = (email: string) =>
  rows<{ issuer: string; subject: string }>(
    `SELECT i.issuer, i.subject FROM maestro.identities i JOIN maestro.users u ON u.user_id = i.user_id
      WHERE lower(u.email) = lower($1)`,
    [email],
  );

describe('Google', () => {
  test('is known by its issuer and the subject', async () => {
    const person = newPerson();
    google.person = person;
    await invite(person.email);
    expect((await signIn('google')).location).toBe('/account');
    const identity = { issuer: 'https://accounts.google.com', subject: person.sub };
    expect(await identitiesOf(person.email)).toEqual([identity]);
  });
});

describe('Microsoft', () => {
  const newAccount = (claims: object = {}) => {
    const oid = randomUUID();
    const person = newPerson({ tid: directory, oid, email_verified: undefined, xms_edov: true, ...claims });
    microsoft.person = person;
    return { ...person, oid };
  };

  test('knows somebody by directory and object, whose directory’s issuer it checks', async () => {
    const { email, oid } = newAccount();
    await invite(email);
    expect((await signIn('microsoft')).location).toBe('/account');
    expect(await identitiesOf(email)).toEqual([{ issuer: `${microsoftHost}/${directory}/v2.0`, subject: oid }]);
    newAccount({ oid, email: `renamed-${email}` });
    expect((await signIn('microsoft')).location).toBe('/account');
  });

  test('of one directory takes its people, and nobody whom a token puts into another one', async () => {
    const person = newAccount();
    oneDirectory.person = person;
    await invite(person.email);
    expect((await signIn('one-directory')).location).toBe('/account');
    oneDirectory.person = newAccount({ tid: randomUUID() });
    expect((await signIn('one-directory')).location).toBe(failed('provider-refused'));
  });

  test('takes no address for verified but one whose domain’s owner vouches for it', async () => {
    for (const claims of [
      { xms_edov: undefined },
      { xms_edov: false },
      { xms_edov: '0' },
      { email_verified: true, xms_edov: 0 },
    ]) {
      const { email } = newAccount(claims);
      await invite(email);
      expect((await signIn('microsoft')).location).toBe(failed('email-not-verified'));
    }
    for (const xms_edov of ['1', 1, 'true']) {
      const { email } = newAccount({ xms_edov });
      await invite(email);
      expect((await signIn('microsoft')).location).toBe('/account');
    }
  });

  test('is mixed up with no other provider, and with no other directory', async () => {
    for (const iss of ['https://accounts.google.com', `${microsoftHost}/${randomUUID()}/v2.0`]) {
      const { email } = newAccount();
      await invite(email);
      const browser = newBrowser();
      const back = new URL(await cameBack('microsoft', browser));
      back.searchParams.set('iss', iss);
      expect(await browser.backTo(back.href)).toBe(failed('provider-refused'));
    }
  });

  test.each([
    ['of another directory than its issuer', { tid: randomUUID() }],
    ['without a directory', { tid: undefined }],
    ['without an object', { oid: undefined }],
    ['whose directory is no id', { tid: `${directory}/v2.0#` }],
    ['whose object is no id', { oid: 'x' }],
  ])('refuses a token %s', async (_what, claims) => {
    const { email } = newAccount(claims);
    await invite(email);
    expect((await signIn('microsoft')).location).toBe(failed('provider-refused'));
  });
});

describe('GitHub', () => {
  const arrives = (more: object = {}) => {
    const person = newGithubPerson(more);
    github.person = person;
    return person;
  };

  test('knows somebody by the number, whatever name and address come later', async () => {
    const { id, email } = arrives();
    await invite(email);
    const { location, browser } = await signIn('github', { return_to: '/x' });
    expect(location).toBe('/x');
    expect(await identitiesOf(email)).toEqual([{ issuer: `${github.url}/login/oauth`, subject: String(id) }]);
    const me = await browser.call('GET', '/auth/me');
    arrives({ id });
    const again = await signIn('github');
    expect((await again.browser.call('GET', '/auth/me')).body).toMatchObject({ id: (me.body as { id: string }).id });
  });

  test('gives another number that took over a name and an address no account', async () => {
    const first = arrives();
    await invite(first.email);
    await signIn('github');
    arrives({ login: first.login, emails: first.emails });
    expect((await signIn('github')).location).toBe(failed('account-exists'));
  });

  test.each([
    ['the primary address is not verified', (email: string) => [{ email, primary: true, verified: false }]],
    ['the verified address is not the primary one', (email: string) => [{ email, primary: false, verified: true }]],
    ['there is no address', () => []],
  ])('opens nothing on a first sign-in where %s', async (_why, emails) => {
    const email = `${randomUUID()}@example.com`;
    arrives({ emails: emails(email) });
    await invite(email);
    expect((await signIn('github')).location).toBe(failed('email-not-verified'));
  });

  test.each([{ id: '7' }, { id: 0 }, { id: null }, { id: 1.5 }, { emails: { email: 'a@b.example' } }])(
    'refuses what is not in the form that it documents: %j',
    async (odd) => {
      arrives(odd);
      expect((await signIn('github')).location).toBe(failed('provider-refused'));
    },
  );

  test('refuses the code of another sign-in, one that was used, and says no where the person does', async () => {
    const { email } = arrives();
    await invite(email);
    const [attacker, victim] = [newBrowser(), newBrowser()];
    const stolen = new URL(await cameBack('github', victim)).searchParams.get('code') as string;
    const back = new URL(await cameBack('github', attacker));
    back.searchParams.set('code', stolen);
    expect(await attacker.backTo(back.href)).toBe(failed('provider-refused'));
    const mixed = new URL(await cameBack('github', attacker));
    mixed.searchParams.set('iss', 'https://accounts.google.com');
    expect(await attacker.backTo(mixed.href)).toBe(failed('provider-refused'));
    github.person = undefined;
    expect((await signIn('github')).location).toBe(failed('cancelled'));
  });
});
