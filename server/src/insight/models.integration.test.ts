import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { startBackground } from './background.ts';
import { finishedProject, finishedProjects } from './history.fixture.ts';
import { insertModels } from './model_queries.ts';
import { learnAnew, modelJob } from './training.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.stop());

interface Tenant {
  slug: string;
  id: string;
  key: string;
}
async function makeTenant(): Promise<Tenant> {
  const json = { slug: `t-${randomUUID().slice(0, 8)}`, max_projects: 10_000 };
  const { id } = (await app.send('POST', '/api/v1/tenants', { as: app.operatorKey, json })).body as { id: string };
  const path = `/api/v1/tenants/${json.slug}/keys`;
  const made = await app.send('POST', path, { as: app.operatorKey, json: { name: 'k', role: 'tenant_admin' } });
  return { slug: json.slug, id, key: (made.body as { key: string }).key };
}
let own: Tenant;
beforeEach(async () => {
  own = await makeTenant();
});

async function call<Body>(method: string, path: string, json?: unknown, { key } = own): Promise<Body> {
  const answer = await app.send(method, `/api/v1${path}`, { as: key, ...(json === undefined ? {} : { json }) });
  expect(answer.status, `${method} ${path}: ${answer.text}`).toBeLessThan(300);
  return answer.body as Body;
}
async function importAll(rows: unknown[], { key } = own): Promise<void> {
  const body = rows.map((row) => JSON.stringify(row)).join('\n');
  const answer = await app.send('POST', '/api/v1/projects/import?format=jsonl', { as: key, body });
  expect(answer.status, answer.text).toBe(200);
}
const train = (of = own) => call<{ version: number | null; is_new: boolean }>('POST', '/insight/train', {}, of);

interface OutcomeModel {
  outcome: string;
  kind: string;
  rows: number;
  is_thin: boolean;
  warnings: string[];
  errors: { n: number; mae: number; md_mre: number; pred_25: number; sa: number } | null;
  intervals: { nominal: number; coverage: number; relative_width: number } | null;
  probabilities: { brier: number } | null;
  calibration: { expected: number; observed: number }[];
  importances: { feature: string; label: string; importance: number }[];
  drift: { projects: number; features: { feature: string; psi: number; has_drifted: boolean }[] };
  scored: { predictions: number; mae: number; md_mre: number; coverage: number } | null;
}
interface Model {
  version: number | null;
  trained_at: string | null;
  outcomes: OutcomeModel[];
}
const model = (of = own) => call<Model>('GET', '/insight/model', undefined, of);
const modelOf = async (outcome: string) =>
  (await model()).outcomes.find((each) => each.outcome === outcome) as OutcomeModel;
const versions = () => call<{ items: { version: number }[] }>('GET', '/insight/models');

describe('what is learned', () => {
  test('gets a version when the data are others, and none when they are the same', async () => {
    expect(await train()).toEqual({ version: null, is_new: false });
    expect(await model()).toEqual({ version: null, trained_at: null, outcomes: [] });
    await importAll(finishedProjects(12));
    expect(await train()).toEqual({ version: 1, is_new: true });
    expect(await train()).toEqual({ version: 1, is_new: false });
    const { items } = await call<{ items: { project_id: string }[] }>('GET', '/projects?limit=1');
    await call('PATCH', `/projects/${items[0]?.project_id}`, { name: 'other' });
    expect(await train()).toEqual({ version: 1, is_new: false });
    await call('PATCH', `/projects/${items[0]?.project_id}`, { metadata: { rows: 7 } });
    expect(await train()).toEqual({ version: 2, is_new: true });
    await importAll([finishedProject(12)]);
    expect(await Promise.all([train(), train()])).toContainEqual({ version: 3, is_new: true });
    expect((await versions()).items).toMatchObject([
      { version: 3, outcomes: expect.arrayContaining([expect.objectContaining({ outcome: 'cost', rows: 13 })]) },
      { version: 2 },
      { version: 1 },
    ]);
  });

  test('is told with its errors, its intervals and a calibration plot, of each outcome', async () => {
    await importAll(finishedProjects(60));
    await train();
    const told = await model();
    expect(told.outcomes.map(({ outcome, kind }) => [outcome, kind])).toEqual([
      ['success_score', 'score'],
      ['duration_days', 'amount'],
      ['cost', 'amount'],
    ]);
    const duration = await modelOf('duration_days');
    expect(duration).toMatchObject({ rows: 60, is_thin: false, errors: { n: 60 }, intervals: { nominal: 0.8 } });
    // The history is a rule with little noise.
    expect(duration.errors?.sa).toBeGreaterThan(0.6);
    expect(duration.errors?.md_mre).toBeLessThan(0.25);
    expect(duration.intervals?.coverage).toBeGreaterThan(0.6);
    expect(duration.calibration.length).toBeGreaterThan(5);
    for (const { expected, observed } of duration.calibration) expect(Math.abs(expected - observed)).toBeLessThan(0.3);
    expect(duration.importances.slice(0, 2).map(({ feature }) => feature)).toEqual(
      expect.arrayContaining(['team_size', 'problem_class']),
    );
  });

  test('is distrusted where a field tells what came, unless people estimated it', async () => {
    const rows = finishedProjects(60).map((row) => ({
      ...row,
      metadata: { ...row.metadata, invoice: row.compute_cost * 1.001 },
    }));
    await importAll(rows);
    await train();
    expect((await modelOf('cost')).warnings).toEqual([expect.stringMatching(/is a feature derived from the outcome/)]);
    // Scores lie within bounds, and so near one another.
    expect((await modelOf('success_score')).warnings).toEqual([]);
    own = await makeTenant();
    const estimated = rows.map((row) => ({ ...row, metadata: { ...row.metadata, estimated_cost: row.compute_cost } }));
    await importAll(estimated);
    await train();
    expect((await modelOf('cost')).warnings).toEqual([]);
  });

  test('tells how many values of a field could not be read', async () => {
    const sizes = ['tbd', 'NA', ...Array.from({ length: 38 }, (_, at) => at)];
    await importAll(finishedProjects(40).map((one, at) => ({ ...one, metadata: { size: sizes[at] } })));
    await train();
    expect((await modelOf('cost')).warnings).toContain('1 of 39 values of size is no number: it counts as not known.');
  });

  test('of success scores that are all 0 or 100 is a probability', async () => {
    await importAll(finishedProjects(20).map((one, at) => ({ ...one, success_score: at % 2 === 0 ? 100 : 0 })));
    await train();
    expect(await modelOf('success_score')).toMatchObject({
      kind: 'success',
      // What comes is 0 or 100, which an interval of the chance never holds.
      intervals: null,
      probabilities: { brier: expect.any(Number) },
    });
  });

  test('from projects without any day is what their cost and duration_days tell', async () => {
    await importAll(
      finishedProjects(12).map(({ name, team_size }, at) => ({
        name,
        team_size,
        compute_cost: 10 + at,
        metadata: { duration_days: 5 + at },
      })),
    );
    await train();
    const { outcomes } = await model();
    expect(outcomes.map(({ outcome, rows }) => [outcome, rows])).toEqual([
      ['duration_days', 12],
      ['cost', 12],
    ]);
  });

  test('is learned once more where a training wrote what it had read before another one did', async () => {
    await importAll(finishedProjects(12));
    const late = await learnAnew(app.ports.db, own.id, AbortSignal.timeout(60_000));
    await importAll([finishedProject(12)]);
    await train();
    const due = (statement: string) => app.ports.db.inTenant(own.id, (tx) => tx.sql(statement, [own.id]));
    await due('DELETE FROM maestro.insight_due WHERE tenant_id = $1');
    expect(await app.ports.db.inTenant(own.id, late)).toEqual({ version: 2, isNew: true });
    expect(await due('SELECT what FROM maestro.insight_due WHERE tenant_id = $1')).toEqual([{ what: 'model' }]);
    expect(await train()).toEqual({ version: 3, is_new: true });
  });

  test('in a format that this release does not read is learned anew by who asks', async () => {
    await importAll(finishedProjects(12));
    await train();
    const foreign = { features: [], scale: 'amount', isThin: false, model: { format: 0 } };
    await app.ports.db.inTenant(own.id, (tx) =>
      tx.sql('UPDATE maestro.insight_models SET model = $2, data_hash = $3 WHERE tenant_id = $1', [
        own.id,
        gzipSync(JSON.stringify(foreign)),
        Buffer.alloc(32),
      ]),
    );
    expect(await call('POST', '/predictions', { team_size: 3 })).toMatchObject({ model_version: 2, flags: [] });
  });

  test('leaves out a project that was deleted', async () => {
    await importAll(finishedProjects(12));
    await train();
    const { items } = await call<{ items: { project_id: string }[] }>('GET', '/projects?limit=1');
    const [{ project_id: gone }] = items as [{ project_id: string }];
    await call('DELETE', `/projects/${gone}`);
    expect(await train()).toEqual({ version: 2, is_new: true });
    const taught = await app.ports.db.inTenant(own.id, (tx) =>
      tx.sql<{ projects: string[] }>(
        'SELECT projects FROM maestro.insight_models WHERE tenant_id = $1 AND version = 2',
        [own.id],
      ),
    );
    expect(taught).toHaveLength(3);
    for (const { projects } of taught) expect(projects).not.toContain(gone);
  });

  test('is gone when no project is left, also where one that had taught was learned from meanwhile', async () => {
    await importAll(finishedProjects(2));
    const { items } = await call<{ items: { project_id: string }[] }>('GET', '/projects');
    const late = await learnAnew(app.ports.db, own.id, AbortSignal.timeout(60_000));
    for (const { project_id: id } of items) await call('DELETE', `/projects/${id}`);
    expect(await train()).toEqual({ version: null, is_new: false });
    const due = (statement: string) => app.ports.db.inTenant(own.id, (tx) => tx.sql(statement, [own.id]));
    await due('DELETE FROM maestro.insight_due WHERE tenant_id = $1');
    await app.ports.db.inTenant(own.id, late);
    expect(await due('SELECT what FROM maestro.insight_due WHERE tenant_id = $1')).toEqual([{ what: 'model' }]);
    expect(await train()).toEqual({ version: null, is_new: false });
    expect((await model()).version).toBeNull();
  });

  test('is not taken away by who read that nothing had ended before another one learned', async () => {
    const late = await learnAnew(app.ports.db, own.id, AbortSignal.timeout(60_000));
    await importAll(finishedProjects(2));
    await train();
    await app.ports.db.inTenant(own.id, late);
    expect((await model()).version).toBe(1);
  });

  test('is kept in its last twenty versions, and of older ones in those that predictions name, a hundred at most', async () => {
    await importAll(finishedProjects(2));
    const { project_id: id } = await call<{ project_id: string }>('POST', '/projects', { name: 'new' });
    expect(await call('POST', `/projects/${id}/predict`, {})).toMatchObject({ model_version: 1 });
    const taught = {
      outcome: 'cost' as const,
      projects: [],
      model: Buffer.from('x'),
      report: '{"rows":2,"is_thin":true}',
    };
    const addVersions = async (from: number, to: number, isNamed: boolean) => {
      for (let count = from; count <= to; count += 1) {
        await app.ports.db.inTenant(own.id, async (tx) => {
          await insertModels(tx, Buffer.alloc(32, count), [taught]);
          if (!isNamed) return;
          await tx.sql(
            `INSERT INTO maestro.predictions (tenant_id, asked, model_version, answer, is_scored, created_by)
             VALUES ($1, '{}', $2, '{}', false, 'x')`,
            [own.id, count],
          );
        });
      }
    };
    const kept = async () => (await call<{ items: { version: number }[] }>('GET', '/insight/models?limit=200')).items;
    await addVersions(2, 24, false);
    expect((await kept()).map(({ version }) => version)).toEqual([
      ...Array.from({ length: 20 }, (_, at) => 24 - at),
      1,
    ]);
    await addVersions(25, 160, true);
    expect((await kept()).map(({ version }) => version)).toEqual(Array.from({ length: 120 }, (_, at) => 160 - at));
  });

  test('tells which features of new projects are unlike those it learned from', async () => {
    await importAll(finishedProjects(60));
    await train();
    expect((await modelOf('cost')).drift).toEqual({ projects: 0, features: [] });
    await importAll(
      finishedProjects(20, 'new').map(({ completion_date: _, success_score: _s, compute_cost: _c, ...rest }) => ({
        ...rest,
        team_size: 40,
      })),
    );
    const { drift } = await modelOf('cost');
    expect(drift.projects).toBe(20);
    expect(drift.features[0]).toMatchObject({ feature: 'team_size', has_drifted: true });
    expect(drift.features.find(({ feature }) => feature === 'problem_class')).toMatchObject({ has_drifted: false });
    // What goes on has taught nothing yet, however often the rest is learned from anew.
    const { items } = await call<{ items: { project_id: string }[] }>('GET', '/projects?q=p%201&limit=1');
    await call('PATCH', `/projects/${items[0]?.project_id}/success`, { success_score: 61 });
    expect(await train()).toEqual({ version: 2, is_new: true });
    expect((await modelOf('cost')).drift).toMatchObject({ projects: 20, features: drift.features });
  });

  test('tells no drift of what every new project has: a later start, and first days that are not over', async () => {
    await importAll(finishedProjects(40));
    const { artifact_id: artifact } = await call<{ artifact_id: string }>('POST', '/artifacts', {
      name: 'a',
      type: 'schema',
      version: '1',
    });
    const { items } = await call<{ items: { project_id: string }[] }>('GET', '/projects?limit=30');
    for (const { project_id } of items) await call('POST', `/artifacts/${artifact}/use`, { project_id });
    await train();
    const today = new Date().toISOString().slice(0, 10);
    const startedOn = (start_date: string, prefix: string) =>
      finishedProjects(20, prefix).map(({ name, team_size }) => ({ name, team_size, start_date }));
    await importAll(startedOn(today, 'young'));
    const drifting = async () => (await modelOf('success_score')).drift.features.map(({ feature }) => feature);
    expect(await drifting()).toContain('team_size');
    expect(await drifting()).not.toContain('start_date');
    expect(await drifting()).not.toContain('reuse');
    await importAll(startedOn('2026-01-01', 'old'));
    expect(await drifting()).toContain('reuse');
    expect(await drifting()).not.toContain('start_date');
  });

  test('tells how its predictions were met', async () => {
    await importAll(finishedProjects(30));
    const { project_id: id } = await call<{ project_id: string }>('POST', '/projects', {
      name: 'n',
      start_date: '2026-01-01',
    });
    const told = await call<{ predicted_duration_days: number }>('POST', `/projects/${id}/predict`, {});
    expect((await modelOf('duration_days')).scored).toBeNull();
    await call('PATCH', `/projects/${id}/success`, { completion_date: '2026-01-02' });
    expect((await modelOf('duration_days')).scored).toMatchObject({
      predictions: 1,
      mae: told.predicted_duration_days - 1,
      coverage: 0,
    });
    // Of each project the first prediction counts, and the middle of two is their mean.
    await call('POST', `/projects/${id}/predict`, {});
    const { project_id: other } = await call<{ project_id: string }>('POST', '/projects', {
      name: 'o',
      start_date: '2026-01-01',
    });
    const { predicted_duration_days: days } = await call<typeof told>('POST', `/projects/${other}/predict`, {});
    await call('PATCH', `/projects/${other}/success`, { completion_date: '2026-01-03' });
    const relative = (told.predicted_duration_days - 1 + (days - 2) / 2) / 2;
    expect((await modelOf('duration_days')).scored).toMatchObject({
      predictions: 2,
      md_mre: expect.closeTo(relative, 6),
    });
  });

  test('is learned anew behind requests, soon after an outcome', async () => {
    await importAll(finishedProjects(12));
    await train();
    const { project_id: id } = await call<{ project_id: string }>('POST', '/projects', { name: 'new' });
    const background = startBackground({ ports: app.ports, jobs: [modelJob], debounceMs: 10 });
    try {
      await call('PATCH', `/projects/${id}/success`, { success_score: 70 });
      const learned = async () => expect((await modelOf('success_score')).rows).toBe(13);
      await vi.waitFor(learned, { timeout: 60_000, interval: 100 });
      expect((await model()).version).toBe(2);
    } finally {
      await background.close();
    }
  }, 90_000);
});

describe('what a tenant’s projects teach', () => {
  test('teaches nobody else: neither models, nor predictions, nor what they name', async () => {
    const other = await makeTenant();
    const ofOther = finishedProjects(15, 'secret').map((one) => ({
      ...one,
      compute_cost: 7_777_777,
      metadata: { secret_key: one.name },
    }));
    await importAll(ofOther, other);
    await importAll(finishedProjects(15));
    await train(other);
    await train();
    const asked = await call<{ prediction_id: string; predicted_cost: number }>('POST', '/predictions', {
      team_size: 3,
    });
    const told = await call<{ prediction_id: string; predicted_cost: number }>(
      'POST',
      '/predictions',
      { team_size: 3 },
      other,
    );
    expect(asked.predicted_cost).toBeLessThan(100_000);
    expect(told.predicted_cost).toBeGreaterThan(1_000_000);
    expect((await model()).version).toBe(1);
    for (const path of ['/insight/model', '/insight/models', '/predictions']) {
      const text = JSON.stringify(await call('GET', path));
      expect(text).not.toContain('secret');
      expect(text).not.toContain(told.prediction_id);
    }
    const met = await app.send('GET', `/api/v1/predictions/${told.prediction_id}`, { as: own.key });
    const none = await app.send('GET', `/api/v1/predictions/${randomUUID()}`, { as: own.key });
    expect([met.status, none.status]).toEqual([404, 404]);
  });

  test('goes with the tenant', async () => {
    await importAll(finishedProjects(12));
    await train();
    await call('POST', '/predictions', { team_size: 3 });
    const gone = await app.send('DELETE', `/api/v1/tenants/${own.slug}`, { as: app.operatorKey });
    expect(gone.status).toBe(204);
    const left = await app.ports.db.inTenant(own.id, (tx) =>
      tx.sql(
        `SELECT version::text FROM maestro.insight_models WHERE tenant_id = $1
         UNION ALL SELECT prediction_id::text FROM maestro.predictions WHERE tenant_id = $1`,
        [own.id],
      ),
    );
    expect(left).toEqual([]);
  });
});
