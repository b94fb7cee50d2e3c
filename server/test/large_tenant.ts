import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { secretPath } from '../src/data_dir.ts';
import { superuserSecret } from '../src/db/embedded_roles.ts';
import { openDatabase, type TenantTx } from '../src/db/tenancy.ts';
import { bucketText } from '../src/process/cells.ts';
import { indexNew } from '../src/search_terms/search_terms.ts';
import { fillCodeCells } from './code_cells.ts';

/** How much there is of each in the large tenant; what is of one project is of its largest one. */
export const many = {
  projects: 100_000,
  artifacts: 100_000,
  usages: 500_000,
  metrics: 1_000_000,
  commits: 100_000,
  changes: 20_000,
  builds: 100_000,
  deployments: 20_000,
  members: 300,
} as const;
/** Projects that use the most used artifact. */
const popularUsages = 20_000;

/** The same numbers each time (the minimal standard generator of Park and Miller). */
let seed = 1;
export function random(): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
}
export const pick = <Item>(list: readonly Item[]): Item => list[Math.floor(random() * list.length)] as Item;

export const subjects = ['churn', 'fraud', 'demand', 'price', 'defect', 'energy', 'credit', 'traffic', 'yield'];
export const kinds = ['forecast', 'detection', 'ranking', 'segmentation', 'recommendation', 'scoring', 'planning'];
const places = ['Lisbon', 'Oslo', 'Hamburg', 'Turin', 'Lyon', 'Gdansk', 'Porto', 'Graz', 'Bergen', 'Leeds', 'Ghent'];

/** Projects as a team's history has them, as CSV: some without an outcome, metadata of every kind. */
export function* projectTable(): Generator<string> {
  yield 'name,problem_class,team_size,start_date,duration_days,success_score,compute_cost,industry,rows,owner\n';
  const of = (list: readonly string[], row: number) => list[row % list.length];
  for (let row = 0; row < many.projects; row++) {
    const kind = of(kinds, row * 3);
    const name = `${of(subjects, row)} ${kind} ${of(places, row >> 3)} ${row}`;
    const day = new Date(Date.UTC(2015, 0, 1 + (row % 3650))).toISOString().slice(0, 10);
    const outcome = row % 3 === 0 ? ',' : `${30 + (row % 200)},${(row * 7919) % 101}`;
    yield `${name},${kind},${1 + (row % 12)},${day},${outcome},${row % 977}.5,sector ${row % 40},${row},team ${row % 500}\n`;
  }
}

const syllables = 'ka mo ren ti sul ver an dor pi lex gra ton um bel sha cri'.split(' ');
export const vocabulary = Array.from({ length: 20_000 }, () =>
  Array.from({ length: 2 + Math.floor(random() * 3) }, () => pick(syllables)).join(''),
);
/** Few words are everywhere and most are rare (Zipf). */
const word = (): string => vocabulary[Math.floor(vocabulary.length ** random()) - 1] as string;
const common = ['model', 'churn', 'feature', 'pipeline', 'customer', 'forecast'];
export const tags = Array.from({ length: 50 }, (_, index) => `tag${index}`);
export const types = ['notebook', 'schema', 'feature_pipeline', 'model_template'];

const batch = 1_000;

async function addArtifacts(tx: TenantTx, from: number): Promise<void> {
  const made = Array.from({ length: batch }, (_, index) => ({
    id: randomUUID(),
    name: `${pick(common)} ${word()} ${word()} ${from + index}`,
    type: pick(types),
    tags: [...new Set([pick(tags), pick(tags)])],
    description: `A model for ${pick(common)}: ${Array.from({ length: 20 }, word).join(' ')}`,
  }));
  await tx.sql(
    `INSERT INTO maestro.artifacts (tenant_id, artifact_id, name, type, description, tags, versions, created_by)
     SELECT $1, (a->>'id')::uuid, a->>'name', a->>'type', a->>'description',
            ARRAY(SELECT jsonb_array_elements_text(a->'tags')), 1, 'test' FROM jsonb_array_elements($2::jsonb) AS a`,
    [tx.tenantId, JSON.stringify(made)],
  );
  const entries = made.map(({ id, name, type, description, tags: own }) => ({
    id,
    parts: {
      name,
      tags: [...own, type],
      description,
      facets: [`type:${type}`, ...own.map((tag) => `tag:${tag}`)],
    },
  }));
  await indexNew(tx, 'artifact', entries);
}

/** The superuser of a Maestro that runs, who sees and may do all. */
export async function superuserOf(dataDir: string): Promise<pg.ClientConfig> {
  const password = await readFile(secretPath(dataDir, superuserSecret), 'utf8');
  return { host: join(dataDir, 'socket'), user: 'postgres', database: 'maestro', password };
}

export async function withSuperuser<T>(dataDir: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(await superuserOf(dataDir));
  await client.connect();
  try {
    // Nobody else fills: what is checked row by row is right by how it is made.
    await client.query(
      'SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = 512000; SET maintenance_work_mem = 512000',
    );
    return await run(client);
  } finally {
    await client.end();
  }
}

/**
 * Every statement's $1 is the tenant, `largest` its largest project, `n % 100` of projects and artifacts that use each
 * other the same, so that a hundredth of all holds together.
 */
const historyStatements = (largest: string): string[] => [
  `INSERT INTO maestro.artifact_versions (tenant_id, artifact_id, version, number, created_by)
   SELECT $1::uuid, artifact_id, v || '.0.0', v, 'test' FROM numbered_artifacts, generate_series(1, 2) AS v`,
  `INSERT INTO maestro.artifact_usages (tenant_id, artifact_id, version, project_id, used_by, used_at)
   SELECT $1::uuid, a.artifact_id, '1.0.0', p.project_id, 'test', now() - make_interval(hours => (a.n * 7 + k) % 20000)
     FROM numbered_artifacts a, generate_series(1, ${many.usages / many.artifacts}) AS k
     JOIN numbered_projects p ON true
    WHERE p.n = (a.n + 100 * k * (1 + a.n % 97)) % ${many.projects}
   UNION ALL
   SELECT $1::uuid, a.artifact_id, '2.0.0', p.project_id, 'test', now() - make_interval(hours => p.n % 20000)
     FROM numbered_artifacts a, numbered_projects p WHERE a.n = 0 AND p.n % ${many.projects / popularUsages} = 0
   UNION ALL
   SELECT $1::uuid, a.artifact_id, '2.0.0', '${largest}', 'test', now() - make_interval(hours => a.n % 20000)
     FROM numbered_artifacts a WHERE a.n % 50 = 1
   ON CONFLICT DO NOTHING`,
  `UPDATE maestro.artifacts a SET versions = 2, uses = u.uses FROM (
     SELECT artifact_id, count(*) AS uses FROM maestro.artifact_usages WHERE tenant_id = $1 GROUP BY 1) u
    WHERE a.tenant_id = $1 AND a.artifact_id = u.artifact_id`,
  `INSERT INTO maestro.team_members (tenant_id, project_id, name, role, contribution_hours)
   SELECT $1::uuid, p.project_id, 'Member ' || p.n || ' ' || m, 'data scientist', m
     FROM numbered_projects p, generate_series(1, CASE WHEN p.n = 1 THEN ${many.members} ELSE 1 + p.n % 2 END) AS m`,
  `INSERT INTO maestro.code_people (tenant_id, project_id, person_id, name, email, is_left_out)
   SELECT $1::uuid, '${largest}', md5('person ' || n)::uuid, 'Person ' || n, n || '@example.org', n % 100 = 99
     FROM generate_series(1, ${many.members}) AS n`,
  `INSERT INTO maestro.code_commits (tenant_id, project_id, repository, sha, person_id, authored_at, authored_offset,
                                     committed_at, landed_at, additions, deletions, files, is_merge)
   SELECT $1::uuid, '${largest}', 'repository ' || n % 3, md5('commit ' || n), md5('person ' || person)::uuid,
          at - make_interval(mins => n % 5000), 60, at, at, n % 300, n % 100, 1 + n % 20, n % 10 = 0
     FROM (SELECT n, 1 + floor(${many.members} ^ ((n * 7919 % 10007) / 10007.0))::int % ${many.members} AS person,
                  now() - make_interval(secs => n * 946.0) AS at FROM generate_series(1, ${many.commits}) AS n) c`,
  `INSERT INTO maestro.code_file_people (tenant_id, project_id, repository, path, person_id, changes, first_at, last_at)
   SELECT $1::uuid, '${largest}', 'repository ' || f % 3, 'src/part' || f % 100 || '/file' || f || '.ts',
          md5('person ' || 1 + floor(${many.members} ^ ((f * 31 + k * 7919) % 10007 / 10007.0))::int % ${many.members})::uuid,
          1 + (f + k) % 9, now() - make_interval(hours => 1000 + f % 20000), now() - make_interval(hours => (f * k) % 26000)
     FROM generate_series(1, ${many.commits / 5}) AS f, generate_series(1, 1 + f % 5) AS k ON CONFLICT DO NOTHING`,
  `INSERT INTO maestro.code_changes (tenant_id, project_id, repository, change_key, person_id, opened_at, first_review_at,
                                     merged_at, closed_at, updated_at)
   SELECT $1::uuid, '${largest}', 'repository ' || n % 3, n::text, md5('person ' || 1 + n * 7 % ${many.members})::uuid, at,
          at + make_interval(mins => n % 3000), at + make_interval(mins => 3000 + n % 9000), at, at
     FROM (SELECT n, now() - make_interval(secs => n * 4730.0) AS at FROM generate_series(1, ${many.changes}) AS n) c`,
  `INSERT INTO maestro.code_reviews (tenant_id, project_id, repository, change_key, review_key, person_id, at, state)
   SELECT $1::uuid, '${largest}', repository, change_key, k::text,
          md5('person ' || 1 + (change_key::int * 11 + k) % ${many.members})::uuid, first_review_at, 'approved'
     FROM maestro.code_changes, generate_series(1, 2) AS k WHERE tenant_id = $1`,
  `INSERT INTO maestro.ci_runs (tenant_id, project_id, repository, run_key, workflow, branch, sha, status, started_at,
                                finished_at, tests, tests_failed, tests_skipped, tests_seconds)
   SELECT $1::uuid, '${largest}', 'repository ' || n % 3, n::text, 'test', 'main', md5('commit ' || n),
          CASE n % 10 WHEN 0 THEN 'failure' WHEN 1 THEN 'cancelled' ELSE 'success' END, at,
          at + make_interval(secs => 60 + n * 7919 % 3000), 500, n % 7, 3, 55
     FROM (SELECT n, now() - make_interval(secs => n * 946.0) AS at FROM generate_series(1, ${many.builds}) AS n) c`,
  `INSERT INTO maestro.deployments (tenant_id, project_id, repository, deployment_key, environment, status, at, sha)
   SELECT $1::uuid, '${largest}', 'repository ' || n % 3, n::text, (ARRAY['production', 'staging'])[1 + n % 2],
          CASE WHEN n % 17 = 0 THEN 'failure' ELSE 'success' END, now() - make_interval(secs => n * 4730.0),
          CASE WHEN n % 5 > 0 THEN md5('commit ' || n * 5) END
     FROM generate_series(1, ${many.deployments}) AS n`,
  `INSERT INTO maestro.incidents (tenant_id, project_id, external_key, environment, started_at, resolved_at)
   SELECT $1::uuid, '${largest}', 'incident ' || n, 'production', now() - make_interval(hours => n * 26),
          now() - make_interval(hours => n * 26 - 3) FROM generate_series(1, 1000) AS n`,
  `INSERT INTO maestro.process_metrics (tenant_id, project_id, metric_type, at, metric_id, value, source)
   SELECT $1::uuid, '${largest}', 'type_' || n % 8, now() - make_interval(secs => n * 94.6), md5('metric ' || n)::uuid,
          exp(2 * sqrt(-2 * ln((n * 7919::bigint % 100003 + 1) / 100004.0)) * cos(n)), 'test'
     FROM generate_series(1, ${many.metrics}) AS n
   UNION ALL
   SELECT $1::uuid, project_id, 'type_' || k, now() - make_interval(days => n % 900), md5('metric ' || k || n)::uuid, n % 100, 'test'
     FROM numbered_projects, generate_series(0, 1) AS k WHERE n <> 1`,
];

/** Lets `fill` write to a table without its indexes, which are made at the end: row by row they take ten times as long. */
export async function withoutIndexes(client: pg.Client, table: string, fill: () => Promise<void>): Promise<void> {
  const { rows } = await client.query<{ key: string; name: string; text: string }>(
    `SELECT c.conname AS key, i.indexrelid::regclass::text AS name,
            coalesce('ALTER TABLE ' || $1 || ' ADD CONSTRAINT ' || c.conname || ' ' || pg_get_constraintdef(c.oid),
                     pg_get_indexdef(i.indexrelid)) AS text
       FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.conrelid = i.indrelid
      WHERE i.indrelid = $1::regclass`,
    [table],
  );
  for (const { key, name } of rows) {
    await client.query(key === null ? `DROP INDEX ${name}` : `ALTER TABLE ${table} DROP CONSTRAINT ${key}`);
  }
  await fill();
  for (const { text } of rows) await client.query(text);
}

/** Fills the library of a tenant with artifacts. */
export async function fillLibrary(dataDir: string, tenantId: string): Promise<void> {
  const login = { ...(await superuserOf(dataDir)), options: '-c synchronous_commit=off' };
  const db = openDatabase({ server: login, owner: login, system: login }, 2, () => undefined);
  try {
    await withSuperuser(dataDir, (client) =>
      withoutIndexes(client, 'maestro.search_terms', async () => {
        for (let from = 0; from < many.artifacts; from += batch) {
          await db.inTenant(tenantId, (tx) => addArtifacts(tx, from));
        }
      }),
    );
  } finally {
    await db.close();
  }
}

/** Fills a tenant that has its projects and artifacts with all else, and gives the id of its largest project. */
export async function fillHistory(dataDir: string, tenantId: string): Promise<string> {
  return withSuperuser(dataDir, async (client) => {
    await client.query(
      `CREATE TEMP TABLE numbered_projects AS SELECT project_id, split_part(name, ' ', 4)::int AS n
         FROM maestro.projects WHERE tenant_id = '${tenantId}';
       CREATE TEMP TABLE numbered_artifacts AS SELECT artifact_id, split_part(name, ' ', 4)::int AS n
         FROM maestro.artifacts WHERE tenant_id = '${tenantId}';
       CREATE INDEX ON numbered_projects (n); ANALYZE numbered_projects, numbered_artifacts`,
    );
    const { rows } = await client.query('SELECT project_id FROM numbered_projects WHERE n = 1');
    const largest: string = rows[0].project_id;
    await client.query('BEGIN');
    for (const text of historyStatements(largest)) await client.query(text, [tenantId]);
    await keepCells(client, [tenantId]);
    await client.query('COMMIT');
    return largest;
  });
}

/** What the server keeps of measurements and of projects' code while it records them. */
export async function keepCells(client: pg.Client, tenantIds: readonly string[]): Promise<void> {
  // The planner knows nothing yet of rows that came in a moment ago, and would join them one by one.
  await client.query('ANALYZE');
  await client.query(
    `INSERT INTO maestro.process_metric_cells
       (tenant_id, project_id, metric_type, period, start, bucket, count, sum, min, max)
     SELECT tenant_id, project_id, metric_type, period, date_trunc(period, at AT TIME ZONE 'UTC')::date AS start,
            ${bucketText('value')},
            count(*), sum(value), min(value), max(value)
       FROM maestro.process_metrics, unnest(ARRAY['day', 'week', 'month', 'year']) AS period
      WHERE tenant_id = ANY ($1::uuid[]) GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY start`,
    [tenantIds],
  );
  await fillCodeCells(client);
}
