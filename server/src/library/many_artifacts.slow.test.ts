import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MaestroProcess, startMaestro } from '../../test/maestro.ts';
import { secretPath } from '../data_dir.ts';
import { superuserSecret } from '../db/embedded_roles.ts';
import { type Database, openDatabase, type TenantTx } from '../db/tenancy.ts';
import { secretNames } from '../identity/secrets.ts';
import { indexNew } from '../search_terms/search_terms.ts';

const many = 100_000;
const usesEach = 5;
const projects = 2_000;
const batch = 1_000;
/** Milliseconds within which 19 of 20 searches answer. */
const p95Max = 50;

let root: string;
let maestro: MaestroProcess;
let db: Database;
let url: string;
let key: string;
let tenantId: string;
let someArtifact: string;

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

/** The same numbers each time (the minimal standard generator of Park and Miller). */
let seed = 1;
function random(): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
}
const pick = <Item>(list: readonly Item[]): Item => list[Math.floor(random() * list.length)] as Item;

const syllables = [
  'ka',
  'mo',
  'ren',
  'ti',
  'sul',
  'ver',
  'an',
  'dor',
  'pi',
  'lex',
  'gra',
  'ton',
  'um',
  'bel',
  'sha',
  'cri',
];
const vocabulary = Array.from({ length: 20_000 }, () =>
  Array.from({ length: 2 + Math.floor(random() * 3) }, () => pick(syllables)).join(''),
);
/** Few words are everywhere and most are rare (Zipf). */
const word = (): string => vocabulary[Math.floor(vocabulary.length ** random()) - 1] as string;
const common = ['model', 'churn', 'feature', 'pipeline', 'customer', 'forecast'];
const tags = Array.from({ length: 50 }, (_, index) => `tag${index}`);
const types = ['notebook', 'schema', 'feature_pipeline', 'model_template'];

async function fill(tx: TenantTx, from: number): Promise<void> {
  const made = Array.from({ length: batch }, (_, index) => ({
    id: randomUUID(),
    name: `${pick(common)} ${word()} ${word()} ${from + index}`,
    type: pick(types),
    tags: [...new Set([pick(tags), pick(tags)])],
    description: `A model for ${pick(common)}: ${Array.from({ length: 20 }, word).join(' ')}`,
  }));
  await tx.sql(
    `INSERT INTO maestro.artifacts (tenant_id, artifact_id, name, type, description, tags, versions, uses, created_by)
     SELECT $1, (a->>'id')::uuid, a->>'name', a->>'type', a->>'description',
            ARRAY(SELECT jsonb_array_elements_text(a->'tags')), 1, $3, 'test' FROM jsonb_array_elements($2::jsonb) AS a`,
    [tx.tenantId, JSON.stringify(made), usesEach],
  );
  const ids = made.map(({ id }) => id);
  someArtifact = ids[0] as string;
  await tx.sql(
    `INSERT INTO maestro.artifact_versions (tenant_id, artifact_id, version, number, created_by)
     SELECT $1, a, '1.0.0', 1, 'test' FROM unnest($2::uuid[]) AS a`,
    [tx.tenantId, ids],
  );
  await tx.sql(
    `INSERT INTO maestro.artifact_usages (tenant_id, artifact_id, version, project_id, used_by)
     SELECT $1, a.id, '1.0.0', p.id, 'test'
       FROM unnest($2::uuid[]) WITH ORDINALITY AS a(id, place), generate_series(1, $4::int) AS n,
         (SELECT project_id AS id, row_number() OVER (ORDER BY project_id) - 1 AS place
            FROM maestro.projects WHERE tenant_id = $1) p
      WHERE p.place = (a.place + n) % $3`,
    [tx.tenantId, ids, projects, usesEach],
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

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-library-'));
  const dataDir = join(root, 'data');
  maestro = startMaestro({ MAESTRO_DATA_DIR: dataDir, MAESTRO_LOG_LEVEL: 'warn' }, root);
  url = await maestro.ready;
  const operator = await readFile(secretPath(dataDir, secretNames.operatorKey), 'utf8');
  ({ id: tenantId } = await send<{ id: string }>('POST', '/tenants', operator, { slug: 'large', max_artifacts: many }));
  ({ key } = await send<{ key: string }>('POST', '/tenants/large/keys', operator, { name: 'k', role: 'tenant_admin' }));
  const login = {
    host: join(dataDir, 'socket'),
    user: 'postgres',
    database: 'maestro',
    password: await readFile(secretPath(dataDir, superuserSecret), 'utf8'),
  };
  db = openDatabase({ server: login, owner: login, system: login }, 2, () => undefined);
  await db.inTenant(tenantId, (tx) =>
    tx.sql(
      `INSERT INTO maestro.projects (tenant_id, name, success_score, created_by)
       SELECT $1, 'p' || n, n % 100, 'test' FROM generate_series(1, $2::int) AS n`,
      [tenantId, projects],
    ),
  );
  for (let from = 0; from < many; from += batch) await db.inTenant(tenantId, (tx) => fill(tx, from));
  const client = new pg.Client(login);
  await client.connect();
  // As autovacuum does within a minute.
  await client.query('VACUUM ANALYZE');
  await client.end();
});
afterAll(async () => {
  await db?.close();
  await maestro?.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

async function p95Of(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 60; round += 1) {
    const began = performance.now();
    await ask();
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1] as number;
}

const swapped = (text: string): string => `${text.slice(0, 2)}${text[3]}${text[2]}${text.slice(4)}`;
const rare = (): string => pick(vocabulary);

test.each<[what: string, () => Record<string, unknown>]>([
  ['a word that each has', () => ({ q: 'model' })],
  ['words that many have', () => ({ q: 'model customer churn' })],
  ['a rare word', () => ({ q: rare() })],
  ['a rare and a common word', () => ({ q: `${rare()} model` })],
  ['a misspelt word', () => ({ q: swapped(rare()) })],
  ['misspelt common words', () => ({ q: `${swapped('forecast')} ${swapped('customer')}` })],
  ['the beginning of a word', () => ({ q: rare().slice(0, 3) })],
  ['the beginnings of two words', () => ({ q: 'cust mod' })],
  ['a word, a type and a tag', () => ({ q: 'model', type: 'notebook', tags: [pick(tags)] })],
  ['a type', () => ({ type: 'notebook' })],
  ['a type and a tag', () => ({ type: 'notebook', tags: [pick(tags)] })],
  ['nothing but an order', () => ({ order_by: 'created_at' })],
])(`among ${many} artifacts, %s is found in ${p95Max} ms at P95`, async (what, search) => {
  const p95 = await p95Of(() => send('POST', '/artifacts/search', key, search()));
  process.stdout.write(`${what}: P95 ${p95.toFixed(1)} ms\n`);
  expect(p95).toBeLessThan(p95Max);
});

test.each([
  ['/artifacts'],
  ['/artifacts/top'],
  ['/artifacts/ID'],
  ['/artifacts/ID/usages'],
  ['/artifacts/ID/analytics'],
  ['/artifacts/ID/lineage'],
])(`among ${many * usesEach} usages, GET %s answers in ${p95Max} ms at P95`, async (path) => {
  const p95 = await p95Of(() => send('GET', path.replace('ID', someArtifact), key));
  process.stdout.write(`${path}: P95 ${p95.toFixed(1)} ms\n`);
  expect(p95).toBeLessThan(p95Max);
});
