import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestAnswer, type TestApp } from '../../test/app.ts';
import { type Authenticator, authenticatorAt, type CredentialJson } from '../../test/authenticator.ts';
import { startChromium } from '../../test/chromium.ts';
import { bodyOf, codeOf, enrolmentOf, type Person } from '../../test/enrolment.ts';
import { freePort } from '../../test/free_port.ts';

interface Asked {
  challenge: string;
  public_key: { challenge: string; rpId?: string; [name: string]: unknown };
}

let maestro: TestApp;
let people: ReturnType<typeof enrolmentOf>;
let browser: Browser;
let origin: string;
beforeAll(async () => {
  const port = await freePort();
  origin = `http://localhost:${port}`;
  maestro = await startTestApp({ port, publicUrl: origin });
  people = enrolmentOf(maestro);
  browser = await startChromium();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await maestro?.stop();
});

const plugIn = (): Promise<Authenticator> => authenticatorAt(browser, `${origin}/api/docs`);
const me = (as: string) => maestro.send('GET', '/api/v1/auth/me', { as });
const tokenOf = (answer: TestAnswer) => bodyOf<{ access_token: string }>(answer).access_token;
const refusalOf = ({ status, body }: TestAnswer) => {
  const { request_id: _, ...problem } = body as Record<string, unknown>;
  return { status, problem };
};
const reasons = async (person: Person) =>
  (await people.audited(person)).filter(({ outcome }) => outcome === 'refused').map(({ detail }) => detail.reason);

const askToRegister = async (as: string) => bodyOf<Asked>(await people.post('/me/factors/webauthn/options', {}, as));
const keep = (as: string, challenge: string, credential: CredentialJson) =>
  people.post('/me/factors/webauthn', { challenge, credential, name: 'Key' }, as);

async function register(as: string, authenticator: Authenticator): Promise<CredentialJson> {
  const { challenge, public_key } = await askToRegister(as);
  const credential = await authenticator.create(public_key);
  bodyOf(await keep(as, challenge, credential), 201);
  return credential;
}

/** A person with a passkey, and a session of theirs. */
async function holder(more: { tenant?: string; role?: string } = {}) {
  const person = await people.make(more);
  const token = await people.session(person);
  const authenticator = await plugIn();
  const credential = await register(token, authenticator);
  return { person, token, authenticator, credential };
}

const askForPasskey = async () => bodyOf<Asked>(await people.post('/auth/passkey/options', {}));
const withPasskey = (challenge: string, credential: CredentialJson, more: object = {}) =>
  people.post('/auth/passkey', { challenge, credential, ...more });

async function signInWithPasskey(authenticator: Authenticator, more: object = {}): Promise<TestAnswer> {
  const { challenge, public_key } = await askForPasskey();
  return withPasskey(challenge, await authenticator.get(public_key), more);
}

const askAtSignIn = async (person: Person) =>
  bodyOf<{ second_factor: Asked }>(await people.signIn(person)).second_factor;
const answerWithKey = (challenge: string, credential: CredentialJson) =>
  people.post('/auth/second-factor', { challenge, method: 'webauthn', credential });

const changed = (credential: CredentialJson, response: Record<string, string | undefined>): CredentialJson => ({
  ...credential,
  response: { ...credential.response, ...response },
});
const clientData = (credential: CredentialJson, change: object): string => {
  const text = Buffer.from(credential.response.clientDataJSON ?? '', 'base64url').toString();
  return Buffer.from(JSON.stringify({ ...JSON.parse(text), ...change })).toString('base64url');
};

describe('security keys and passkeys', () => {
  test('are asked for as this Maestro’s, with their holder verified and no attestation', async () => {
    const token = await people.session(await people.make());
    const { public_key } = await askToRegister(token);
    expect(public_key).toMatchObject({
      rp: { id: 'localhost', name: 'Maestro' },
      attestation: 'none',
      authenticatorSelection: { userVerification: 'required' },
      excludeCredentials: [],
    });
    expect(Buffer.from(public_key.challenge, 'base64url')).toHaveLength(32);
  });

  test('take the relying party from the configured address, whatever name a request claims', async () => {
    const answer = await maestro.send('POST', '/api/v1/auth/passkey/options', {
      json: {},
      headers: { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example', 'x-forwarded-proto': 'https' },
    });
    expect(bodyOf<Asked>(answer).public_key.rpId).toBe('localhost');
    expect(answer.text).not.toContain('evil');
    expect(maestro.ports.identity.relyingParty).toEqual({ id: 'localhost', origin });
  });

  test('are the second step of a sign-in', async () => {
    const { person, authenticator } = await holder();
    const asked = await askAtSignIn(person);
    expect(asked).toMatchObject({ methods: ['webauthn', 'backup_code'], public_key: { rpId: 'localhost' } });
    const token = tokenOf(await answerWithKey(asked.challenge, await authenticator.get(asked.public_key)));
    expect((await me(token)).body).toMatchObject({ id: person.id });
  });

  test('sign in without a password and count as a second factor, in the tenant that was asked for', async () => {
    const slug = `t-${crypto.randomUUID()}`;
    bodyOf(await people.post('/tenants', { slug, requires_factor: true }, maestro.operatorKey), 201);
    const { person, authenticator } = await holder({ tenant: slug, role: 'viewer' });
    const token = tokenOf(await signInWithPasskey(authenticator, { tenant: slug }));
    expect((await me(token)).body).toMatchObject({ id: person.id, tenant: { tenant: { slug } } });
    expect((await maestro.send('GET', '/api/v1/experiments', { as: token })).status).toBe(200);
  });

  test('bring ten backup codes where they are the first factor, and end the other sessions', async () => {
    const person = await people.make();
    const [one, other] = [await people.session(person), await people.session(person)];
    expect((await me(other)).status).toBe(200);
    const { challenge, public_key } = await askToRegister(one);
    const made = await keep(one, challenge, await (await plugIn()).create(public_key));
    expect(bodyOf<{ backup_codes: string[] }>(made, 201).backup_codes).toHaveLength(10);
    expect((await me(other)).status).toBe(401);
    expect((await me(one)).status).toBe(200);
  });

  test('are not made twice on one authenticator', async () => {
    const { token, authenticator, credential } = await holder();
    const { public_key } = await askToRegister(token);
    expect(public_key.excludeCredentials).toEqual([expect.objectContaining({ id: credential.id })]);
    await expect(authenticator.create(public_key)).rejects.toThrow(/InvalidStateError/);
  });

  test('prove a fresh sign-in together with the password', async () => {
    const { person, token, authenticator } = await holder();
    const { password } = person;
    const reauthenticate = (json: object) => people.post('/auth/reauthenticate', { password, ...json }, token);
    const { second_factor: asked } = bodyOf<{ second_factor: Asked }>(await reauthenticate({}));
    const credential = await authenticator.get(asked.public_key);
    const answer = { method: 'webauthn', challenge: asked.challenge, credential };
    expect(bodyOf(await reauthenticate(answer))).toHaveProperty('authenticated_at');
    expect((await reauthenticate(answer)).status).toBe(401);
    expect((await reauthenticate({ method: 'webauthn', credential })).status).toBe(400);
  });
});

describe('an answer of a key is refused', () => {
  test('where its holder was not verified', async () => {
    const { authenticator, person } = await holder();
    await authenticator.verifies(false);
    const asked = await askAtSignIn(person);
    // The browser would refuse what was asked for; whoever asks for less gets an answer that says so.
    const credential = await authenticator.get({ ...asked.public_key, userVerification: 'discouraged' });
    expect((await answerWithKey(asked.challenge, credential)).status).toBe(401);
    const passkey = await askForPasskey();
    const unverified = await authenticator.get({ ...passkey.public_key, userVerification: 'discouraged' });
    expect((await withPasskey(passkey.challenge, unverified)).status).toBe(401);
  });

  test('where the holder was not verified when it was made', async () => {
    const token = await people.session(await people.make());
    const authenticator = await authenticatorAt(browser, `${origin}/api/docs`, { plain: true });
    const { challenge, public_key } = await askToRegister(token);
    const authenticatorSelection = { residentKey: 'discouraged', userVerification: 'discouraged' };
    const credential = await authenticator.create({ ...public_key, authenticatorSelection });
    expect((await keep(token, challenge, credential)).status).toBe(400);
  });

  test('a second time: a challenge is good for one try, also where ten come at once', async () => {
    const { authenticator, person } = await holder();
    const { challenge, public_key } = await askForPasskey();
    const credential = await authenticator.get(public_key);
    const answers = await Promise.all(Array.from({ length: 10 }, () => withPasskey(challenge, credential)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const asked = await askAtSignIn(person);
    const signed = await authenticator.get(asked.public_key);
    tokenOf(await answerWithKey(asked.challenge, signed));
    expect((await answerWithKey(asked.challenge, signed)).status).toBe(401);
  });

  test('to another challenge than the one it was made for', async () => {
    const { authenticator, person } = await holder();
    const [one, other] = [await askForPasskey(), await askForPasskey()];
    expect((await withPasskey(other.challenge, await authenticator.get(one.public_key))).status).toBe(401);
    const asked = await askAtSignIn(person);
    const passkey = await askForPasskey();
    expect((await answerWithKey(asked.challenge, await authenticator.get(passkey.public_key))).status).toBe(401);
    expect((await withPasskey(asked.challenge, await authenticator.get(asked.public_key))).status).toBe(401);
  });

  test('after its challenge has run out', async () => {
    const { authenticator } = await holder();
    const { challenge, public_key } = await askForPasskey();
    const credential = await authenticator.get(public_key);
    await people.rows('UPDATE maestro.factor_challenges SET expires_at = now() WHERE challenge_hash = sha256($1)', [
      Buffer.from(challenge),
    ]);
    expect((await withPasskey(challenge, credential)).status).toBe(401);
  });

  test('where a copy of the key shows a counter that has not grown, and it is audited', async () => {
    const { authenticator, credential, person } = await holder();
    tokenOf(await signInWithPasskey(authenticator));
    tokenOf(await signInWithPasskey(authenticator));
    await authenticator.setBack(credential.id);
    expect((await signInWithPasskey(authenticator)).status).toBe(401);
    const asked = await askAtSignIn(person);
    const answer = await answerWithKey(asked.challenge, await authenticator.get(asked.public_key));
    expect(answer.status).toBe(401);
    expect(await reasons(person)).toEqual([
      'the counter of the key has not grown',
      'the counter of the key has not grown',
    ]);
  });

  test('of another person’s key, and it opens no session of either', async () => {
    const [one, other] = [await holder(), await holder()];
    const asked = await askAtSignIn(one.person);
    const options = { ...asked.public_key, allowCredentials: [{ id: other.credential.id, type: 'public-key' }] };
    const foreign = await other.authenticator.get(options);
    expect((await answerWithKey(asked.challenge, foreign)).status).toBe(401);
    expect(await reasons(one.person)).toEqual(['the credential of another user']);
    const { challenge, public_key } = await askForPasskey();
    const signed = await other.authenticator.get(public_key);
    const { userHandle } = (await one.authenticator.get(public_key)).response;
    expect((await withPasskey(challenge, changed(signed, { userHandle }))).status).toBe(401);
  });

  test('where its signature, its data or what it signed was changed', async () => {
    const { authenticator } = await holder();
    const forge = async (change: (credential: CredentialJson) => CredentialJson): Promise<number> => {
      const { challenge, public_key } = await askForPasskey();
      return (await withPasskey(challenge, change(await authenticator.get(public_key)))).status;
    };
    const flip = (text = '') => `${text.slice(0, -8)}AAAAAAAA`;
    expect(await forge((credential) => credential)).toBe(200);
    for (const part of ['signature', 'authenticatorData'] as const) {
      expect(await forge((credential) => changed(credential, { [part]: flip(credential.response[part]) }))).toBe(401);
    }
    for (const change of [{ origin: 'https://evil.example' }, { type: 'webauthn.create' }, { crossOrigin: true }]) {
      const forged = (credential: CredentialJson) =>
        changed(credential, { clientDataJSON: clientData(credential, change) });
      expect(await forge(forged)).toBe(401);
    }
    expect(await forge((credential) => changed(credential, { userHandle: undefined }))).toBe(401);
  });

  test('from a page of another origin, though it has the same name', async () => {
    const { person, token } = await holder();
    const server = createServer((_request, response) => response.end('<!doctype html>')).listen(0, '127.0.0.1');
    try {
      await new Promise((resolve) => server.once('listening', resolve));
      const { port } = server.address() as AddressInfo;
      const elsewhere = await authenticatorAt(browser, `http://localhost:${port}/`);
      const { challenge, public_key } = await askToRegister(token);
      const credential = await elsewhere.create({ ...public_key, excludeCredentials: [] });
      expect((await keep(token, challenge, credential)).status).toBe(400);
      expect(bodyOf(await maestro.send('GET', '/api/v1/me/factors', { as: token }))).toMatchObject({
        factors: [{ kind: 'webauthn', name: 'Key' }],
      });
      expect(await reasons(person)).toEqual([]);
    } finally {
      server.close();
    }
  });

  test('of a deactivated person, and of a key that was removed', async () => {
    const [gone, removed] = [await holder(), await holder()];
    const json = { is_active: false };
    bodyOf(await maestro.send('PATCH', `/api/v1/users/${gone.person.id}`, { as: maestro.operatorKey, json }));
    expect((await signInWithPasskey(gone.authenticator)).status).toBe(401);
    const { factors } = bodyOf<{ factors: { id: string }[] }>(
      await maestro.send('GET', '/api/v1/me/factors', { as: removed.token }),
    );
    const path = `/api/v1/me/factors/${factors[0]!.id}`;
    expect((await maestro.send('DELETE', path, { as: removed.token })).status).toBe(204);
    expect((await signInWithPasskey(removed.authenticator)).status).toBe(401);
  });

  test('in one way, whatever is wrong with it', async () => {
    const { authenticator } = await holder();
    const { challenge, public_key } = await askForPasskey();
    const credential = await authenticator.get(public_key);
    const answers = [
      await withPasskey('no-such-challenge', credential),
      await withPasskey(challenge, { ...credential, id: 'unknown', rawId: 'unknown' }),
      await withPasskey((await askForPasskey()).challenge, credential),
      await withPasskey((await askForPasskey()).challenge, changed(credential, { signature: 'AAAA' })),
    ].map(refusalOf);
    expect(answers[0]?.status).toBe(401);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });
});

describe('a new key', () => {
  test('is kept for the session that asked for it alone, and once', async () => {
    const person = await people.make();
    const [one, other] = [await people.session(person), await people.session(person)];
    const stranger = await people.session(await people.make());
    const { challenge, public_key } = await askToRegister(one);
    const credential = await (await plugIn()).create(public_key);
    for (const as of [other, stranger]) expect((await keep(as, challenge, credential)).status).toBe(400);
    bodyOf(await keep(one, challenge, credential), 201);
    expect((await keep(one, challenge, credential)).status).toBe(400);
  });

  test('is not kept where another person has a credential of its id', async () => {
    const { credential } = await holder();
    const other = await people.make();
    const token = await people.session(other);
    const { challenge, public_key } = await askToRegister(token);
    const made = await (await plugIn()).create(public_key);
    // As if an authenticator gave the same id to two people.
    await people.rows('UPDATE maestro.webauthn_credentials SET credential_id = $1 WHERE credential_id = $2', [
      made.id,
      credential.id,
    ]);
    expect((await keep(token, challenge, made)).status).toBe(409);
    expect((await people.signIn(other)).body).toHaveProperty('access_token');
  });

  test.each([
    ['packed', 'a map of certificates'],
    ['tpm', 'another format'],
    ['none', 'no map at all'],
  ])('with a forged attestation of format %s is refused', async (format) => {
    const token = await people.session(await people.make());
    const { challenge, public_key } = await askToRegister(token);
    const credential = await (await plugIn()).create(public_key);
    const object = Buffer.from(credential.response.attestationObject ?? '', 'base64url');
    // CBOR: "none" is 64 6e6f6e65, and the empty map of its statement a0.
    const name = Buffer.concat([Buffer.from([0x60 + format.length]), Buffer.from(format)]);
    const statement = Buffer.from('a163783563814101', 'hex');
    const plain = Buffer.from('646e6f6e65', 'hex');
    const named = Buffer.concat([
      object.subarray(0, object.indexOf(plain)),
      name,
      object.subarray(object.indexOf(plain) + plain.length),
    ]);
    const marker = Buffer.from('6761747453746d74a0', 'hex');
    const at = named.indexOf(marker);
    expect(at).toBeGreaterThan(0);
    const forged = Buffer.concat([
      named.subarray(0, at + marker.length - 1),
      statement,
      named.subarray(at + marker.length),
    ]).toString('base64url');
    const answer = await keep(token, challenge, changed(credential, { attestationObject: forged }));
    expect(answer.status).toBe(400);
  });
});

test('passkeys and an app stand side by side, and the last of them keeps asking', async () => {
  const { person, token, authenticator } = await holder();
  const { secret, factorId } = await people.enrol(token);
  expect((await askAtSignIn(person)).public_key.rpId).toBe('localhost');
  const challenge = await people.challenge(person);
  await people.forget(person);
  tokenOf(await people.answer(challenge, 'totp', codeOf(secret)));
  tokenOf(await signInWithPasskey(authenticator));
  expect((await maestro.send('DELETE', `/api/v1/me/factors/${factorId}`, { as: token })).status).toBe(204);
  expect(bodyOf(await people.signIn(person))).toMatchObject({
    second_factor: { methods: ['webauthn', 'backup_code'] },
  });
});
