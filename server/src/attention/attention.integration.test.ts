import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { peopleOf } from '../../test/people.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.stop());

interface Attention {
  silent_runs: { run_id: string; name: string; last_time: number }[];
  late_projects: { name: string; days: number; predicted_days: number }[];
  failed_jobs: { what: string; failures: number }[];
  full_quotas: { quota: string; used: number; max: number }[];
  expiring_keys: { name: string; is_own: boolean }[];
  open_invitations: number;
}

async function ok<Body>(method: string, path: string, as: string, json?: unknown): Promise<Body> {
  const answer = await app.send(method, `/api/v1${path}`, { as, ...(json === undefined ? {} : { json }) });
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body as Body;
}
const seenBy = (as: string) => ok<Attention>('GET', '/tenant/attention', as);
const rows = (text: string, values: unknown[]) =>
  app.ports.db.inTenant(app.tenants.a.id, (tx) => tx.sql(text, [tx.tenantId, ...values]));
const hourMs = 3_600_000;
const dayAgo = (days: number) => new Date(Date.now() - days * 24 * hourMs).toISOString().slice(0, 10);

test('a tenant in which nothing happens needs nobody', async () => {
  expect(await seenBy(app.tenants.b.keys.tenant_admin)).toEqual({
    silent_runs: [],
    late_projects: [],
    failed_jobs: [],
    full_quotas: [],
    expiring_keys: [],
    open_invitations: 0,
  });
});

test('runs that go on and log nothing are told, those that log or ended are not', async () => {
  const as = app.tenants.a.keys.data_scientist;
  const began = Date.now() - 5 * hourMs;
  const run = async (name: string, start: number, metricAt?: number): Promise<string> => {
    const made = await ok<{ run_id: string }>('POST', '/runs', as, { experiment_id: 0, name, start_time: start });
    const metrics = [{ key: 'loss', value: 1, step: 1, timestamp: metricAt }];
    if (metricAt !== undefined) await ok('POST', `/runs/${made.run_id}/log`, as, { metrics });
    return made.run_id;
  };
  const silent = await run('silent', began);
  const stopped = await run('stopped', began, began + hourMs);
  await run('logs', began, Date.now());
  await run('young', Date.now());
  await run('forgotten', Date.now() - 40 * 24 * hourMs);
  const ended = await run('ended', began);
  await ok('PATCH', `/runs/${ended}`, as, { status: 'FINISHED', end_time: Date.now() });
  expect((await seenBy(app.tenants.a.keys.viewer)).silent_runs).toEqual([
    { run_id: stopped, name: 'stopped', last_time: began + hourMs },
    { run_id: silent, name: 'silent', last_time: began },
  ]);
  expect((await seenBy(app.tenants.b.keys.viewer)).silent_runs).toEqual([]);
});

test('a run is not silent while one that it began shows that it lives: by a metric, its beginning or its end', async () => {
  const { data_scientist: as, viewer } = app.tenants.a.keys;
  const { experiment_id } = await ok<{ experiment_id: number }>('POST', '/experiments', as, { name: 'sweeps' });
  const began = Date.now() - 5 * hourMs;
  const run = async (name: string, start_time: number, parent?: string): Promise<string> => {
    const tags = parent === undefined ? [] : [{ key: 'mlflow.parentRunId', value: parent }];
    return (await ok<{ run_id: string }>('POST', '/runs', as, { experiment_id, name, start_time, tags })).run_id;
  };
  const end = (id: string, end_time: number) => ok('PATCH', `/runs/${id}`, as, { status: 'FINISHED', end_time });
  const names = ['logs', 'starts', 'ends', 'deletes', 'dies'];
  const [logs, starts, ends, deletes, dies] = await Promise.all(names.map((name) => run(name, began)));
  const metrics = [{ key: 'loss', value: 1, step: 1, timestamp: Date.now() }];
  await ok('POST', `/runs/${await run('child', began, logs)}/log`, as, { metrics });
  await run('child', Date.now(), starts);
  await end(await run('child', began, ends), Date.now());
  await ok('DELETE', `/runs/${await run('child', Date.now(), deletes)}`, as);
  await end(await run('child', began, dies), began + hourMs);
  const told = (await seenBy(viewer)).silent_runs.map(({ name }) => name);
  expect(told.filter((name) => names.includes(name)).sort()).toEqual(['deletes', 'dies']);
});

test('a project that takes longer than its last prediction says at most is late, until it ends', async () => {
  const as = app.tenants.a.keys.ml_engineer;
  const project = async (name: string, predicted: readonly number[]): Promise<string> => {
    const given = { name, start_date: dayAgo(100) };
    const { project_id: id } = await ok<{ project_id: string }>('POST', '/projects', as, given);
    for (const high of predicted) {
      const answer = { outcomes: { duration_days: { value: high - 5, low: 1, high } }, base: null };
      await rows(
        `INSERT INTO maestro.predictions (tenant_id, project_id, asked, answer, is_scored, created_by)
         VALUES ($1, $2, '{"fields":{}}', $3, true, 'somebody')`,
        [id, JSON.stringify(answer)],
      );
    }
    return id;
  };
  const late = await project('late', [150, 80]);
  await project('in time', [80, 150]);
  await project('never predicted', []);
  const told = await seenBy(app.tenants.a.keys.viewer);
  expect(told.late_projects).toEqual([{ project_id: late, name: 'late', days: 100, predicted_days: 80 }]);
  await ok('PATCH', `/projects/${late}/success`, as, { completion_date: dayAgo(1) });
  expect((await seenBy(app.tenants.a.keys.viewer)).late_projects).toEqual([]);
});

test('quotas, keys, invitations and jobs are told to who may see them', async () => {
  const { tenant_admin: admin, viewer } = app.tenants.a.keys;
  await ok('PATCH', '/tenants/tenant-a', app.operatorKey, { max_projects: 3 });
  await ok('POST', '/members/invite', admin, { email: 'new@example.org', role: 'viewer' });
  const made = await ok<{ id: string }>('POST', '/keys', admin, { name: 'ci', expires_in_days: 80 });
  await ok('POST', '/keys', admin, { name: 'of a week', expires_in_days: 7 });
  await rows(
    "UPDATE maestro.api_keys SET expires_at = now() + interval '3 days', created_at = now() - interval '87 days' WHERE tenant_id = $1 AND key_id = $2",
    [made.id],
  );
  await rows(
    `INSERT INTO maestro.insight_due (tenant_id, what, failures, free_at) VALUES ($1, 'model', 2, now() + interval '1 day')
     ON CONFLICT (tenant_id, what) DO UPDATE SET failures = 2, free_at = excluded.free_at`,
    [],
  );
  expect(await seenBy(admin)).toMatchObject({
    full_quotas: [{ quota: 'projects', used: 3, max: 3 }],
    expiring_keys: [{ key_id: made.id, name: 'ci', is_own: false }],
    open_invitations: 1,
    failed_jobs: [{ what: 'model', failures: 2 }],
  });
  expect(await seenBy(viewer)).toMatchObject({ expiring_keys: [], open_invitations: 0 });
});

test('whom grants let in hears of what they open alone', async () => {
  const people = peopleOf(app);
  await people.asAdmin('POST', '/roles', { name: 'guest', permissions: ['tenant:read'] });
  const guest = await people.account('guest');
  const { ml_engineer: as } = app.tenants.a.keys;
  await ok('PATCH', '/tenants/tenant-a', app.operatorKey, { max_projects: 1000 });
  const began = Date.now() - 5 * hourMs;
  const experiments: number[] = [];
  const projects: string[] = [];
  for (const name of ['granted', 'closed']) {
    const { experiment_id } = await ok<{ experiment_id: number }>('POST', '/experiments', as, { name });
    await ok('POST', '/runs', as, { experiment_id, name: `run ${name}`, start_time: began });
    const { project_id } = await ok<{ project_id: string }>('POST', '/projects', as, { name, start_date: dayAgo(50) });
    const answer = JSON.stringify({ outcomes: { duration_days: { value: 5, low: 1, high: 9 } }, base: null });
    await rows(
      `INSERT INTO maestro.predictions (tenant_id, project_id, asked, answer, is_scored, created_by)
       VALUES ($1, $2, '{"fields":{}}', $3, true, 'somebody')`,
      [project_id, answer],
    );
    experiments.push(experiment_id);
    projects.push(project_id);
  }
  const named = (told: Attention) => [...told.silent_runs, ...told.late_projects].map(({ name }) => name);
  expect(named(await seenBy(guest.as))).toEqual([]);
  const subject = { kind: 'service_account', id: guest.id };
  await people.asAdmin('POST', '/grants', {
    ...{ subject, resource: { kind: 'experiment', id: String(experiments[0]) } },
    permissions: ['experiment:read', 'run:read'],
  });
  await people.asAdmin('POST', '/grants', {
    ...{ subject, resource: { kind: 'project', id: projects[0] } },
    permissions: ['project:read'],
  });
  expect(named(await seenBy(guest.as))).toEqual(['run granted', 'granted']);
  expect(named(await seenBy(as))).toEqual(expect.arrayContaining(['run closed', 'closed']));
});

test('of a person’s own keys hears who may list them, and nobody else', async () => {
  const people = peopleOf(app);
  const { as } = await people.member('data_scientist');
  const made = await ok<{ id: string }>('POST', '/me/keys', as, { name: 'own', expires_in_days: 80 });
  const scoped = { name: 'narrow', expires_in_days: 80, scopes: ['run:write'] };
  const { key } = await ok<{ key: string }>('POST', '/me/keys', as, scoped);
  await rows(
    "UPDATE maestro.api_keys SET expires_at = now() + interval '3 days', created_at = now() - interval '87 days' WHERE tenant_id = $1 AND key_id = $2",
    [made.id],
  );
  expect((await seenBy(as)).expiring_keys.map(({ name }) => name)).toContain('own');
  expect((await seenBy(key)).expiring_keys).toEqual([]);
});
