import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../server/test/people.ts';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';

let line: CommandLine;
let admin: Person;
let viewer: Person;
let experiment: number;

beforeAll(async () => {
  line = await startCommandLine();
  admin = await line.people.member('tenant_admin');
  viewer = await line.people.member('viewer');
  const made = await line.people.asAdmin<{ experiment_id: number }>('POST', '/experiments', { name: randomUUID() });
  experiment = made.experiment_id;
});
afterAll(() => line?.stop());

/** As an administrator of tenant-a. */
const run = (...words: string[]) => line.run([...words, '--tenant', 'tenant-a'], line.as(admin.as));
const rename = async (as: string) =>
  (await line.people.native(as, 'PATCH', `/experiments/${experiment}`, { name: randomUUID() })).status;

describe('role', () => {
  test('create, show, change, list and delete do what they say', async () => {
    const words = ['--inherits', 'viewer', '--permission', 'run:write,run:delete', '--permission', 'model:write'];
    const made = json<{ permissions: string[] }>(await run('role', 'create', 'tuner', ...words, '--json'));
    expect(made).toMatchObject({ name: 'tuner', inherits: ['viewer'] });
    expect(new Set(made.permissions)).toEqual(new Set(['run:write', 'run:delete', 'model:write']));
    expect(said(await run('role', 'show', 'tuner'))).toMatch(/^Allows +.*experiment:read.*run:write/m);
    said(await run('role', 'change', 'tuner', '--permission', 'run:write', '--description', 'Tunes'));
    expect(said(await run('role', 'list'))).toMatch(/^tuner +no +viewer +\d+ +Tunes$/m);
    expect(json(await run('role', 'delete', 'tuner', '--json'))).toEqual({ name: 'tuner' });
    expectFailure(await run('role', 'show', 'tuner'), 1, /'tuner' not found/);
  });

  test('assign makes a member of who is none, and changes the role of who is one', async () => {
    const email = `${randomUUID()}@example.org`;
    said(await line.run(['user', 'add', email]));
    const assigned = json<{ user_id: string }>(await run('role', 'assign', 'viewer', email, '--json'));
    expect(assigned).toEqual({ user_id: expect.any(String), email, role: 'viewer' });
    expect(said(await run('role', 'assign', 'ml_engineer', email))).toContain('has the role ml_engineer');
    expect(said(await run('user', 'list'))).toMatch(new RegExp(`^${email} +- +ml_engineer `, 'm'));
    expectFailure(await run('role', 'assign', 'king', email), 1, /no role 'king'/);
    expectFailure(await run('role', 'assign', 'viewer', 'nobody@example.org'), 1, /no user has this address/);
  });

  test('unassign takes a member’s place in the tenant', async () => {
    const { id, name, as } = await line.people.member('viewer');
    expect((await line.people.native(as, 'GET', '/experiments')).status).toBe(200);
    expect(json(await run('role', 'unassign', name, '--json'))).toEqual({ user_id: id, email: name });
    expect((await line.people.native(as, 'GET', '/experiments')).status).toBe(403);
    expectFailure(await run('role', 'unassign', name), 1, /not found/);
  });

  test('why explains a member, a service account and the caller', async () => {
    expect(said(await run('role', 'why'))).toMatch(/role tenant_admin:\nPERMISSION +BY\n.*tenant_admin/);
    const asked = ['--permission', 'experiment:write'];
    expect(said(await run('role', 'why', viewer.name, ...asked))).toMatch(/^No: /);
    expect(said(await run('role', 'why', '--service-account', 'ml_engineer', ...asked))).toMatch(/^Yes: The role/);
    const told = json<{ answer: { allowed: boolean } }>(
      await run('role', 'why', viewer.name, ...asked, '--on', `experiment:${experiment}`, '--json'),
    );
    expect(told.answer.allowed).toBe(false);
    expectFailure(await run('role', 'why', '--on', 'experiment:1'), 2, /--on needs --permission/);
    expectFailure(await run('role', 'why', 'nobody@example.org'), 1, /not found/);
  });

  test('the operator key is told what to do instead', async () => {
    const outcome = await line.run(['role', 'list', '--tenant', 'tenant-a']);
    expectFailure(outcome, 1, /MAESTRO_URL and MAESTRO_TOKEN .*'maestro key create --tenant tenant-a/);
  });

  test('who may not, is told so by the server', async () => {
    const outcome = await line.run(['role', 'create', 'x', '--tenant', 'tenant-a'], line.as(viewer.as));
    expectFailure(outcome, 1, /does not include role:write/);
    expectFailure(await run('role', 'change', 'viewer'), 2, /Nothing to change/);
  });
});

describe('grant', () => {
  test('create opens one thing to somebody, list shows it, and delete closes it', async () => {
    expect(await rename(viewer.as)).toBe(403);
    const on = `experiment:${experiment}`;
    const words = ['grant', 'create', on, '--user', viewer.name, '--permission', 'experiment:write', '--json'];
    const { id } = json<{ id: string }>(await run(...words));
    expect(await rename(viewer.as)).toBe(200);
    expect(said(await run('grant', 'list', '--on', on))).toContain(`experiment ${experiment}`);
    expect(json<unknown[]>(await run('grant', 'list', '--user', admin.name, '--json'))).toEqual([]);
    expect(json(await run('grant', 'delete', id, '--json'))).toEqual({ id });
    expect(await rename(viewer.as)).toBe(403);
  });

  test('create wants one subject, one thing, and a role or permissions', async () => {
    const on = ['grant', 'create', `experiment:${experiment}`];
    expectFailure(await run(...on, '--role', 'viewer'), 2, /either --user or --service-account/);
    expectFailure(await run(...on, '--user', viewer.name), 2, /either --role or --permission/);
    expectFailure(await run('grant', 'create', 'everything', '--user', 'x', '--role', 'viewer'), 2, /experiment:ID/);
  });
});
