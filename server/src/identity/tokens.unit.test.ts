import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { openTokens, type Tokens } from './tokens.ts';

const issuer = 'http://localhost:8080';
const claims = { userId: randomUUID(), sessionId: randomUUID(), tenantId: randomUUID() };
const makeKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

let key: KeyObject;
let tokens: Tokens;
let access: string;
let refresh: string;

beforeAll(async () => {
  key = makeKey();
  tokens = await openTokens({ issuer, signingKeys: [pemOf(key)], accessSeconds: 900 });
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
  expect(read(access, 0)).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: tokens.jwks().keys[0]?.kid });
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

test('the published keys hold no private part', () => {
  for (const jwk of tokens.jwks().keys)
    expect(Object.keys(jwk).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
});

test('tokens of an older key hold while it is among ours, and new ones are signed with the first', async () => {
  const newer = makeKey();
  const rotated = await openTokens({ issuer, signingKeys: [pemOf(newer), pemOf(key)], accessSeconds: 900 });
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

test('an access token does not pass for a refresh token', async () => {
  expect(await tokens.verifyRefresh(access)).toBeUndefined();
});
