import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { dayOf, startAfter, startOf } from './periods.ts';

let app: TestApp;
let as: string;

beforeAll(async () => {
  app = await startTestApp();
  as = app.tenants.a.keys.data_scientist;
});
afterAll(() => app?.stop());

const send = (method: string, path: string, json?: unknown) =>
  app.send(method, `/api/v1${path}`, { as, ...(json === undefined ? {} : { json }) });

async function ok<Body>(method: string, path: string, json?: unknown): Promise<Body> {
  const answer = await send(method, path, json);
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body as Body;
}

const project = async () => (await ok<{ project_id: string }>('POST', '/projects', { name: randomUUID() })).project_id;

interface Statistics {
  count: number;
  sum: number;
  mean: number | null;
  p50: number | null;
}
interface Summary {
  metrics: (Statistics & { metric_type: string; source: string; unit: string | null })[];
}
interface Velocity {
  source: string;
  measure: string;
  buckets: (Statistics & { start: string; is_complete: boolean })[];
  trend: { slope: number; interval: { low: number; high: number } | null; direction: string; points: number } | null;
}

const summary = (id: string, query = '') => ok<Summary>('GET', `/metrics/${id}/summary${query}`);
const velocity = (id: string, query: string) => ok<Velocity>('GET', `/metrics/${id}/velocity?${query}`);
const batch = (metrics: object[]) => ok<{ recorded: number; repeated: number }>('POST', '/metrics/batch', { metrics });

describe('process metrics', () => {
  test('are summarized by type, with percentiles that are values of them', async () => {
    const project_id = await project();
    await ok('POST', '/metrics', { project_id, metric_type: 'review_hours', value: 12.5, at: '2026-01-05T10:00:00Z' });
    const values = [1, 2, 3, 4, -5, 0, 1e-9, 1e90];
    await batch(values.map((value) => ({ project_id, metric_type: 'odd', value, at: '2026-01-05T10:00:00Z' })));
    const { metrics } = await summary(project_id);
    expect(metrics).toEqual([
      expect.objectContaining({ metric_type: 'odd', count: 8, min: -5, max: 1e90, p50: 1, p90: 1e90, p95: 1e90 }),
      {
        metric_type: 'review_hours',
        source: 'recorded',
        unit: null,
        count: 1,
        sum: 12.5,
        mean: 12.5,
        min: 12.5,
        max: 12.5,
        p50: 12.5,
        p90: 12.5,
        p95: 12.5,
      },
    ]);
  });

  test('of a span of years count each once, and those before and after it not at all', async () => {
    const project_id = await project();
    const days = ['2022-12-31', '2023-02-27', '2023-02-28', '2023-12-31', '2024-01-01', '2024-12-31', '2025-03-01'];
    await batch(days.map((day, n) => ({ project_id, metric_type: 'cost', value: 10 ** n, at: `${day}T23:59:00Z` })));
    const sum = async (query: string) => (await summary(project_id, query)).metrics[0]?.sum;
    expect(await sum('')).toBe(1_111_111);
    expect(await sum('?from=2023-02-28&to=2025-02-28')).toBe(111_100);
    expect(await sum('?from=2023-01-01&to=2023-12-31')).toBe(1_110);
    expect(await sum('?from=2023-02-28&to=2023-02-28')).toBe(100);
    expect(await sum('?to=2024-06-30')).toBe(11_111);
    // What is dated ahead is no part of a summary up to today, nor of the year that goes on.
    await ok('POST', '/metrics', { project_id, metric_type: 'cost', value: 1e9, at: '2099-12-31T00:00:00Z' });
    expect(await sum('')).toBe(1_111_111);
    expect(await sum('?to=2099-12-30')).toBe(1_111_111);
    expect(await sum('?to=2099-12-31')).toBe(1_001_111_111);
  });

  test('sent again under their key are recorded once, within a batch, too', async () => {
    const project_id = await project();
    const of = (external_key: string, value: number) => ({ project_id, metric_type: 'cost', value, external_key });
    expect(await batch([of('a', 1), of('b', 2), of('a', 1)])).toEqual({ recorded: 2, repeated: 1 });
    expect(await ok('POST', '/metrics', of('a', 7))).toEqual({ recorded: 0, repeated: 1 });
    expect((await summary(project_id)).metrics).toMatchObject([{ count: 2, sum: 3 }]);
  });

  test('are recorded all or not at all, and the one at fault is named', async () => {
    const project_id = await project();
    const good = { project_id, metric_type: 'cost', value: 1 };
    const refused = async (bad: object, status: number, message: RegExp) => {
      const answer = await send('POST', '/metrics/batch', { metrics: [good, { ...good, ...bad }] });
      expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(message)]);
    };
    await refused({ project_id: randomUUID() }, 404, /metrics\.1\.project_id: No project with id/);
    await refused({ value: '1' }, 400, /metrics\.1\.value/);
    await refused({ metric_type: 'Has Blanks' }, 400, /metrics\.1\.metric_type/);
    await refused({ at: '0000-01-01T00:00:00Z' }, 400, /metrics\.1\.at.*1970 to 2099/);
    await refused({ at: '2026-02-30T00:00:00Z' }, 400, /metrics\.1\.at/);
    expect((await summary(project_id)).metrics).toEqual([]);
    const many = Array.from({ length: 10_001 }, () => good);
    expect((await send('POST', '/metrics/batch', { metrics: many })).status).toBe(400);
  });

  test('of many senders at once are all counted', async () => {
    const project_id = await project();
    const one = (value: number) => ({ project_id, metric_type: 'many', value, at: '2026-03-01T00:00:00Z' });
    // In opposite orders, over the same cells.
    const values = Array.from({ length: 200 }, (_, index) => index + 1);
    const batches = Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? values : values.toReversed()));
    await Promise.all(batches.map((each) => batch(each.map(one))));
    expect((await summary(project_id)).metrics).toMatchObject([{ count: 2400, sum: (12 * 200 * 201) / 2 }]);
  });

  test('of another tenant’s project are neither taken nor told', async () => {
    const project_id = await project();
    const other = { as: app.tenants.b.keys.data_scientist };
    const json = { project_id, metric_type: 'cost', value: 1 };
    expect((await app.send('POST', '/api/v1/metrics', { ...other, json })).status).toBe(404);
    expect((await app.send('GET', `/api/v1/metrics/${project_id}/summary`, other)).status).toBe(404);
    expect((await app.send('GET', `/api/v1/metrics/${project_id}/velocity`, other)).status).toBe(404);
  });

  test('move by days, weeks and months of UTC, with a trend and its interval', async () => {
    const project_id = await project();
    const at = (day: string, value: number) => ({ project_id, metric_type: 'loss', value, at: day });
    await batch([
      at('2026-01-04T23:59:59Z', 10), // a Sunday
      at('2026-01-05T01:30:00+02:00', 8), // Sunday still, in UTC
      at('2026-01-05T00:00:00Z', 6),
      at('2026-01-19T00:00:00Z', 5),
      at('2026-01-26T00:00:00Z', 4),
    ]);
    const weeks = await velocity(project_id, 'metric_type=loss&from=2025-12-01&to=2026-02-01');
    expect(weeks).toMatchObject({ source: 'recorded', measure: 'mean' });
    expect(weeks.buckets.map(({ start, count, mean }) => [start, count, mean])).toEqual([
      ['2025-12-29', 2, 9],
      ['2026-01-05', 1, 6],
      ['2026-01-12', 0, null],
      ['2026-01-19', 1, 5],
      ['2026-01-26', 1, 4],
    ]);
    // Places 0, 1, 3, 4 with 9, 6, 5, 4: slopes −3, −4/3, −5/4, −1/2, −2/3, −1.
    expect(weeks.trend).toEqual({ slope: -1.125, interval: null, direction: 'unclear', points: 4 });
    const sums = await velocity(project_id, 'metric_type=loss&from=2025-12-01&to=2026-02-01&measure=sum');
    expect(sums.trend?.points).toBe(5);
    const months = await velocity(project_id, 'metric_type=loss&bucket=month&from=2026-01-31&to=2026-02-28');
    expect(months.buckets.map(({ start, count }) => [start, count])).toEqual([
      ['2026-01-01', 5],
      ['2026-02-01', 0],
    ]);
    const days = await velocity(project_id, 'metric_type=loss&bucket=day&from=2026-01-05&to=2026-01-06');
    expect(days.buckets.map(({ count }) => count)).toEqual([1, 0]);
  });

  test('of the week that goes on are shown, and left out of the trend', async () => {
    const project_id = await project();
    const today = dayOf(new Date());
    const monday = startOf(today, 'week');
    const weeks = [3, 2, 1, 0].map((back) => startAfter(monday, 'week', -back));
    await batch(
      weeks.map((day, index) => ({ project_id, metric_type: 'n', value: [5, 5, 5, 1][index], at: `${day}T00:00:00Z` })),
    );
    const { buckets, trend } = await velocity(project_id, 'metric_type=n');
    expect(buckets.map(({ is_complete }) => is_complete)).toEqual([true, true, true, false]);
    expect(trend).toEqual({ slope: 0, interval: { low: 0, high: 0 }, direction: 'level', points: 3 });
  });

  test('refuse a span that is turned round or of too many buckets, by the name of its field', async () => {
    const project_id = await project();
    const refused = async (query: string, message: RegExp) => {
      const answer = await send('GET', `/metrics/${project_id}/velocity?${query}`);
      expect([answer.status, answer.text]).toEqual([400, expect.stringMatching(message)]);
    };
    await refused('from=2026-02-02&to=2026-01-01', /from: expected a day that is not after 2026-01-01/);
    await refused('from=2020-01-01&to=2026-01-01&bucket=day', /from: expected at most 400 days/);
    await refused('metric_type=loss&source=own', /source: expected recorded/);
    await refused('bucket=hour', /bucket: expected one of day, week, month/);
    expect((await send('GET', `/metrics/${project_id}/summary?from=2026-02-02&to=2026-01-01`)).status).toBe(400);
  });
});

describe('what Maestro measures itself', () => {
  test('is the runs and hours of the project’s experiments, and no others', async () => {
    const project_id = await project();
    const { experiment_id } = await ok<{ experiment_id: number }>('POST', '/experiments', { name: randomUUID() });
    const other = await ok<{ experiment_id: number }>('POST', '/experiments', { name: randomUUID() });
    const start = Date.parse('2026-01-05T08:00:00Z');
    for (const [experiment, hours] of [
      [experiment_id, 1],
      [experiment_id, 3],
      [other.experiment_id, 9],
    ] as const) {
      const made = await ok<{ run_id: string }>('POST', '/runs', { experiment_id: experiment, start_time: start });
      const end_time = start + hours * 3_600_000;
      await ok('PATCH', `/runs/${made.run_id}`, { status: 'FINISHED', end_time });
    }
    await app.ports.db.inTenant(app.tenants.a.id, (tx) =>
      tx.sql('INSERT INTO maestro.project_experiments (tenant_id, experiment_id, project_id) VALUES ($1, $2, $3)', [
        tx.tenantId,
        experiment_id,
        project_id,
      ]),
    );
    expect((await summary(project_id, '?to=2026-01-08')).metrics).toEqual([
      expect.objectContaining({ metric_type: 'compute_hours', source: 'runs', unit: 'hours', count: 2, sum: 4 }),
      // The days without a run are days, too.
      expect.objectContaining({ metric_type: 'experiment_count', source: 'runs', count: 4, sum: 2, mean: 0.5, max: 2 }),
    ]);
    await batch([{ project_id, metric_type: 'experiment_count', value: 40, at: '2026-01-06T00:00:00Z' }]);
    const asked = 'metric_type=experiment_count&from=2026-01-05&to=2026-01-12';
    expect(await velocity(project_id, asked)).toMatchObject({
      source: 'runs',
      measure: 'sum',
      unit: 'runs',
      buckets: [{ sum: 2 }, {}],
    });
    expect(await velocity(project_id, `${asked}&measure=mean`)).toMatchObject({ unit: 'runs a day' });
    expect(await velocity(project_id, `${asked}&measure=count`)).toMatchObject({ unit: 'values' });
    expect(await velocity(project_id, `${asked}&source=recorded`)).toMatchObject({
      source: 'recorded',
      unit: null,
      buckets: [{ sum: 40 }, {}],
    });
  });
});
