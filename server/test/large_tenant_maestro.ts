import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { secretPath } from '../src/data_dir.ts';
import { secretNames } from '../src/identity/secrets.ts';
import { fillHistory, fillLibrary, many, projectTable, withSuperuser } from './large_tenant.ts';
import { deepLists, type Request, type World } from './large_tenant_requests.ts';
import { startMaestro } from './maestro.ts';

/** A tenant of a Maestro, as one of its administrators' keys reaches it. */
export interface Tenant {
  readonly id: string;
  readonly key: string;
}

export async function send<Body>(url: string, as: string, { path, body }: Request): Promise<Body> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${as}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  expect(answer.status, `${path}: ${text}`).toBeLessThan(300);
  return JSON.parse(text) as Body;
}

interface Page {
  items: { project_id: string; artifact_id: string }[];
  next_page_token: string;
}

/** What the requests to a tenant are made of. */
export async function worldOf(url: string, key: string, largest: string, pageSize: number): Promise<World> {
  const page = (path: string) => send<Page>(url, key, { path });
  const popular = (await page('/artifacts/top?limit=1')).items[0]!.artifact_id;
  const deep = new Map<string, string[]>();
  for (const list of deepLists) {
    const tokens: string[] = [];
    for (let token = ''; tokens.length < 15; ) {
      const path = `${list.replace('POPULAR', popular)}${list.includes('?') ? '&' : '?'}limit=${pageSize}${token}`;
      const { next_page_token: next } = await page(path);
      if (next === null) break;
      token = `&page_token=${next}`;
      tokens.push(next);
    }
    deep.set(list, tokens);
  }
  return {
    largest,
    popular,
    projects: (await page('/projects?limit=1000')).items.map((project) => project.project_id),
    artifacts: (await page('/artifacts?limit=1000')).items.map((artifact) => artifact.artifact_id),
    deep,
  };
}

/** As autovacuum does within a minute. */
export const vacuum = (dataDir: string) => withSuperuser(dataDir, (client) => client.query('VACUUM ANALYZE'));

/** A Maestro with a large tenant. The caller stops it. */
export interface LargeTenant {
  readonly dataDir: string;
  readonly url: string;
  readonly large: Tenant;
  /** Its largest project. */
  readonly largest: string;
  /** How long its projects took to come in. */
  readonly importSeconds: number;
  makeTenant(slug: string, limits: object): Promise<Tenant>;
  /** The same once more: a Maestro of its own on a copy of all data. This one is away meanwhile, and has another address. */
  twice(): Promise<readonly [LargeTenant, LargeTenant]>;
  stop(): Promise<void>;
}

type Facts = Pick<LargeTenant, 'large' | 'largest' | 'importSeconds'>;

const makeRoot = (): Promise<string> => mkdtemp(join(tmpdir(), 'maestro-large-'));

/** Starts Maestro on what is in a directory of its own, which it is filled with where nothing is `known` of it. */
async function serve(root: string, known: Facts | undefined): Promise<LargeTenant> {
  const dataDir = join(root, 'data');
  const maestro = startMaestro({ MAESTRO_DATA_DIR: dataDir, MAESTRO_LOG_LEVEL: 'warn' }, root);
  const url = await maestro.ready;
  const operator = await readFile(secretPath(dataDir, secretNames.operatorKey), 'utf8');
  const stop = async () => {
    await maestro.stop();
    await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  };
  const makeTenant = async (slug: string, limits: object): Promise<Tenant> => {
    const { id } = await send<{ id: string }>(url, operator, { path: '/tenants', body: { slug, ...limits } });
    const body = { name: 'k', role: 'tenant_admin' };
    return { id, key: (await send<Tenant>(url, operator, { path: `/tenants/${slug}/keys`, body })).key };
  };
  const facts = known ?? (await fill(dataDir, url, makeTenant));
  return {
    ...facts,
    ...{ dataDir, url, makeTenant, stop },
    async twice() {
      await maestro.stop();
      const other = await makeRoot();
      await cp(dataDir, join(other, 'data'), { recursive: true });
      return [await serve(root, facts), await serve(other, facts)];
    },
  };
}

async function fill(dataDir: string, url: string, makeTenant: LargeTenant['makeTenant']): Promise<Facts> {
  const large = await makeTenant('large', { max_projects: many.projects, max_artifacts: many.artifacts });
  const began = performance.now();
  const answer = await fetch(`${url}/api/v1/projects/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${large.key}` },
    body: [...projectTable()].join(''),
  });
  const importSeconds = (performance.now() - began) / 1000;
  expect(await answer.json()).toMatchObject({ imported: many.projects });
  await fillLibrary(dataDir, large.id);
  const largest = await fillHistory(dataDir, large.id);
  await vacuum(dataDir);
  return { large, largest, importSeconds };
}

export const startLargeTenant = async (): Promise<LargeTenant> => serve(await makeRoot(), undefined);

/** Milliseconds. */
export interface Times {
  readonly median: number;
  readonly p95: number;
}

const rounds = 40;

export async function timesOf(url: string, as: string, ask: () => Request): Promise<Times> {
  const times: number[] = [];
  for (let round = -3; round < rounds; round += 1) {
    const request = ask();
    const began = performance.now();
    await send(url, as, request);
    if (round >= 0) times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  return { median: times[rounds >> 1] as number, p95: times[Math.ceil(rounds * 0.95) - 1] as number };
}

export const told = (what: string, { median, p95 }: Times): void =>
  void process.stdout.write(
    `| ${what} | ${median.toFixed(1)} | ${p95.toFixed(1)} | load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores\n`,
  );

/** What reads a hundred thousand commits and builds. */
export const isLong = (name: string): boolean => /3 years|1,000,000|of a span|collaboration/.test(name);
