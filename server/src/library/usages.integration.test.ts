import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import type { TenantTx } from '../db/tenancy.ts';
import { outcomesOf } from './usage_queries.ts';

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
  uses: number;
}

const create = (name: string, more: Record<string, unknown> = {}) =>
  made<Artifact>(call('POST', '/artifacts', { name, type: 'feature_pipeline', ...more }));
const project = async (name: string, more: Record<string, unknown> = {}) =>
  (await made<{ project_id: string }>(call('POST', '/projects', { name, ...more }))).project_id;
const use = (artifact: string, projectId: string, version?: string) =>
  call('POST', `/artifacts/${artifact}/use`, { project_id: projectId, ...(version ? { version } : {}) });
const artifactOf = (id: string) => made<Artifact>(call('GET', `/artifacts/${id}`));

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

  test('that is recorded while its artifact’s are counted leaves no fewer than no other projects', async () => {
    const { artifact_id: id } = await create('a', { version: '1' });
    await made(use(id, await project('first')));
    const { others } = await app.ports.db.inTenant(tenantId, (tx) => {
      /** After each statement there is one more project, which uses it. */
      const sql: TenantTx['sql'] = async <Row>(...given: Parameters<TenantTx['sql']>) => {
        const found = await tx.sql<Row>(...given);
        await made(use(id, await project(randomUUID())));
        return found;
      };
      return outcomesOf(Object.assign(Object.create(tx), { sql }), id);
    });
    expect(others.projects).toBe(0);
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
    }
    const unknown = randomUUID();
    for (const thing of [secret, unknown]) {
      expect((await theirs('GET', `/projects/${thing}/artifacts`)).status).toBe(404);
      expect((await theirs('POST', `/artifacts/${id}/use`, { project_id: thing })).status).toBe(404);
    }
  });
});
