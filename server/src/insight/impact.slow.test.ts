import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { simulateTenant } from '../../../insight/src/impact_simulator.fixture.ts';
import { type MaestroProcess, startMaestro } from '../../test/maestro.ts';
import { secretPath } from '../data_dir.ts';
import { superuserSecret } from '../db/embedded_roles.ts';
import { type Database, openDatabase, type TenantTx } from '../db/tenancy.ts';
import { secretNames } from '../identity/secrets.ts';

const projects = 10_000;
const artifacts = 2_000;
/** Milliseconds within which 19 of 20 requests answer while the impact is estimated. */
const p95Max = 250;

let root: string;
let maestro: MaestroProcess;
let db: Database;
let url: string;
let key: string;
let tenantId: string;
let someProject: string;

async function send<Body>(method: string, path: string, as: string, json?: unknown): Promise<Body> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${as}`, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const text = await answer.text();
  expect(answer.status, text).toBeLessThan(300);
  return JSON.parse(text) as Body;
}

async function fill(tx: TenantTx): Promise<void> {
  const { history } = simulateTenant(1, { projects, artifacts, teams: 400 });
  const library = Array.from({ length: artifacts }, () => randomUUID());
  const made = history.projects.map((project) => ({ id: randomUUID(), ...project }));
  someProject = made[0]!.id;
  await tx.sql(
    `INSERT INTO maestro.artifacts (tenant_id, artifact_id, name, type, versions, created_by)
     SELECT $1, a, 'a ' || a, 'schema', 1, 'test' FROM unnest($2::uuid[]) AS a`,
    [tx.tenantId, library],
  );
  await tx.sql(
    `INSERT INTO maestro.artifact_versions (tenant_id, artifact_id, version, number, created_by)
     SELECT $1, a, '1', 1, 'test' FROM unnest($2::uuid[]) AS a`,
    [tx.tenantId, library],
  );
  await tx.sql(
    `INSERT INTO maestro.projects (tenant_id, project_id, name, problem_class, complexity_score, team_size, start_date,
                                   completion_date, success_score, compute_cost, created_by)
     SELECT $1, id, 'p ' || id, class, complexity, size, date '2020-01-01' + day, date '2020-01-01' + day + days,
            least(greatest(success, 0), 100), cost, 'test'
       FROM unnest($2::uuid[], $3::text[], $4::integer[], $5::integer[], $6::integer[], $7::integer[], $8::float8[],
                   $9::float8[]) AS g(id, class, complexity, size, day, days, success, cost)`,
    [
      tx.tenantId,
      made.map(({ id }) => id),
      made.map(({ problemClass }) => problemClass),
      made.map(({ complexity }) => complexity),
      made.map(({ teamSize }) => teamSize),
      made.map(({ day }) => day),
      made.map(({ durationDays }) => Math.ceil(durationDays!)),
      made.map(({ success }) => success),
      made.map(({ cost }) => cost),
    ],
  );
  const teams = made.flatMap(({ id, people }) => people.map((who) => ({ id, who })));
  await tx.sql(
    `INSERT INTO maestro.team_members (tenant_id, project_id, name, role)
     SELECT $1, id, who, 'engineer' FROM unnest($2::uuid[], $3::text[]) AS g(id, who)`,
    [tx.tenantId, teams.map(({ id }) => id), teams.map(({ who }) => who)],
  );
  const uses = made.flatMap(({ id, uses: used }) => used.map((artifact) => ({ id, artifact: library[artifact]! })));
  await tx.sql(
    `INSERT INTO maestro.artifact_usages (tenant_id, artifact_id, version, project_id, used_by)
     SELECT $1, artifact, '1', id, 'test' FROM unnest($2::uuid[], $3::uuid[]) AS g(id, artifact)`,
    [tx.tenantId, uses.map(({ id }) => id), uses.map(({ artifact }) => artifact)],
  );
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-impact-'));
  const dataDir = join(root, 'data');
  maestro = startMaestro({ MAESTRO_DATA_DIR: dataDir, MAESTRO_LOG_LEVEL: 'warn' }, root);
  url = await maestro.ready;
  const operator = await readFile(secretPath(dataDir, secretNames.operatorKey), 'utf8');
  ({ id: tenantId } = await send<{ id: string }>('POST', '/tenants', operator, { slug: 'large' }));
  ({ key } = await send<{ key: string }>('POST', '/tenants/large/keys', operator, { name: 'k', role: 'tenant_admin' }));
  const login = {
    host: join(dataDir, 'socket'),
    user: 'postgres',
    database: 'maestro',
    password: await readFile(secretPath(dataDir, superuserSecret), 'utf8'),
  };
  db = openDatabase({ server: login, owner: login, system: login }, 2, () => undefined);
  await db.inTenant(tenantId, fill);
});
afterAll(async () => {
  await db?.close();
  await maestro?.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

test(`requests are answered in ${p95Max} ms at P95 while ${projects} projects teach of ${artifacts} artifacts`, async () => {
  await send('PATCH', `/projects/${someProject}/success`, key, { success_score: 77 });
  const began = performance.now();
  const times: number[] = [];
  const isDue = async () =>
    (
      await db.inTenant(tenantId, (tx) =>
        tx.sql(`SELECT 1 FROM maestro.insight_due WHERE tenant_id = $1 AND what = 'impact'`, [tenantId]),
      )
    ).length > 0;
  while (await isDue()) {
    const sent = performance.now();
    await send('GET', `/projects/${someProject}`, key);
    times.push(performance.now() - sent);
    await delay(50);
  }
  const tookSeconds = (performance.now() - began) / 1000;
  times.sort((a, b) => a - b);
  const p95 = times[Math.ceil(times.length * 0.95) - 1] as number;
  const worst = times.at(-1) as number;
  process.stdout.write(
    `estimated in ${tookSeconds.toFixed(0)} s; P95 ${p95.toFixed(1)} ms, worst ${worst.toFixed(0)} ms\n`,
  );
  const { items } = await send<{ items: { impact_projects: number }[] }>('GET', '/artifacts/top?limit=100', key);
  expect(items).toHaveLength(100);
  for (const { impact_projects } of items) expect(impact_projects).toBeGreaterThan(0);
  expect(p95).toBeLessThan(p95Max);
}, 1_200_000);
