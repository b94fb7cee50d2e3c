import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { type Person, peopleOf } from '../../test/people.ts';

const run = promisify(execFile);
let app: TestApp;
let as: string;
beforeAll(async () => {
  app = await startTestApp();
  as = app.tenants.a.keys.data_scientist;
});
afterAll(() => app?.stop());

async function call<Body>(method: string, path: string, json?: unknown): Promise<Body> {
  const answer = await app.send(method, path, { as, ...(json === undefined ? {} : { json }) });
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body as Body;
}
const native = <Body>(method: string, path: string, json?: unknown) => call<Body>(method, `/api/v1${path}`, json);
const unique = (name: string) => `${name} ${randomUUID().slice(0, 8)}`;

/** A project with an experiment and a run in it. */
async function work() {
  const { project_id: project } = await native<{ project_id: string }>('POST', '/projects', { name: unique('p') });
  const made = await native<{ experiment_id: number }>('POST', '/experiments', { name: unique('e') });
  await app.ports.db.inTenant(app.tenants.a.id, (tx) =>
    tx.sql('INSERT INTO maestro.project_experiments (tenant_id, experiment_id, project_id) VALUES ($1, $2, $3)', [
      tx.tenantId,
      made.experiment_id,
      project,
    ]),
  );
  const { run_id: runId } = await native<{ run_id: string }>('POST', '/runs', {
    experiment_id: made.experiment_id,
    name: 'train',
  });
  return { project, experiment: made.experiment_id, runId };
}

const log = (runId: string, path: string, body: string) =>
  app.send('PUT', `/api/v1/runs/${runId}/files/content?path=${encodeURIComponent(path)}`, { as, body });
const download = async (id: string, version: string): Promise<Buffer> => {
  const answer = await fetch(`${app.url}/api/v1/artifacts/${id}/versions/${version}/content`, {
    headers: { authorization: `Bearer ${as}` },
  });
  return Buffer.from(await answer.arrayBuffer());
};

interface Promoted {
  artifact: { artifact_id: string; latest_version: string };
  version: { version: string; sha256: string; run_id: string; model_id: string | null; file_name: string };
}
const promote = (json: Record<string, unknown>) => native<Promoted>('POST', '/artifacts/promote', json);

/** What tar finds in an archive. */
async function unpacked(archive: Buffer): Promise<(path: string) => Promise<string>> {
  const directory = await mkdtemp(join(tmpdir(), 'maestro-tar-'));
  await writeFile(join(directory, 'a.tar'), archive);
  await run('tar', ['-xf', 'a.tar'], { cwd: directory });
  return async (path) => {
    const text = await readFile(join(directory, path), 'utf8');
    await rm(join(directory, path));
    return text;
  };
}

describe('promotion', () => {
  test('makes a run’s file a version whose lineage is seen from both ends', async () => {
    const { project, experiment, runId } = await work();
    await log(runId, 'features.json', '{"a":1}');
    const { artifact, version } = await promote({
      run_id: runId,
      path: 'features.json',
      name: unique('f'),
      type: 'schema',
    });
    expect(version).toMatchObject({ version: '1', run_id: runId, file_name: 'features.json' });
    expect((await download(artifact.artifact_id, '1')).toString()).toBe('{"a":1}');

    const { project_id: second } = await native<{ project_id: string }>('POST', '/projects', {
      name: unique('second'),
    });
    await native('POST', `/artifacts/${artifact.artifact_id}/use`, { project_id: second });
    expect(await native('GET', `/artifacts/${artifact.artifact_id}/lineage`)).toMatchObject({
      versions: [
        {
          version: '1',
          run: { run_id: runId, name: 'train', path: 'features.json' },
          experiment: { experiment_id: experiment },
          project: { project_id: project },
          used_by: [{ project_id: second }],
        },
      ],
    });
    const entry = { artifact_id: artifact.artifact_id, version: '1' };
    expect(await native('GET', `/projects/${project}/artifacts`)).toMatchObject({
      produced: [{ ...entry, run_id: runId }],
      used: [],
    });
    expect(await native('GET', `/projects/${second}/artifacts`)).toMatchObject({ produced: [], used: [entry] });
  });

  test('adds versions to an artifact, and keeps what the run loses', async () => {
    const { runId } = await work();
    await log(runId, 'x.bin', 'one');
    const { artifact } = await promote({
      run_id: runId,
      path: 'x.bin',
      name: unique('x'),
      type: 'schema',
      version: '1.0',
    });
    await log(runId, 'x.bin', 'two');
    const next = await promote({ run_id: runId, path: 'x.bin', artifact_id: artifact.artifact_id, version: '1.1' });
    expect(next.artifact).toMatchObject({ artifact_id: artifact.artifact_id, latest_version: '1.1' });
    as = app.tenants.a.keys.tenant_admin;
    await native('DELETE', `/runs/${runId}/files/content?path=x.bin`);
    as = app.tenants.a.keys.data_scientist;
    expect(String(await download(artifact.artifact_id, '1.0'))).toBe('one');
    expect(String(await download(artifact.artifact_id, '1.1'))).toBe('two');
  });

  test('packs a logged model whole, as an archive that tar reads and that is the same each time', async () => {
    const { experiment, runId } = await work();
    const made = await call<{ model: { info: { model_id: string; artifact_uri: string } } }>(
      'POST',
      '/api/2.0/mlflow/logged-models',
      { experiment_id: String(experiment), name: 'model', source_run_id: runId },
    );
    const { model_id: model, artifact_uri: uri } = made.model.info;
    const long = `${'deep/'.repeat(30)}größe.txt`;
    for (const [path, text] of [
      ['MLmodel', 'flavors: {}'],
      ['data/weights.bin', 'x'.repeat(3000)],
      [long, 'long'],
      ['empty', ''],
    ]) {
      const put = `${uri.replace('mlflow-artifacts:/', '/api/2.0/mlflow-artifacts/artifacts/')}/${encodeURI(path as string)}`;
      expect((await app.send('PUT', put, { as, body: text as string })).status).toBe(200);
    }
    const { artifact, version } = await promote({ model_id: model, name: unique('m'), type: 'model_template' });
    expect(version).toMatchObject({ model_id: model, run_id: runId });
    const read = await unpacked(await download(artifact.artifact_id, '1'));
    expect(await read('MLmodel')).toBe('flavors: {}');
    expect(await read('data/weights.bin')).toBe('x'.repeat(3000));
    expect(await read(long)).toBe('long');
    expect(await read('empty')).toBe('');
    const again = await promote({ model_id: model, name: unique('m'), type: 'model_template' });
    expect(again.version.sha256).toBe(version.sha256);
  });

  test.each([
    [{ name: 'x', type: 'schema' }, 'run_id'],
    [{ run_id: 'RUN', name: 'x', type: 'schema' }, 'path'],
    [{ run_id: 'RUN', path: '../x', name: 'x', type: 'schema' }, 'path'],
    [{ run_id: 'RUN', path: 'f', model_id: 'm-1', name: 'x', type: 'schema' }, 'run_id'],
    [{ run_id: 'RUN', path: 'f', type: 'schema' }, 'name'],
    [{ run_id: 'RUN', path: 'f', artifact_id: randomUUID(), name: 'x' }, 'artifact_id'],
  ])('of %j is refused, and the field is named', async (json, field) => {
    const { runId } = await work();
    const answer = await app.send('POST', '/api/v1/artifacts/promote', {
      as,
      json: JSON.parse(JSON.stringify(json).replace('RUN', runId)),
    });
    expect(answer.body).toMatchObject({ status: 400, field });
  });

  test('of another tenant’s run, or of a file that is not there, finds nothing and leaves nothing', async () => {
    const { runId } = await work();
    await log(runId, 'x.bin', 'one');
    const missing = { run_id: runId, path: 'none', name: unique('n'), type: 'schema' };
    expect((await app.send('POST', '/api/v1/artifacts/promote', { as, json: missing })).status).toBe(404);
    const other = app.tenants.b.keys.tenant_admin;
    const theirs = { run_id: runId, path: 'x.bin', name: 'theirs', type: 'schema' };
    expect((await app.send('POST', '/api/v1/artifacts/promote', { as: other, json: theirs })).status).toBe(404);
    const found = await app.send('GET', '/api/v1/artifacts/top', { as: other });
    expect(found.body).toEqual({ items: [] });
  });
});

test('nobody promotes what their role does not read, and nothing is made then', async () => {
  const { runId } = await work();
  await log(runId, 'secret.txt', 'secret');
  const people = peopleOf(app);
  const name = unique('librarian').replace(' ', '-');
  const permissions = ['tenant:read', 'artifact:read', 'artifact:write'];
  await people.asAdmin('POST', '/roles', { name, permissions });
  const librarian = await people.account(name);
  const json = { run_id: runId, path: 'secret.txt', name: unique('taken'), type: 'schema' };
  expect((await people.native(librarian.as, 'POST', '/artifacts/promote', json)).status).toBe(403);
  expect((await people.native(librarian.as, 'GET', `/artifacts?name=${encodeURIComponent(json.name)}`)).body).toEqual({
    items: [],
    next_page_token: null,
  });
});

describe('where a version comes from', () => {
  const people = () => peopleOf(app);
  const grantTo = (who: Person, kind: string, thing: string | number, permissions: string[]) =>
    people().asAdmin('POST', '/grants', {
      subject: { kind: 'service_account', id: who.id },
      resource: { kind, id: String(thing) },
      permissions,
    });
  /** A version of a run's file and one of a logged model of that run, which another project uses. */
  async function origin() {
    const { project, experiment, runId } = await work();
    await log(runId, 'features.json', '{}');
    const { artifact } = await promote({ run_id: runId, path: 'features.json', name: unique('f'), type: 'schema' });
    const made = await call<{ model: { info: { model_id: string; artifact_uri: string } } }>(
      'POST',
      '/api/2.0/mlflow/logged-models',
      { experiment_id: String(experiment), name: 'model', source_run_id: runId },
    );
    const { model_id: model, artifact_uri: uri } = made.model.info;
    const put = `${uri.replace('mlflow-artifacts:/', '/api/2.0/mlflow-artifacts/artifacts/')}/MLmodel`;
    expect((await app.send('PUT', put, { as, body: '{}' })).status).toBe(200);
    await promote({ model_id: model, artifact_id: artifact.artifact_id });
    const { project_id: user } = await native<{ project_id: string }>('POST', '/projects', { name: unique('user') });
    await native('POST', `/artifacts/${artifact.artifact_id}/use`, { project_id: user });
    return { id: artifact.artifact_id, project, user, experiment, runId, model };
  }
  /** Everything that the answers about it tell somebody, as one text. */
  async function told(by: Person, { id, project }: { id: string; project: string }): Promise<string> {
    const paths = ['/versions', '/versions/1', '/versions/2', '/lineage', '/usages'].map(
      (end) => `/artifacts/${id}${end}`,
    );
    const answers = await Promise.all(
      [...paths, `/projects/${project}/artifacts`].map((path) => people().native(by.as, 'GET', path)),
    );
    expect(answers.slice(0, -1).map(({ status }) => status)).toEqual(paths.map(() => 200));
    return answers.map(({ text }) => text).join('\n');
  }
  const tells = (text: string, { runId, model }: { runId: string; model: string }) => ({
    run: text.includes(runId),
    path: text.includes('"features.json"') && text.includes('_path":"features.json"'),
    model: text.includes(model),
  });

  test('is told by role: of runs, models, experiments and projects only what it reads', async () => {
    const from = await origin();
    const role = async (...permissions: string[]) => {
      const name = `r-${randomUUID().slice(0, 8)}`;
      await people().asAdmin('POST', '/roles', { name, permissions: ['tenant:read', 'artifact:read', ...permissions] });
      return told(await people().account(name), from);
    };
    expect(tells(await role(), from)).toEqual({ run: false, path: false, model: false });
    expect(tells(await role('project:read'), from)).toEqual({ run: false, path: false, model: false });
    expect(tells(await role('run:read'), from)).toEqual({ run: true, path: true, model: false });
    expect(tells(await role('model:read'), from)).toEqual({ run: false, path: false, model: true });
    expect(tells(await told(await people().account('viewer'), from), from)).toEqual({
      run: true,
      path: true,
      model: true,
    });
  });

  test('is told by grants on the experiment, the project or the model, and of these alone', async () => {
    const [from, other] = [await origin(), await origin()];
    const name = `r-${randomUUID().slice(0, 8)}`;
    await people().asAdmin('POST', '/roles', { name, permissions: ['tenant:read', 'artifact:read'] });
    const reader = await people().account(name);
    await grantTo(reader, 'model', from.model, ['model:read']);
    expect(tells(await told(reader, from), from)).toEqual({ run: false, path: false, model: true });
    await grantTo(reader, 'experiment', from.experiment, ['run:read', 'experiment:read']);
    expect(tells(await told(reader, from), from)).toEqual({ run: true, path: true, model: true });
    await grantTo(reader, 'project', from.user, ['project:read']);
    const { body } = await people().native(reader.as, 'GET', `/artifacts/${from.id}/lineage`);
    expect(body).toMatchObject({
      versions: [
        {
          experiment: { experiment_id: from.experiment },
          project: null,
          used_by: [{ project_id: from.user, project_name: expect.stringMatching(/^user/) }],
        },
        { run: { run_id: from.runId }, project: null },
      ],
    });
    expect(tells(await told(reader, other), other)).toEqual({ run: false, path: false, model: false });
    expect(await told(reader, other)).not.toMatch(/"project_name":"user/);
  });
});
