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
    await app.ports.db.inTenant(tenantId, (tx) =>
      tx.sql(
        `UPDATE maestro.artifact_usages SET used_at = '2026-01-05T08:00:00.000001Z'
          WHERE tenant_id = $1 AND project_id = ANY ($2::uuid[])`,
        [tenantId, projects.slice(1, 6)],
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
