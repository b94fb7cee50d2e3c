import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { leastMs } from '../../test/slowness.ts';
import { withClient } from '../db/roles.ts';
import { generatePassword } from './passwords.ts';
import { openStrengthMeter } from './strength.ts';

let maestro: TestApp;
beforeAll(async () => {
  maestro = await startTestApp();
});
afterAll(() => maestro.stop());

const rate = (json: object) => maestro.send('POST', '/api/v1/auth/password-strength', { json });

describe('the strength of a password', () => {
  test.each([
    ['kxqvunwe', {}, ['too_short']],
    ['passwordpassword', {}, ['common']],
    ['password', {}, ['too_short', 'common']],
    ['ada.lovelace.ada', { email: 'ada.lovelace@example.com' }, ['context']],
    ['acme-labs-acme-labs', { tenant: 'acme-labs' }, ['context']],
    ['x'.repeat(1025), {}, undefined],
    ['密'.repeat(400), {}, ['too_long']],
  ])('of %s with %j names its problems: %j', async (password, more, problems) => {
    const { status, body } = await rate({ password, ...more });
    if (problems === undefined) return expect(status).toBe(400);
    expect(body).toMatchObject({ acceptable: false, problems: problems.map((code) => ({ code })), length_min: 15 });
    expect((body as { score: number }).score).toBeLessThanOrEqual(1);
  });

  test('of a generated one is the highest, for anybody who asks', async () => {
    const { status, body } = await rate({ password: generatePassword() });
    expect(status).toBe(200);
    expect(body).toEqual({ acceptable: true, problems: [], score: 4, length_min: 15 });
  });

  test('beside a second factor needs eight characters', async () => {
    const password = 'kxqvunwe';
    expect((await rate({ password })).body).toMatchObject({ acceptable: false });
    expect((await rate({ password, with_factor: true })).body).toMatchObject({ acceptable: true, length_min: 8 });
  });

  test('is kept nowhere: no row of the database and no answer holds what was asked', async () => {
    const password = generatePassword();
    const answer = await rate({ password });
    expect(answer.text).not.toContain(password);
    const all = await withClient(maestro.database.superuser, async (client) => {
      const { rows } = await client.query<{ text: string }>(
        `SELECT query_to_xml('SELECT * FROM maestro.' || quote_ident(tablename), true, true, '')::text AS text
           FROM pg_tables WHERE schemaname = 'maestro'`,
      );
      return rows.map(({ text }) => text).join();
    });
    expect(all).toContain('tenant-a');
    expect(all).not.toContain(password);
  });

  test('costs a bounded part of the time however many ask, and says so instead of a score', async () => {
    let ms = 0;
    const meter = openStrengthMeter(() => ms++ * 60);
    const scores: (number | null)[] = [];
    for (let asked = 0; asked < 30; asked++) scores.push(await meter.score('a password of some kind'));
    expect(scores[0]).toEqual(expect.any(Number));
    expect(scores.at(-1)).toBeNull();
    ms += 10_000;
    expect(await meter.score('a password of some kind')).toEqual(expect.any(Number));
  });

  test('of the longest text costs no more than that of a short one', async () => {
    await rate({ password: generatePassword() });
    const meter = openStrengthMeter();
    const hard = '4@8({[<369&1!|0$5+7%2'.repeat(48);
    expect(await meter.score(hard)).toEqual(expect.any(Number));
    // Of all its characters it would take seconds.
    expect(await leastMs(300, () => meter.score(hard))).toBeLessThan(300);
  });
});
