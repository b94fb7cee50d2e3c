import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { withClient } from '../db/roles.ts';
import { removeTraces, traceStatements } from '../identity/traces.ts';

let app: TestApp;
let key: string;
let slug: string;
let tenantId: string;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.stop());

const operator = (method: string, path: string, json: unknown) =>
  app.send(method, `/api/v1${path}`, { as: app.operatorKey, json });
const call = (method: string, path: string, json?: unknown) =>
  app.send(method, `/api/v1${path}`, { as: key, ...(json === undefined ? {} : { json }) });

async function made<Body>(answer: ReturnType<typeof call>): Promise<Body> {
  const { status, body, text } = await answer;
  expect(status, text).toBeLessThan(300);
  return body as Body;
}

/** A tenant of the test's own. */
beforeEach(async () => {
  slug = `t-${randomUUID().slice(0, 8)}`;
  ({ id: tenantId } = await made<{ id: string }>(operator('POST', '/tenants', { slug })));
  const asked = operator('POST', `/tenants/${slug}/keys`, { name: 'k', role: 'tenant_admin' });
  ({ key } = await made<{ key: string }>(asked));
});

interface Artifact {
  artifact_id: string;
  name: string;
  tags: string[];
  is_active: boolean;
  latest_version: string | null;
  uses: number;
  deprecation_reason: string | null;
}
interface Version {
  version: string;
  sha256: string | null;
  size: number | null;
  run_id: string | null;
}

const create = (name: string, more: Record<string, unknown> = {}) =>
  made<Artifact>(call('POST', '/artifacts', { name, type: 'feature_pipeline', ...more }));
const project = async (name: string, more: Record<string, unknown> = {}) =>
  (await made<{ project_id: string }>(call('POST', '/projects', { name, ...more }))).project_id;
const contentPath = (artifact: string, version: string) => `/api/v1/artifacts/${artifact}/versions/${version}/content`;
const put = (artifact: string, version: string, body: string | Uint8Array) =>
  app.send('PUT', contentPath(artifact, version), { as: key, body });
const get = (artifact: string, version: string, headers: Record<string, string> = {}) =>
  app.send('GET', contentPath(artifact, version), { as: key, headers });
const use = (artifact: string, projectId: string, version?: string) =>
  call('POST', `/artifacts/${artifact}/use`, { project_id: projectId, ...(version ? { version } : {}) });
const artifactOf = (id: string) => made<Artifact>(call('GET', `/artifacts/${id}`));
const usage = async () =>
  made<{ artifacts: { used: number }; storage_bytes: { used: number } }>(call('GET', '/tenant/usage'));
const stored = () => app.ports.blobs.measure(tenantId, async (size) => size);
const rows = (text: string) =>
  withClient(app.database.superuser, async (client) => (await client.query(text, [tenantId])).rows);

describe('an artifact', () => {
  test('is created, changed, deprecated, restored and deleted', async () => {
    const artifact = await create('churn features', { tags: ['nlp'], version: '1.0.0', storage_path: 's3://b/x' });
    const { artifact_id: id } = artifact;
    expect(artifact).toMatchObject({ latest_version: '1.0.0', is_active: true, uses: 0, avg_impact_score: null });
    expect(await made(call('PATCH', `/artifacts/${id}`, { tags: ['text'] }))).toMatchObject({ tags: ['text'] });
    expect(await made(call('POST', `/artifacts/${id}/deprecate`, { reason: 'see v2' }))).toMatchObject({
      is_active: false,
      deprecation_reason: 'see v2',
    });
    expect(await made(call('POST', `/artifacts/${id}/restore`))).toMatchObject({
      is_active: true,
      deprecation_reason: null,
    });
    expect((await call('DELETE', `/artifacts/${id}`)).status).toBe(204);
    expect((await call('GET', `/artifacts/${id}`)).status).toBe(404);
    expect(await rows('SELECT 1 FROM maestro.search_terms WHERE tenant_id = $1')).toEqual([]);
  });

  test('has a name of its own in the tenant, also where two take it at once', async () => {
    const both = await Promise.all([1, 2].map(() => call('POST', '/artifacts', { name: 'same', type: 'schema' })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    const { artifact_id: id } = await create('other');
    expect((await call('PATCH', `/artifacts/${id}`, { name: 'same' })).body).toMatchObject({
      status: 409,
      field: 'name',
    });
  });

  test('gives a version without a name the next number that none was called by hand', async () => {
    const { artifact_id: id } = await create('counted', { version: '2' });
    const add = (json: object = {}) =>
      made<{ version: string; number: number }>(call('POST', `/artifacts/${id}/versions`, json));
    expect(await add()).toMatchObject({ version: '3', number: 2 });
    expect(await add({ version: '5' })).toMatchObject({ version: '5', number: 3 });
    expect(await add()).toMatchObject({ version: '4', number: 4 });
    expect(await add()).toMatchObject({ version: '6', number: 5 });
    const taken = await call('POST', `/artifacts/${id}/versions`, { version: '4' });
    expect(taken.body).toMatchObject({ status: 409 });
    const both = await Promise.all([add(), add()]);
    expect(both.map(({ version }) => version).sort()).toEqual(['7', '8']);
  });

  test.each([
    [{ type: 'schema' }, 'name'],
    [{ name: 'x', type: 'Not A Type' }, 'type'],
    [{ name: 'x', type: 'schema', tags: 'nlp' }, 'tags'],
    [{ name: 'x', type: 'schema', stars: 5 }, 'stars'],
  ])('is refused as %j, and the field is named', async (json, field) => {
    expect((await call('POST', '/artifacts', json)).body).toMatchObject({ status: 400, field });
  });

  test('is one of no more than the tenant may have, exactly, however many come at once', async () => {
    await made(operator('PATCH', `/tenants/${slug}`, { max_artifacts: 5 }));
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => call('POST', '/artifacts', { name: `a${n}`, type: 'schema' })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    for (const { status, body } of answers) if (status !== 201) expect(body).toMatchObject({ status: 429 });
    expect((await usage()).artifacts).toEqual({ used: 5, max: 5 });
    const { artifact_id: id } = answers.find(({ status }) => status === 201)!.body as Artifact;
    expect((await call('DELETE', `/artifacts/${id}`)).status).toBe(204);
    await create('fits again');
  });

  test('is not there for another tenant', async () => {
    const { artifact_id: id } = await create('mine', { version: '1' });
    await put(id, '1', 'secret');
    key = app.tenants.b.keys.tenant_admin;
    for (const path of ['', '/versions', '/versions/1', '/versions/1/content', '/usages', '/analytics', '/lineage']) {
      expect((await call('GET', `/artifacts/${id}${path}`)).status, path).toBe(404);
    }
    expect(await made(call('POST', '/artifacts/search', { q: 'mine' }))).toMatchObject({ items: [] });
  });
});

describe('a version', () => {
  test('is named by its maker, else by its number, and the list pages through all', async () => {
    const { artifact_id: id } = await create('a');
    const path = `/artifacts/${id}/versions`;
    for (const version of [undefined, '1.1.0-rc1', 'final final', undefined]) {
      await made(call('POST', path, version === undefined ? {} : { version }));
    }
    expect((await call('POST', path, { version: 'final final' })).body).toMatchObject({
      status: 409,
      field: 'version',
    });
    const names: string[] = [];
    let token: string | null = '';
    while (token !== null) {
      const query = `?limit=3${token === '' ? '' : `&page_token=${token}`}`;
      const page: { items: Version[]; next_page_token: string | null } = await made(call('GET', path + query));
      names.push(...page.items.map(({ version }) => version));
      token = page.next_page_token;
    }
    expect(names).toEqual(['4', 'final final', '1.1.0-rc1', '1']);
    expect((await call('GET', `${path}?page_token=x`)).body).toMatchObject({ status: 400, field: 'page_token' });
  });

  test('keeps its content as it is: hashed, ranged, and never shown as a page of ours', async () => {
    const { artifact_id: id } = await create('a', { version: '1' });
    const text = '<script>alert(1)</script>';
    const { body } = await put(id, '1', text);
    expect(body).toMatchObject({ sha256: createHash('sha256').update(text).digest('hex'), size: text.length });
    const whole = await get(id, '1');
    expect(whole.text).toBe(text);
    expect(whole.headers.get('content-security-policy')).toContain('sandbox');
    expect(whole.headers.get('content-disposition')).toMatch(/^attachment/);
    const part = await get(id, '1', { range: 'bytes=1-6' });
    expect([part.status, part.text]).toEqual([206, 'script']);
    expect((await put(id, '1', text)).status).toBe(200);
    expect((await put(id, '1', 'other')).body).toMatchObject({ status: 409 });
    expect((await get(id, '1')).text).toBe(text);
  });

  test.each(['..', '. .', '数'.repeat(200), '🎵'.repeat(100), 'a/b%2fc: d'])(
    'is taken whatever the artifact is called: %s',
    async (name) => {
      const { artifact_id: id } = await create(name, { version: '1' });
      const answer = await put(id, '1', 'x');
      expect(answer.status, answer.text).toBe(200);
    },
  );

  test('that is kept elsewhere takes no content and says where it is', async () => {
    const { artifact_id: id } = await create('a', { version: '1', storage_path: 's3://bucket/x' });
    expect((await put(id, '1', 'x')).status).toBe(400);
    expect((await get(id, '1')).body).toMatchObject({ status: 404, detail: expect.stringContaining('s3://bucket/x') });
  });
});

describe('content', () => {
  test('is stored once for each tenant and counted once, until the last version that has it goes', async () => {
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) ids.push((await create(name, { version: '1' })).artifact_id);
    const body = new Uint8Array(10_000).fill(120);
    await Promise.all(ids.map(async (id) => expect((await put(id, '1', body)).status).toBe(200)));
    expect([await stored(), (await usage()).storage_bytes.used]).toEqual([10_000, 10_000]);
    for (const id of ids.slice(0, 2)) await call('DELETE', `/artifacts/${id}`);
    expect((await get(ids[2] as string, '1')).text).toHaveLength(10_000);
    await call('DELETE', `/artifacts/${ids[2]}`);
    expect([await stored(), (await usage()).storage_bytes.used]).toEqual([0, 0]);
    expect(await rows('SELECT 1 FROM maestro.artifact_leftovers WHERE tenant_id = $1')).toEqual([]);
  });

  test('is never lost to a version that takes it while another that has it goes', async () => {
    for (let round = 0; round < 15; round += 1) {
      const [old, fresh] = [
        await create(`old${round}`, { version: '1' }),
        await create(`new${round}`, { version: '1' }),
      ];
      await put(old.artifact_id, '1', 'shared');
      const [gone, taken] = await Promise.all([
        call('DELETE', `/artifacts/${old.artifact_id}`),
        put(fresh.artifact_id, '1', 'shared'),
      ]);
      expect([gone.status, taken.status]).toEqual([204, 200]);
      expect((await get(fresh.artifact_id, '1')).text).toBe('shared');
      expect(await stored()).toBe(6);
      await call('DELETE', `/artifacts/${fresh.artifact_id}`);
    }
    expect([await stored(), (await usage()).storage_bytes.used]).toEqual([0, 0]);
  });

  test('that a crash left without a version goes at a later upload', async () => {
    const left = randomUUID();
    const { artifact_id: id } = await create('a', { version: '1' });
    await app.ports.db.inTenant(tenantId, (tx) =>
      tx.sql(
        `INSERT INTO maestro.artifact_leftovers (tenant_id, blob_id, since) VALUES ($1, $2, now() - interval '2 days')`,
        [tenantId, left],
      ),
    );

    await app.ports.blobs.write(tenantId, `#library/${left}`, Readable.from([Buffer.from('half')]));
    await put(id, '1', 'whole');
    expect(await stored()).toBe(5);
    expect(await rows('SELECT 1 FROM maestro.artifact_leftovers WHERE tenant_id = $1')).toEqual([]);
  });

  test('beyond the storage quota is refused and leaves nothing', async () => {
    await made(operator('PATCH', `/tenants/${slug}`, { max_storage_bytes: 100 }));
    const { artifact_id: id } = await create('a', { version: '1' });
    expect((await put(id, '1', 'x'.repeat(101))).status).toBe(413);
    expect([await stored(), (await usage()).storage_bytes.used]).toEqual([0, 0]);
    expect((await put(id, '1', 'x'.repeat(100))).status).toBe(200);
    expect([await stored(), (await usage()).storage_bytes.used]).toEqual([100, 100]);
  });

  test('takes up no more than the storage quota, to the byte, however much comes at once and whether or not its length is said', async () => {
    await made(operator('PATCH', `/tenants/${slug}`, { max_storage_bytes: 100 }));
    const ids = await Promise.all(
      Array.from({ length: 12 }, async (_, n) => (await create(`a${n}`, { version: '1' })).artifact_id),
    );
    const answers = await Promise.all(ids.map((id, n) => put(id, '1', String(n).padEnd(30, '-'))));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(3).fill(200), ...Array(9).fill(413)]);
    expect([await stored(), (await usage()).storage_bytes.used]).toEqual([90, 90]);
    const { artifact_id: last } = await create('last', { version: '1' });
    const unsaid = async (bytes: number) => {
      const answer = await fetch(app.url + contentPath(last, '1'), {
        method: 'PUT',
        headers: { authorization: `Bearer ${key}` },
        body: Readable.from([Buffer.alloc(bytes)]),
        duplex: 'half',
      } as unknown as RequestInit);
      await answer.text();
      return answer.status;
    };
    expect(await unsaid(11)).toBe(413);
    expect([await stored(), (await usage()).storage_bytes.used]).toEqual([90, 90]);
    expect(await unsaid(10)).toBe(200);
    expect([await stored(), (await usage()).storage_bytes.used]).toEqual([100, 100]);
    const kept = ids.find((_, n) => answers[n]?.status === 200) as string;
    expect((await call('DELETE', `/artifacts/${kept}`)).status).toBe(204);
    expect([await stored(), (await usage()).storage_bytes.used]).toEqual([70, 70]);
  });

  test('cannot be reached by the faces of run files', async () => {
    const { artifact_id: id } = await create('a', { version: '1' });
    await put(id, '1', 'secret');
    const [{ blob_id: blob }] = (await rows('SELECT blob_id FROM maestro.artifact_contents WHERE tenant_id = $1')) as [
      { blob_id: string },
    ];
    const list = await app.send('GET', '/api/2.0/mlflow-artifacts/artifacts', { as: key });
    expect(list.text).not.toContain('library');
    for (const directory of ['%23library', '%2523library', '.%2F%23library', 'a%2F..%2F%23library']) {
      const path = `/api/2.0/mlflow-artifacts/artifacts/${directory}/${blob}`;
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const answer = await app.send(method, path, { as: key, ...(method === 'PUT' ? { body: 'x' } : {}) });
        expect(answer.status, `${method} ${path}`).toBe(400);
      }
    }
    expect((await get(id, '1')).text).toBe('secret');
  });
});

describe('a use', () => {
  test('counts once for each version and project, however often and at once it is said', async () => {
    const { artifact_id: id } = await create('a', { version: '1' });
    await made(call('POST', `/artifacts/${id}/versions`, { version: '2' }));
    const [one, two] = [await project('one'), await project('two')];
    const answers = await Promise.all(Array.from({ length: 10 }, () => use(id, one, '1')));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    await made(use(id, one));
    await made(use(id, two));
    expect(await artifactOf(id)).toMatchObject({ uses: 3 });
    const { items } = await made<{ items: { version: string; project_name: string }[] }>(
      call('GET', `/artifacts/${id}/usages`),
    );
    expect(items.map(({ version, project_name }) => [version, project_name])).toEqual([
      ['2', 'two'],
      ['2', 'one'],
      ['1', 'one'],
    ]);
    expect((await use(id, randomUUID())).status).toBe(404);
    expect((await use(id, one, '9')).status).toBe(404);
    expect((await call('DELETE', `/projects/${one}`)).status).toBeLessThan(300);
    expect(await artifactOf(id)).toMatchObject({ uses: 1 });
  });

  test('raises an artifact in the top list, which leaves out what is deprecated', async () => {
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) ids.push((await create(name, { version: '1' })).artifact_id);
    for (const [count, id] of ids.entries()) {
      for (let n = 0; n < count; n += 1) await made(use(id, await project(`p${count}-${n}`)));
    }
    const top = async () =>
      (await made<{ items: Artifact[] }>(call('GET', '/artifacts/top'))).items.map(({ name }) => name);
    expect(await top()).toEqual(['c', 'b', 'a']);
    await made(call('POST', `/artifacts/${ids[2]}/deprecate`));
    expect(await top()).toEqual(['b', 'a']);
  });

  test('is told by month, beside what came of those who use it and of all others', async () => {
    const { artifact_id: id } = await create('a', { version: '1' });
    for (const [n, success_score] of [90, 70, null].entries()) {
      await made(use(id, await project(`user${n}`, { success_score })));
    }
    await project('other', { success_score: 40 });
    expect(await made(call('GET', `/artifacts/${id}/analytics`))).toMatchObject({
      uses: 3,
      uses_by_month: [{ month: new Date().toISOString().slice(0, 7), uses: 3 }],
      success: {
        users: { projects: 3, scored: 2, mean: 80, median: 80 },
        others: { projects: 1, scored: 1, mean: 40, median: 40 },
      },
      avg_impact_score: null,
      impact_projects: 0,
      impact_note: expect.stringContaining('n = 0'),
    });
  });
});

describe('a role that reads and writes the library alone', () => {
  test('learns nothing of projects and says nothing of them', async () => {
    const { artifact_id: id } = await create('a', { version: '1' });
    const secret = await project('secret');
    await made(use(id, secret));
    await made(call('POST', '/roles', { name: 'librarian', permissions: ['artifact:read', 'artifact:write'] }));
    const asked = operator('POST', `/tenants/${slug}/keys`, { name: 'l', role: 'librarian' });
    const { key: librarian } = await made<{ key: string }>(asked);
    const theirs = (method: string, path: string, json?: unknown) =>
      app.send(method, `/api/v1${path}`, { as: librarian, ...(json === undefined ? {} : { json }) });
    for (const path of ['usages', 'lineage', 'analytics']) {
      const { status, text } = await theirs('GET', `/artifacts/${id}/${path}`);
      expect(status, text).toBe(200);
      expect(text).not.toContain('secret');
      expect(text).not.toContain(secret);
    }
    const unknown = randomUUID();
    for (const thing of [secret, unknown]) {
      expect((await theirs('GET', `/projects/${thing}/artifacts`)).status).toBe(404);
      expect((await theirs('POST', `/artifacts/${id}/use`, { project_id: thing })).status).toBe(404);
    }
  });

  test('reads usages page by page, each once, also where they are of one moment, and no token names a project', async () => {
    const { artifact_id: id } = await create('a', { version: '1' });
    const projects: string[] = [];
    for (const name of ['p', 'q', 'r', 's', 't', 'u', 'v']) {
      projects.push(await project(name));
      await made(use(id, projects.at(-1) as string));
    }
    const [{ tenant_id }] = (await rows('SELECT tenant_id FROM maestro.artifact_usages WHERE tenant_id = $1')) as [
      { tenant_id: string },
    ];
    await app.ports.db.inTenant(tenant_id, (tx) =>
      tx.sql(
        `UPDATE maestro.artifact_usages SET used_at = '2026-01-05T08:00:00.000001Z'
          WHERE tenant_id = $1 AND project_id = ANY ($2::uuid[])`,
        [tenant_id, projects.slice(1, 6)],
      ),
    );
    for (const limit of [1, 2, 3, 7]) {
      const found: string[] = [];
      let query = `?limit=${limit}`;
      for (;;) {
        const page = await made<{ items: { project_id: string }[]; next_page_token: string | null }>(
          call('GET', `/artifacts/${id}/usages${query}`),
        );
        found.push(...page.items.map(({ project_id }) => project_id));
        if (page.next_page_token === null) break;
        const place = Buffer.from(page.next_page_token, 'base64url').toString();
        expect(projects.filter((one) => place.includes(one))).toEqual([]);
        query = `?limit=${limit}&page_token=${page.next_page_token}`;
      }
      expect(found).toHaveLength(projects.length);
      expect(new Set(found)).toEqual(new Set(projects));
    }
    const forged = (place: unknown) => Buffer.from(JSON.stringify(place)).toString('base64url');
    for (const place of [['2026-01-05', '-1'], ['2026-01-05', 'x'], ['soon', '1'], ['2026-01-05', '1e99'], ['x']]) {
      const answer = await call('GET', `/artifacts/${id}/usages?page_token=${forged(place)}`);
      expect([place, answer.status]).toEqual([place, 400]);
    }
  });
});

describe('a person’s export', () => {
  test('has the projects, artifacts, versions and usages that name the person, and an erasure lets them stand', async () => {
    const { artifact_id: id } = await create('a', { version: '1' });
    await made(use(id, await project('p')));
    const [{ created_by: person }] = (await rows('SELECT created_by FROM maestro.artifacts WHERE tenant_id = $1')) as [
      { created_by: string },
    ];
    const found = await app.ports.db.inTenant(tenantId, async (tx) => {
      await removeTraces(tx, person, []);
      const tables: string[] = [];
      for (const { table, text } of traceStatements) {
        if ((await tx.sql(text, [tenantId, person, []])).length > 0) tables.push(table);
      }
      return tables;
    });
    expect(found).toEqual(expect.arrayContaining(['projects', 'artifacts', 'artifact_versions', 'artifact_usages']));
  });
});
