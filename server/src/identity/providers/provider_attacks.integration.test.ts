import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { decodeJwt, importJWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/app.ts';
import { freePort } from '../../../test/free_port.ts';
import { type IdentityProvider, startIdentityProvider } from '../../../test/identity_provider.ts';
import { callbackOf, newPerson, oidcSettings, providerSignInsOf } from '../../../test/provider_sign_ins.ts';
import { openProviders } from './providers.ts';

let maestro: TestApp;
let company: IdentityProvider;
let other: IdentityProvider;
/** Says of itself what it is not. */
let liar: IdentityProvider;
let silent: Server;
const failed = (code: string) => `/account#sign-in-failed=${code}`;
const { signIn, cameBack, newBrowser, invite, refusals } = providerSignInsOf(() => maestro);

beforeAll(async () => {
  [company, other] = [await startIdentityProvider(), await startIdentityProvider()];
  liar = await startIdentityProvider();
  silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port: silentPort } = silent.address() as { port: number };
  const port = await freePort();
  const all = [company, other, liar];
  const reach: typeof fetch = (input, init) =>
    (all.find(({ url }) => String(input).startsWith(url)) ?? company).fetch(input, init);
  const elsewhere = (issuer: string) => ({ issuer, clientId: 'maestro', clientSecret: company.clientSecret });
  const settings = [
    oidcSettings('company', company),
    oidcSettings('other', other),
    oidcSettings('dead', elsewhere(`http://127.0.0.1:${await freePort()}`)),
    oidcSettings('silent', elsewhere(`http://127.0.0.1:${silentPort}`)),
    oidcSettings('liar', liar),
  ];
  maestro = await startTestApp({ providers: openProviders(settings, reach), port, allowedHosts: ['127.0.0.1'] });
  company.open(callbackOf(maestro, 'company'));
  other.open(callbackOf(maestro, 'other'));
  liar.open(callbackOf(maestro, 'liar'));
  await maestro.send('PATCH', '/api/v1/tenants/tenant-a', { as: maestro.operatorKey, json: { max_users: 1000 } });
});
beforeEach(async () => {
  company.tamper = undefined;
  const person = newPerson();
  await invite(person.email);
  company.person = person;
  other.person = person;
});
afterAll(async () => {
  await maestro?.stop();
  await company?.stop();
  await other?.stop();
  await liar?.stop();
  silent?.close();
});

describe('what comes back', () => {
  test('opens a session where nothing was touched, so that what follows shows the attacks', async () => {
    expect((await signIn('company')).location).toBe('/account');
    expect((await signIn('other')).location).toBe(failed('account-exists'));
  });

  test('with another state, or none, is refused and takes nothing from the sign-in under way', async () => {
    const browser = newBrowser();
    const back = new URL(await cameBack('company', browser));
    for (const state of ['x'.repeat(43), '', undefined]) {
      const changed = new URL(back);
      if (state === undefined) changed.searchParams.delete('state');
      else changed.searchParams.set('state', state);
      expect(await browser.backTo(changed.href)).toBe(failed('expired'));
    }
    expect(await browser.backTo(back.href)).toBe('/account');
  });

  test('a second time is refused, also at once', async () => {
    const browser = newBrowser();
    const back = await cameBack('company', browser);
    const ends = await Promise.all([browser.backTo(back), browser.backTo(back), browser.backTo(back)]);
    expect(ends.filter((end) => end === '/account')).toHaveLength(1);
    expect(ends.filter((end) => end === failed('expired'))).toHaveLength(2);
  });

  test('in another browser is refused: nobody is signed in by a link that somebody sent', async () => {
    const [attacker, victim] = [newBrowser(), newBrowser()];
    const back = await cameBack('company', attacker);
    expect(await victim.backTo(back)).toBe(failed('expired'));
    await cameBack('company', victim);
    expect(await victim.backTo(back)).toBe(failed('expired'));
    expect((await victim.call('GET', '/auth/me')).status).toBe(401);
    expect(await attacker.backTo(back)).toBe('/account');
  });

  test('with the code of another sign-in is refused by PKCE', async () => {
    const [attacker, victim] = [newBrowser(), newBrowser()];
    const stolen = new URL(await cameBack('company', victim)).searchParams.get('code') as string;
    const back = new URL(await cameBack('company', attacker));
    back.searchParams.set('code', stolen);
    expect(await attacker.backTo(back.href)).toBe(failed('provider-refused'));
    expect((await refusals()).at(-1)).toBe('provider-refused');
  });

  test('from another provider than the browser was sent to is refused, by path and by issuer', async () => {
    const browser = newBrowser();
    const back = await cameBack('company', browser);
    expect(await browser.backTo(back.replace('/company/', '/other/'))).toBe(failed('expired'));
    for (const iss of [other.issuer, `${company.issuer}/`, undefined]) {
      const mixed = new URL(await cameBack('company', browser));
      if (iss === undefined) mixed.searchParams.delete('iss');
      else mixed.searchParams.set('iss', iss);
      expect(await browser.backTo(mixed.href)).toBe(failed('provider-refused'));
    }
  });

  test('after ten minutes is refused', async () => {
    const browser = newBrowser();
    const back = await cameBack('company', browser);
    const { rows } = providerSignInsOf(() => maestro);
    await rows("UPDATE maestro.provider_flows SET expires_at = now() - interval '1 second'");
    expect(await browser.backTo(back)).toBe(failed('expired'));
  });

  test('as a refusal of the person says so, and no word of the provider', async () => {
    company.person = undefined;
    expect((await signIn('company')).location).toBe(failed('cancelled'));
    const browser = newBrowser();
    const back = new URL(await cameBack('company', browser));
    back.searchParams.set('error', 'server_error');
    back.searchParams.set('error_description', '<script>');
    expect(await browser.backTo(back.href)).toBe(failed('provider-refused'));
  });

  test('twice over in one address is refused', async () => {
    const browser = newBrowser();
    const back = await cameBack('company', browser);
    await expect(browser.backTo(`${back}&state=x`)).rejects.toThrow(/^400 .*"field":"state"/);
    expect(await browser.backTo(back)).toBe('/account');
  });

  test('in a frame, or called by a script of another site, is refused', async () => {
    const browser = newBrowser();
    const back = await cameBack('company', browser);
    const { pathname, search } = new URL(back);
    const cookie = Object.entries(browser.cookies())
      .map((pair) => pair.join('='))
      .join('; ');
    for (const mode of [
      { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    ]) {
      const url = pathname + search;
      const headers = { host: new URL(maestro.url).host, 'sec-fetch-site': 'cross-site', ...mode, cookie };
      expect((await maestro.app.inject({ method: 'GET', url, headers })).statusCode).toBe(403);
    }
    // Nothing was taken from the sign-in under way.
    expect(await browser.backTo(back)).toBe('/account');
  });
});

describe('an ID token', () => {
  type Forge = (claims: JWTPayload) => string | Promise<string>;
  /** What a sign-in leads to whose ID token is another one. */
  async function endWith(forge: Forge): Promise<string> {
    const browser = newBrowser();
    const back = await cameBack('company', browser);
    company.tamper = async (answer) => ({ ...answer, id_token: await forge(decodeJwt(String(answer.id_token))) });
    return browser.backTo(back);
  }
  const signed = async (claims: JWTPayload, alg = 'RS256', kid = 'test') =>
    new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(await importJWK(company.key, alg));

  test('that the provider signed anew is taken, so that what follows shows the forgeries', async () => {
    expect(await endWith((claims) => signed(claims))).toBe('/account');
  });

  const forgeries: Record<string, Forge> = {
    'without a signature (alg none)': (claims) => new UnsecuredJWT(claims).encode(),
    'signed with our own secret (HS256)': (claims) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: 'test' })
        .sign(new TextEncoder().encode(company.clientSecret)),
    'signed with the public key as a secret': (claims) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: 'test' })
        .sign(new TextEncoder().encode(String(company.key.n))),
    'signed by another provider': async (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'test' }).sign(await importJWK(other.key, 'RS256')),
    'with another nonce': ({ nonce: _, ...claims }) => signed({ ...claims, nonce: 'x'.repeat(43) }),
    'without a nonce': ({ nonce: _, ...claims }) => signed(claims),
    'of another issuer': (claims) => signed({ ...claims, iss: other.issuer }),
    'for another client': (claims) => signed({ ...claims, aud: 'another' }),
    'for several clients, and another one is its bearer': (claims) =>
      signed({ ...claims, aud: [company.clientId, 'another'], azp: 'another' }),
    'that has ended': (claims) => signed({ ...claims, iat: 1_700_000_000, exp: 1_700_000_600 }),
    'without a subject': ({ sub: _, ...claims }) => signed(claims),
    'that is none': () => 'nonsense',
  };
  test.each(Object.entries(forgeries))('%s is refused', async (_name, forge) => {
    expect(await endWith(forge)).toBe(failed('provider-refused'));
  });

  test('of somebody, with what is told of somebody else, is refused', async () => {
    const end = await endWith((claims) => signed({ ...claims, sub: 'somebody-else' }));
    expect(end).toBe(failed('provider-refused'));
  });

  test('that is missing is refused', async () => {
    const browser = newBrowser();
    const back = await cameBack('company', browser);
    company.tamper = ({ id_token: _, ...answer }) => answer;
    expect(await browser.backTo(back)).toBe(failed('provider-refused'));
  });
});

describe('a provider', () => {
  test('that is away, or says nothing, is told within ten seconds', async () => {
    for (const name of ['dead', 'silent']) {
      const began = performance.now();
      const answer = await newBrowser().call('POST', `/auth/providers/${name}/begin`, {});
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(answer.status, answer.text).toBe(503);
      expect(answer.body).toMatchObject({ detail: expect.stringContaining(`Sign in at ${name} does not answer`) });
    }
  });

  test('whose description is of another issuer, or none, is as if it were away', async () => {
    const begin = () => newBrowser().call('POST', '/auth/providers/liar/begin', {});
    const lies: ((said: Record<string, unknown>) => unknown)[] = [
      (said) => ({ ...said, issuer: company.issuer }),
      ({ issuer: _, ...said }) => said,
      ({ authorization_endpoint: _, ...said }) => said,
      ({ jwks_uri: _, ...said }) => said,
      () => [],
      () => 'text',
    ];
    for (const lie of lies) {
      liar.describe = lie;
      const answer = await begin();
      expect(answer.status, `${lie} ${answer.text}`).toBe(503);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });

  test('that sends browsers to what is no address is as if it were away, also once its description is known', async () => {
    liar.describe = (said) => ({ ...said, authorization_endpoint: 'javascript:alert(1)' });
    for (const _ of ['asked', 'known']) {
      const answer = await newBrowser().call('POST', '/auth/providers/liar/begin', {});
      expect(answer.status, answer.text).toBe(503);
      expect(answer.text).not.toContain('javascript');
    }
  });

  test.each([[], 'text', null, { keys: 7 }, {}])('whose answer to a code is %j proves nobody', async (answer) => {
    const browser = newBrowser();
    const back = await cameBack('company', browser);
    company.tamper = () => answer;
    expect(await browser.backTo(back)).toBe(failed('provider-refused'));
  });

  test('that talks without end is not listened to', async () => {
    const browser = newBrowser();
    const back = await cameBack('company', browser);
    company.tamper = (answer) => ({ ...answer, more: 'x'.repeat(1_000_000) });
    expect(await browser.backTo(back)).toBe(failed('provider-unavailable'));
  });
});
