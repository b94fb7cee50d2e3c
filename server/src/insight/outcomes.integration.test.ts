import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import type { ProjectRow } from '../projects/queries.ts';
import { findProject } from '../projects/queries.ts';
import { historyOf, type TaughtProject } from './impact_history.ts';
import { teachingTexts } from './impact_queries.ts';
import { endedProjects, toldProjects } from './outcome_queries.ts';
import { durationOf, hasEnded, outcomesOf } from './outcomes.ts';

let app: TestApp;
let tenantId: string;
let projects: ProjectRow[];

const days = [
  {},
  { start_date: '2026-01-01' },
  { completion_date: '2026-01-11' },
  { start_date: '2026-01-01', completion_date: '2026-01-01' },
  { start_date: '2026-01-01', completion_date: '2026-01-11' },
];
const scores = [{}, { success_score: 0 }];
const costs = [{}, { compute_cost: 0 }, { compute_cost: 5 }];
const metadata = [undefined, 12, 0.2, 0, -3, 'long', null, true, [7], { of: 7 }].map((said) => ({
  metadata: said === undefined ? {} : { duration_days: said },
}));

/** A project of each kind there is. */
beforeAll(async () => {
  app = await startTestApp();
  const json = { slug: `t-${randomUUID().slice(0, 8)}` };
  const made = await app.send('POST', '/api/v1/tenants', { as: app.operatorKey, json });
  ({ id: tenantId } = made.body as { id: string });
  const rows = days.flatMap((when) =>
    scores.flatMap((score) =>
      costs.flatMap((cost) => metadata.map((said) => ({ ...when, ...score, ...cost, ...said }))),
    ),
  );
  projects = await app.ports.db.inTenant(tenantId, async (tx) => {
    const ids = await tx.sql<{ project_id: string }>(
      `INSERT INTO maestro.projects (tenant_id, name, start_date, completion_date, success_score, compute_cost, metadata,
                                     created_by)
       SELECT $1, gen_random_uuid(), r.start_date, r.completion_date, r.success_score, r.compute_cost, r.metadata, 'test'
         FROM jsonb_to_recordset($2::jsonb)
              AS r(start_date date, completion_date date, success_score float8, compute_cost float8, metadata jsonb)
       RETURNING project_id`,
      [tenantId, JSON.stringify(rows)],
    );
    const found: ProjectRow[] = [];
    for (const { project_id: id } of ids) found.push((await findProject(tx, id)) as ProjectRow);
    return found;
  });
  expect(projects).toHaveLength(rows.length);
});
afterAll(() => app?.stop());

const read = <T>(run: Parameters<typeof app.ports.db.inTenant<T>>[1]): Promise<T> =>
  app.ports.db.inTenant(tenantId, run);
const idsOf = (of: readonly { project_id: string }[]) => of.map(({ project_id: id }) => id).sort();

test('a project that ended is the same one to what learns from it, to PostgreSQL and to the estimate of impact', async () => {
  const ended = projects.filter(hasEnded);
  expect(ended.length).toBeGreaterThan(projects.length / 2);
  expect(ended.length).toBeLessThan(projects.length);
  expect((await read((tx) => endedProjects(tx, 1_000))).sort()).toEqual(idsOf(ended));
  const only = idsOf(projects).slice(0, 40);
  const granted = await read((tx) => endedProjects(tx, 1_000, only));
  expect(granted.sort()).toEqual(idsOf(ended.filter(({ project_id: id }) => only.includes(id))));
  const texts = await read((tx) => teachingTexts(tx, 1_000));
  expect(idsOf(JSON.parse(texts.projects))).toEqual(idsOf(ended));
});

test('what came of it is the same, too, where of its metadata no more is read than tells it', async () => {
  const told = await read((tx) => toldProjects(tx, idsOf(projects), undefined));
  const byId = new Map(told.map((project) => [project.project_id, project]));
  const taught = JSON.parse((await read((tx) => teachingTexts(tx, 1_000))).projects) as TaughtProject[];
  const { history } = historyOf(taught, [], []);
  const ofImpact = new Map(taught.map(({ project_id }, at) => [project_id, history.projects[at]?.durationDays]));
  for (const project of projects) {
    const found = byId.get(project.project_id) as (typeof told)[number];
    expect([outcomesOf(found), hasEnded(found)]).toEqual([outcomesOf(project), hasEnded(project)]);
    if (hasEnded(project)) expect(ofImpact.get(project.project_id)).toBe(durationOf(project));
  }
  expect(projects.map(durationOf)).toEqual(expect.arrayContaining([null, 1, 10, 12]));
});
