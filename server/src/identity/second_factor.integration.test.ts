import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestAnswer, type TestApp } from '../../test/app.ts';
import { bodyOf, codeOf, enrolmentOf } from '../../test/enrolment.ts';

let maestro: TestApp;
let people: ReturnType<typeof enrolmentOf>;
beforeAll(async () => {
  maestro = await startTestApp();
  people = enrolmentOf(maestro);
});
afterAll(() => maestro?.stop());

/** A refusal without what differs by request. */
const refusalOf = ({ status, body }: TestAnswer) => {
  const { request_id: _, ...problem } = body as Record<string, unknown>;
  return { status, problem };
};

const me = (as: string) => maestro.send('GET', '/api/v1/auth/me', { as });
const tokenOf = (answer: TestAnswer) => bodyOf<{ access_token: string }>(answer).access_token;
const refusals = async (person: { id: string; email: string; password: string }) =>
  (await people.audited(person))
    .filter(({ outcome }) => outcome === 'refused')
    .map(({ action, detail }) => [action, detail.reason]);

describe('the second step of a sign-in', () => {
  test('a right password opens no session where there is a factor, but asks for it for five minutes', async () => {
    const { person } = await people.enrolled();
    const answer = await people.signIn(person);
    expect(bodyOf(answer)).toEqual({
      second_factor: { challenge: expect.any(String), methods: ['totp', 'backup_code'], expires_in: 300 },
    });
    const [live] = await people.rows(
      'SELECT count(*)::integer AS sessions FROM maestro.sessions WHERE user_id = $1 AND ended_at IS NULL',
      [person.id],
    );
    expect(live).toEqual({ sessions: 1 });
  });

  test('a code of the app opens the session, in the tenant that was asked for', async () => {
    const { person, secret } = await people.enrolled({ tenant: 'tenant-a' });
    await maestro.send('POST', '/api/v1/members', {
      as: maestro.tenants.b.keys.tenant_admin,
      json: { email: person.email, role: 'viewer' },
    });
    const challenge = await people.challenge(person, { tenant: 'tenant-b' });
    const token = tokenOf(await people.answer(challenge, 'totp', codeOf(secret)));
    expect((await me(token)).body).toMatchObject({ id: person.id, tenant: { tenant: { slug: 'tenant-b' } } });
  });

  test('an app that was begun and not confirmed is not asked for', async () => {
    const person = await people.make();
    bodyOf(await people.post('/me/factors/totp', {}, await people.session(person)), 201);
    expect((await people.signIn(person)).body).toHaveProperty('access_token');
  });

  test('no factor is named, and none asked for, before the password is right', async () => {
    const { person } = await people.enrolled();
    const without = await people.make();
    const wrong = await people.signIn({ ...person, password: 'wrong' });
    expect(refusalOf(wrong)).toEqual(refusalOf(await people.signIn({ ...without, password: 'wrong' })));
    expect(wrong.status).toBe(401);
  });

  test('every refusal is the same: unknown, spent, run-out and strange challenges, and wrong codes', async () => {
    const { person, secret } = await people.enrolled();
    const [spent, late, open] = [
      await people.challenge(person),
      await people.challenge(person),
      await people.challenge(person),
    ];
    tokenOf(await people.answer(spent, 'totp', codeOf(secret)));
    await people.forget(person);
    const passkey = bodyOf<{ challenge: string }>(await people.post('/auth/passkey/options', {})).challenge;
    await people.rows(
      "UPDATE maestro.factor_challenges SET expires_at = now() - interval '1 second' WHERE challenge_hash = sha256($1)",
      [Buffer.from(late)],
    );
    const answers = [
      await people.answer(randomUUID(), 'totp', codeOf(secret)),
      await people.answer(spent, 'totp', codeOf(secret)),
      await people.answer(late, 'totp', codeOf(secret)),
      await people.answer(passkey, 'totp', codeOf(secret)),
      await people.answer(open, 'totp', 'abcdef'),
      await people.answer(open, 'backup_code', 'wrong'),
    ].map(refusalOf);
    expect(answers[0]?.status).toBe(401);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  test('a challenge is dead after five wrong answers, for the right one too', async () => {
    const { person, secret } = await people.enrolled();
    const challenge = await people.challenge(person);
    for (let i = 0; i < 5; i++) expect((await people.answer(challenge, 'backup_code', 'wrong')).status).toBe(401);
    expect((await people.answer(challenge, 'totp', codeOf(secret))).status).toBe(401);
    expect((await people.answer(await people.challenge(person), 'totp', codeOf(secret))).status).toBe(200);
  });

  test('one challenge opens one session, also where two right answers come at once', async () => {
    const { person, secret, backupCodes } = await people.enrolled();
    const challenge = await people.challenge(person);
    const answers = await Promise.all([
      people.answer(challenge, 'totp', codeOf(secret)),
      ...backupCodes.slice(0, 3).map((code) => people.answer(challenge, 'backup_code', code)),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    // What the losers answered with was not used up.
    const [left] = await people.rows<{ used: number }>(
      'SELECT count(used_at)::integer AS used FROM maestro.backup_codes WHERE user_id = $1',
      [person.id],
    );
    expect(left?.used).toBeLessThanOrEqual(1);
  });

  test.each([{ is_active: false }, { password: 'another long password' }])(
    'a sign-in under way ends where its user is changed by %j',
    async (change) => {
      const { person, secret } = await people.enrolled();
      const challenge = await people.challenge(person);
      const path = `/api/v1/users/${person.id}`;
      bodyOf(await maestro.send('PATCH', path, { as: maestro.operatorKey, json: change }));
      expect((await people.answer(challenge, 'totp', codeOf(secret))).status).toBe(401);
    },
  );

  test('a challenge stands hashed in the database, and neither it nor a code in the audit', async () => {
    const { person, secret } = await people.enrolled();
    const challenge = await people.challenge(person);
    const code = codeOf(secret);
    const [kept] = await people.rows<{ same: boolean }>(
      'SELECT challenge_hash = sha256($2) AS same FROM maestro.factor_challenges WHERE user_id = $1',
      [person.id, Buffer.from(challenge)],
    );
    expect(kept).toEqual({ same: true });
    tokenOf(await people.answer(challenge, 'totp', code));
    const audit = JSON.stringify(await people.rows('SELECT * FROM maestro.operator_audit_events'));
    for (const text of [challenge, secret]) expect(audit).not.toContain(text);
    expect((await people.audited(person)).map(({ action }) => action)).toEqual([
      'auth.login',
      'factor.begin_totp',
      'factor.confirm_totp',
      'auth.ask_factor',
      'factor.use',
      'auth.second_factor',
    ]);
  });

  test.each([
    [{ challenge: 'x', method: 'totp' }, 401],
    [{ challenge: 'x', method: 'sms', code: '1' }, 400],
    [{ method: 'totp', code: '1' }, 400],
    [{ challenge: 'x', method: 'totp', code: 123456 }, 400],
    [{ challenge: 'x', method: 'webauthn', credential: {} }, 400],
    [{ challenge: 'x', method: 'totp', code: '1', user_id: randomUUID() }, 400],
  ])('%j is answered %i', async (json, status) => {
    expect((await people.post('/auth/second-factor', json)).status).toBe(status);
  });
});

describe('codes of an authenticator app', () => {
  test('are of the shape that every app reads, and their seed is shown once and stands sealed', async () => {
    const person = await people.make();
    const token = await people.session(person);
    const begun = await people.post('/me/factors/totp', { name: 'Telephone' }, token);
    const { secret, uri, factor_id } = bodyOf<{ secret: string; uri: string; factor_id: string }>(begun, 201);
    const { protocol, host, searchParams } = new URL(uri);
    expect([protocol, host]).toEqual(['otpauth:', 'totp']);
    expect(Object.fromEntries(searchParams)).toMatchObject({ secret, algorithm: 'SHA1', digits: '6', period: '30' });
    expect(Buffer.from(secret).length * 5).toBeGreaterThanOrEqual(160);
    bodyOf(await people.post('/me/factors/totp/confirm', { code: codeOf(secret) }, token));
    const shown = await maestro.send('GET', '/api/v1/me/factors', { as: token });
    expect(shown.body).toMatchObject({ factors: [{ id: factor_id, kind: 'totp', name: 'Telephone' }] });
    expect(shown.text).not.toContain(secret);
    const [kept] = await people.rows<{ sealed_seed: Buffer }>(
      'SELECT sealed_seed FROM maestro.totp_factors WHERE user_id = $1',
      [person.id],
    );
    const { sealer } = maestro.ports.identity;
    const seed = await sealer.open(kept!.sealed_seed, `totp ${person.id}`);
    expect(seed).toHaveLength(20);
    expect(kept!.sealed_seed.includes(seed)).toBe(false);
    await expect(sealer.open(kept!.sealed_seed, `totp ${randomUUID()}`)).rejects.toThrow();
  });

  test.each([-1, 0, 1])('pass %i steps from now', async (ahead) => {
    const { person, secret } = await people.enrolled();
    // A step of time may begin between the code and its check; one more ahead or behind is then no neighbour.
    const code = codeOf(secret, ahead);
    const answer = await people.answer(await people.challenge(person), 'totp', code);
    if (code === codeOf(secret, ahead)) expect(answer.status).toBe(200);
  });

  test.each([-4, -3, 3, 4])('do not pass %i steps from now', async (ahead) => {
    const { person, secret } = await people.enrolled();
    const answer = await people.answer(await people.challenge(person), 'totp', codeOf(secret, ahead));
    expect(answer.status).toBe(401);
  });

  test('of ten sign-ins at once with one code, one succeeds', async () => {
    const { person, secret } = await people.enrolled();
    const challenges = await people.challenges(person, 10);
    const code = codeOf(secret);
    const answers = await Promise.all(challenges.map((challenge) => people.answer(challenge, 'totp', code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await people.answer(await people.challenge(person), 'totp', code)).status).not.toBe(200);
  });

  test('are taken once each, and after one no older one: that it was tried again is audited', async () => {
    const { person, secret } = await people.enrolled();
    tokenOf(await people.answer(await people.challenge(person), 'totp', codeOf(secret)));
    const again = await people.challenge(person);
    expect((await people.answer(again, 'totp', codeOf(secret))).status).toBe(401);
    expect((await people.answer(again, 'totp', codeOf(secret, -1))).status).toBe(401);
    expect(await refusals(person)).toEqual([
      ['auth.second_factor', 'a code that was used before'],
      ['auth.second_factor', 'a code that was used before'],
    ]);
  });

  test('that confirmed the app sign nobody in', async () => {
    const person = await people.make();
    const { secret } = await people.enrol(await people.session(person));
    const [row] = await people.rows<{ last_step: number }>(
      'SELECT last_step::integer FROM maestro.totp_factors WHERE user_id = $1',
      [person.id],
    );
    const stepNow = Math.floor(Date.now() / 30_000);
    const confirming = codeOf(secret, row!.last_step - stepNow);
    expect((await people.answer(await people.challenge(person), 'totp', confirming)).status).toBe(401);
  });

  test('of another person’s app do not pass', async () => {
    const [one, other] = [await people.enrolled(), await people.enrolled()];
    const answer = await people.answer(await people.challenge(one.person), 'totp', codeOf(other.secret));
    expect(answer.status).toBe(401);
  });

  test('are guessed at five times over all challenges, however many come at once', async () => {
    const { person } = await people.enrolled();
    const challenges = await people.challenges(person, 8);
    const guesses = challenges.flatMap((challenge) =>
      [0, 1, 2].map((n) => people.answer(challenge, 'totp', `00000${n}`)),
    );
    const answers = await Promise.all(guesses);
    expect(answers.filter(({ status }) => status !== 429)).toHaveLength(5);
    const waits = answers
      .filter(({ status }) => status === 429)
      .map(({ headers }) => Number(headers.get('retry-after')));
    expect(waits).toHaveLength(19);
    for (const wait of waits) expect(wait).toBeGreaterThan(14 * 60);
    await maestro.ports.identity.refusals.flush();
    // What had to wait is two rows: the first, and how many more.
    const reasons = (await refusals(person)).map(([, reason]) => reason).sort();
    expect(reasons).toEqual(['too many wrong codes', 'too many wrong codes', ...Array(5).fill('wrong code')]);
  });

  test('wait twice as long after each further wrong one, and a right one ends the waiting', async () => {
    const { person, secret } = await people.enrolled();
    const age = (minutes: number) =>
      people.rows('UPDATE maestro.totp_factors SET failed_at = now() - make_interval(mins => $2) WHERE user_id = $1', [
        person.id,
        minutes,
      ]);
    const guess = async () => people.answer(await people.challenge(person), 'totp', 'abcdef');
    for (let i = 0; i < 5; i++) expect((await guess()).status).toBe(401);
    expect((await guess()).status).toBe(429);
    await age(16);
    expect((await guess()).status).toBe(401);
    await age(16);
    expect((await guess()).status).toBe(429);
    await age(31);
    tokenOf(await people.answer(await people.challenge(person), 'totp', codeOf(secret)));
    const [kept] = await people.rows('SELECT failures FROM maestro.totp_factors WHERE user_id = $1', [person.id]);
    expect(kept).toEqual({ failures: 0 });
  });

  test('that are being guessed keep nobody out: backup codes open, and passwords are still asked', async () => {
    const { person, backupCodes } = await people.enrolled();
    const guesses = await people.challenge(person);
    for (let i = 0; i < 5; i++) await people.answer(guesses, 'totp', 'abcdef');
    const challenge = await people.challenge(person);
    expect((await people.answer(challenge, 'totp', 'abcdef')).status).toBe(429);
    expect((await people.answer(challenge, 'backup_code', backupCodes[0]!)).status).toBe(200);
  });
});

describe('backup codes', () => {
  const use = async (person: Parameters<typeof people.challenge>[0], code: string) =>
    people.answer(await people.challenge(person), 'backup_code', code);

  test('come with the first factor: ten of 60 bits each, hashed with a key that the database has not', async () => {
    const { person, backupCodes, token } = await people.enrolled();
    expect(new Set(backupCodes).size).toBe(10);
    for (const code of backupCodes) expect(code).toMatch(/^(?:[0-9a-hjkmnp-tv-z]{4}-){2}[0-9a-hjkmnp-tv-z]{4}$/);
    const kept = await people.rows<{ code_hash: Buffer; plain: boolean }>(
      'SELECT code_hash, code_hash = ANY ($2) AS plain FROM maestro.backup_codes WHERE user_id = $1',
      [person.id, backupCodes.map((code) => new Uint8Array(Buffer.from(code)))],
    );
    expect(kept).toHaveLength(10);
    const [plain] = await people.rows(
      `SELECT count(*)::integer AS known FROM maestro.backup_codes, unnest($2::text[]) AS code
        WHERE user_id = $1 AND code_hash IN (sha256(code::bytea), sha256(replace(code, '-', '')::bytea))`,
      [person.id, backupCodes],
    );
    expect(plain).toEqual({ known: 0 });
    const shown = await maestro.send('GET', '/api/v1/me/factors', { as: token });
    expect(shown.body).toMatchObject({ backup_codes_left: 10 });
    for (const code of backupCodes) expect(shown.text).not.toContain(code);
  });

  test('sign in once each, and how many are left is audited and mailed', async () => {
    const { person, backupCodes } = await people.enrolled();
    const token = tokenOf(await use(person, backupCodes[3]!));
    expect((await use(person, backupCodes[3]!)).status).toBe(401);
    expect((await maestro.send('GET', '/api/v1/me/factors', { as: token })).body).toMatchObject({
      backup_codes_left: 9,
    });
    const used = (await people.audited(person)).find(({ action }) => action === 'factor.use');
    expect(used?.detail).toEqual({ method: 'backup_code', left: 9 });
    expect((await maestro.mailsTo(person.email)).at(-1)).toContain('9 are left');
  });

  test('sign in once also where ten sign-ins use one at once', async () => {
    const { person, backupCodes } = await people.enrolled();
    const challenges = await people.challenges(person, 10);
    const code = backupCodes[0]!;
    const answers = await Promise.all(challenges.map((challenge) => people.answer(challenge, 'backup_code', code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('may be typed in capitals and without hyphens', async () => {
    const { person, backupCodes } = await people.enrolled();
    expect((await use(person, ` ${backupCodes[0]!.toUpperCase().replaceAll('-', '')} `)).status).toBe(200);
    expect((await use(person, backupCodes[1]!.replaceAll('0', 'O').replaceAll('1', 'l'))).status).toBe(200);
  });

  test('of another person do not pass', async () => {
    const [one, other] = [await people.enrolled(), await people.enrolled()];
    expect((await use(one.person, other.backupCodes[0]!)).status).toBe(401);
    expect((await use(other.person, other.backupCodes[0]!)).status).toBe(200);
  });

  test('end where new ones are made', async () => {
    const { person, backupCodes, token } = await people.enrolled();
    const made = await people.post('/me/factors/backup-codes', {}, token);
    const { backup_codes: fresh } = bodyOf<{ backup_codes: string[] }>(made, 201);
    expect(fresh.filter((code) => backupCodes.includes(code))).toEqual([]);
    expect((await use(person, backupCodes[0]!)).status).toBe(401);
    expect((await use(person, fresh[0]!)).status).toBe(200);
  });

  test('are not made where there is no factor that they could stand in for', async () => {
    const answer = await people.post('/me/factors/backup-codes', {}, await people.session(await people.make()));
    expect(answer.status).toBe(400);
  });
});
