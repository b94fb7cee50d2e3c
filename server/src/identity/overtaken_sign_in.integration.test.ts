import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestAnswer, type TestApp } from '../../test/app.ts';
import { codeOf, enrolmentOf, type Person } from '../../test/enrolment.ts';
import { untilWaiting } from '../../test/lock_waits.ts';
import { withClient } from '../db/roles.ts';
import { generatePassword } from './passwords.ts';

let maestro: TestApp;
let people: ReturnType<typeof enrolmentOf>;
beforeAll(async () => {
  maestro = await startTestApp({ policy: { bcryptRounds: 4 } });
  people = enrolmentOf(maestro);
});
afterAll(() => maestro?.stop());

/** The answer of a sign-in that has passed its proof when `change` takes place. */
async function overtakenBy(
  person: Person,
  change: () => Promise<TestAnswer>,
  signIn: () => Promise<TestAnswer>,
): Promise<TestAnswer> {
  const [changed, answer] = await withClient(maestro.database.superuser, async (client) => {
    await client.query('BEGIN');
    await client.query('SELECT 1 FROM maestro.users WHERE user_id = $1 FOR UPDATE', [person.id]);
    const first = change();
    await untilWaiting(client, 1);
    const second = signIn();
    await untilWaiting(client, 2);
    await client.query('COMMIT');
    return Promise.all([first, second]);
  });
  expect(changed.status, changed.text).toBeLessThan(300);
  return answer;
}

const patch = ({ id }: Person, json: object) =>
  maestro.send('PATCH', `/api/v1/users/${id}`, { as: maestro.operatorKey, json });

async function expectRefused(person: Person, answer: TestAnswer, action: string): Promise<void> {
  expect(answer.status, answer.text).toBe(401);
  const refused = (await people.audited(person)).filter(({ outcome }) => outcome === 'refused');
  expect(refused.map(({ action: of, detail }) => [of, detail.reason])).toEqual([
    [action, 'the account was changed during the sign-in'],
  ]);
  const [live] = await people.rows<{ count: number }>(
    'SELECT count(*)::integer FROM maestro.sessions WHERE user_id = $1 AND ended_at IS NULL',
    [person.id],
  );
  expect(live?.count).toBe(0);
}

describe('a sign-in under way', () => {
  test('with the old password opens no session once another is set', async () => {
    const person = await people.make();
    const change = () => patch(person, { password: generatePassword() });
    await expectRefused(person, await overtakenBy(person, change, () => people.signIn(person)), 'auth.login');
  });

  test('opens no session once its user is deactivated, or signed out everywhere', async () => {
    const [closed, ended] = [await people.make(), await people.make()];
    const close = () => patch(closed, { is_active: false });
    await expectRefused(closed, await overtakenBy(closed, close, () => people.signIn(closed)), 'auth.login');
    const path = `/api/v1/users/${ended.id}/sessions`;
    const end = () => maestro.send('DELETE', path, { as: maestro.operatorKey });
    await expectRefused(ended, await overtakenBy(ended, end, () => people.signIn(ended)), 'auth.login');
  });

  test('by password alone opens no session once a second factor is there', async () => {
    const person = await people.make();
    const as = await people.session(person);
    const begun = (await people.post('/me/factors/totp', {}, as)).body as { secret: string };
    const confirm = () => people.post('/me/factors/totp/confirm', { code: codeOf(begun.secret) }, as);
    const answer = await overtakenBy(person, confirm, () => people.signIn(person));
    expect(answer.status, answer.text).toBe(401);
  });

  test('is not asked for a second factor once the password is another', async () => {
    const { person } = await people.enrolled();
    const change = () => patch(person, { password: generatePassword() });
    await expectRefused(person, await overtakenBy(person, change, () => people.signIn(person)), 'auth.login');
  });

  test('by a second factor opens no session once its user is deactivated', async () => {
    const { person, secret } = await people.enrolled();
    const challenge = await people.challenge(person);
    const close = () => patch(person, { is_active: false });
    const answer = await overtakenBy(person, close, () => people.answer(challenge, 'totp', codeOf(secret)));
    await expectRefused(person, answer, 'auth.second_factor');
  });
});
