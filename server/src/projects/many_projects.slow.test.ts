import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MaestroProcess, startMaestro } from '../../test/maestro.ts';
import { secretPath } from '../data_dir.ts';
import { superuserSecret } from '../db/embedded_roles.ts';
import { secretNames } from '../identity/secrets.ts';

const many = 100_000;

let root: string;
let maestro: MaestroProcess;
let url: string;
let key: string;

async function send(
  method: string,
  path: string,
  as: string,
  body?: string,
): Promise<{ status: number; text: string }> {
  const headers = {
    authorization: `Bearer ${as}`,
    ...(path.includes('import') ? {} : { 'content-type': 'application/json' }),
  };
  const answer = await fetch(`${url}/api/v1${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: answer.status, text: await answer.text() };
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-projects-'));
  const dataDir = join(root, 'data');
  maestro = startMaestro({ MAESTRO_DATA_DIR: dataDir }, root);
  url = await maestro.ready;
  const operator = await readFile(secretPath(dataDir, secretNames.operatorKey), 'utf8');
  await send('POST', '/tenants', operator, JSON.stringify({ slug: 'large', max_projects: many }));
  const made = await send('POST', '/tenants/large/keys', operator, JSON.stringify({ name: 'k', role: 'tenant_admin' }));
  key = (JSON.parse(made.text) as { key: string }).key;
});
afterAll(async () => {
  await maestro?.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

const subjects = ['churn', 'fraud', 'demand', 'price', 'defect', 'energy', 'credit', 'traffic', 'claims', 'yield'];
const kinds = ['forecast', 'detection', 'ranking', 'segmentation', 'recommendation', 'optimization', 'scoring'];
const places = ['Lisbon', 'Oslo', 'Hamburg', 'Turin', 'Lyon', 'Gdansk', 'Porto', 'Graz', 'Bergen', 'Leeds', 'Ghent'];

/** Rows as a team's history has them: some without an outcome, metadata of every kind. */
function* table(): Generator<string> {
  yield 'name,problem_class,team_size,start_date,duration_days,success_score,compute_cost,industry,rows,owner\n';
  const of = (list: readonly string[], row: number) => list[row % list.length];
  for (let row = 0; row < many; row++) {
    const kind = of(kinds, row * 3);
    const name = `${of(subjects, row)} ${kind} ${of(places, row >> 3)} ${row}`;
    const day = new Date(Date.UTC(2015, 0, 1 + (row % 3650))).toISOString().slice(0, 10);
    const outcome = row % 3 === 0 ? ',' : `${30 + (row % 200)},${(row * 7919) % 101}`;
    yield `${name},${kind},${1 + (row % 12)},${day},${outcome},${row % 977}.5,sector ${row % 40},${row},team ${row % 500}\n`;
  }
}

test(`${many} projects are imported in under a minute`, async () => {
  const began = performance.now();
  const { status, text } = await send('POST', '/projects/import', key, [...table()].join(''));
  expect(status, text).toBe(200);
  expect(JSON.parse(text)).toMatchObject({ imported: many });
  const took = performance.now() - began;
  // As autovacuum does within a minute: lists choose their index by what is known of the values.
  const password = await readFile(secretPath(join(root, 'data'), superuserSecret), 'utf8');
  const db = new pg.Client({ host: join(root, 'data/socket'), user: 'postgres', password, database: 'maestro' });
  await db.connect();
  await db.query('VACUUM ANALYZE');
  await db.end();
  expect(took).toBeLessThan(60_000);
}, 120_000);

test.each([
  ['', 'without a filter'],
  ['order_by=success_score&order=desc', 'by an outcome'],
  ['order_by=compute_cost&order=asc&state=active', 'of those that go on'],
  ['problem_class=forecast&order_by=completion_date&order=desc', 'of a class'],
  ['success_min=99&team_size_min=11&order_by=name&order=asc', 'of few by two ranges'],
  ['started_from=2019-03-01&started_until=2019-03-02&order_by=success_score', 'of two days'],
  ['metadata=industry:sector+7', 'by a frequent value in the metadata'],
  ['metadata=rows:4711', 'by a value in the metadata that one has'],
  ['q=churn', 'by a frequent word'],
  ['q=lisbno+fraud', 'by two words, one of them misspelt'],
  ['q=detect&state=finished&success_min=90', 'by a beginning, with filters'],
  ['q=4711', 'by a rare word'],
])(`a page of ${many} projects takes under 100 ms at P95: %s`, async (query) => {
  const times: number[] = [];
  for (let round = 0; round < 40; round++) {
    const began = performance.now();
    const { status, text } = await send('GET', `/projects?${query}`, key);
    times.push(performance.now() - began);
    expect(status, text).toBe(200);
  }
  const p95 = times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)] as number;
  expect(p95).toBeLessThan(100);
});
