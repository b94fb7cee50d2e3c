import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { leastMs } from '../../test/slowness.ts';
import { openTokens, type TokenOptions, type Tokens } from './tokens.ts';

const issuer = 'http://localhost:8080';
const claims = { userId: randomUUID(), sessionId: randomUUID(), tenantId: randomUUID() };
const makeKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const kid = 'k'.repeat(43);

/** How often a key was asked for: what is refused without it costs no cryptography, and no look-up. */
let asked = 0;
const keysOf = (id: string, privateKey: KeyObject, more: Record<string, KeyObject> = {}): TokenOptions['keys'] => ({
  current: () => ({ id, privateKey }),
  async find(wanted) {
    asked += 1;
    return wanted === id ? createPublicKey(privateKey) : more[wanted];
  },
});

let key: KeyObject;
let tokens: Tokens;
let access: string;
let refresh: string;

beforeAll(async () => {
  key = makeKey();
  tokens = openTokens({ issuer, keys: keysOf(kid, key), accessSeconds: 900 });
  access = await tokens.issueAccess(claims);
  refresh = await tokens.issueRefresh({ ...claims, tokenId: randomUUID() }, new Date(Date.now() + 60_000));
});

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const read = (token: string, at: number) => JSON.parse(Buffer.from(token.split('.')[at]!, 'base64url').toString());
const signed = (header: object, payload: object, by: KeyObject = key) => {
  const text = `${part(header)}.${part(payload)}`;
  return `${text}.${sign('sha256', Buffer.from(text), by).toString('base64url')}`;
};

test('an access token is what RFC 9068 says', () => {
  expect(read(access, 0)).toEqual({ alg: 'RS256', typ: 'at+jwt', kid });
  const now = Math.floor(Date.now() / 1000);
  const payload = read(access, 1);
  expect(payload).toEqual({
    iss: issuer,
    aud: issuer,
    sub: claims.userId,
    sid: claims.sessionId,
    tenant: claims.tenantId,
    client_id: 'maestro',
    jti: expect.any(String),
    iat: expect.any(Number),
    exp: payload.iat + 900,
  });
  expect(Math.abs(payload.iat - now)).toBeLessThan(10);
});

test('a token that we issued says again what was put into it', async () => {
  expect(await tokens.verifyAccess(access)).toMatchObject(claims);
  expect(await tokens.verifyRefresh(refresh)).toMatchObject({ userId: claims.userId, sessionId: claims.sessionId });
});

test('tokens of an older key hold while it is among ours, and new ones are signed with the current one', async () => {
  const rotated = openTokens({
    issuer,
    keys: keysOf('n'.repeat(43), makeKey(), { [kid]: createPublicKey(key) }),
    accessSeconds: 900,
  });
  expect(await rotated.verifyAccess(access)).toMatchObject(claims);
  expect(await tokens.verifyAccess(await rotated.issueAccess(claims))).toBeUndefined();
});

describe('no other token passes for an access token', () => {
  const header = () => read(access, 0);
  const payload = () => read(access, 1);
  const forged: Record<string, () => string> = {
    'a refresh token': () => refresh,
    'alg none': () => `${part({ ...header(), alg: 'none' })}.${part(payload())}.`,
    'alg none with our signature': () =>
      `${part({ ...header(), alg: 'none' })}.${access.split('.').slice(1).join('.')}`,
    'HS256 with the public key as its secret': () => {
      const text = `${part({ ...header(), alg: 'HS256' })}.${part(payload())}`;
      const secret = createPublicKey(key).export({ type: 'spki', format: 'pem' });
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
    },
    RS512: () => signed({ ...header(), alg: 'RS512' }, payload()),
    'another key under our kid': () => signed(header(), payload(), makeKey()),
    'an unknown kid': () => signed({ ...header(), kid: 'other' }, payload()),
    'no kid': () => signed({ alg: 'RS256', typ: 'at+jwt' }, payload()),
    'an embedded jwk': () => {
      const own = makeKey();
      return signed({ ...header(), jwk: createPublicKey(own).export({ format: 'jwk' }) }, payload(), own);
    },
    'a jku, though rightly signed': () => signed({ ...header(), jku: 'http://127.0.0.1:1/jwks.json' }, payload()),
    'an x5u, though rightly signed': () => signed({ ...header(), x5u: 'http://127.0.0.1:1/cert' }, payload()),
    'a crit, though rightly signed': () => signed({ ...header(), crit: ['exp'] }, payload()),
    'typ JWT': () => signed({ ...header(), typ: 'JWT' }, payload()),
    'no typ': () => signed({ alg: 'RS256', kid: header().kid }, payload()),
    'another issuer': () => signed(header(), { ...payload(), iss: 'http://elsewhere' }),
    'another audience': () => signed(header(), { ...payload(), aud: `${issuer}/api/v1/auth/refresh` }),
    'no audience': () => signed(header(), { ...payload(), aud: undefined }),
    'an end that has passed': () => signed(header(), { ...payload(), exp: Math.floor(Date.now() / 1000) - 1 }),
    'an end later than our tokens have': () => signed(header(), { ...payload(), exp: payload().iat + 901 }),
    'an end in a thousand years': () => signed(header(), { ...payload(), exp: 1e11 }),
    'an end past all numbers': () => signed(header(), { ...payload(), exp: 1e300 }),
    'an issue in the future': () => {
      const now = Math.floor(Date.now() / 1000);
      return signed(header(), { ...payload(), iat: now + 120, exp: now + 300 });
    },
    'no issue': () => signed(header(), { ...payload(), iat: undefined }),
    'a beginning in the future': () => signed(header(), { ...payload(), nbf: Math.floor(Date.now() / 1000) + 120 }),
    'an audience in a list': () => signed(header(), { ...payload(), aud: [issuer] }),
    'our audience among others': () => signed(header(), { ...payload(), aud: [issuer, 'http://elsewhere'] }),
    'an issuer in a list': () => signed(header(), { ...payload(), iss: [issuer] }),
    'a subject in a list': () => signed(header(), { ...payload(), sub: [claims.userId] }),
    'a subject that is no id': () => signed(header(), { ...payload(), sub: 'admin' }),
    'another client': () => signed(header(), { ...payload(), client_id: 'other' }),
    'no client': () => signed(header(), { ...payload(), client_id: undefined }),
    'a tenant in a list': () => signed(header(), { ...payload(), tenant: [claims.tenantId] }),
    'no token id': () => signed(header(), { ...payload(), jti: undefined }),
    'no end': () => signed(header(), { ...payload(), exp: undefined }),
    'an end that is text': () => signed(header(), { ...payload(), exp: '9999999999' }),
    'a subject that is no text': () => signed(header(), { ...payload(), sub: 7 }),
    'no session': () => signed(header(), { ...payload(), sid: undefined }),
    'another payload under our signature': () => {
      const [head, , signature] = access.split('.');
      return `${head}.${part({ ...payload(), sub: randomUUID() })}.${signature}`;
    },
    'a JWE': () => `${part({ alg: 'RSA-OAEP', enc: 'A256GCM', kid: header().kid })}.a.b.c.d`,
    'our token with something behind it': () => `${access}.x`,
    'no token': () => 'x',
    nothing: () => '',
  };

  test.each(Object.keys(forged))('%s', async (name) => {
    expect(await tokens.verifyAccess(forged[name]!())).toBeUndefined();
  });

  test('the same payload, rightly signed, does pass', async () => {
    expect(await tokens.verifyAccess(signed(header(), payload()))).toMatchObject(claims);
  });
});

describe('without any cryptography, and no look for a key, is refused', () => {
  const header = () => read(access, 0);
  const payload = () => read(access, 1);
  /** A payload of ours with `more` written into its text. */
  const written = (head: string, body: string) => {
    const text = `${Buffer.from(head).toString('base64url')}.${Buffer.from(body).toString('base64url')}`;
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
  };
  const headed = (more: object) => () => signed({ ...header(), ...more }, payload());
  const cheap: Record<string, () => string> = {
    'a jku': headed({ jku: 'http://127.0.0.1:1/jwks.json' }),
    'an x5u': headed({ x5u: 'http://127.0.0.1:1/cert' }),
    'an x5c': headed({ x5c: ['MIIB'] }),
    'an x5t': headed({ x5t: 'abc' }),
    'a jwk': () => headed({ jwk: createPublicKey(key).export({ format: 'jwk' }) })(),
    'a crit': headed({ crit: ['exp'] }),
    'a b64': headed({ b64: false, crit: ['b64'] }),
    'a cty': headed({ cty: 'JWT' }),
    'alg none': headed({ alg: 'none' }),
    'alg None': headed({ alg: 'None' }),
    'alg HS256': headed({ alg: 'HS256' }),
    'alg RS512': headed({ alg: 'RS512' }),
    'alg in a list': headed({ alg: ['RS256'] }),
    'typ JWT': headed({ typ: 'JWT' }),
    'typ in another letter case': headed({ typ: 'AT+JWT' }),
    'a kid that is no text': headed({ kid: 7 }),
    'the type of a refresh token': () => refresh,
    'a JWE of five parts': () => `${part({ alg: 'RSA-OAEP', enc: 'A256GCM', kid })}.a.b.c.d`,
    'a header with a name twice': () =>
      written(JSON.stringify(header()).replace('{', '{"alg":"none",'), JSON.stringify(payload())),
    'a claim twice': () => written(JSON.stringify(header()), JSON.stringify(payload()).replace('{', '{"sub":"other",')),
    'a payload that is a list': () => written(JSON.stringify(header()), '[]'),
    'a payload that is no JSON': () => written(JSON.stringify(header()), 'x'),
    'a token of more than 8 KB': () => signed(header(), { ...payload(), more: 'x'.repeat(8192) }),
    'a megabyte': () => 'a'.repeat(1 << 20),
    'no signature': () => access.split('.').slice(0, 2).join('.'),
    'an empty signature': () => `${access.split('.').slice(0, 2).join('.')}.`,
    'characters that are not base64url': () => access.replace('.', '.+'),
    'a blank before it': () => ` ${access}`,
  };

  test.each(Object.keys(cheap))('%s', async (name) => {
    const token = cheap[name]!();
    asked = 0;
    expect(await tokens.verifyAccess(token)).toBeUndefined();
    expect(asked).toBe(0);
  });

  test('and a good token is not', async () => {
    asked = 0;
    expect(await tokens.verifyAccess(access)).toMatchObject(claims);
    expect(asked).toBe(1);
  });

  test('in less than 50 µs, whatever it is', async () => {
    const all = Object.values(cheap).map((make) => make());
    const times = 20;
    const most = (50 * times * all.length) / 1000;
    const run = async () => {
      for (let time = 0; time < times; time++) for (const token of all) await tokens.verifyAccess(token);
    };
    expect(await leastMs(most, run)).toBeLessThan(most);
  });
});

test('where the keys cannot be read, no token is refused for it: the caller hears of the fault', async () => {
  const away = openTokens({
    issuer,
    keys: { current: () => ({ id: kid, privateKey: key }), find: () => Promise.reject(new Error('database away')) },
    accessSeconds: 900,
  });
  await expect(away.verifyAccess(access)).rejects.toThrow('database away');
});

test('an access token does not pass for a refresh token', async () => {
  expect(await tokens.verifyRefresh(access)).toBeUndefined();
});
