import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { finishedProjects } from '../../server/src/insight/history.fixture.ts';
import { startTestApp, type TestApp } from '../../server/test/app.ts';
import { bodyOf, enrolmentOf, type Person } from '../../server/test/enrolment.ts';
import { keepSignIn } from './credentials_file.ts';
import { createMaestro } from './maestro.ts';
import { MaestroError } from './problem.ts';
import { type Tokens, tokensOf } from './tokens.ts';

let app: TestApp;
let people: ReturnType<typeof enrolmentOf>;
let folder: string;
beforeAll(async () => {
  app = await startTestApp();
  people = enrolmentOf(app);
  folder = await mkdtemp(join(tmpdir(), 'maestro-sdk-'));
});
afterAll(async () => {
  await app?.stop();
  await rm(folder, { recursive: true, force: true });
});

const withKey = () => createMaestro({ url: app.url, credentials: { apiKey: app.tenants.a.keys.ml_engineer } });
const member = () => people.make({ tenant: 'tenant-a', role: 'ml_engineer' });
const ending = (tokens: Tokens): Tokens => ({
  ...tokens,
  access_expires_at: new Date(Date.now() + 30_000).toISOString(),
});
const signIn = async (person: Person): Promise<Tokens> =>
  tokensOf(bodyOf<Parameters<typeof tokensOf>[0]>(await people.signIn(person)), Date.now());
const exchanges = async ({ id }: Person): Promise<number> => {
  const [row] = await people.rows<{ n: number }>(
    `SELECT count(*)::int AS n FROM maestro.refresh_tokens r JOIN maestro.sessions s USING (session_id)
      WHERE s.user_id = $1 AND r.used_at IS NOT NULL`,
    [id],
  );
  return row?.n ?? 0;
};

describe('a client', () => {
  test('with an API key gives answers that have the types of the contract', async () => {
    const maestro = withKey();
    const { data: run } = await maestro.POST('/runs', { body: { experiment_id: 0, name: 'typed' } });
    const id: string = run.run_id;
    const params = { path: { run_id: id } };
    await maestro.POST('/runs/{run_id}/log', { params, body: { metrics: [{ key: 'm', value: 1, step: 2 }] } });
    const { data } = await maestro.GET('/runs/{run_id}', { params });
    expect(data).toMatchObject({ run_id: id, name: 'typed' });
    const { data: page } = await maestro.GET('/experiments', { params: { query: { limit: 1 } } });
    expect(page.items).toHaveLength(1);
    // @ts-expect-error There is no such path.
    await expect(maestro.GET('/nothing')).rejects.toThrow(MaestroError);
    // @ts-expect-error It is a number.
    await expect(maestro.POST('/runs', { body: { experiment_id: 'zero' } })).rejects.toThrow('experiment_id');
    // @ts-expect-error There is no such field.
    expect(data.nothing).toBeUndefined();
  });

  test('throws what is refused, with the problem details', async () => {
    const refused = await withKey()
      .POST('/runs', { body: { experiment_id: -1 } })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(MaestroError);
    expect(refused).toMatchObject({
      status: 400,
      type: 'urn:maestro:error:invalid_parameter',
      field: 'experiment_id',
      requestId: expect.any(String),
    });
  });

  test('acts in the tenant that it names', async () => {
    const credentials = { apiKey: app.tenants.a.keys.viewer };
    const other = createMaestro({ url: app.url, credentials, tenant: 'tenant-b' });
    await expect(other.GET('/experiments')).rejects.toThrow("Workspace 'tenant-b' not found");
  });

  test('with tokens exchanges them once for many calls, and gives the new ones to keep', async () => {
    const person = await member();
    const kept: Tokens[] = [];
    const tokens = ending(await signIn(person));
    const maestro = createMaestro({
      url: app.url,
      credentials: { tokens, onRefresh: (renewed) => void kept.push(renewed) },
    });
    const answers = await Promise.all(Array.from({ length: 10 }, () => maestro.GET('/auth/me')));
    expect(answers.every(({ data }) => data.id === person.id)).toBe(true);
    expect(kept).toHaveLength(1);
    expect(kept[0]?.refresh_token).not.toBe(tokens.refresh_token);
    expect(await exchanges(person)).toBe(1);
  });

  test('with the file of maestro login exchanges its tokens once for many clients', async () => {
    const person = await member();
    const file = join(folder, 'own', 'credentials.json');
    await keepSignIn(file, app.url, { ...ending(await signIn(person)), email: person.email });
    const clients = Array.from({ length: 10 }, () =>
      createMaestro({ url: app.url, credentials: { signIn: true, file } }),
    );
    const answers = await Promise.all(clients.map((maestro) => maestro.GET('/auth/me')));
    expect(answers.every(({ data }) => data.id === person.id)).toBe(true);
    expect(await exchanges(person)).toBe(1);
    const elsewhere = createMaestro({ url: 'http://127.0.0.1:1', credentials: { signIn: true, file } });
    await expect(elsewhere.GET('/auth/me')).rejects.toThrow('Not signed in at http://127.0.0.1:1');
  });

  test('follows no redirect with its credential', async () => {
    const seen: (string | undefined)[] = [];
    const thief = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(thief, 'listening');
    const location = `http://127.0.0.1:${(thief.address() as AddressInfo).port}/`;
    const redirecting = createServer((_request, response) => response.writeHead(307, { location }).end());
    redirecting.listen(0, '127.0.0.1');
    await once(redirecting, 'listening');
    const url = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}`;
    const maestro = createMaestro({ url, credentials: { apiKey: app.tenants.a.keys.viewer } });
    await expect(maestro.GET('/auth/me')).rejects.toThrow();
    expect(seen).toEqual([]);
    for (const server of [thief, redirecting]) server.close();
  });
});

test('a project is predicted as it is, changed, and before it is made; the answer draws itself', async () => {
  const as = app.tenants.a.keys.tenant_admin;
  const body = finishedProjects(40)
    .map((each) => JSON.stringify(each))
    .join('\n');
  await app.send('POST', '/api/v1/projects/import?format=jsonl', { as, body });
  const maestro = withKey();
  const { data: project } = await maestro.POST('/projects', { body: { name: 'Next', team_size: 4 } });

  const plain = await maestro.predict(project.project_id);
  expect(plain).toMatchObject({ name: 'Next', is_what_if: false, model_version: 1, score: null });
  expect(inspect(plain)).toMatch(
    /^What to expect of Next [\s\S]*^Duration .*├─*●─*┤$[\s\S]*^What moves the duration:\n.*│/m,
  );
  const changed = await maestro.predict(project.project_id, { team_size: 9, metadata: { industry: 'bank' } });
  expect(changed.base?.predicted_duration_days).toBe(plain.predicted_duration_days);
  expect(inspect(changed)).toMatch(/^Duration, as it is .*\nDuration, changed /m);
  const idea = await maestro.predict({ name: 'Idea', team_size: 4, keep: false });
  expect(idea).toMatchObject({ name: 'Idea', project_id: null, prediction_id: null });

  await expect(maestro.predict({})).rejects.toThrow('expected the id of a project, or what one would be like');
  await expect(maestro.predict({ keep: true })).rejects.toThrow(TypeError);
  await expect(maestro.predict('018f0000-0000-7000-8000-000000000000')).rejects.toMatchObject({ status: 404 });
  // @ts-expect-error It is a number.
  await expect(maestro.predict({ team_size: 'many' })).rejects.toThrow('team_size');
  // @ts-expect-error There is no such field.
  expect(plain.nothing).toBeUndefined();
});

test('the example of the README does what it says', async () => {
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const home = join(folder, 'example');
  await mkdir(join(home, 'node_modules', '@maestro'), { recursive: true });
  await symlink(join(import.meta.dirname, '..'), join(home, 'node_modules', '@maestro', 'sdk'));
  await writeFile(join(home, 'package.json'), '{"type":"module"}');
  await writeFile(join(home, 'example.ts'), code);
  const person = await member();
  const file = join(home, 'credentials.json');
  await keepSignIn(file, app.url, { ...(await signIn(person)), email: person.email });
  const env = { PATH: process.env.PATH, MAESTRO_URL: app.url, MAESTRO_CREDENTIALS: file };
  const child = spawn(process.execPath, ['example.ts'], { cwd: home, env });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^4\d\d .+\n$/);
  const runs = await app.send('GET', '/api/v1/runs?experiment_ids=0', { as: app.tenants.a.keys.viewer });
  expect(runs.text).toContain('from TypeScript');
});
