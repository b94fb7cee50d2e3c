import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from './app.ts';
import { referenceTables } from './catalogue.ts';
import { peopleOf } from './people.ts';
import type { RouteCase, Sample } from './route_case.ts';
import { caseOf } from './route_cases.ts';
import { worldOf } from './route_world.ts';
import { statementFaults, transactionFaults } from './statement_rules.ts';

let app: TestApp;
/** Who calls the routes that no role of a tenant opens. */
let callers: Partial<Record<RouteCase['needs'], string>>;
let tenantTables: ReadonlySet<string>;
let functions: { name: string; body: string }[];
/** The statements of each connection of the server, in order. */
const connections = new Map<object, string[]>();
const routes: { method: string; url: string }[] = [];

beforeAll(async () => {
  // Every query of every pool goes through this method.
  const query = pg.Client.prototype.query as (...given: unknown[]) => unknown;
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...given: unknown[]) {
    if (this.user === 'maestro_server') {
      const [config] = given as [string | { text: string }];
      const text = typeof config === 'string' ? config : config.text;
      connections.set(this, [...(connections.get(this) ?? []), text]);
    }
    return query.apply(this, given);
  } as never);
  app = await startTestApp({
    onRoute: ({ method, url, config }) => {
      if (config?.unguarded === undefined) for (const one of [method].flat()) routes.push({ method: one, url });
    },
  });
  const { as: operator } = await peopleOf(app).operator();
  callers = { operator: app.operatorKey, operator_key: app.operatorKey, operator_session: operator };
  const client = new pg.Client(app.database.superuser);
  await client.connect();
  const tables = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'maestro'::regnamespace AND relkind IN ('r', 'p')`,
  );
  const exceptions = new Set([...Object.keys(referenceTables), 'migrations']);
  tenantTables = new Set(tables.rows.map(({ name }) => name).filter((name) => !exceptions.has(name)));
  const bodies = await client.query<{ name: string; body: string }>(
    `SELECT proname AS name, prosrc AS body FROM pg_proc WHERE pronamespace = 'maestro'::regnamespace`,
  );
  functions = bodies.rows;
  await client.end();
});
afterAll(async () => {
  vi.restoreAllMocks();
  await app?.stop();
});

async function call(
  route: { method: string; url: string },
  found: RouteCase,
  sample: Sample,
  as = callers[found.needs] ?? app.tenants.a.keys.tenant_admin,
): Promise<number> {
  const { params = {}, query, json, body } = sample;
  const path = route.url.replace(/:([a-z_]+)|\*/g, (whole, name = whole) => params[name as string] ?? '');
  const answer = await app.send(route.method, path + (query ? `?${new URLSearchParams(query)}` : ''), {
    as,
    ...(json === undefined || route.method === 'GET' ? {} : { json }),
    ...(body === undefined ? {} : { body }),
  });
  return answer.status;
}

/** Every route once more, as somebody to whom the things are granted one by one. */
async function callAsGranted(walked: typeof routes): Promise<void> {
  const people = peopleOf(app);
  await people.asAdmin('POST', '/roles', { name: 'granted', permissions: ['tenant:read'] });
  const { id, as } = await people.account('granted');
  for (const route of walked) {
    const { found } = caseOf(route.method, route.url) ?? {};
    if (!found || found.asUser || !['viewer', 'data_scientist', 'ml_engineer'].includes(found.needs)) continue;
    const adminKey = app.tenants.a.keys.tenant_admin;
    const world = worldOf(app, { adminKey, session: adminKey });
    const sample = (await found.sample?.(world, app)) ?? {};
    const subject = { kind: 'service_account', id };
    const grants = [
      { kind: 'experiment', id: world.given.get('experiment'), role: 'ml_engineer' },
      { kind: 'model', id: world.given.get('model'), role: 'granted' },
    ];
    for (const { role, ...resource } of grants) {
      if (resource.id !== undefined) await people.asAdmin('POST', '/grants', { subject, resource, role });
    }
    await call(route, found, sample, as);
  }
}

const searches: [filter: string, orders: string[]][] = [
  ['metrics.m > 0', ['metrics.m DESC']],
  ["params.p = '1' AND tags.k LIKE 'v%'", ['params.p', 'tags.k DESC']],
  ["attributes.run_name ILIKE 'r%' AND metrics.m < 5", ['attributes.start_time']],
  ["attributes.run_id IN ('a') AND tags.k != 'x'", ['metrics.none', 'attributes.end_time DESC']],
  ["datasets.name = 'd'", []],
];

describe('the statements of the server', () => {
  test('keep the rules of SCALE.md, whatever operation runs them', async () => {
    // One face of each family is enough: the twins run the same operations.
    const walked = routes.filter(({ method, url }) => method !== 'HEAD' && !/ajax-api|\/api\/3\.0/.test(url));
    const failed: string[] = [];
    for (const route of walked) {
      const { found } = caseOf(route.method, route.url) ?? {};
      if (!found) continue;
      const world = worldOf(app, {
        adminKey: app.tenants.a.keys.tenant_admin,
        session: app.tenants.a.keys.tenant_admin,
      });
      if (found.asUser) continue;
      const status = await call(route, found, (await found.sample?.(world, app)) ?? {});
      if (status >= 500 && status !== 501) failed.push(`${route.method} ${route.url}: ${status}`);
    }
    const as = app.tenants.a.keys.tenant_admin;
    for (const [filter, order_by] of searches) {
      const json = { experiment_ids: Array.from({ length: 100 }, (_, id) => id), filter, order_by, limit: 2 };
      const answer = await app.send('POST', '/api/v1/runs/search', { as, json });
      if (answer.status !== 200) failed.push(`${filter}: ${answer.text}`);
      const { next_page_token: token } = answer.body as { next_page_token: string | null };
      if (token) await app.send('POST', '/api/v1/runs/search', { as, json: { ...json, page_token: token } });
    }
    expect(failed).toEqual([]);
    await callAsGranted(walked);

    const texts = new Set([...connections.values()].flat());
    expect(texts.size).toBeGreaterThan(60);
    const faults = [...texts].flatMap((text) =>
      statementFaults(text, tenantTables).map((fault) => `${fault}: ${text.replace(/\s+/g, ' ').slice(0, 600)}`),
    );
    expect(faults).toEqual([]);
    expect([...connections.values()].flatMap((statements) => transactionFaults(statements, tenantTables))).toEqual([]);
  }, 120_000);

  test('and of the functions they call keep them too', () => {
    const entering = ['set_tenant', 'enter_identity', 'isolate_by_tenant', 'isolate_as_identity'];
    const faults = functions
      .filter(({ name }) => !entering.includes(name))
      .flatMap(({ name, body }) =>
        body.split(';').flatMap((part) => statementFaults(part, tenantTables).map((fault) => `${name}: ${fault}`)),
      );
    expect(faults).toEqual([]);
    const calling = functions.filter(
      ({ name, body }) => !entering.includes(name) && /set_tenant|\bSET LOCAL\b/i.test(body),
    );
    expect(calling.map(({ name }) => name)).toEqual([]);
  });
});

describe('a statement is refused that', () => {
  const tables = new Set(['runs', 'params', 'tags']);
  test.each([
    ['names no tenant', 'SELECT 1 FROM maestro.runs WHERE run_id = $1', 'runs (as runs) without tenant_id = $n'],
    [
      'joins a table without its tenant',
      'SELECT 1 FROM maestro.runs r JOIN maestro.params p ON p.run_id = r.run_id WHERE r.tenant_id = $1',
      'params (as p) without',
    ],
    [
      'joins a tenant by the other table',
      'SELECT 1 FROM maestro.runs r JOIN maestro.params p ON p.tenant_id = r.tenant_id WHERE r.tenant_id = $1',
      'params (as p) without',
    ],
    [
      'has a subquery without its tenant',
      'SELECT (SELECT count(*) FROM maestro.tags t WHERE t.run_id = r.run_id) FROM maestro.runs r WHERE r.tenant_id = $1',
      'tags (as t) without',
    ],
    [
      'takes the tenant from the setting',
      "SELECT 1 FROM maestro.runs WHERE tenant_id = current_setting('maestro.tenant')::uuid",
      'current_setting',
    ],
    ['inserts without a tenant', 'INSERT INTO maestro.runs (run_id) VALUES ($1)', 'runs (as runs) without'],
    ['updates without a tenant', 'UPDATE "maestro"."runs" SET name = $1 WHERE run_id = $2', 'runs (as runs) without'],
    ['deletes without a tenant', 'DELETE FROM maestro.tags x WHERE x.run_id = $1', 'tags (as x) without'],
    ['hides the tenant in a comment', 'SELECT 1 FROM maestro.runs /* tenant_id = $1 */', 'runs (as runs) without'],
    [
      'hides the tenant in a text',
      "SELECT 1 FROM maestro.runs WHERE name = 'tenant_id = $1'",
      'runs (as runs) without',
    ],
    [
      'joins a reference table',
      'SELECT 1 FROM maestro.runs r, maestro.users u WHERE r.tenant_id = $1',
      'reference table',
    ],
    ['uses set_config', "SELECT set_config('maestro.tenant', $1, true)", 'set_config'],
    ['uses MERGE', 'MERGE INTO maestro.runs USING x ON tenant_id = $1 WHEN MATCHED THEN DELETE', 'MERGE'],
    [
      'updates by a volatile function',
      'UPDATE maestro.runs SET name = random()::text WHERE tenant_id = $1',
      'volatile',
    ],
    [
      'inserts unnest(…) plainly',
      'INSERT INTO maestro.tags (tenant_id, key) SELECT $1, k FROM unnest($2::text[]) k',
      'COPY',
    ],
    [
      'has a subquery in VALUES',
      'INSERT INTO maestro.tags (tenant_id, key) VALUES ($1, (SELECT 1))',
      'subquery in VALUES',
    ],
    ['takes an advisory lock', 'SELECT pg_advisory_xact_lock(1)', 'advisory lock'],
    ['notifies', "SELECT pg_notify('a', 'b')", 'NOTIFY'],
  ])('%s', (_what, sql, fault) => {
    expect(statementFaults(sql, tables).join('\n')).toContain(fault);
  });

  test.each([
    [
      'reads before the tenant is set',
      ['BEGIN', 'SELECT 1', 'SELECT maestro.set_tenant($1)', 'COMMIT'],
      'first statement',
    ],
    ['reads a tenant table without a transaction', ['SELECT 1 FROM maestro.runs WHERE tenant_id = $1'], 'outside'],
    ['sets the tenant by hand', ['BEGIN', "SET LOCAL maestro.tenant = 'x'"], 'by itself'],
    ['opens a savepoint', ['BEGIN', 'SELECT maestro.set_tenant($1)', 'SAVEPOINT s'], 'savepoint'],
  ])('%s', (_what, statements, fault) => {
    expect(transactionFaults(statements, tables).join('\n')).toContain(fault);
  });
});
