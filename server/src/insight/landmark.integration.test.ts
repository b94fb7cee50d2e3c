import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { peopleOf } from '../../test/people.ts';
import { findProject, type ProjectRow } from '../projects/queries.ts';
import { type Known, knownOf } from './features.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.stop());

const asAdmin = <Body>(method: string, path: string, json?: unknown) => peopleOf(app).asAdmin<Body>(method, path, json);
const dayMs = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * dayMs).toISOString().slice(0, 10);

const made = async (more: Record<string, unknown>): Promise<string> =>
  (await asAdmin<{ project_id: string }>('POST', '/projects', { name: randomUUID(), ...more })).project_id;
const measure = (project_id: string, value: number, at: string) =>
  asAdmin('POST', '/metrics', { project_id, metric_type: 'lead_time', value, at: `${at}T12:00:00Z` });

const known = (id: string): Promise<Known> =>
  app.ports.db.inTenant(app.tenants.a.id, async (tx) => {
    const project = (await findProject(tx, id)) as ProjectRow;
    return (await knownOf(tx, [project]))[0] as Known;
  });

test('of the process only the first 30 days count, the same for a project that is asked about and for one that has ended', async () => {
  const id = await made({ start_date: daysAgo(100) });
  await measure(id, 4, daysAgo(100));
  await measure(id, 6, daysAgo(71));
  await measure(id, 1000, daysAgo(70));
  await measure(id, 1000, daysAgo(101));
  const whileOpen = await known(id);
  expect(whileOpen.process).toEqual({ lead_time: 5 });
  await asAdmin('PATCH', `/projects/${id}/success`, { completion_date: daysAgo(0) });
  expect((await known(id)).process).toEqual(whileOpen.process);
});

test('a project that is younger tells nothing of its process yet', async () => {
  const id = await made({ start_date: daysAgo(29) });
  await measure(id, 4, daysAgo(29));
  expect((await known(id)).process).toEqual({});
  await asAdmin('PATCH', `/projects/${id}`, { start_date: daysAgo(30) });
  expect((await known(id)).process).toEqual({ lead_time: 4 });
});

test('artifacts count that are used from the beginning, or whose use was recorded after the end', async () => {
  const { artifact_id: artifact } = await asAdmin<{ artifact_id: string }>('POST', '/artifacts', {
    name: randomUUID(),
    type: 'schema',
    version: '1',
  });
  const usedBy = async (more: Record<string, unknown>) => {
    const id = await made(more);
    await asAdmin('POST', `/artifacts/${artifact}/use`, { project_id: id });
    return (await known(id)).reuse;
  };
  const one = { schema: 1 };
  expect(await usedBy({})).toEqual(one);
  expect(await usedBy({ start_date: daysAgo(29) })).toEqual(one);
  expect(await usedBy({ start_date: daysAgo(30) })).toEqual({});
  expect(await usedBy({ start_date: daysAgo(90), completion_date: daysAgo(2) })).toEqual(one);
});

test('a team is what its members are', async () => {
  const id = await made({});
  for (const level of ['junior', 'lead', undefined]) {
    const member = { name: 'n', role: 'r', ...(level ? { experience_level: level } : {}) };
    await asAdmin('POST', `/teams/${id}/members`, member);
  }
  expect((await known(id)).team).toMatchObject({ members: 3, experience: 2.5, seniors: 0.5 });
});
