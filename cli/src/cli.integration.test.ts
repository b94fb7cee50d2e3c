import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueCertificate, makeAuthority } from '../../server/src/tls/authority.ts';
import type { TestApp } from '../../server/test/app.ts';
import { listenTls } from '../../server/test/tls.ts';
import { type CommandLine, json, expectFailure as oneSentence, startCommandLine } from './command_line.fixture.ts';

let line: CommandLine;
let maestro: TestApp;
let run: CommandLine['run'];
let makeDataDir: CommandLine['makeDataDir'];

beforeAll(async () => {
  line = await startCommandLine();
  ({ maestro, run, makeDataDir } = line);
});
afterAll(() => line?.stop());

const me = async (as: string) => maestro.send('GET', '/api/v1/auth/me', { as });

describe('for scripts', () => {
  test('a tenant and a key are made, and print exactly what scripts read', async () => {
    const tenant = json<{ id: string }>(await run(['tenant', 'create', 'acme', '--json']));
    expect(tenant).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), slug: 'acme' });
    const key = json<{ id: string; key: string }>(
      await run(['key', 'create', '--tenant', 'acme', '--name', 'ci', '--json']),
    );
    expect(key).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), key: expect.stringMatching(/^mst_/) });
    expect((await me(key.key)).body).toMatchObject({
      name: 'ci',
      tenant: { tenant: { id: tenant.id, slug: 'acme' }, role: 'ml_engineer' },
    });
    const list = json<{ id: string; revoked_at: string | null }[]>(
      await run(['key', 'list', '--tenant', 'acme', '--json']),
    );
    expect(list).toEqual([expect.objectContaining({ id: key.id, revoked_at: null })]);
    expect(json(await run(['key', 'revoke', key.id, '--tenant', 'acme', '--json']))).toEqual({ id: key.id });
    expect((await me(key.key)).status).toBe(401);
    expect(json(await run(['tenant', 'delete', 'acme', '--yes', '--json']))).toMatchObject({
      id: tenant.id,
      slug: 'acme',
      erased: { experiments: 1 },
    });
    const tenants = json<{ slug: string }[]>(await run(['tenant', 'list', '--json']));
    expect(tenants.map(({ slug }) => slug)).toEqual(['default', 'tenant-a', 'tenant-b']);
  });

  test('a user is made with a password from standard input, which is not printed, and signs in with it', async () => {
    const words = ['user', 'add', 'ada@example.com', '--tenant', 'tenant-a', '--role', 'viewer', '--password-stdin'];
    const password = 'a password of hers';
    const user = json(await run([...words, '--json'], undefined, `${password}\n`));
    expect(user).toEqual({ id: expect.any(String), email: 'ada@example.com' });
    const answer = await maestro.send('POST', '/api/v1/auth/login', { json: { email: 'ada@example.com', password } });
    expect(answer.status).toBe(200);
  });
});

describe('for people', () => {
  test('lists are tables with headings, and a generated password is shown once', async () => {
    const added = await run(['user', 'add', 'bob@example.com', '--name', 'Bob']);
    expect(added).toMatchObject({ code: 0, stderr: '' });
    expect(added.stdout).toMatch(/^Made user bob@example\.com \(.+\)\.\nPassword, shown this once: \S+\n$/);
    const { stdout } = await run(['user', 'list']);
    const [headings, ...rows] = stdout.trimEnd().split('\n');
    expect(headings).toMatch(/^E-MAIL +NAME +OPERATOR +ACTIVE +CREATED \(UTC\) +ID$/);
    expect(rows.some((row) => /^bob@example\.com +Bob +no +yes /.test(row))).toBe(true);
    const empty = json<{ slug: string }>(await run(['tenant', 'create', 'empty', '--json']));
    expect((await run(['key', 'list', '--tenant', empty.slug])).stdout).toBe('No keys in tenant empty.\n');
  });

  test('a name that would steer the terminal is shown harmless', async () => {
    const name = 'red \u001b[31m\u202e';
    json(await run(['tenant', 'create', 'loud', '--name', name, '--json']));
    const { stdout } = await run(['tenant', 'list']);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).not.toContain('\u202e');
  });
});

describe('elsewhere', () => {
  test('an administrator’s key works in its own tenant and nowhere else', async () => {
    const MAESTRO_TOKEN = maestro.tenants.a.keys.tenant_admin;
    const there = { MAESTRO_URL: maestro.url, MAESTRO_TOKEN };
    const made = await run(['key', 'create', '--tenant', 'tenant-a', '--name', 'far', '--json'], there);
    expect((await me(json<{ key: string }>(made).key)).status).toBe(200);
    const other = await run(['key', 'create', '--tenant', 'tenant-b', '--name', 'far'], there);
    expect(other).toEqual({ code: 1, stdout: '', stderr: "maestro: Workspace 'tenant-b' not found\n" });
    const tenants = await run(['tenant', 'list'], there);
    expect(tenants).toEqual({ code: 1, stdout: '', stderr: 'maestro: Only an operator may do this.\n' });
  });
});

describe('a failure is one sentence on standard error, with an exit code that says its kind', () => {
  test('no data directory', async () => {
    oneSentence(await run(['tenant', 'list'], {}), 3, /No Maestro runs on .*\/data; start it with npm start/);
  });

  test('a data directory whose Maestro has ended without cleaning up', async () => {
    const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    await new Promise((resolve) => child.once('close', resolve));
    const directory = await makeDataDir({ pid, url: maestro.url }, 'x');
    oneSentence(await run(['tenant', 'list'], { MAESTRO_DATA_DIR: directory }), 3, /No Maestro runs on/);
  });

  test('a state file that is none', async () => {
    const directory = await makeDataDir('{', 'x');
    oneSentence(await run(['tenant', 'list'], { MAESTRO_DATA_DIR: directory }), 1, /server\.json/);
  });

  test('no operator key', async () => {
    const directory = await makeDataDir({ pid: process.pid, url: maestro.url }, undefined);
    oneSentence(await run(['tenant', 'list'], { MAESTRO_DATA_DIR: directory }), 1, /no operator key/);
  });

  test('nothing that answers', async () => {
    const there = { MAESTRO_URL: 'http://127.0.0.1:1', MAESTRO_TOKEN: 'mst_x' };
    oneSentence(await run(['tenant', 'list'], there), 3, /does not answer/);
  });

  test('a certificate of an authority that is not known here, with what to do about it', async () => {
    const authority = await makeAuthority('ec', 2);
    const server = await listenTls(await issueCertificate(authority, { names: ['127.0.0.1'], keyType: 'ec', days: 1 }));
    const there = { MAESTRO_URL: `https://127.0.0.1:${server.port}`, MAESTRO_TOKEN: 'mst_x' };
    oneSentence(await run(['tenant', 'list'], there), 3, /certificate of https:.* NODE_EXTRA_CA_CERTS/);
    server.close();
  });

  test('half of what reaches a Maestro elsewhere', async () => {
    oneSentence(await run(['tenant', 'list'], { MAESTRO_URL: maestro.url }), 2, /MAESTRO_TOKEN/);
    oneSentence(await run(['tenant', 'list'], { MAESTRO_TOKEN: 'x' }), 2, /MAESTRO_URL/);
  });

  test('a token that does not hold', async () => {
    const there = { MAESTRO_URL: maestro.url, MAESTRO_TOKEN: 'mst_x' };
    oneSentence(await run(['tenant', 'list'], there), 1, /credentials do not hold/);
  });

  test('what the server refuses, in its own words', async () => {
    oneSentence(await run(['tenant', 'create', 'tenant-a']), 1, /slug: a tenant 'tenant-a' exists/);
    oneSentence(await run(['tenant', 'create', 'Not A Slug']), 1, /slug: expected lower-case letters/);
    oneSentence(await run(['key', 'create', '--tenant', 'nobody', '--name', 'x']), 1, /Tenant 'nobody' not found/);
    oneSentence(await run(['tenant', 'delete', 'default', '--yes']), 1, /cannot be deleted/);
  });

  test('wrong usage, before anything is asked of a server', async () => {
    oneSentence(await run(['tenant', 'create'], {}), 2, /missing required argument 'slug'/);
    oneSentence(await run(['key', 'list'], {}), 2, /--tenant/);
    oneSentence(await run(['key', 'create', '--tenant', 'a', '--name', 'x', '--expires', 'soon'], {}), 2, /90d/);
    oneSentence(await run(['user', 'add', 'a@x.org', '--role', 'viewer'], {}), 2, /--role needs --tenant/);
    oneSentence(await run(['tenant', 'list', '--nope'], {}), 2, /unknown option/);
  });

  test('a deletion that nobody confirms', async () => {
    oneSentence(await run(['tenant', 'delete', 'tenant-a']), 2, /add --yes/);
    expect((await me(maestro.tenants.a.keys.viewer)).status).toBe(200);
  });
});
