import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { codeOf, commit, january } from '../../test/code_of.ts';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.stop());

const { ok, project, insert, record } = codeOf(() => app);
const cicd = (id: string, more = '') =>
  ok<{ dora: Record<string, unknown> }>('GET', `/teams/${id}/cicd-metrics?${january}${more}`);
const deployment = (deployment_key: string, at: string, status = 'success', more: object = {}) => ({
  repository: 'r',
  deployment_key,
  environment: 'production',
  status,
  at,
  ...more,
});

test('builds are counted by how they ended, with their tests', async () => {
  const id = await project();
  const build = (run_key: string, status: string, more: object = {}) => ({
    repository: 'r',
    run_key,
    workflow: 'ci',
    status,
    started_at: '2026-01-05T08:00:00Z',
    ...more,
  });
  await insert('ci_runs', id, [
    build('1', 'success', { tests: 10, tests_failed: 0, tests_skipped: 1 }),
    build('2', 'success'),
    build('3', 'failure', { tests: 10, tests_failed: 3, tests_skipped: 1 }),
    build('4', 'cancelled'),
    build('5', 'running'),
  ]);
  expect(await cicd(id)).toMatchObject({
    builds: { success: 2, failure: 1, cancelled: 1, success_rate: 2 / 3, tests: 20, tests_failed: 3 },
  });
});

test('lead time runs from a commit to the deployment that brought it, up to the commit that it names', async () => {
  const id = await project();
  const named = commit('ada', '2026-01-06T08:00:00Z');
  await record(id, [
    commit('ada', '2026-01-04T08:00:00Z'), // before the first deployment: not known when it came
    commit('ada', '2026-01-05T12:00:00Z'), // 24 hours to the second
    named, // 4 hours
    commit('ada', '2026-01-06T10:00:00Z'), // not in the second, though older than it: 46 hours to the third
    commit('ada', '2026-01-09T08:00:00Z'), // not deployed
  ]);
  await record(id, [commit('bob', '2026-01-05T13:00:00Z')], 'other');
  await insert('deployments', id, [
    deployment('1', '2026-01-05T08:00:00Z'),
    deployment('2', '2026-01-06T12:00:00Z', 'success', { sha: named.sha }),
    deployment('x', '2026-01-07T08:00:00Z', 'success', { environment: 'staging' }),
    deployment('y', '2026-01-07T09:00:00Z', 'failure'),
    deployment('3', '2026-01-08T08:00:00Z'),
  ]);
  const told = await cicd(id);
  expect(told).toMatchObject({
    counted: 'deployments',
    environments: [
      { environment: 'production', deployments: 4 },
      { environment: 'staging', deployments: 1 },
    ],
    dora: {
      deployments: 3,
      days_with_deployment: 3,
      failed: 1,
      change_failure_rate: 0.25,
      lead_time_hours: { count: 3, min: 4, p50: 24, max: 46 },
      hours_to_restore: { count: 1, p50: 23 },
    },
  });
  expect((await cicd(id, '&environment=staging')).dora).toMatchObject({ deployments: 1, failed: 0 });
});

test('the environment that is asked for is found among any number of others', async () => {
  const id = await project();
  const at = '2026-01-05T08:00:00Z';
  await insert(
    'deployments',
    id,
    Array.from({ length: 60 }, (_, index) =>
      [0, 1].map((time) => deployment(`${index}:${time}`, at, 'success', { environment: `review/${index}` })),
    ).flat(),
  );
  await insert('deployments', id, [deployment('p', at)]);
  expect(await cicd(id)).toMatchObject({ counted: 'deployments', dora: { deployments: 1 } });
});

test('days to come are none without a deployment', async () => {
  const id = await project();
  const day = (from: number) => new Date(Date.now() + from * 86_400_000).toISOString().slice(0, 10);
  await insert('deployments', id, [deployment('1', `${day(-3)}T08:00:00Z`)]);
  const perWeek = async (from: number, to: number) =>
    (await ok<{ dora: { per_week: number } }>('GET', `/teams/${id}/cicd-metrics?from=${day(from)}&to=${day(to)}`)).dora
      .per_week;
  expect(await perWeek(-6, 60)).toBe(1);
  expect(await perWeek(10, 60)).toBe(0);
});

test('incidents fail the deployment before them and are restored by their end; sent again they are the same', async () => {
  const id = await project();
  await insert('deployments', id, [deployment('1', '2026-01-05T08:00:00Z'), deployment('2', '2026-01-08T08:00:00Z')]);
  const path = `/teams/${id}/incidents/INC-7`;
  await ok('PUT', path, { started_at: '2026-01-06T08:00:00Z' });
  expect((await cicd(id)).dora).toMatchObject({ failed: 1, change_failure_rate: 0.5, unrestored: 1 });
  await ok('PUT', path, { started_at: '2026-01-06T08:00:00Z', resolved_at: '2026-01-06T09:30:00Z' });
  await ok('PUT', `/teams/${id}/incidents/INC-8`, {
    environment: 'staging',
    started_at: '2026-01-06T08:00:00Z',
  });
  expect((await cicd(id)).dora).toMatchObject({
    failed: 1,
    unrestored: 0,
    hours_to_restore: { count: 1, p50: 1.5 },
  });
  await ok('DELETE', path);
  expect((await cicd(id)).dora).toMatchObject({ failed: 0 });
  const as = app.tenants.a.keys.data_scientist;
  expect((await app.send('DELETE', `/api/v1${path}`, { as })).status).toBe(404);
  const json = { started_at: '2026-01-06T08:00:00Z', resolved_at: '2026-01-05T08:00:00Z' };
  const turned = await app.send('PUT', `/api/v1${path}`, { as, json });
  expect([turned.status, turned.text]).toEqual([400, expect.stringContaining('resolved_at: expected a time')]);
});

test('where nothing tells of deployments, releases are', async () => {
  const id = await project();
  const release = (tag: string, at: string, is_prerelease = false) => ({ repository: 'r', tag, at, is_prerelease });
  await insert('code_releases', id, [
    release('1', '2026-01-05T08:00:00Z'),
    release('2-rc', '2026-01-06T08:00:00Z', true),
    release('2', '2026-01-07T08:00:00Z'),
  ]);
  await record(id, [commit('ada', '2026-01-05T20:00:00Z')]);
  expect(await cicd(id)).toMatchObject({
    counted: 'releases',
    environments: [],
    dora: { deployments: 2, change_failure_rate: 0, lead_time_hours: { count: 1, p50: 36 } },
  });
});
