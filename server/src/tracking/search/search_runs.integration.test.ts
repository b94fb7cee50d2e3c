import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/postgres.ts';
import { type Database, openDatabase, type TenantTx } from '../../db/tenancy.ts';
import { MaestroError } from '../../errors.ts';
import { type RunSearch, searchRuns } from './search_runs.ts';

const tenant = randomUUID();
const stranger = randomUUID();
let database: TestDatabase;
let db: Database;

interface ModelRun {
  id: string;
  experiment: number;
  start: number;
  end: number | null;
  status: string;
  user: string;
  active: boolean;
  metrics: Record<string, number>;
  params: Record<string, string>;
  tags: Record<string, string>;
}

const long = 'x'.repeat(250);

/** Runs of few distinct values, so that ties, NaN and lacking keys are common; a rare param, and a small experiment. */
function someRuns(count: number): ModelRun[] {
  let seed = 1;
  const random = (n: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % n;
  };
  const one = <T>(...choices: T[]): T => choices[random(choices.length)] as T;
  return Array.from({ length: count }, (_, at) => {
    const metrics: Record<string, number> = {};
    if (random(5) > 0) metrics['loss x'] = one(Number.NaN, -1, 0, 0.5, 1e300, random(1000) / 7);
    if (random(9) === 0) metrics.rare = one(1, 2, Number.NaN);
    const params: Record<string, string> = {};
    if (random(4) > 0) params.p = one('a', 'b', 'A', 'ä', '', `${long}1`, `${long}2`, String(random(50)));
    if (at % 700 === 3) params.needle = 'here';
    const tags: Record<string, string> = { 'mlflow.runName': `run ${random(30)}` };
    if (random(2) > 0) tags.t = one('x', 'y', '50%');
    return {
      id: randomUUID(),
      experiment: at % 50 === 0 ? 2 : 1,
      start: 1000 + random(count / 4),
      end: random(3) > 0 ? 2000 + random(20) : null,
      status: one('RUNNING', 'FINISHED', 'FAILED'),
      user: one('ada', 'bob', ''),
      active: random(20) > 0,
      metrics,
      params,
      tags,
    };
  });
}

const runs = someRuns(3000);
const someIds = new Set(runs.slice(5, 25).map(({ id }) => id));

async function insert(tx: TenantTx, all: readonly ModelRun[]): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.runs (tenant_id, run_id, experiment_id, name, user_id, status, start_time, end_time, lifecycle_stage)
     SELECT $1, id, experiment, tags->>'mlflow.runName', "user", status, start, "end",
            CASE WHEN active THEN 'active' ELSE 'deleted' END
     FROM jsonb_to_recordset($2::jsonb) AS r(id uuid, experiment bigint, tags jsonb, "user" text, status text,
       start bigint, "end" bigint, active boolean) ON CONFLICT DO NOTHING`,
    [tx.tenantId, JSON.stringify(all)],
  );
  for (const kind of ['params', 'tags'] as const) {
    await tx.sql(
      `INSERT INTO maestro.${kind} (tenant_id, run_id, key, value, experiment_id)
       SELECT $1, id, k.key, k.value, experiment
       FROM jsonb_to_recordset($2::jsonb) AS r(id uuid, experiment bigint, ${kind} jsonb), jsonb_each_text(${kind}) k
       ON CONFLICT DO NOTHING`,
      [tx.tenantId, JSON.stringify(all)],
    );
  }
  const points = all.flatMap(({ id, experiment, metrics }) =>
    Object.entries(metrics).map(([key, value]) => ({
      id,
      experiment,
      key,
      value: Number.isNaN(value) ? 0 : value,
      nan: Number.isNaN(value),
    })),
  );
  await tx.sql(
    `INSERT INTO maestro.latest_metrics (tenant_id, run_id, key, value, is_nan, step, timestamp, experiment_id)
     SELECT $1, id, key, value, nan, 0, 0, experiment
     FROM jsonb_to_recordset($2::jsonb) AS p(id uuid, experiment bigint, key text, value float8, nan boolean)
     ON CONFLICT DO NOTHING`,
    [tx.tenantId, JSON.stringify(points)],
  );
}

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.logins, 2, () => undefined);
  await db.inTenant(tenant, (tx) => insert(tx, runs));
  await db.inTenant(stranger, (tx) => insert(tx, runs.slice(0, 10)));
});

afterAll(async () => {
  await db?.close();
  await database?.drop();
});

/** A condition as filter text and as the model takes it. */
type Condition = [string, (run: ModelRun) => boolean];

const compare: Record<string, (a: number, b: number) => boolean> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};
const operator = fc.constantFrom(...Object.keys(compare));

const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .tuple(operator, fc.constantFrom(-1, 0, 0.5, 70, 1e300))
    .map(
      ([o, n]): Condition => [
        `metrics.\`loss x\` ${o} ${String(n).replace('+', '')}`,
        ({ metrics }) => metrics['loss x'] !== undefined && compare[o]!(metrics['loss x'], n),
      ],
    ),
  fc.constantFrom('1', '2').map((n): Condition => [`metrics.rare = ${n}`, ({ metrics }) => metrics.rare === Number(n)]),
  fc
    .constantFrom('a', 'A', `${long}1`, 'nowhere')
    .map((v): Condition => [`params.p = '${v}'`, ({ params }) => params.p === v]),
  fc.constant<Condition>(["params.needle = 'here'", ({ params }) => params.needle === 'here']),
  fc
    .constantFrom('a', '7')
    .map((v): Condition => [`params.p != "${v}"`, ({ params }) => params.p !== undefined && params.p !== v]),
  fc.constant<Condition>(["params.p LIKE 'x%1'", ({ params }) => params.p === `${long}1`]),
  fc.constant<Condition>(["params.p ILIKE 'A'", ({ params }) => params.p?.toLowerCase() === 'a']),
  fc.constant<Condition>(["tags.t LIKE '50\\%'", ({ tags }) => tags.t === '50%']),
  fc.constant<Condition>(['tags.t IS NULL', ({ tags }) => tags.t === undefined]),
  fc.constant<Condition>(['params.p IS NOT NULL', ({ params }) => params.p !== undefined]),
  fc.constant<Condition>(["run_name = 'run 7'", ({ tags }) => tags['mlflow.runName'] === 'run 7']),
  fc.constant<Condition>(["status != 'FAILED'", ({ status }) => status !== 'FAILED']),
  fc.constant<Condition>(["user_id ILIKE 'A%'", ({ user }) => user === 'ada']),
  fc
    .tuple(operator, fc.constantFrom(1200, 1300.5))
    .map(([o, n]): Condition => [`start_time ${o} ${n}`, ({ start }) => compare[o]!(start, n)]),
  fc.constant<Condition>(['end_time > 2010', ({ end }) => end !== null && end > 2010]),
  fc.constant<Condition>([
    `run_id IN ('${[...someIds].map((id) => id.replaceAll('-', '')).join("', '")}')`,
    ({ id }) => someIds.has(id),
  ]),
);

type Value = number | string | null | undefined;

/** An order term as text and the value it takes of a run. */
const orders: readonly [string, (run: ModelRun) => Value][] = [
  ['metrics.`loss x`', ({ metrics }) => metrics['loss x']],
  ['metrics.rare', ({ metrics }) => metrics.rare],
  ['metrics.absent', () => undefined],
  ['params.p', ({ params }) => params.p],
  ['tags.t', ({ tags }) => tags.t],
  ['status', ({ status }) => status],
  ['end_time', ({ end }) => end],
  ['attributes.duration', ({ start, end }) => (end === null ? null : end - start)],
  ['start_time', ({ start }) => start],
  ['run_name', ({ tags }) => tags['mlflow.runName']],
  ['run_id', ({ id }) => id],
];

const rank = (value: Value) => (value === undefined || value === null ? 2 : Number.isNaN(value) ? 1 : 0);

function compareValues(a: Value, b: Value, descending: boolean): number {
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (rank(a) > 0 || a === b) return 0;
  // By UTF-16 as by bytes: no text here is beyond the basic plane.
  const smaller = typeof a === 'string' ? a < String(b) : Number(a) < Number(b);
  return smaller === descending ? 1 : -1;
}

const term = fc.record({ at: fc.nat({ max: orders.length - 1 }), descending: fc.boolean() });

const search = fc.record({
  conditions: fc.array(condition, { maxLength: 3 }),
  terms: fc.uniqueArray(term, { maxLength: 2, selector: ({ at }) => at }),
  experimentIds: fc.constantFrom<number[]>([1], [2], [1, 2], [2, 1, 2, 3]),
  view: fc.constantFrom('ACTIVE_ONLY' as const, 'DELETED_ONLY' as const, 'ALL' as const),
  maxResults: fc.constantFrom(7, 90, 700, 5000),
});

const isCut = (found: readonly string[], maxResults: number) => found.length > maxResults * 8;

async function pages(query: Omit<RunSearch, 'pageToken'>): Promise<string[]> {
  const found: string[] = [];
  for (let pageToken: string | undefined; ; ) {
    const page = await db.inTenant(tenant, (tx) => searchRuns(tx, { ...query, pageToken }));
    found.push(...page.runIds);
    if (page.nextPageToken === undefined) return found;
    expect(page.runIds).toHaveLength(query.maxResults);
    // Small pages of many runs take long to walk to the end, and say no more.
    if (isCut(found, query.maxResults)) return found;
    pageToken = page.nextPageToken;
  }
}

describe('paging through runs', () => {
  test('gives exactly the runs that a simple model gives, in its order, for any filter, order and page size', async () => {
    await fc.assert(
      fc.asyncProperty(search, async ({ conditions, terms, experimentIds, view, maxResults }) => {
        const keys = terms.map(({ at, descending }) => ({ of: orders[at]![1], descending }));
        const expected = runs
          .filter(({ experiment }) => experimentIds.includes(experiment))
          .filter(({ active }) => view === 'ALL' || active === (view === 'ACTIVE_ONLY'))
          .filter((run) => conditions.every(([, holds]) => holds(run)))
          .sort((a, b) => {
            for (const { of, descending } of keys) {
              const order = compareValues(of(a), of(b), descending);
              if (order !== 0) return order;
            }
            const isTimed = terms.some(({ at }) => orders[at]![0] === 'start_time');
            return (isTimed ? 0 : b.start - a.start) || (a.id < b.id ? -1 : 1);
          })
          .map(({ id }) => id);
        const found = await pages({
          experimentIds,
          filter: conditions.map(([text]) => text).join(' AND '),
          orderBy: terms.map(({ at, descending }) => `${orders[at]![0]}${descending ? ' DESC' : ''}`),
          view,
          maxResults,
          isNative: true,
        });
        expect(found.join('\n')).toBe(
          expected.slice(0, isCut(found, maxResults) ? found.length : undefined).join('\n'),
        );
      }),
      // Shrinking would search for minutes; a failure names its seed.
      { numRuns: 60, endOnFailure: true },
    );
  }, 120_000);

  const query: RunSearch = { experimentIds: [1], filter: '', orderBy: ['params.p'], view: 'ALL', maxResults: 5 };
  const find = (more: Partial<RunSearch>) => db.inTenant(tenant, (tx) => searchRuns(tx, { ...query, ...more }));

  test('gives each run once where thousands have the same value, by the further terms', async () => {
    // More of each than are read at once, from two experiments; then some that few have, and some without it.
    const crowd: ModelRun[] = Array.from({ length: 8000 }, (_, at) => {
      const value = at % 100 === 0 ? `few ${at % 700}` : (['a', `${long}${at % 4}`, 'z'][at % 3] as string);
      const of = at % 250 === 1 ? {} : { p: value };
      const metrics: Record<string, number> = at % 250 === 1 ? {} : { even: at % 3, other: at % 7 };
      return {
        ...(runs[0] as ModelRun),
        id: randomUUID(),
        experiment: 20 + (at % 2),
        start: 1000 + (at % 90),
        end: at % 250 === 1 ? null : 2000 + (at % 3) * (at % 2),
        status: at % 97 === 0 ? 'FAILED' : 'FINISHED',
        active: at % 5 > 0,
        metrics,
        params: of,
        tags: { 'mlflow.runName': `run ${at % 3}` },
      };
    });
    await db.inTenant(tenant, (tx) => insert(tx, crowd));
    const by = <Value extends string | number>(value: (run: ModelRun) => Value | undefined, sign = 1) => {
      return (a: ModelRun, b: ModelRun): number => {
        const [x, y] = [value(a), value(b)];
        if (x === y) return 0;
        return x === undefined ? 1 : y === undefined ? -1 : x < y ? -sign : sign;
      };
    };
    const durationOf = ({ start, end }: ModelRun) => (end === null ? undefined : end - start);
    const byParam = (sign: number) => by(({ params }) => params.p, sign);
    const cases: [string[], string, ((a: ModelRun, b: ModelRun) => number)[], (run: ModelRun) => boolean][] = [
      [['params.p'], '', [byParam(1)], () => true],
      [['params.p DESC'], '', [byParam(-1)], () => true],
      [['params.p', 'metrics.other DESC'], '', [byParam(1), by(({ metrics }) => metrics.other, -1)], () => true],
      [['metrics.even DESC'], '', [by(({ metrics }) => metrics.even, -1)], () => true],
      [['run_name DESC'], '', [by(({ tags }) => tags['mlflow.runName'], -1)], () => true],
      [['attributes.duration'], '', [by(durationOf)], () => true],
      [['attributes.duration DESC'], '', [by(durationOf, -1)], () => true],
      [['end_time DESC'], '', [by(({ end }) => end ?? undefined, -1)], () => true],
      [['end_time'], "status = 'FAILED'", [by(({ end }) => end ?? undefined)], ({ status }) => status === 'FAILED'],
      [['params.p'], "status = 'FAILED'", [byParam(1)], ({ status }) => status === 'FAILED'],
      [
        ['metrics.even'],
        'metrics.other = 3',
        [by(({ metrics }) => metrics.even)],
        ({ metrics }) => metrics.other === 3,
      ],
    ];
    for (const [orderBy, filter, orders, holds] of cases) {
      const order = [...orders, by(({ start }: ModelRun) => start, -1), by(({ id }: ModelRun) => id)];
      const expected = crowd
        .filter((run) => run.active && holds(run))
        .sort((a, b) => order.reduce((way, each) => way || each(a, b), 0))
        .map(({ id }) => id);
      const ask: RunSearch = {
        experimentIds: [20, 21],
        filter,
        orderBy,
        view: 'ACTIVE_ONLY',
        maxResults: 150,
        isNative: true,
      };
      const found: string[] = [];
      for (let pageToken: string | undefined, isLast = false; !isLast; isLast = pageToken === undefined) {
        const page = await db.inTenant(tenant, (tx) => searchRuns(tx, { ...ask, pageToken }));
        found.push(...page.runIds);
        pageToken = page.nextPageToken;
      }
      expect(found.join('\n'), `${orderBy} ${filter}`).toBe(expected.join('\n'));
    }
  }, 60_000);

  test('shows nothing of another tenant', async () => {
    const page = await db.inTenant(stranger, (tx) =>
      searchRuns(tx, { ...query, experimentIds: [1, 2], maxResults: 50 }),
    );
    expect(page.runIds).toHaveLength(10);
    expect(page.nextPageToken).toBeUndefined();
  });

  test('with the token of another search, or none of ours, is refused', async () => {
    const { nextPageToken: token = '' } = await find({});
    const [fingerprint, ...position] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    const forged = (...values: unknown[]) =>
      Buffer.from(JSON.stringify([fingerprint, ...values])).toString('base64url');
    expect((await find({ pageToken: token, maxResults: 9 })).runIds).toHaveLength(9);
    const refused: Partial<RunSearch>[] = [
      { pageToken: token, filter: "status = 'FAILED'" },
      { pageToken: token, orderBy: ['params.p DESC'] },
      { pageToken: token, experimentIds: [2] },
      { pageToken: 'eyJvZmZzZXQiOiAxMDB9' },
      { pageToken: 'nonsense' },
      { pageToken: forged() },
      { pageToken: forged(...position.slice(0, -1), "' OR true --") },
      { pageToken: forged(...position.slice(0, -1), 5) },
      { pageToken: forged('0', ...position.slice(1)) },
      { pageToken: forged(...position, 1) },
      { pageToken: forged([0], ...position.slice(1)) },
      { maxResults: 0 },
    ];
    for (const more of refused) {
      await expect(find(more), JSON.stringify(more)).rejects.toThrow(MaestroError);
    }
  });

  test('takes whatever a filter holds for a value, never for SQL', async () => {
    for (const text of ["'; DROP TABLE maestro.runs; --", '$1', '%s', "\\' OR '1'='1", '"; SELECT pg_sleep(9)']) {
      const filter = `tags.\`${text}\` = "x" AND params.p != 'a"${text.replaceAll("'", '')}'`;
      expect((await find({ filter })).runIds).toEqual([]);
      expect((await find({ orderBy: [`metrics.\`${text}\``] })).runIds).toHaveLength(5);
    }
  });
});
