import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { enrolmentOf } from '../../test/enrolment.ts';
import { withClient } from '../db/roles.ts';
import { pepperName } from './passwords.ts';

interface Status {
  pepper: string;
  passwords: number;
  older: { pepper: string | null; is_given: boolean; passwords: number; backup_codes: number }[];
}

let app: TestApp;
const written: (readonly [current: string, previous: readonly string[]])[] = [];
beforeAll(async () => {
  const passwordPepper = async (current: string, previous: readonly string[]) => {
    written.push([current, previous]);
  };
  app = await startTestApp({ secrets: { keep: { passwordPepper } } });
});
afterAll(() => app?.stop());

const call = (method: string, path = '') => app.send(method, `/api/v1/password-pepper${path}`, { as: app.operatorKey });
const sql = <Row>(text: string, values: unknown[] = []): Promise<Row[]> =>
  withClient(app.database.superuser, async (client) => (await client.query(text, values)).rows as Row[]);
async function bodyOf(method: string, path = ''): Promise<Status> {
  const answer = await call(method, path);
  expect(answer.status, answer.text).toBe(200);
  return answer.body as Status;
}

describe('a pepper that Maestro made', () => {
  test('is replaced by one call; hashes of the one before open, and are counted until each is hashed anew', async () => {
    const people = enrolmentOf(app);
    const [one, other] = [await people.make(), await people.enrolled()];
    const before = await bodyOf('GET');
    expect(before).toMatchObject({ pepper: pepperName(app.secrets.passwordPepper), passwords: 3, older: [] });
    // As codes are that were made before their pepper was noted.
    await sql('UPDATE maestro.backup_codes SET pepper = NULL');

    const after = await bodyOf('POST', '/rotate');
    const [[made = '', previous] = []] = written;
    expect(previous).toEqual([app.secrets.passwordPepper]);
    expect(after).toEqual({
      pepper: pepperName(made),
      is_own: true,
      passwords: 3,
      older: [{ pepper: before.pepper, is_given: true, passwords: 3, backup_codes: 10 }],
    });
    expect((await people.signIn(one)).status).toBe(200);
    expect((await bodyOf('GET')).older[0]?.passwords).toBe(2);
    const [hash] = await sql<{ password_hash: string }>('SELECT password_hash FROM maestro.users WHERE user_id = $1', [
      one.id,
    ]);
    expect(hash?.password_hash).toMatch(`m1:${after.pepper}:`);
    const code = other.backupCodes[0] ?? '';
    expect((await people.answer(await people.challenge(other.person), 'backup_code', code)).status).toBe(200);
    expect((await bodyOf('GET')).older).toEqual([
      { pepper: before.pepper, is_given: true, passwords: 1, backup_codes: 9 },
    ]);
  });

  test('goes into backup codes that are made from then on', async () => {
    const { person, backupCodes } = await enrolmentOf(app).enrolled();
    const [code] = await sql<{ pepper: string }>('SELECT pepper FROM maestro.backup_codes WHERE user_id = $1 LIMIT 1', [
      person.id,
    ]);
    expect(code?.pepper).toBe((await bodyOf('GET')).pepper);
    const people = enrolmentOf(app);
    const answer = await people.answer(await people.challenge(person), 'backup_code', backupCodes[1] ?? '');
    expect(answer.status).toBe(200);
  });

  test('is forgotten only once no hash needs it, and then for good', async () => {
    const refused = await call('POST', '/drop-older');
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('1 passwords and 9 backup codes')]);
    expect((await enrolmentOf(app).signIn({ id: '', ...app.admin })).status).toBe(200);
    expect((await call('POST', '/drop-older')).status).toBe(400);
    await sql('DELETE FROM maestro.backup_codes WHERE pepper = $1', [pepperName(app.secrets.passwordPepper)]);
    expect((await bodyOf('POST', '/drop-older')).older).toEqual([]);
    expect(written.at(-1)).toEqual([written[0]?.[0], []]);
    expect((await enrolmentOf(app).signIn({ id: '', ...app.admin })).status).toBe(200);
  });

  test('leaves who did it in the operators’ audit', async () => {
    const rows = await sql(
      `SELECT action, actor_kind, target, detail FROM maestro.operator_audit_events
        WHERE action LIKE 'password_pepper.%' AND outcome = 'success' ORDER BY seq`,
    );
    const [made, old] = [written[0]?.[0], app.secrets.passwordPepper].map((text) => pepperName(text ?? ''));
    const by = { actor_kind: 'operator_key', target: made };
    expect(rows).toEqual([
      { ...by, action: 'password_pepper.rotate', detail: { older: [old] } },
      { ...by, action: 'password_pepper.drop_older', detail: { dropped: [old] } },
    ]);
  });
});

test('a pepper that was given is replaced by nobody but who gives it, and what to do is said', async () => {
  const given = await startTestApp();
  const answer = await given.send('POST', '/api/v1/password-pepper/rotate', { as: given.operatorKey });
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('MAESTRO_PASSWORD_PEPPER_PREVIOUS')]);
  const older = await given.send('POST', '/api/v1/password-pepper/drop-older', { as: given.operatorKey });
  expect([older.status, older.text]).toEqual([400, expect.stringContaining('MAESTRO_PASSWORD_PEPPER_PREVIOUS')]);
  await given.stop();
});
