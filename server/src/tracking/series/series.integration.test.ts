import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/app.ts';

let maestro: TestApp;
let as: string;
beforeAll(async () => {
  maestro = await startTestApp();
  as = maestro.tenants.a.keys.data_scientist;
}, 60_000);
afterAll(() => maestro?.stop());

interface Series {
  run_id: string;
  total: number;
  x: number[];
  last: (number | null)[];
  min: (number | null)[] | null;
  max: (number | null)[] | null;
  smooth: (number | null)[] | null;
  odd: { x: number[]; nan: number[]; up: number[]; down: number[] } | null;
}
interface Chart {
  key: string;
  range: { start: number; end: number } | null;
  whole: { start: number; end: number } | null;
  grid: { spacing: string; width: number };
  is_new: boolean;
  series: Series[];
}

type Point = { key?: string; step: number; value: number | string; timestamp?: number };

async function makeRun(startTime = 1_000_000): Promise<string> {
  const json = { experiment_id: 0, start_time: startTime };
  const { status, body, text } = await maestro.send('POST', '/api/v1/runs', { as, json });
  expect(status, text).toBe(201);
  return (body as { run_id: string }).run_id;
}

async function log(run: string, points: readonly Point[]): Promise<void> {
  for (let at = 0; at < points.length; at += 1000) {
    const metrics = points
      .slice(at, at + 1000)
      .map(({ key = 'loss', step, value, timestamp = 1_000_000 + step * 10 }) => ({ key, step, value, timestamp }));
    const { status, text } = await maestro.send('POST', `/api/v1/runs/${run}/log`, { as, json: { metrics } });
    expect(status, text).toBe(204);
  }
}

async function ask(json: Record<string, unknown>): Promise<{ charts: Chart[]; cursor: string }> {
  const { status, body, text } = await maestro.send('POST', '/api/v1/metrics/series', {
    as,
    json: { keys: ['loss'], ...json },
  });
  expect(status, text).toBe(200);
  return body as { charts: Chart[]; cursor: string };
}

const oneSeries = async (json: Record<string, unknown>): Promise<Series> =>
  (await ask(json)).charts[0]?.series[0] as Series;

/** A curve with noise that is the same each time. */
const noisy = (count: number): Point[] =>
  Array.from({ length: count }, (_, step) => ({ step, value: Math.exp(-step / 3000) + ((step * 7919) % 101) / 500 }));

describe('series for charts', () => {
  test('few points come as they are', async () => {
    const run = await makeRun();
    await log(
      run,
      [0, 1, 2, 50].map((step) => ({ step, value: step * 2 })),
    );
    const { charts } = await ask({ run_ids: [run] });
    expect(charts[0]).toMatchObject({ key: 'loss', range: { start: 0, end: 50 }, grid: { width: 1 }, is_new: true });
    expect(charts[0]?.series).toEqual([
      { run_id: run, total: 4, x: [0, 1, 2, 50], last: [0, 2, 4, 100], min: null, max: null, smooth: null, odd: null },
    ]);
  });

  test('many points come as the least, the greatest and the last of each bucket, and none is lost', async () => {
    const run = await makeRun();
    const points = noisy(20_000);
    await log(run, points);
    for (const buckets of [50, 400, 3000]) {
      const { charts } = await ask({ run_ids: [run], buckets });
      const { width } = (charts[0] as Chart).grid;
      const series = (charts[0] as Chart).series[0] as Series;
      expect(series.total).toBe(20_000);
      expect(series.x.length).toBeLessThanOrEqual(buckets + 1);
      expect(series.x.length).toBeGreaterThan(buckets / 2 - 1);
      expect(series.x.at(-1)).toBe(19_999);
      const values = points.map(({ value }) => value as number);
      expect(Math.max(...(series.max as number[]))).toBe(Math.max(...values));
      expect(Math.min(...(series.min as number[]))).toBe(Math.min(...values));
      if (width >= 64) continue;
      // So near, each bucket is exact.
      for (const [index, x] of series.x.entries()) {
        const inside = points.filter(({ step }) => Math.floor(step / width) === Math.floor(x / width));
        expect(series.last[index]).toBe(inside.at(-1)?.value);
        expect(series.max?.[index] ?? series.last[index]).toBe(Math.max(...inside.map(({ value }) => value as number)));
      }
    }
  });

  test('a smoothed curve is the same from near and from afar', async () => {
    const run = await makeRun();
    await log(run, noisy(5000));
    for (const smoothing of [
      { kind: 'ema', weight: 0.98 },
      { kind: 'mean', width: 100 },
      { kind: 'gaussian', width: 60 },
    ]) {
      const far = await oneSeries({ run_ids: [run], buckets: 100, smoothing });
      const near = await oneSeries({ run_ids: [run], buckets: 1000, start: 3000, end: 3500, smoothing });
      const common = far.x.filter((x) => x >= 3000 && x <= 3500);
      expect(common.length).toBeGreaterThan(5);
      for (const x of common) {
        expect(far.smooth?.[far.x.indexOf(x)]).toBeCloseTo(near.smooth?.[near.x.indexOf(x)] as number, 12);
      }
    }
  });

  test('NaN and the infinities are counted where they are, also among many points', async () => {
    for (const count of [20, 4000]) {
      const run = await makeRun();
      const points = noisy(count);
      for (const [step, value] of [
        [3, 'NaN'],
        [5, 'Infinity'],
        [7, '-Infinity'],
        [count - 1, 'NaN'],
      ] as const) {
        (points[step] as Point).value = value;
      }
      await log(run, points);
      const { odd, last, total } = await oneSeries({ run_ids: [run], buckets: 40 });
      const sum = (values: number[] | undefined) => values?.reduce((a, b) => a + b, 0);
      expect([sum(odd?.nan), sum(odd?.up), sum(odd?.down), total]).toEqual([2, 1, 1, count]);
      if (count === 20) expect(last[3]).toBeNull();
      else expect(last).not.toContain(null);
    }
  });

  test('x is the time, the time since the run began, or another metric', async () => {
    const run = await makeRun(1_000_000);
    await log(
      run,
      [1, 2, 3].map((step) => ({ step, value: step, timestamp: 1_000_000 + step * 60_000 })),
    );
    await log(
      run,
      [1, 3].map((step) => ({ key: 'epoch', step, value: step * 10 })),
    );
    expect((await oneSeries({ run_ids: [run], x: 'time' })).x).toEqual([1_060_000, 1_120_000, 1_180_000]);
    expect((await oneSeries({ run_ids: [run], x: 'relative' })).x).toEqual([60_000, 120_000, 180_000]);
    const { x, last, total } = await oneSeries({ run_ids: [run], x: 'metric', x_key: 'epoch' });
    expect({ x, last, total }).toEqual({ x: [10, 30], last: [1, 3], total: 2 });
  });

  test('buckets of a logarithmic axis are even in the logarithm', async () => {
    const run = await makeRun();
    await log(run, noisy(10_000));
    const { x, total } = await oneSeries({ run_ids: [run], spacing: 'log', buckets: 100 });
    // Step 0 has no logarithm.
    expect(total).toBe(9_999);
    expect(x.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
    expect(x.length).toBeLessThanOrEqual(102);
  });

  test('a window holds what lies in it, and the points next to it; it is said what all there is', async () => {
    const run = await makeRun();
    await log(
      run,
      [0, 1000, 2000, 3000].map((step) => ({ step, value: step })),
    );
    const window = { run_ids: [run], start: 900, end: 1500 };
    const chart = (await ask(window)).charts[0] as Chart;
    const { x, total } = chart.series[0] as Series;
    expect({ x, total }).toEqual({ x: [0, 1000, 2000], total: 1 });
    expect([chart.range, chart.whole]).toEqual([
      { start: 900, end: 1500 },
      { start: 0, end: 3000 },
    ]);
    expect((await ask({ ...window, spacing: 'log' })).charts[0]?.whole).toEqual({ start: 1, end: 3000 });
    expect((await ask({ ...window, keys: ['nowhere'] })).charts[0]?.whole).toBeNull();
  });

  test('behind a cursor comes only what is new', async () => {
    const [grows, rests] = [await makeRun(), await makeRun()];
    await log(grows, noisy(300));
    await log(rests, noisy(500));
    const first = await ask({ run_ids: [grows, rests] });
    const none = await ask({ run_ids: [grows, rests], cursor: first.cursor });
    expect(none.charts[0]).toMatchObject({ is_new: false, series: [] });
    await log(grows, [{ step: 300, value: 7 }]);
    const more = await ask({ run_ids: [grows, rests], cursor: none.cursor });
    expect(more.charts[0]?.is_new).toBe(false);
    expect(more.charts[0]?.series).toMatchObject([{ run_id: grows, x: [299, 300] }]);
    await log(grows, [{ step: 5000, value: 7 }]);
    const coarser = await ask({ run_ids: [grows, rests], cursor: more.cursor });
    expect(coarser.charts[0]).toMatchObject({ is_new: true, series: [{}, {}] });
  });

  test('what a retried write doubled counts once', async () => {
    const run = await makeRun();
    await log(run, noisy(50));
    await log(run, noisy(50));
    expect((await oneSeries({ run_ids: [run] })).total).toBe(50);
  });

  test('runs that count alike, and those that only begin and end so, keep their own steps', async () => {
    const evens = [0, 2, 4, 6, 8];
    const steps = [evens, [0, 1, 4, 7, 8], evens, [0, 2, 4, 6, 9], evens];
    const runs: string[] = [];
    for (const [place, own] of steps.entries()) {
      const run = await makeRun();
      await log(
        run,
        own.map((step) => ({ step, value: step + place * 100, timestamp: 1_000_000 })),
      );
      runs.push(run);
    }
    const { charts } = await ask({ run_ids: runs, smoothing: { kind: 'ema', weight: 0.5 } });
    const found = new Map(charts[0]?.series.map((each) => [each.run_id, each]));
    for (const [place, own] of steps.entries()) {
      expect(found.get(runs[place] as string)).toMatchObject({ x: own, last: own.map((step) => step + place * 100) });
    }
  });

  test('groups give the mean and the spread over all runs, each run by its last value so far', async () => {
    const made = await maestro.send('POST', '/api/v1/experiments', { as, json: { name: 'groups' } });
    const { experiment_id: experiment } = made.body as { experiment_id: number };
    for (const [lr, values] of [
      ['0.1', [1, 2, 3]],
      ['0.1', [3, 6, 9]],
      ['0.2', [5, 5, 5]],
    ] as const) {
      const { body } = await maestro.send('POST', '/api/v1/runs', { as, json: { experiment_id: experiment } });
      const { run_id: run } = body as { run_id: string };
      const params = [{ key: 'lr', value: lr }];
      await maestro.send('POST', `/api/v1/runs/${run}/log`, { as, json: { params } });
      // The second run skips the middle step.
      const logged = values.flatMap((value, step) => (value === 6 ? [] : [{ step, value }]));
      await log(run, logged);
    }
    const json = { experiment_ids: [experiment], key: 'loss', by: { kind: 'param', key: 'lr' } };
    const { body } = await maestro.send('POST', '/api/v1/metrics/groups', { as, json });
    expect(body).toMatchObject({ runs: 3, left_out: 0, range: { start: 0, end: 2 } });
    expect((body as { groups: unknown[] }).groups).toEqual([
      {
        value: '0.1',
        runs: 2,
        x: [0, 1, 2],
        n: [2, 2, 2],
        mean: [2, 2.5, 6],
        std: [Math.SQRT2, Math.SQRT1_2, expect.closeTo(Math.sqrt(18), 12)],
        min: [1, 2, 3],
        max: [3, 3, 9],
      },
      {
        value: '0.2',
        runs: 1,
        x: [0, 1, 2],
        n: [1, 1, 1],
        mean: [5, 5, 5],
        std: [null, null, null],
        min: [5, 5, 5],
        max: [5, 5, 5],
      },
    ]);
    const filtered = { ...json, filter: "params.lr = '0.2'", start: 1, end: 2 };
    expect((await maestro.send('POST', '/api/v1/metrics/groups', { as, json: filtered })).body).toMatchObject({
      ...{ runs: 1, range: { start: 1, end: 2 }, whole: { start: 0, end: 2 } },
    });
  });

  test('groups end where x has no more than the rounding of doubles between its ends', async () => {
    const made = await maestro.send('POST', '/api/v1/experiments', { as, json: { name: 'rounded groups' } });
    const { experiment_id: experiment } = made.body as { experiment_id: number };
    const { body } = await maestro.send('POST', '/api/v1/runs', { as, json: { experiment_id: experiment } });
    const { run_id: run } = body as { run_id: string };
    await log(run, noisy(3));
    await log(
      run,
      [1, 1.0000000000000002, -4].map((value, step) => ({ key: 'flat', step, value })),
    );
    const json = { experiment_ids: [experiment], key: 'loss', x: 'metric', x_key: 'flat' };
    for (const window of [
      { start: 1, end: 1.0000000000000002 },
      { start: 1, end: 1.0000000000000002, spacing: 'log' },
      { start: -8, end: 2, spacing: 'log' },
      { start: -8, end: -4, spacing: 'log' },
      { start: 1, end: 1 },
    ]) {
      const answer = await maestro.send('POST', '/api/v1/metrics/groups', { as, json: { ...json, ...window } });
      expect(answer.status, answer.text).toBe(200);
      const { groups } = answer.body as { groups: { x: number[] }[] };
      expect(groups[0]?.x.length).toBeLessThanOrEqual(501);
      const series = { run_ids: [run], keys: ['loss'], x: 'metric', x_key: 'flat', ...window };
      const { cursor } = await ask(series);
      await ask({ ...series, cursor });
    }
  });

  test('of many groups only the largest are given, and how many are left out is said', async () => {
    const made = await maestro.send('POST', '/api/v1/experiments', { as, json: { name: 'many groups' } });
    const { experiment_id: experiment } = made.body as { experiment_id: number };
    for (let number = 0; number < 54; number += 1) {
      const { body } = await maestro.send('POST', '/api/v1/runs', { as, json: { experiment_id: experiment } });
      const { run_id: run } = body as { run_id: string };
      const params = [{ key: 'lr', value: number >= 52 ? 'twice' : String(number) }];
      await maestro.send('POST', `/api/v1/runs/${run}/log`, { as, json: { params } });
      await log(run, [{ step: 0, value: number }]);
    }
    const json = { experiment_ids: [experiment], key: 'loss', by: { kind: 'param', key: 'lr' } };
    const { body } = await maestro.send('POST', '/api/v1/metrics/groups', { as, json });
    const { groups } = body as { groups: unknown[] };
    expect(body).toMatchObject({ runs: 54, left_out: 3 });
    expect(groups).toHaveLength(50);
    expect(groups[0]).toMatchObject({ value: 'twice', runs: 2, n: [2], mean: [52.5] });
  });

  test('importance names its method and its n, and a param that is different in each run has none', async () => {
    const made = await maestro.send('POST', '/api/v1/experiments', { as, json: { name: 'importance' } });
    const { experiment_id: experiment } = made.body as { experiment_id: number };
    for (let number = 0; number < 12; number += 1) {
      const { body } = await maestro.send('POST', '/api/v1/runs', { as, json: { experiment_id: experiment } });
      const { run_id: run } = body as { run_id: string };
      const params = [
        { key: 'lr', value: String(number / 10) },
        { key: 'kind', value: number % 2 === 0 ? 'a' : 'b' },
        { key: 'id', value: `run ${number}` },
      ];
      const metrics = [{ key: 'loss', value: 10 - number, step: 0, timestamp: 1 }];
      await maestro.send('POST', `/api/v1/runs/${run}/log`, { as, json: { params, metrics } });
    }
    const json = { experiment_ids: [experiment], key: 'loss' };
    const { body } = await maestro.send('POST', '/api/v1/metrics/importance', { as, json });
    expect(body).toEqual({
      runs: 12,
      params: [
        {
          key: 'lr',
          n: 12,
          distinct: 12,
          method: 'spearman',
          importance: expect.closeTo(1, 9),
          correlation: expect.closeTo(-1, 9),
        },
        { key: 'kind', n: 12, distinct: 2, method: 'epsilon', importance: 0, correlation: null },
        { key: 'id', n: 12, distinct: 12, method: 'epsilon', importance: null, correlation: null },
      ],
    });
  });

  test('bad input names the field', async () => {
    const run = await makeRun();
    for (const [json, field] of [
      [{ x: 'metric' }, 'x_key'],
      [{ x_key: 'epoch' }, 'x_key'],
      [{ start: 2, end: 1 }, 'end'],
      [{ cursor: 'bm90IG9uZQ' }, 'cursor'],
      [{ buckets: 1 }, 'buckets'],
    ] as const) {
      const { status, text } = await maestro.send('POST', '/api/v1/metrics/series', {
        as,
        json: { run_ids: [run], keys: ['loss'], ...json },
      });
      expect([status, text]).toEqual([400, expect.stringContaining(field)]);
    }
    const missing = { run_ids: ['f'.repeat(32)], keys: ['loss'] };
    expect((await maestro.send('POST', '/api/v1/metrics/series', { as, json: missing })).status).toBe(404);
  });
});
