import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type TestAppOptions } from '../../test/app.ts';
import { codeOf, enrolmentOf } from '../../test/enrolment.ts';
import { withClient } from '../db/roles.ts';
import { keyIdIn, masterOf } from '../sealing.ts';
import { sealedColumns } from './sealed_rows.ts';
import type { SealingKeys } from './sealing_keys.ts';
import { newSecret } from './secrets.ts';

type Status = { key_id: string; is_own: boolean; sealed: number; pending: number; older: { needed_by: number }[] };
type Written = readonly [current: string, previous: readonly string[]];

const rowsIn = <Row>(app: TestApp, text: string, values: unknown[] = []): Promise<Row[]> =>
  withClient(app.database.superuser, async (client) => (await client.query(text, values)).rows as Row[]);

async function bodyOf<Body = Status>(app: TestApp, method: string, path: string, as = app.operatorKey): Promise<Body> {
  const answer = await app.send(method, `/api/v1/${path}`, { as });
  expect(answer.status, answer.text).toBe(200);
  return answer.body as Body;
}

/** An app whose secrets are its own, and what it wrote down of them. */
async function startOwn(more: TestAppOptions = {}): Promise<{ app: TestApp; written: Written[] }> {
  const written: Written[] = [];
  const encryptionKey = async (current: string, previous: readonly string[]) => {
    written.push([current, previous]);
  };
  return { app: await startTestApp({ ...more, secrets: { ...more.secrets, keep: { encryptionKey } } }), written };
}

type Enrolled = Awaited<ReturnType<ReturnType<typeof enrolmentOf>['enrolled']>>;

/** Somebody signs in by an authenticator app, whose seed stands sealed in the database. */
async function signsIn(app: TestApp, { person, secret }: Enrolled): Promise<number> {
  const people = enrolmentOf(app);
  await people.forget(person);
  return (await people.answer(await people.challenge(person), 'totp', codeOf(secret))).status;
}

/** The ids of the keys that sealed what stands in a column. */
async function keysOf(app: TestApp, { table, column }: { table: string; column: string }): Promise<string[]> {
  const rows = await rowsIn<{ sealed: Buffer }>(
    app,
    `SELECT ${column} AS sealed FROM maestro.${table} WHERE ${column} IS NOT NULL`,
  );
  return [...new Set(rows.map(({ sealed }) => keyIdIn(sealed)))];
}

describe('an encryption key that Maestro made', () => {
  let app: TestApp;
  let written: Written[];
  let enrolled: Enrolled;
  beforeAll(async () => {
    ({ app, written } = await startOwn());
    enrolled = await enrolmentOf(app).enrolled();
  });
  afterAll(() => app?.stop());

  test('is replaced by one call: everything is sealed anew and opens, and the one before is forgotten', async () => {
    const before = await bodyOf(app, 'GET', 'encryption-key');
    expect(before).toMatchObject({
      key_id: masterOf(app.secrets.encryptionKey).id,
      is_own: true,
      pending: 0,
      older: [],
    });
    // Of sign-ins by a provider and of erasures there are none under way.
    const columns = [sealedColumns.totp, sealedColumns.signingKey, sealedColumns.person];
    const keysBefore = await Promise.all(columns.map((column) => keysOf(app, column)));

    const after = await bodyOf(app, 'POST', 'encryption-key/rotate');
    expect(after).toMatchObject({ is_own: true, pending: 0, older: [] });
    expect(after.key_id).not.toBe(before.key_id);
    const made = written[0]?.[0] ?? '';
    expect(written).toEqual([
      [made, [app.secrets.encryptionKey]],
      [made, []],
    ]);
    expect(masterOf(made).id).toBe(after.key_id);
    for (const [at, column] of columns.entries()) {
      const keys = await keysOf(app, column);
      expect(keys).toHaveLength(1);
      expect(keysBefore[at]).not.toContain(keys[0]);
    }
    expect(await keysOf(app, { table: 'sealing_keys', column: 'sealed_key' })).toEqual([after.key_id]);
    expect(await signsIn(app, enrolled)).toBe(200);
  });

  test('leaves who replaced it, and how much was sealed anew, in the operators’ audit', async () => {
    const rows = await rowsIn<{ action: string; actor_kind: string; target: string; detail: Record<string, unknown> }>(
      app,
      `SELECT action, actor_kind, target, detail FROM maestro.operator_audit_events
        WHERE action LIKE 'encryption_key.%' ORDER BY seq`,
    );
    const { key_id, sealed } = await bodyOf(app, 'GET', 'encryption-key');
    const by = { actor_kind: 'operator_key', target: key_id };
    expect(rows).toEqual([
      {
        ...by,
        action: 'encryption_key.rotate',
        detail: { older: [masterOf(app.secrets.encryptionKey).id], rewrapped: 2 },
      },
      { ...by, action: 'encryption_key.reseal', detail: { resealed: sealed, unreadable: 0 } },
    ]);
  });

  test('no longer opens the database, and what took its place does', async () => {
    const made = written.at(-1)?.[0] ?? '';
    await expect(startTestApp({ beside: app })).rejects.toThrow('sealed with another encryption key');
    const other = await startTestApp({ beside: app, secrets: { encryptionKey: made } });
    expect(await signsIn(other, enrolled)).toBe(200);
    await other.stop();
  });

  test.each([
    ['after it was written down', 0],
    ['after it had taken over, before anything was sealed anew', 1],
  ])('that broke off %s is gone on with at the next start, by itself, with the one key', async (_, hasTakenOver) => {
    const { app: first, written: lines } = await startOwn();
    const person = await enrolmentOf(first).enrolled();
    const [made, old] = [newSecret(), first.secrets.encryptionKey];
    const secrets = { encryptionKey: made, previousEncryptionKeys: [old] };
    if (hasTakenOver) {
      const broken = await startOwn({ beside: first, secrets });
      const sealer = broken.app.ports.identity.sealer as SealingKeys;
      await broken.app.ports.db.inIdentity((tx) => sealer.rewrap(tx));
      await broken.app.stop();
    }
    const again = await startOwn({ beside: first, secrets });
    expect(await bodyOf(again.app, 'GET', 'encryption-key')).not.toMatchObject({ pending: 0, older: [] });
    await again.app.ports.identity.encryptionKeys.resume();
    expect(await bodyOf(again.app, 'GET', 'encryption-key')).toMatchObject({ pending: 0, older: [] });
    expect([lines, again.written]).toEqual([[], [[made, []]]]);
    expect(await signsIn(again.app, person)).toBe(200);
    await again.app.stop();
    await first.stop();
  });
});

describe('an encryption key that was given', () => {
  let before: TestApp;
  let enrolled: Enrolled;
  beforeAll(async () => {
    before = await startTestApp();
    enrolled = await enrolmentOf(before).enrolled();
  });
  afterAll(() => before?.stop());

  test('is replaced by nobody but who gives it, and what to do is said', async () => {
    const answer = await before.send('POST', '/api/v1/encryption-key/rotate', { as: before.operatorKey });
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('MAESTRO_ENCRYPTION_KEY_PREVIOUS')]);
  });

  test('gives way to the one that every process was started with, while all of them work', async () => {
    const secrets = { encryptionKey: newSecret(), previousEncryptionKeys: [before.secrets.encryptionKey] };
    const [one, two] = [
      await startTestApp({ beside: before, secrets }),
      await startTestApp({ beside: before, secrets }),
    ];
    const old = masterOf(before.secrets.encryptionKey).id;
    expect(await bodyOf(one, 'GET', 'encryption-key')).toMatchObject({ older: [{ key_id: old, needed_by: 2 }] });
    expect(await signsIn(before, enrolled)).toBe(200);
    expect(await bodyOf(one, 'POST', 'encryption-key/rotate')).toMatchObject({
      is_own: false,
      pending: 0,
      older: [{ key_id: old, is_given: true, needed_by: 0 }],
    });
    // What it did not make it hears of by the rows.
    for (const app of [one, two]) expect(await signsIn(app, enrolled)).toBe(200);
    const person = await enrolmentOf(two).enrolled();
    expect(await signsIn(one, person)).toBe(200);
    // Again, it changes nothing.
    const keys = await keysOf(one, sealedColumns.signingKey);
    expect(await bodyOf(two, 'POST', 'encryption-key/rotate')).toMatchObject({ pending: 0 });
    expect(await keysOf(one, sealedColumns.signingKey)).toEqual(keys);
    const { encryptionKey } = secrets;
    const later = await startTestApp({ beside: before, secrets: { encryptionKey } });
    expect(await signsIn(later, person)).toBe(200);
    for (const app of [one, two, later]) await app.stop();
  });
});

describe('what an encryption key sealed by itself, before there were keys that it seals', () => {
  test('opens, is sealed with a key of the database’s own, and then needs no older key', async () => {
    const app = await startTestApp();
    const { person, secret } = await enrolmentOf(app).enrolled();
    const [row] = await rowsIn<{ sealed: Buffer }>(
      app,
      'SELECT sealed_seed AS sealed FROM maestro.totp_factors WHERE user_id = $1',
      [person.id],
    );
    const context = sealedColumns.totp.context(person.id);
    const seed = await app.ports.identity.sealer.open(row!.sealed, context);
    const old = masterOf(app.secrets.encryptionKey);
    await rowsIn(app, 'UPDATE maestro.totp_factors SET sealed_seed = $2 WHERE user_id = $1', [
      person.id,
      old.seal(seed, context),
    ]);
    expect(await signsIn(app, { person, secret } as Enrolled)).toBe(200);
    expect(await bodyOf(app, 'GET', 'encryption-key')).toMatchObject({ pending: 1 });
    await app.ports.identity.encryptionKeys.resume();
    expect(await bodyOf(app, 'GET', 'encryption-key')).toMatchObject({ pending: 0 });
    expect(await keysOf(app, sealedColumns.totp)).not.toContain(old.id);
    expect(await signsIn(app, { person, secret } as Enrolled)).toBe(200);
    await app.stop();
  });

  test('a text that does not open stays as it is, is counted, and keeps no other from being sealed anew', async () => {
    const { app } = await startOwn();
    const [broken, sound] = [await enrolmentOf(app).enrolled(), await enrolmentOf(app).enrolled()];
    await rowsIn(
      app,
      `UPDATE maestro.totp_factors SET sealed_seed = set_byte(sealed_seed, 20, get_byte(sealed_seed, 20) # 1)
        WHERE user_id = $1`,
      [broken.person.id],
    );
    expect(await bodyOf(app, 'POST', 'encryption-key/rotate')).toMatchObject({ pending: 1 });
    expect(await signsIn(app, sound)).toBe(200);
    await app.stop();
  });
});

test('every column of sealed texts is known to the rotation', async () => {
  const app = await startTestApp();
  const found = await rowsIn<{ name: string }>(
    app,
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
      WHERE table_schema = 'maestro' AND column_name LIKE 'sealed\\_%' ORDER BY 1`,
  );
  const known = Object.values(sealedColumns).map(({ table, column }) => `${table}.${column}`);
  expect(found.map(({ name }) => name)).toEqual([...known, 'sealing_keys.sealed_key'].sort());
  await app.stop();
});
