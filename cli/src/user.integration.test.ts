import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enrolmentOf } from '../../server/test/enrolment.ts';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';

let line: CommandLine;
let run: CommandLine['run'];

beforeAll(async () => {
  line = await startCommandLine();
  run = line.run;
  said(await run(['tenant', 'change', 'tenant-a', '--max-users', '100']));
});
afterAll(() => line?.stop());

const signIn = (email: string, password: string) =>
  line.maestro.send('POST', '/api/v1/auth/login', { json: { email, password } });
async function tokenOf(email: string, password: string): Promise<string> {
  const answer = await signIn(email, password);
  expect(answer.status, answer.text).toBe(200);
  return (answer.body as { access_token: string }).access_token;
}
async function makeUser() {
  const email = `${randomUUID()}@example.org`;
  const words = ['user', 'add', email, '--tenant', 'tenant-a', '--role', 'viewer', '--json'];
  return json<{ id: string; email: string; password: string }>(await run(words));
}
const me = async (as: string) => (await line.people.native(as, 'GET', '/auth/me')).status;

describe('user', () => {
  test('show finds somebody by address, in any case, or by id', async () => {
    const { id, email } = await makeUser();
    expect(json(await run(['user', 'show', email.toUpperCase(), '--json']))).toMatchObject({ id, email });
    expect(said(await run(['user', 'show', id]))).toMatch(/^Active +yes$/m);
    expectFailure(await run(['user', 'show', 'nobody@example.org']), 1, /not found/);
  });

  test('disable signs out and refuses, enable lets in again', async () => {
    const { email, password } = await makeUser();
    const token = await tokenOf(email, password);
    said(await run(['user', 'disable', email]));
    expect([await me(token), (await signIn(email, password)).status]).toEqual([401, 401]);
    said(await run(['user', 'enable', email]));
    await tokenOf(email, password);
    expect(await me(token)).toBe(401);
  });

  test('set-password takes it from standard input, prints it nowhere, and signs out', async () => {
    const { email, password } = await makeUser();
    const token = await tokenOf(email, password);
    const next = randomBytes(16).toString('hex');
    const outcome = await run(['user', 'set-password', email, '--password-stdin'], undefined, `${next}\n`);
    expect(said(outcome)).not.toContain(next);
    expect([await me(token), (await signIn(email, password)).status]).toEqual([401, 401]);
    await tokenOf(email, next);
    expectFailure(await run(['user', 'set-password', email]), 2, /--password-stdin/);
  });

  test('sessions shows them, kill-sessions ends them', async () => {
    const { email, password } = await makeUser();
    const tokens = [await tokenOf(email, password), await tokenOf(email, password)];
    expect(json<unknown[]>(await run(['user', 'sessions', email, '--json']))).toHaveLength(2);
    expect(said(await run(['user', 'sessions', email]))).toMatch(/^DEVICE +ADDRESS +THIS ONE/);
    expect(json(await run(['user', 'kill-sessions', email, '--json']))).toEqual({ ended: 2 });
    expect(await Promise.all(tokens.map(me))).toEqual([401, 401]);
    expect(said(await run(['user', 'sessions', email]))).toBe('No sessions.\n');
  });

  test('reset-factors takes a second factor away: the password alone signs in again', async () => {
    const enrolment = enrolmentOf(line.maestro);
    const { person, token } = await enrolment.enrolled({ tenant: 'tenant-a', role: 'viewer' });
    expect((await signIn(person.email, person.password)).body).toHaveProperty('second_factor');
    said(await run(['user', 'reset-factors', person.email]));
    expect(await me(token)).toBe(401);
    await tokenOf(person.email, person.password);
  });

  test('invite mails a link into a tenant, and prints no token', async () => {
    const admin = await line.people.member('tenant_admin');
    const email = `${randomUUID()}@example.org`;
    const words = ['user', 'invite', email, '--tenant', 'tenant-a', '--role', 'viewer'];
    const invited = json(await run([...words, '--json'], line.as(admin.as)));
    expect(invited).toEqual({ id: expect.any(String), email, role: 'viewer', expires_at: expect.any(String) });
    expect(said(await run(words, line.as(admin.as)))).toContain('lies in outbox');
    const open = await line.people.asAdmin<{ items: { email: string }[] }>('GET', '/invitations');
    expect(open.items.map((invitation) => invitation.email)).toContain(email);
    expectFailure(await run(words), 1, /gives no right inside a tenant/);
  });

  test('invitations lists those that are open, and withdraw-invitation ends one by address or id', async () => {
    const admin = await line.people.member('tenant_admin');
    const as = line.as(admin.as);
    const inA = ['--tenant', 'tenant-a'];
    const [one, other] = [`${randomUUID()}@example.org`, `${randomUUID()}@example.org`];
    for (const email of [one, other]) said(await run(['user', 'invite', email, ...inA, '--role', 'viewer'], as));
    const open = async () =>
      json<{ id: string; email: string }[]>(await run(['user', 'invitations', ...inA, '--json'], as));
    const before = await open();
    expect(before).toContainEqual(expect.objectContaining({ email: one, role: 'viewer', invited_by: admin.id }));
    expect(said(await run(['user', 'invitations', ...inA], as))).toMatch(new RegExp(`^${other} +viewer `, 'm'));
    const id = before.find(({ email }) => email === one)?.id;
    const withdrawn = await run(['user', 'withdraw-invitation', one.toUpperCase(), ...inA, '--json'], as);
    expect(json(withdrawn)).toEqual({ id });
    const otherId = before.find(({ email }) => email === other)?.id ?? '';
    said(await run(['user', 'withdraw-invitation', otherId, ...inA], as));
    expect((await open()).filter(({ email }) => [one, other].includes(email))).toEqual([]);
    expectFailure(await run(['user', 'withdraw-invitation', one, ...inA], as), 1, /Invitation of .* not found/);
    expectFailure(await run(['user', 'invitations', ...inA]), 1, /gives no right inside a tenant/);
  });

  test('add --send-invitation makes somebody of whom nobody knows a password', async () => {
    const email = `${randomUUID()}@example.org`;
    const made = json(await run(['user', 'add', email, '--send-invitation', '--json']));
    expect(made).toEqual({ id: expect.any(String), email });
    expect((await line.maestro.mailsTo(email)).join()).toContain('/account#invitation=');
    const both = await run(['user', 'add', email, '--send-invitation', '--password-stdin']);
    expectFailure(both, 2, /not both/);
  });

  test('change gives another name, and makes an operator and no operator', async () => {
    const { id, email } = await makeUser();
    const shown = async () => json(await run(['user', 'show', id, '--json']));
    expect(json(await run(['user', 'change', email, '--name', 'Ada', '--operator', '--json']))).toEqual({ id, email });
    expect(await shown()).toMatchObject({ name: 'Ada', is_operator: true });
    said(await run(['user', 'change', email, '--no-operator']));
    expect(await shown()).toMatchObject({ name: 'Ada', is_operator: false });
    expectFailure(await run(['user', 'change', email]), 2, /Nothing to change/);
  });

  test('delete removes a person, and asks before', async () => {
    const { email, password } = await makeUser();
    const token = await tokenOf(email, password);
    expectFailure(await run(['user', 'delete', email]), 2, /add --yes/);
    expect(await me(token)).toBe(200);
    const report = said(await run(['user', 'delete', email, '--yes']));
    expect(report).toMatch(/^sessions +1$/m);
    expect(report).toMatch(/^memberships +1$/m);
    expect([await me(token), (await signIn(email, password)).status]).toEqual([401, 401]);
    expectFailure(await run(['user', 'show', email]), 1, /not found/);
  });

  test('export writes what is kept of a person to a file of the user’s alone, whole or not at all', async () => {
    const { id, email } = await makeUser();
    const directory = await mkdtemp(join(tmpdir(), 'maestro-export-'));
    try {
      const path = join(directory, 'ada.jsonl');
      expect(json(await run(['user', 'export', email, '--output', path, '--json']))).toEqual({ id, output: path });
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
      expect(lines[1]).toContain(email);
      expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ end: { lines: lines.length - 2 } });
      expectFailure(await run(['user', 'export', randomUUID(), '--output', join(directory, 'none')]), 1, /not found/);
      expect(await readdir(directory)).toEqual(['ada.jsonl']);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  test('a member who is no operator is refused', async () => {
    const viewer = await line.people.member('viewer');
    expectFailure(await run(['user', 'list'], line.as(viewer.as)), 1, /Only an operator may do this/);
    const outcome = await run(['user', 'list', '--tenant', 'tenant-a'], line.as(viewer.as));
    expectFailure(outcome, 1, /does not include member:read/);
  });
});

describe('session', () => {
  test('list marks the one that asks, end ends one, end-all --others all but this one', async () => {
    const { email, password } = await makeUser();
    const [token, other, third] = [
      await tokenOf(email, password),
      await tokenOf(email, password),
      await tokenOf(email, password),
    ];
    const mine = line.as(token);
    const list = async () =>
      json<{ id: string; is_current: boolean }[]>(await run(['session', 'list', '--json'], mine));
    const others = (await list()).filter(({ is_current }) => !is_current);
    expect(others).toHaveLength(2);
    expect(said(await run(['session', 'list'], mine))).toMatch(/ yes /);
    const ended = others[0]?.id ?? '';
    expect(json(await run(['session', 'end', ended, '--json'], mine))).toEqual({ id: ended });
    expect((await list()).map(({ id }) => id)).not.toContain(ended);
    expect(json(await run(['session', 'end-all', '--others', '--json'], mine))).toEqual({ ended: 1 });
    expect(await Promise.all([token, other, third].map(me))).toEqual([200, 401, 401]);
    said(await run(['session', 'end-all'], mine));
    expect(await me(token)).toBe(401);
  });

  test('is nothing that a key has', async () => {
    expectFailure(await run(['session', 'list']), 1, /maestro user sessions/);
    const key = line.as(line.maestro.tenants.a.keys.tenant_admin);
    expectFailure(await run(['session', 'list'], key), 1, /./);
  });
});

describe('signing-key', () => {
  test('rotate makes another key sign, and tokens of the one before still hold', async () => {
    const { email, password } = await makeUser();
    const token = await tokenOf(email, password);
    interface SigningKey {
      kid: string;
      is_current: boolean;
    }
    const before = json<SigningKey[]>(await run(['signing-key', 'list', '--json']));
    const after = json<SigningKey[]>(await run(['signing-key', 'rotate', '--json']));
    const current = (keys: SigningKey[]) => keys.filter(({ is_current }) => is_current).map(({ kid }) => kid);
    expect(current(after)).not.toEqual(current(before));
    expect(after.map(({ kid }) => kid)).toEqual(expect.arrayContaining(current(before)));
    expect(await me(token)).toBe(200);
    expect(said(await run(['signing-key', 'list']))).toMatch(/^KEY +USE +CREATED/);
    const viewer = await line.people.member('viewer');
    expectFailure(await run(['signing-key', 'rotate'], line.as(viewer.as)), 1, /Only an operator/);
  });

  test('rotate --compromised leaves one key, and no token of those before holds', async () => {
    const { email, password } = await makeUser();
    const token = await tokenOf(email, password);
    expect(await me(token)).toBe(200);
    const after = json<{ is_current: boolean }[]>(await run(['signing-key', 'rotate', '--compromised', '--json']));
    expect(after).toMatchObject([{ is_current: true }]);
    expect(await me(token)).toBe(401);
  });
});

describe('switch', () => {
  test('begin goes into a tenant with a reason, list tells who is where, end leaves', async () => {
    const operator = await line.people.operator();
    const as = line.as(operator.as);
    const within = async () =>
      (await line.people.native(operator.as, 'GET', '/auth/me')).body as { tenant: { tenant: { slug: string } } };
    const words = ['switch', 'begin', 'tenant-a', '--reason', 'ticket 7', '--minutes', '5', '--role', 'viewer'];
    const stay = json(await run([...words, '--json'], as));
    expect(stay).toMatchObject({ tenant: 'tenant-a', role: 'viewer', reason: 'ticket 7', user_id: operator.id });
    expect((await within()).tenant.tenant.slug).toBe('tenant-a');
    expect(json(await run(['switch', 'list', '--json']))).toMatchObject([{ user_id: operator.id, tenant: 'tenant-a' }]);
    expect(said(await run(['switch', 'list']))).toMatch(/ tenant-a +viewer .* ticket 7$/m);
    expect(json(await run(['switch', 'end', '--json'], as))).toEqual({});
    expect((await within()).tenant.tenant.slug).not.toBe('tenant-a');
    expectFailure(await run(['switch', 'end'], as), 1, /in no tenant by a switch/);
    expectFailure(await run(['switch', 'begin', 'tenant-a', '--minutes', '5'], as), 2, /--reason/);
    expectFailure(await run(words), 1, /signed in/);
  });
});

describe('tenant', () => {
  test('settings shows and changes what its administrators set; change sets the same for operators', async () => {
    const admin = await line.people.member('tenant_admin', 'tenant-b');
    const as = line.as(admin.as);
    const settings = ['tenant', 'settings', 'tenant-b'];
    expect(said(await run(settings, as))).toMatch(/^Second factor required +no$/m);
    const set = json(await run([...settings, '--name', 'B', '--require-factor', '--json'], as));
    expect(set).toMatchObject({ name: 'B', requires_factor: true });
    const times = ['--session-days', '2', '--session-idle-minutes', '30', '--no-require-factor'];
    const changed = json(await run(['tenant', 'change', 'tenant-b', ...times, '--json']));
    expect(changed).toMatchObject({ session_days: 2, session_idle_minutes: 30, requires_factor: false });
    said(await run(['tenant', 'change', 'tenant-b', '--session-days', 'none']));
    expect(said(await run(['tenant', 'show', 'tenant-b']))).toMatch(/^Days of a session +as the server is set$/m);
    expectFailure(await run(settings), 1, /gives no right inside a tenant/);
  });

  test('recount-storage counts the files of a tenant anew, for operators', async () => {
    expect(json(await run(['tenant', 'recount-storage', 'tenant-a', '--json']))).toEqual({ storage_bytes: 0 });
    expect(said(await run(['tenant', 'recount-storage', 'tenant-a']))).toMatch(/take up 0 bytes/);
    const viewer = await line.people.member('viewer');
    const outcome = await run(['tenant', 'recount-storage', 'tenant-a'], line.as(viewer.as));
    expectFailure(outcome, 1, /Only an operator/);
  });

  test('show and change know its limits, close refuses its members and open lets them in', async () => {
    const slug = `t-${randomUUID().slice(0, 8)}`;
    said(await run(['tenant', 'create', slug]));
    const { key } = json<{ key: string }>(await run(['key', 'create', '--tenant', slug, '--name', 'k', '--json']));
    const limits = ['--max-users', '3', '--max-storage-bytes', '1000000', '--requests-per-second', 'none'];
    const changed = json(await run(['tenant', 'change', slug, '--name', 'Team', ...limits, '--json']));
    expect(changed).toMatchObject({
      name: 'Team',
      max_users: 3,
      max_storage_bytes: 1_000_000,
      requests_per_second: null,
    });
    expect(said(await run(['tenant', 'show', slug]))).toMatch(/^Users at most +3$/m);
    said(await run(['tenant', 'change', slug, '--close']));
    expect(await me(key)).toBe(401);
    said(await run(['tenant', 'change', slug, '--open']));
    expect(await me(key)).toBe(200);
    expectFailure(await run(['tenant', 'change', slug]), 2, /Nothing to change/);
    expectFailure(await run(['tenant', 'change', slug, '--open', '--close']), 2, /not both/);
    expectFailure(await run(['tenant', 'change', slug, '--max-users', 'many']), 2, /whole number/);
  });

  test('usage is for its members', async () => {
    const viewer = await line.people.member('viewer');
    const usage = await run(['tenant', 'usage', 'tenant-a', '--json'], line.as(viewer.as));
    expect(json(usage)).toMatchObject({ users: { used: expect.any(Number), max: expect.any(Number) } });
    expectFailure(await run(['tenant', 'usage', 'tenant-a']), 1, /gives no right inside a tenant/);
  });
});
