import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { withClient } from '../db/roles.ts';
import { type Database, openDatabase } from '../db/tenancy.ts';
import { memoryBroadcast } from '../ports/broadcast_memory.ts';
import { openSealingKeys, type SealingKeys } from './sealing_keys.ts';
import { makeSigningKey, openSigningKeys, type SigningKeyOptions, type SigningKeyStore } from './signing_keys.ts';
import { openTokens } from './tokens.ts';

const log = pino({ level: 'silent' });
const encryptionKey = () => randomBytes(32).toString('base64');
const pemOf = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('the store of signing keys', () => {
  let database: TestDatabase;
  let db: Database;
  let sealer: SealingKeys;
  const opened: SigningKeyStore[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
    db = openDatabase(database.logins, 8, () => undefined);
    sealer = await openSealer();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((keys) => keys.close()));
    await sealer.close();
    await db.close();
    await database.drop();
  });

  const openSealer = () => {
    const keys = { current: encryptionKey(), previous: [] };
    return openSealingKeys({ db, broadcast: memoryBroadcast({ alone: false }), log, keys });
  };
  async function open(more: Partial<SigningKeyOptions> = {}): Promise<SigningKeyStore> {
    const policy = { signingKeyDays: 90, sessionDays: 7 };
    const broadcast = memoryBroadcast({ alone: false });
    const keys = await openSigningKeys({ db, sealer, broadcast, log, policy, ...more });
    opened.push(keys);
    return keys;
  }
  const sql = <Row = Record<string, unknown>>(text: string): Promise<Row[]> =>
    withClient(database.superuser, async (client) => (await client.query(text)).rows as Row[]);
  const tokensOf = (keys: SigningKeyStore) => openTokens({ issuer: 'http://localhost', keys, accessSeconds: 900 });
  const claims = { userId: randomUUID(), sessionId: randomUUID(), tenantId: undefined };
  const rotate = async (keys: SigningKeyStore) => {
    const made = await makeSigningKey();
    return db.inIdentity((tx) => keys.rotate(tx, made));
  };
  const kids = async (keys: SigningKeyStore) => (await keys.jwks()).keys.map(({ kid }) => kid);

  test('several first starts at once make one key, which all of them sign and verify with', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => open()));
    expect(new Set(all.map((keys) => keys.current().id)).size).toBe(1);
    expect(await sql('SELECT 1 FROM maestro.signing_keys')).toHaveLength(1);
    const token = await tokensOf(all[0]!).issueAccess(claims);
    for (const keys of all) expect(await tokensOf(keys).verifyAccess(token)).toMatchObject({ userId: claims.userId });
  });

  test('the database never has two current keys', async () => {
    await open();
    const insert = `INSERT INTO maestro.signing_keys (kid, public_jwk, sealed_private) VALUES ('other', '{}', '\\x00')`;
    await expect(sql(insert)).rejects.toThrow('signing_keys_current');
  });

  test('a key that it makes has 128 bits of security: RSA of 3,072 bits', async () => {
    expect((await open()).current().privateKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 3072 });
  });

  test('no private part stands in the database in clear, nor in what is published', async () => {
    const keys = await open();
    const { privateKey } = keys.current();
    const { d = '' } = privateKey.export({ format: 'jwk' });
    const kept = await sql<{ all: string; sealed_private: Buffer }>(
      'SELECT k::text AS all, * FROM maestro.signing_keys k',
    );
    expect(kept[0]?.all).not.toContain(d);
    expect(kept[0]?.sealed_private.toString('latin1')).not.toContain('PRIVATE KEY');
    for (const jwk of (await keys.jwks()).keys) {
      expect(Object.keys(jwk).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    }
  });

  test('with another encryption key the start fails with one clear sentence', async () => {
    await open();
    await expect(openSealer()).rejects.toThrow(/sealed with another encryption key.*MAESTRO_ENCRYPTION_KEY/);
  });

  test('after a rotation new tokens have the new key, old ones hold, and the old private part is destroyed', async () => {
    const keys = await open();
    const before = keys.current().id;
    const token = await tokensOf(keys).issueAccess(claims);
    const after = await rotate(keys);
    expect(after).not.toBe(before);
    expect(keys.current().id).toBe(after);
    expect(await kids(keys)).toEqual([after, before]);
    expect(await tokensOf(keys).verifyAccess(token)).toBeDefined();
    const [old] = await sql<{ sealed_private: Buffer | null; days: number }>(
      `SELECT sealed_private, extract(epoch FROM verify_until - now()) / 86400 AS days
         FROM maestro.signing_keys WHERE retired_at IS NOT NULL`,
    );
    expect(old?.sealed_private).toBeNull();
    expect(Number(old?.days)).toBeGreaterThan(7);
  });

  test('the old key verifies as long as the longest session there is, and no longer', async () => {
    await sql("INSERT INTO maestro.tenants (slug, name, session_days) VALUES ('long', 'long', 30)");
    const keys = await open();
    const token = await tokensOf(keys).issueRefresh(
      { ...claims, tokenId: randomUUID() },
      new Date(Date.now() + 86_400_000),
    );
    const before = keys.current().id;
    await rotate(keys);
    const [old] = await sql<{ days: number }>(
      'SELECT extract(epoch FROM verify_until - now()) / 86400 AS days FROM maestro.signing_keys WHERE retired_at IS NOT NULL',
    );
    expect(Number(old?.days)).toBeGreaterThan(30);
    expect(Number(old?.days)).toBeLessThan(31);
    expect(await tokensOf(keys).verifyRefresh(token)).toBeDefined();
    await sql(
      "UPDATE maestro.signing_keys SET verify_until = now() - interval '1 second' WHERE retired_at IS NOT NULL",
    );
    const later = await open();
    expect(await kids(later)).not.toContain(before);
    expect(await tokensOf(later).verifyRefresh(token)).toBeUndefined();
    await rotate(later);
    expect(await sql('SELECT 1 FROM maestro.signing_keys')).toHaveLength(2);
  });

  test('rotations at once, by age or by command, make one new key', async () => {
    await open();
    await sql("UPDATE maestro.signing_keys SET created_at = now() - interval '91 days'");
    const all = await Promise.all(Array.from({ length: 4 }, () => open()));
    expect(new Set(all.map((keys) => keys.current().id)).size).toBe(1);
    expect(await sql('SELECT 1 FROM maestro.signing_keys')).toHaveLength(2);
    const ids = await Promise.all(all.map(rotate));
    expect(await sql('SELECT 1 FROM maestro.signing_keys WHERE retired_at IS NULL')).toHaveLength(1);
    const [current] = await sql<{ kid: string }>('SELECT kid FROM maestro.signing_keys WHERE retired_at IS NULL');
    expect(ids).toContain(current?.kid);
  });

  test('a key that is young enough stays', async () => {
    const { id } = (await open()).current();
    await sql("UPDATE maestro.signing_keys SET created_at = now() - interval '89 days'");
    expect((await open()).current().id).toBe(id);
  });

  test('the key of a data directory is adopted at the first start, and its tokens hold', async () => {
    const formerKey = pemOf();
    const keys = await open({ formerKey });
    expect(await sql('SELECT 1 FROM maestro.signing_keys')).toHaveLength(1);
    const token = await tokensOf(keys).issueAccess(claims);
    const again = await open({ formerKey });
    expect(again.current().id).toBe(keys.current().id);
    expect(await tokensOf(await open()).verifyAccess(token)).toBeDefined();
  });

  test('of two data directories with a key each, one goes on signing and both go on verifying', async () => {
    const all = [await open({ formerKey: pemOf() }), await open({ formerKey: pemOf() })];
    expect(all[0]?.current().id).toBe(all[1]?.current().id);
    expect(await kids(all[1]!)).toHaveLength(2);
  });

  test('a key that another process made a moment ago is found when its first token comes', async () => {
    const [one, two] = [await open(), await open()];
    await rotate(one);
    const token = await tokensOf(one).issueAccess(claims);
    expect(await tokensOf(two).verifyAccess(token)).toBeDefined();
    expect(two.current().id).toBe(one.current().id);
  });

  test('a storm of unknown key ids costs a query a second, and ids that cannot be ours none', async () => {
    const keys = await open();
    const look = vi.spyOn(db, 'inIdentity');
    const unknown = () => randomBytes(32).toString('base64url');
    const answers = await Promise.all(Array.from({ length: 2000 }, () => keys.find(unknown())));
    expect(answers.every((found) => found === undefined)).toBe(true);
    expect(look.mock.calls.length).toBe(1);
    const began = performance.now();
    for (let i = 0; i < 3; i++) await keys.find(unknown());
    expect(performance.now() - began).toBeGreaterThan(2_000);
    expect(look.mock.calls.length).toBe(4);
    for (const id of ['', 'x', '../../etc/passwd', "' OR 1=1 --", 'a'.repeat(5000)]) await keys.find(id);
    expect(look.mock.calls.length).toBe(4);
  });
});

describe('by the operator’s command', () => {
  let maestro: TestApp;
  beforeAll(async () => {
    maestro = await startTestApp();
  });
  afterAll(() => maestro?.stop());

  const published = async () =>
    ((await maestro.send('GET', '/.well-known/jwks.json')).body as { keys: { kid: string }[] }).keys;

  test('the keys rotate, nobody is signed out, and it is audited; nobody else may', async () => {
    const { email, password } = maestro.admin;
    const signIn = async () =>
      (await maestro.send('POST', '/api/v1/auth/login', { json: { email, password } })).body as {
        access_token: string;
        refresh_token: string;
      };
    const before = await signIn();
    const [old] = await published();
    for (const as of [undefined, maestro.tenants.a.keys.tenant_admin]) {
      expect((await maestro.send('POST', '/api/v1/signing-keys/rotate', { as })).status).toBe(as ? 403 : 401);
      expect((await maestro.send('GET', '/api/v1/signing-keys', { as })).status).toBe(as ? 403 : 401);
    }
    const rotated = await maestro.send('POST', '/api/v1/signing-keys/rotate', { as: maestro.operatorKey });
    expect(rotated.body).toMatchObject({
      items: [
        { is_current: true, verify_until: null },
        { is_current: false, kid: old?.kid, verify_until: expect.any(String) },
      ],
    });
    expect(rotated.text).not.toMatch(/private|sealed|"d"/i);
    expect((await maestro.send('GET', '/api/v1/signing-keys', { as: maestro.operatorKey })).body).toEqual(rotated.body);
    expect((await published()).map(({ kid }) => kid)).toEqual(
      (rotated.body as { items: { kid: string }[] }).items.map(({ kid }) => kid),
    );
    const me = (as: string) => maestro.send('GET', '/api/v1/auth/me', { as });
    expect((await me(before.access_token)).status).toBe(200);
    const json = { refresh_token: before.refresh_token };
    expect((await maestro.send('POST', '/api/v1/auth/refresh', { json })).status).toBe(200);
    const after = await signIn();
    const head = JSON.parse(Buffer.from(after.access_token.split('.')[0]!, 'base64url').toString()) as { kid: string };
    expect(head.kid).not.toBe(old?.kid);
    expect((await me(after.access_token)).status).toBe(200);
    const events = await withClient(maestro.database.superuser, async (client) => {
      const found = await client.query(
        "SELECT target FROM maestro.operator_audit_events WHERE action = 'signing_key.rotate' AND outcome = 'success'",
      );
      return found.rows as { target: string }[];
    });
    expect(events).toEqual([{ target: head.kid }]);
  });
});
