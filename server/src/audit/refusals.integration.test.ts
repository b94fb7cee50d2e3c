import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp } from '../../test/app.ts';
import { withClient } from '../db/roles.ts';
import { type AuditApp, startAuditApp } from './audit_app.fixture.ts';
import { openRefusals } from './refusals.ts';

let maestro: AuditApp;
beforeAll(async () => {
  maestro = await startAuditApp();
});
afterAll(() => maestro?.stop());

const from = (address: string) => ({ action: 'auth.credentials', address });

const count = async (): Promise<number> =>
  Number((await maestro.rows("SELECT 1 FROM maestro.operator_audit_events WHERE action = 'auth.credentials'")).length);

describe('credentials that do not hold', () => {
  test('are in the operators’ audit when they are answered, with the address they came from', async () => {
    const answer = await maestro.send('GET', '/api/v1/experiments', { as: `mst_${randomUUID()}` });
    expect(answer.status).toBe(401);
    const [event] = await maestro.events('?action=auth.credentials', 'operator-audit');
    expect(event).toMatchObject({ outcome: 'refused', address: '127.0.0.1', actor: { kind: 'anonymous' } });
    await maestro.send('GET', '/api/2.0/mlflow/experiments/get?experiment_id=0', { as: 'wrong' });
    await maestro.ports.identity.refusals.flush();
    const [more] = await maestro.events('?action=auth.credentials', 'operator-audit');
    expect(more).toMatchObject({ detail: { attempts: 1 } });
    expect(more?.id).not.toBe(event?.id);
  });

  test('do not fill the disk: a flood from one address is two rows, which say how many there were', async () => {
    const before = await count();
    await Promise.all(
      Array.from({ length: 300 }, (_, n) => maestro.send('GET', '/api/v1/auth/me', { as: `mst_wrong_${n}` })),
    );
    await maestro.ports.identity.refusals.flush();
    expect((await count()) - before).toBe(2);
    const [rest, first] = await maestro.events('?action=auth.credentials&limit=2', 'operator-audit');
    expect(Number(first?.detail.attempts) + Number(rest?.detail.attempts)).toBe(300);
  });

  test('nor does a flood from ten thousand addresses', async () => {
    const before = await count();
    const refusals = openRefusals(maestro.ports.db, maestro.ports.log);
    for (let n = 0; n < 10_000; n += 1) await refusals.note(from(`10.1.${n >> 8}.${n & 255}`));
    await refusals.flush();
    expect((await count()) - before).toBe(101);
    const [others] = await maestro.events('?action=auth.credentials&limit=1', 'operator-audit');
    expect(others).toMatchObject({ address: '', detail: { attempts: 9_900 } });
  });

  test('are counted anew each minute', async () => {
    let now = Date.now();
    const refusals = openRefusals(maestro.ports.db, maestro.ports.log, () => now);
    const before = await count();
    await refusals.note(from('10.2.0.1'));
    now += 61_000;
    await refusals.note(from('10.2.0.1'));
    expect((await count()) - before).toBe(2);
  });
});

describe('where its row cannot be written', () => {
  /** Fails each row of an action, until `end` is called. */
  async function unwritable(action: string): Promise<() => Promise<unknown>> {
    await maestro.rows(
      `ALTER TABLE maestro.operator_audit_events ADD CONSTRAINT unwritable CHECK (action <> '${action}') NOT VALID`,
    );
    return () => maestro.rows('ALTER TABLE maestro.operator_audit_events DROP CONSTRAINT unwritable');
  }
  const attempts = async (action: string): Promise<unknown[]> =>
    (
      await maestro.rows<{ detail: { attempts: number } }>(
        'SELECT detail FROM maestro.operator_audit_events WHERE action = $1 ORDER BY seq',
        [action],
      )
    ).map(({ detail }) => detail.attempts);

  test('the first of a minute fails, and the next one after that is the first: a moment’s fault is over when it is over', async () => {
    const refusals = openRefusals(maestro.ports.db, maestro.ports.log);
    const refusal = { action: 'test.moment', address: '10.4.0.1' };
    const end = await unwritable('test.moment');
    try {
      await expect(refusals.note(refusal)).rejects.toThrow();
    } finally {
      await end();
    }
    expect(await refusals.note(refusal)).toBe(true);
    expect(await refusals.note(refusal)).toBe(false);
    await refusals.flush();
    expect(await attempts('test.moment')).toEqual([1, 1]);
  });

  test('a count is in the log of the process, costs no other count, and fails no call that comes then', async () => {
    let lines = '';
    const sink = new Writable({
      write(chunk, _encoding, done) {
        lines += chunk;
        done();
      },
    });
    let now = Date.now();
    const refusals = openRefusals(maestro.ports.db, pino(sink), () => now);
    const noting = (action: string) => refusals.note({ action, address: '10.4.0.2' });
    for (const action of ['test.lost', 'test.kept']) for (let n = 0; n < 3; n += 1) await noting(action);
    const end = await unwritable('test.lost');
    try {
      now += 61_000;
      expect(await noting('test.later')).toBe(true);
    } finally {
      await end();
    }
    expect(await attempts('test.lost')).toEqual([1]);
    expect(await attempts('test.kept')).toEqual([1, 2]);
    expect(JSON.parse(lines)).toMatchObject({ action: 'test.lost', attempts: 2 });
  });
});

test('a tenant that is being deleted, or is gone, gets no more rows of refusals: none is left behind', async () => {
  const slug = `t-${randomUUID().slice(0, 8)}`;
  const made = await maestro.asOperator('POST', '/tenants', { slug });
  const { id: tenantId } = made.body as { id: string };
  const refusals = openRefusals(maestro.ports.db, maestro.ports.log);
  const noting = (address: string) => refusals.note({ action: 'key.use', address, tenantId });
  const rows = () =>
    maestro.rows("SELECT 1 FROM maestro.audit_events WHERE tenant_id = $1 AND action = 'key.use'", [tenantId]);
  for (let n = 0; n < 3; n += 1) await noting('10.5.0.1');
  expect(await rows()).toHaveLength(1);
  await maestro.rows('UPDATE maestro.tenants SET deletion_began_at = now(), is_active = false WHERE tenant_id = $1', [
    tenantId,
  ]);
  await noting('10.5.0.2');
  await refusals.flush();
  expect(await rows()).toHaveLength(1);
  await noting('10.5.0.3');
  expect((await maestro.asOperator('DELETE', `/tenants/${slug}`)).status).toBe(204);
  await noting('10.5.0.3');
  await refusals.flush();
  expect(await maestro.rows('SELECT 1 FROM maestro.audit_heads WHERE tenant_id = $1', [tenantId])).toEqual([]);
  expect(await rows()).toEqual([]);
});

describe('a sign-in that must wait', () => {
  const signIn = (email: string, headers: Record<string, string> = {}) =>
    maestro.send('POST', '/api/v1/auth/login', { json: { email, password: randomUUID() }, headers });
  const waiting = async (query = '') => {
    await maestro.ports.identity.behind.idle();
    await maestro.ports.identity.refusals.flush();
    const events = await maestro.events(`?action=auth.login&outcome=refused&limit=200${query}`, 'operator-audit');
    return events.filter(({ detail }) => detail.reason === 'too many failed sign-ins');
  };

  test('is in the operators’ audit: the first of an account and an address in a minute, and a count of the others', async () => {
    const { id, email } = await maestro.makeUser();
    const agent = { 'user-agent': 'a guesser' };
    const answers = await Promise.all(Array.from({ length: 40 }, () => signIn(email, agent)));
    const refused = answers.filter(({ status }) => status === 429).length;
    expect(refused).toBeGreaterThan(20);
    const [others, first, ...more] = await waiting();
    expect(more).toEqual([]);
    const known = { actor: { kind: 'user', id }, target: id, address: '127.0.0.1', personal: { device: 'a guesser' } };
    expect(first).toMatchObject({ ...known, detail: { attempts: 1 } });
    expect(others).toMatchObject({ ...known, detail: { attempts: refused - 1, since: expect.any(String) } });
    expect(first?.request_id).not.toBe('');
  });

  test('names the address that was tried where nobody has it, and that is sealed', async () => {
    const email = `${randomUUID()}@example.com`;
    for (let tries = 0; tries < 7; tries += 1) await signIn(email);
    const [found] = await waiting();
    expect(found).toMatchObject({ actor: { kind: 'anonymous', id: '' }, personal: { email } });
    const stored = await maestro.rows('SELECT * FROM maestro.operator_audit_events');
    expect(JSON.stringify(stored)).not.toContain(email);
  });

  test('is answered before it is known whether there is such an account: the row is written behind the answer', async () => {
    for (const email of [(await maestro.makeUser()).email, `${randomUUID()}@example.com`]) {
      const before = (await waiting()).length;
      await withClient(maestro.database.superuser, async (client) => {
        // While it lasts, nobody writes a row of the operators' log.
        await client.query('BEGIN');
        await client.query('SELECT FROM maestro.operator_audit_heads FOR UPDATE');
        const call = { headers: {}, address: '127.0.0.1', requestId: '' };
        for (let tries = 0; tries < 5; tries += 1) {
          await maestro.ports.identity.throttle.begin({ account: email, password: randomUUID() }, call);
        }
        expect((await signIn(email)).status).toBe(429);
        await client.query('ROLLBACK');
      });
      expect(await waiting()).toHaveLength(before + 1);
    }
  });

  test('does not fill the disk: a flood at a thousand accounts is at most a row each for a hundred, and one for the rest', async () => {
    const refusals = openRefusals(maestro.ports.db, maestro.ports.log);
    const before = (await waiting()).length;
    for (let n = 0; n < 3_000; n += 1) {
      const of = `user${n % 1_000}@example.com`;
      await refusals.note({ action: 'auth.login', reason: 'too many failed sign-ins', address: '10.3.0.1', of });
    }
    await refusals.flush();
    const rows = await maestro.rows<{ attempts: number }>(
      `SELECT (detail->>'attempts')::integer AS attempts FROM maestro.operator_audit_events
        WHERE action = 'auth.login' AND detail->>'reason' = 'too many failed sign-ins' ORDER BY seq`,
    );
    const written = rows.slice(before).map(({ attempts }) => attempts);
    expect(written).toHaveLength(201);
    expect(written.reduce((sum, attempts) => sum + attempts, 0)).toBe(3_000);
  });
});

test('a call that is refused because its address makes too many is in the operators’ audit, a flood of them as two rows', async () => {
  const strict = await startTestApp({ policy: { publicRequestsPerMinute: 10 } });
  try {
    const calls = Array.from({ length: 30 }, () => strict.send('POST', '/api/v1/auth/login', { json: {} }));
    expect((await Promise.all(calls)).filter(({ status }) => status === 429)).toHaveLength(20);
    await strict.ports.identity.refusals.flush();
    const path = '/api/v1/operator-audit?action=auth.login';
    const { body } = await strict.send('GET', path, { as: strict.operatorKey });
    const { items } = body as { items: { detail: object }[] };
    const reason = 'too many calls from one address';
    expect(items.map(({ detail }) => detail)).toMatchObject([
      { reason, attempts: 19 },
      { reason, attempts: 1 },
    ]);
  } finally {
    await strict.stop();
  }
});

describe('what anybody can have refused without end is two rows of the operators’ audit in a minute', () => {
  const attempts = async (action: string) => {
    await maestro.ports.identity.behind.idle();
    await maestro.ports.identity.refusals.flush();
    const events = await maestro.events(`?action=${action}&outcome=refused`, 'operator-audit');
    return events.map(({ detail, address }) => ({ ...detail, address }));
  };
  const flood = async (path: string, json: object) => {
    const calls = Array.from({ length: 30 }, () => maestro.send('POST', `/api/v1/auth/${path}`, { json }));
    return new Set((await Promise.all(calls)).map(({ status }) => status));
  };
  const two = (reason: string) => [
    { reason, attempts: 29, since: expect.any(String), address: '127.0.0.1' },
    { reason, attempts: 1, address: '127.0.0.1' },
  ];
  const token = randomUUID();
  const password = randomUUID();
  const challenge = randomUUID();
  const response = { clientDataJSON: 'AA', authenticatorData: 'AA', signature: 'AA' };
  const credential = { id: 'AAAA', rawId: 'AAAA', type: 'public-key', clientExtensionResults: {}, response };
  const noLink = 'the link does not hold';
  const noChallenge = 'no such challenge';

  test.each<[path: string, json: object, status: number, action: string, reason: string]>([
    ['reset-password', { token, password }, 400, 'auth.reset_password', noLink],
    ['verify-email', { token }, 400, 'auth.verify_email', noLink],
    ['read-invitation', { token }, 400, 'auth.read_invitation', noLink],
    ['accept-invitation', { token, password }, 400, 'auth.accept_invitation', noLink],
    ['refresh', { refresh_token: token }, 401, 'auth.refresh', 'not a refresh token'],
    ['second-factor', { challenge, method: 'totp', code: '000000' }, 401, 'auth.second_factor', noChallenge],
    ['passkey', { challenge, credential }, 401, 'auth.passkey', noChallenge],
    [
      'request-password-reset',
      { email: `${randomUUID()}@example.com` },
      202,
      'auth.request_password_reset',
      'unknown e-mail address',
    ],
  ])('%s', async (path, json, status, action, reason) => {
    expect(await flood(path, json)).toEqual(new Set([status]));
    expect(await attempts(action)).toEqual(two(reason));
  });

  test('a refresh token that goes on being used after it ended its session, each person’s apart', async () => {
    const people = [await maestro.makeUser(), await maestro.makeUser()];
    for (const { email, password } of people) {
      const signedIn = await maestro.send('POST', '/api/v1/auth/login', { json: { email, password } });
      const json = { refresh_token: (signedIn.body as { refresh_token: string }).refresh_token };
      const use = async () => (await maestro.send('POST', '/api/v1/auth/refresh', { json })).status;
      expect([await use(), await use()]).toEqual([200, 401]);
      expect(await flood('refresh', json)).toEqual(new Set([401]));
    }
    await maestro.ports.identity.refusals.flush();
    for (const { id } of people) {
      const events = await maestro.events(`?action=auth.refresh&actor=${id}`, 'operator-audit');
      const reason = 'used twice';
      expect(events.map(({ detail }) => detail)).toEqual([
        { reason, attempts: 29, since: expect.any(String) },
        { reason, attempts: 1 },
        // With the end of the session.
        { reason },
      ]);
    }
  });
});

describe('a key from an address that it does not allow', () => {
  test('is in its tenant’s audit, a flood of it as two rows, and in no other log', async () => {
    const before = await count();
    const made = await maestro.asAdmin('POST', '/keys', { name: 'bound', allowed_addresses: ['10.0.0.0/8'] });
    const { key, id } = made.body as { key: string; id: string };
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => maestro.send('GET', '/api/v1/runs', { as: key })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    await maestro.ports.identity.refusals.flush();
    const events = await maestro.events('?action=key.use');
    const refused = { outcome: 'refused', target: id, address: '127.0.0.1', actor: { kind: 'service_account' } };
    expect(events).toMatchObject([
      { ...refused, detail: { attempts: 29 } },
      { ...refused, detail: { attempts: 1, reason: 'from an address that the key does not allow' } },
    ]);
    expect(await count()).toBe(before);
    expect((await maestro.verify()).ok).toBe(true);
  });

  test('names the person whose key it is, and the address is sealed with that person’s key', async () => {
    const person = await maestro.makeUser({ tenant: maestro.tenants.a.slug, role: 'viewer' });
    const as = await maestro.signIn(person);
    const json = { name: 'own', allowed_addresses: ['10.0.0.0/8'] };
    const made = await maestro.send('POST', '/api/v1/me/keys', { as, json });
    expect(made.status, made.text).toBe(201);
    const { key } = made.body as { key: string };
    expect((await maestro.send('GET', '/api/v1/runs', { as: key })).status).toBe(401);
    const [event] = await maestro.events('?action=key.use&limit=1');
    expect(event).toMatchObject({ actor: { kind: 'user', id: person.id }, address: '127.0.0.1' });
    const [stored] = await maestro.rows(
      "SELECT address, person FROM maestro.audit_events WHERE action = 'key.use' ORDER BY seq DESC LIMIT 1",
    );
    expect(stored).toEqual({ address: '', person: person.id });
  });
});
