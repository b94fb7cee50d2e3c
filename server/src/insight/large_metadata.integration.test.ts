import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { longestTurn } from '../../test/turns.ts';

/** Projects that have ended, and as many that are recorded afterwards. */
const projects = 300;
/** What nobody notices, in milliseconds of the processor. */
const turnMax = 50;

let app: TestApp;
let key: string;
let tenantId: string;

async function call<Body>(method: string, path: string, json?: unknown): Promise<Body> {
  const answer = await app.send(method, `/api/v1${path}`, { as: key, ...(json === undefined ? {} : { json }) });
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body as Body;
}

/** Projects with as much metadata as may be. */
const record = (prefix: string, haveEnded: boolean) =>
  app.ports.db.inTenant(tenantId, (tx) =>
    tx.sql<{ project_id: string; size: number }>(
      `INSERT INTO maestro.projects (tenant_id, name, team_size, start_date, completion_date, success_score, metadata,
                                     created_by)
       SELECT $1, $3 || n, 1 + n % 9, date '2024-01-01', CASE WHEN $4 THEN date '2024-02-01' + n % 90 END,
              CASE WHEN $4 THEN n % 90 END, m.metadata, 'test'
         FROM generate_series(1, $2::integer) AS n,
              LATERAL (SELECT jsonb_object_agg('key ' || k, md5((n * 1000 + k)::text))
                              || jsonb_build_object('a site', jsonb_build_object('size', n % 90)) AS metadata
                         FROM generate_series(1, 1380) AS k) AS m
       RETURNING project_id, octet_length(metadata::text) AS size`,
      [tenantId, projects, prefix, haveEnded],
    ),
  );

beforeAll(async () => {
  app = await startTestApp();
  const json = { slug: `t-${randomUUID().slice(0, 8)}`, max_projects: 10_000 };
  const tenant = await app.send('POST', '/api/v1/tenants', { as: app.operatorKey, json });
  ({ id: tenantId } = tenant.body as { id: string });
  const path = `/api/v1/tenants/${json.slug}/keys`;
  const made = await app.send('POST', path, { as: app.operatorKey, json: { name: 'k', role: 'tenant_admin' } });
  ({ key } = made.body as { key: string });
  const [first] = await record('old', true);
  expect(first?.size).toBeGreaterThan(64_000);
}, 120_000);
afterAll(() => app?.stop());

async function turnOf(what: string, run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  const turn = await longestTurn(run);
  process.stdout.write(`${what}: turn ${turn.toFixed(0)} ms, took ${(performance.now() - began).toFixed(0)} ms\n`);
  return turn;
}

test(`learning from projects with 64 KB of metadata each takes no turn of ${turnMax} ms of the thread that serves`, async () => {
  expect(await turnOf('train', () => call('POST', '/insight/train', {}))).toBeLessThan(turnMax);
  expect(await turnOf('train again', () => call('POST', '/insight/train', {}))).toBeLessThan(turnMax);
}, 120_000);

test('the model’s report and the list of predictions read of metadata what they tell, and take no long turn either', async () => {
  const recorded = await record('new', false);
  await app.ports.db.inTenant(tenantId, (tx) =>
    tx.sql(
      `INSERT INTO maestro.predictions (tenant_id, project_id, asked, answer, is_scored, created_by)
       SELECT $1, id, '{"fields": {}}', '{"outcomes": {}, "base": null}', true, 'test' FROM unnest($2::uuid[]) AS id
       RETURNING 1`,
      [tenantId, recorded.map(({ project_id: id }) => id)],
    ),
  );
  expect(await turnOf('model', () => call('GET', '/insight/model'))).toBeLessThan(turnMax);
  expect(await turnOf('predictions', () => call('GET', '/predictions?limit=100'))).toBeLessThan(turnMax);
  type Model = { outcomes: { drift: { projects: number; features: { feature: string; psi: number }[] } }[] };
  const { outcomes } = await call<Model>('GET', '/insight/model');
  const [{ drift }] = outcomes as [Model['outcomes'][0]];
  expect(drift.projects).toBe(projects);
  // Deep in an object, and yet what it was.
  expect(drift.features).toContainEqual(
    expect.objectContaining({ feature: 'metadata.a site.size', has_drifted: false }),
  );
}, 120_000);
