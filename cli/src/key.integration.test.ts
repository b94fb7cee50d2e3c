import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../server/test/people.ts';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';

interface NewKey {
  id: string;
  key: string;
}
interface Key {
  id: string;
  name: string;
  scopes: string[] | null;
  allowed_addresses: string[] | null;
  expires_at: string | null;
  revoked_at: string | null;
  owner: { kind: string; name?: string; role?: string };
}

let line: CommandLine;
let run: CommandLine['run'];
let admin: Person;

beforeAll(async () => {
  line = await startCommandLine();
  run = line.run;
  admin = await line.people.member('tenant_admin');
});
afterAll(() => line?.stop());

const inA = ['--tenant', 'tenant-a'];
const statusOf = async (as: string, method = 'GET', body?: unknown) =>
  (await line.people.native(as, method, '/experiments', body)).status;
const keyOf = async (id: string, environment?: Record<string, string>) =>
  json<Key[]>(await run(['key', 'list', ...inA, '--json'], environment)).find((key) => key.id === id);
const daysLeft = (key: Key | undefined) => (Date.parse(key?.expires_at ?? '') - Date.now()) / 86_400_000;

describe('key', () => {
  test('create makes one as narrow, as short and as local as it is told', async () => {
    const words = ['key', 'create', ...inA, '--name', 'ci', '--role', 'ml_engineer', '--expires', '2w'];
    const narrow = ['--scope', 'experiment:read,run:read', '--scope', 'run:write', '--allow', '127.0.0.0/8,::1'];
    const made = json<NewKey>(await run([...words, ...narrow, '--json']));
    expect(Object.keys(made)).toEqual(['id', 'key']);
    const seen = await keyOf(made.id);
    expect(seen).toMatchObject({
      scopes: ['experiment:read', 'run:read', 'run:write'],
      allowed_addresses: ['127.0.0.0/8', '::1'],
      owner: { kind: 'service_account', name: 'ci', role: 'ml_engineer' },
    });
    expect(daysLeft(seen)).toBeCloseTo(14, 1);
    expect([await statusOf(made.key), await statusOf(made.key, 'POST', { name: 'x' })]).toEqual([200, 403]);
  });

  test('create says when the key ends, and never only where that was asked for', async () => {
    const words = ['key', 'create', ...inA, '--name', 'ends'];
    expect(said(await run(words))).toMatch(/until \d{4}-\d\d-\d\d \d\d:\d\d UTC\.\nShown this once: mst_\w+\n$/);
    const never = said(await run([...words, '--expires', 'never']));
    expect(never).toContain('without an end');
  });

  test('rotate makes a new secret and says nothing of the old one, which ends', async () => {
    const old = json<NewKey>(await run(['key', 'create', ...inA, '--name', 'turn', '--json']));
    const next = json<NewKey>(await run(['key', 'rotate', old.id, ...inA, '--overlap', '0', '--json']));
    expect([await statusOf(old.key), await statusOf(next.key)]).toEqual([401, 200]);
    const again = await run(['key', 'rotate', old.id, ...inA]);
    expectFailure(again, 1, /was rotated; the key in its place is/);
    expect(said(await run(['key', 'list', ...inA]))).toMatch(/^turn +turn +ml_engineer +rotated|expired /m);
  });

  test('update gives another name and other addresses, and no other secret', async () => {
    const { id, key } = json<NewKey>(await run(['key', 'create', ...inA, '--name', 'old', '--json']));
    const update = (...words: string[]) => run(['key', 'update', id, ...inA, ...words]);
    const closed = json<Key>(await update('--name', 'new', '--allow', '10.0.0.0/8,10.1.0.1', '--json'));
    expect(closed).toMatchObject({ id, name: 'new', allowed_addresses: ['10.0.0.0/8', '10.1.0.1'] });
    expect(await statusOf(key)).toBe(401);
    expect(said(await update('--allow-all'))).toMatch(/^Changed key new .* works from everywhere\.$/m);
    expect(await statusOf(key)).toBe(200);
    expectFailure(await update(), 2, /Nothing to change/);
    expectFailure(await update('--allow', '::1', '--allow-all'), 2, /not both/);
    expectFailure(await update('--allow', 'home'), 1, /allowed_addresses/);
    const mine = line.as((await line.people.member('tenant_admin')).as);
    const own = json<NewKey>(await run(['key', 'create', ...inA, '--name', 'mine', '--own', '--json'], mine));
    said(await run(['key', 'update', own.id, ...inA, '--own', '--name', 'laptop'], mine));
    expect(await keyOf(own.id, mine)).toMatchObject({ name: 'laptop' });
  });

  test('revoke ends one at once', async () => {
    const { id, key } = json<NewKey>(await run(['key', 'create', ...inA, '--name', 'gone', '--json']));
    expect(await statusOf(key)).toBe(200);
    expect(json(await run(['key', 'revoke', id, ...inA, '--json']))).toEqual({ id });
    expect(await statusOf(key)).toBe(401);
    expectFailure(await run(['key', 'revoke', randomUUID(), ...inA]), 1, /not found/);
  });

  test('--own works on the keys of whose access token it is', async () => {
    const mine = line.as(admin.as);
    const made = json<NewKey>(await run(['key', 'create', ...inA, '--name', 'laptop', '--own', '--json'], mine));
    expect(await keyOf(made.id, mine)).toMatchObject({ owner: { kind: 'user' } });
    const own = json<Key[]>(await run(['key', 'list', ...inA, '--own', '--json'], mine));
    expect(own.map(({ id }) => id)).toEqual([made.id]);
    const next = json<NewKey>(await run(['key', 'rotate', made.id, ...inA, '--own', '--json'], mine));
    expect(json(await run(['key', 'revoke', next.id, ...inA, '--own', '--json'], mine))).toEqual({ id: next.id });
    expect(await statusOf(next.key)).toBe(401);
    expectFailure(await run(['key', 'list', ...inA, '--own']), 1, /The operator key gives no right inside a tenant/);
  });

  test('names what is wrong with what it is told', async () => {
    const words = ['key', 'create', ...inA, '--name', 'x'];
    expectFailure(await run([...words, '--scope', 'run:fly']), 1, /scopes/);
    expectFailure(await run([...words, '--allow', 'home']), 1, /allowed_addresses: expected addresses or ranges/);
    expectFailure(await run([...words, '--expires', '11y']), 2, /90d/);
    expectFailure(await run([...words, '--own', '--role', 'viewer']), 2, /--own is for a key of yours/);
    expectFailure(await run(['key', 'rotate', randomUUID(), ...inA, '--overlap', 'x']), 2, /whole number of hours/);
  });
});

describe('service-account', () => {
  test('create, show, change, disable, enable and delete do what they say', async () => {
    const made = json<{ id: string }>(
      await run(['service-account', 'create', 'bot', ...inA, '--role', 'viewer', '--json']),
    );
    expect(made).toEqual({ id: expect.any(String), name: 'bot', role: 'viewer' });
    const words = ['key', 'create', ...inA, '--name', 'k', '--service-account', 'bot', '--json'];
    const { key } = json<NewKey>(await run(words));
    expect(said(await run(['service-account', 'show', 'bot', ...inA]))).toMatch(/^Role +viewer$/m);
    said(await run(['service-account', 'change', 'bot', ...inA, '--role', 'ml_engineer', '--name', 'robot']));
    expect(await statusOf(key, 'POST', { name: randomUUID() })).toBe(201);
    said(await run(['service-account', 'disable', 'robot', ...inA]));
    expect(await statusOf(key)).toBe(401);
    said(await run(['service-account', 'enable', made.id, ...inA]));
    expect(await statusOf(key)).toBe(200);
    expectFailure(await run(['service-account', 'delete', 'robot', ...inA]), 2, /add --yes/);
    expect(json(await run(['service-account', 'delete', 'robot', ...inA, '--yes', '--json']))).toMatchObject({
      name: 'robot',
    });
    expect(await statusOf(key)).toBe(401);
    expectFailure(await run(['service-account', 'show', 'robot', ...inA]), 1, /'robot' not found/);
  });

  test('list shows what is orphaned, and adopt takes it over', async () => {
    const leaver = await line.people.member('tenant_admin');
    const { key } = json<NewKey>(await run(['key', 'create', ...inA, '--name', 'left', '--json'], line.as(leaver.as)));
    await line.people.asAdmin('DELETE', `/members/${leaver.id}`);
    const list = () => run(['service-account', 'list', ...inA]).then(said);
    expect(await list()).toMatch(/^left +ml_engineer +orphaned /m);
    expect(await statusOf(key)).toBe(401);
    said(await run(['service-account', 'adopt', 'left', ...inA], line.as(admin.as)));
    expect(await list()).toMatch(/^left +ml_engineer +active /m);
    expect(await statusOf(key)).toBe(200);
  });

  test('change wants something to change', async () => {
    expectFailure(await run(['service-account', 'change', 'bot', ...inA]), 2, /Nothing to change/);
  });
});
