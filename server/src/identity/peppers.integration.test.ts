import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { enrolmentOf, type Person } from '../../test/enrolment.ts';
import { withClient } from '../db/roles.ts';

/** Maestros on one database: before the pepper was changed, after it with the older one given, and without. */
let before: TestApp;
let after: TestApp;
let without: TestApp;
let lines = '';
const sink = new Writable({
  write(chunk: Buffer, _encoding, done) {
    lines += chunk.toString();
    done();
  },
});
const passwordPepper = randomBytes(32).toString('base64');

beforeAll(async () => {
  before = await startTestApp();
  const previousPeppers = [randomBytes(32).toString('base64'), before.secrets.passwordPepper];
  after = await startTestApp({ beside: before, secrets: { passwordPepper, previousPeppers } });
  const log = pino({ level: 'warn' }, sink);
  without = await startTestApp({ beside: before, secrets: { passwordPepper, previousPeppers: [] }, log });
});
afterAll(async () => {
  await without?.stop();
  await after?.stop();
  await before?.stop();
});

const signIn = async (app: TestApp, { email, password }: Pick<Person, 'email' | 'password'>): Promise<number> =>
  (await app.send('POST', '/api/v1/auth/login', { json: { email, password } })).status;
const hashOf = ({ id }: Person): Promise<string> =>
  withClient(before.database.superuser, async (client) => {
    const found = await client.query('SELECT password_hash FROM maestro.users WHERE user_id = $1', [id]);
    return (found.rows[0] as { password_hash: string }).password_hash;
  });

test('a password of an older pepper signs in, and needs the new one alone from then on', async () => {
  const person = await enrolmentOf(before).make();
  const old = await hashOf(person);
  expect(await signIn(after, { ...person, password: `${person.password}x` })).toBe(401);
  expect(await hashOf(person)).toBe(old);
  expect(await signIn(after, person)).toBe(200);
  const renewed = await hashOf(person);
  expect(renewed.split(':')[1]).not.toBe(old.split(':')[1]);
  expect(await signIn(after, person)).toBe(200);
  expect(await hashOf(person)).toBe(renewed);
  expect(await signIn(without, person)).toBe(200);
  expect(await signIn(before, person)).toBe(401);
});

test('a password whose pepper is not given opens nothing, and one clear line of the log says what is missing', async () => {
  const person = await enrolmentOf(before).make();
  lines = '';
  for (let tries = 0; tries < 3; tries++) expect(await signIn(without, person)).toBe(401);
  const told = lines.split('\n').filter((line) => line.includes('MAESTRO_PASSWORD_PEPPER_PREVIOUS'));
  expect(told).toHaveLength(1);
  expect(JSON.parse(told[0]!)).toMatchObject({ level: 50, pepper: (await hashOf(person)).split(':')[1] });
  for (const secret of [before.secrets.passwordPepper, passwordPepper, person.password, person.email]) {
    expect(lines).not.toContain(secret);
  }
  expect(await signIn(before, person)).toBe(200);
});

test('a backup code of an older pepper opens once', async () => {
  const { person, backupCodes } = await enrolmentOf(before).enrolled();
  const [one, other] = backupCodes as [string, string];
  const people = enrolmentOf(after);
  const answer = async (code: string) =>
    (await people.answer(await people.challenge(person), 'backup_code', code)).status;
  expect(await answer(one)).toBe(200);
  expect(await answer(one)).toBe(401);
  expect(await answer('0000-0000-0000')).toBe(401);
  expect(await answer(other)).toBe(200);
});
