import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { permissions, roles } from '../src/identity/roles.ts';
import { startTestApp, type TestAnswer, type TestApp } from './app.ts';
import { operations } from './operations.ts';
import { type People, peopleOf } from './people.ts';
import type { RouteCase, Sample } from './route_case.ts';
import { caseNames, caseOf, unguardedRoutes } from './route_cases.ts';
import { type Actors, fileText, ghostWorld, type World, worldOf } from './route_world.ts';

interface Route {
  method: string;
  url: string;
  operation: string | undefined;
  unguarded: string | undefined;
}

const routes: Route[] = [];
let app: TestApp;
let a: Actors;
let b: Actors;
let people: People;

beforeAll(async () => {
  app = await startTestApp({
    onRoute: ({ method, url, config }) => {
      for (const one of [method].flat()) {
        routes.push({ method: one, url, operation: config?.operation, unguarded: config?.unguarded });
      }
    },
  });
  people = peopleOf(app);
  const { tenants } = app;
  for (const { slug } of [tenants.a, tenants.b]) {
    const limits = { max_users: 10_000, max_projects: 10_000 };
    const changed = await app.send('PATCH', `/api/v1/tenants/${slug}`, { as: app.operatorKey, json: limits });
    expect(changed.status, changed.text).toBe(200);
  }
  a = { adminKey: tenants.a.keys.tenant_admin, session: (await people.member('viewer')).as };
  b = { adminKey: tenants.b.keys.tenant_admin, session: (await people.member('tenant_admin', tenants.b.slug)).as };
  for (const permission of permissions) {
    const word = permission.replace(':', '_');
    only.set(permission, await keyOfOwnRole(`only_${word}`, [permission]));
    without.set(
      permission,
      await keyOfOwnRole(
        `not_${word}`,
        permissions.filter((each) => each !== permission),
      ),
    );
  }
});
afterAll(() => app?.stop());

const operators = ['operator', 'operator_key', 'operator_session'];

const guarded = () => routes.filter(({ unguarded }) => unguarded === undefined);

function caseOfRoute({ method, url }: Route): RouteCase {
  const found = caseOf(method, url)?.found;
  if (!found) throw new Error(`${method} ${url} has no case in route_cases.ts: say who may call it, and how`);
  return found;
}

async function send(
  route: Route,
  sample: Sample,
  as: string | undefined,
  headers: Record<string, string> = {},
): Promise<TestAnswer> {
  const { params = {}, query, json, body } = sample;
  const path = route.url.replace(/:([a-z_]+)|\*/g, (whole, name = whole) =>
    name === '*' ? (params['*'] ?? '') : encodeURIComponent(params[name] ?? ''),
  );
  const search = query ? `?${new URLSearchParams(query)}` : '';
  const hasBody = !['GET', 'HEAD'].includes(route.method);
  return app.send(route.method, path + search, {
    as,
    headers,
    ...(hasBody && json !== undefined ? { json } : {}),
    ...(hasBody && body !== undefined ? { body } : {}),
  });
}

const nameOf = ({ method, url }: Route): string => `${method} ${url}`;

/** Walks all guarded routes, several at once; gives what `visit` found wrong. */
async function walk(visit: (route: Route, found: RouteCase, at: number) => Promise<string[]>): Promise<string[]> {
  const faults: string[] = [];
  const left = [...guarded().entries()];
  const visitor = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [at, route] = next;
      const found = await visit(route, caseOfRoute(route), at);
      faults.push(...found.map((fault) => `${nameOf(route)}: ${fault}`));
    }
  };
  await Promise.all(Array.from({ length: 6 }, visitor));
  return faults;
}

const falseCredentials = () => ['mst_nonsense', `${a.adminKey.slice(0, -1)}!`, 'eyJhbGciOiJub25lIn0.e30.', 'mop_none'];

const sampleOf = async (found: RouteCase, world: World): Promise<Sample> => (await found.sample?.(world, app)) ?? {};

/** Who is just strong enough. */
async function weakestFor(found: RouteCase): Promise<string | undefined> {
  switch (found.needs) {
    case 'public':
      return undefined;
    case 'signed_in':
      return app.tenants.a.keys.viewer;
    case 'operator':
    case 'operator_key':
      return app.operatorKey;
    case 'operator_session':
      // Signed in anew: what one route does to its session is none of another's.
      return (await people.operator()).as;
    default:
      return found.asUser ? a.session : app.tenants.a.keys[found.needs];
  }
}

/**
 * Routes that give somebody a role or a permission, or take it: who calls them must hold that, too. All that a tenant has is
 * for who holds all that an administrator does. Who puts an experiment into a project writes both, and who takes content out
 * of a run may read it. What a project makes and uses is read and written by who may read and write the project.
 */
const alsoGives = new Set([
  // Of a project that is named, which takes reading it.
  'POST /api/v1/ml/recommend-reuse-strategy',
  'POST /api/v1/recommendations',
  'PUT /api/v1/projects/:project_id/experiments/:experiment_id',
  'DELETE /api/v1/projects/:project_id/experiments/:experiment_id',
  'POST /api/v1/members',
  'POST /api/v1/members/invite',
  'PATCH /api/v1/members/:user_id',
  'DELETE /api/v1/members/:user_id',
  'POST /api/v1/keys',
  'PATCH /api/v1/keys/:key_id',
  'POST /api/v1/keys/:key_id/rotate',
  'POST /api/v1/service-accounts',
  'PATCH /api/v1/service-accounts/:service_account_id',
  'DELETE /api/v1/service-accounts/:service_account_id',
  'POST /api/v1/roles',
  'PATCH /api/v1/roles/:role',
  'DELETE /api/v1/roles/:role',
  'PATCH /api/v1/tenant/sign-in',
  'POST /api/v1/grants',
  'DELETE /api/v1/grants/:grant_id',
  'GET /api/v1/tenant/export',
  'HEAD /api/v1/tenant/export',
  'POST /api/v1/artifacts/promote',
  'POST /api/v1/artifacts/:artifact_id/use',
  'GET /api/v1/projects/:project_id/artifacts',
  'HEAD /api/v1/projects/:project_id/artifacts',
]);

/** By permission: a key whose role has it and nothing else, and one whose role has all but that. */
const only = new Map<string, string>();
const without = new Map<string, string>();

/** A key of a service account whose role has exactly these permissions. */
async function keyOfOwnRole(name: string, own: readonly string[]): Promise<string> {
  const role = await app.send('POST', '/api/v1/roles', { as: a.adminKey, json: { name, permissions: own } });
  expect(role.status, role.text).toBe(201);
  const key = await app.send('POST', '/api/v1/keys', { as: a.adminKey, json: { name, role: name } });
  expect(key.status, key.text).toBe(201);
  return (key.body as { key: string }).key;
}

/** Who is just too weak: the role below, and who has rights elsewhere only. */
function tooWeakFor({ needs }: RouteCase): string[] {
  if (needs === 'public' || needs === 'signed_in') return [];
  if (needs === 'operator' || needs === 'operator_key') return [a.adminKey, b.session];
  if (needs === 'operator_session') return [a.adminKey, b.session, app.operatorKey];
  const below = roles[roles.indexOf(needs) - 1];
  return [...(below ? [app.tenants.a.keys[below]] : []), app.operatorKey];
}

/** An answer without what differs from one call to the next: ids of requests and of what was made, and times. */
function comparable(answer: TestAnswer, world: World): string {
  let text = answer.text;
  for (const id of [...world.given.values()].sort((x, y) => y.length - x.length)) {
    // Whole ones: the number of an experiment stands by chance within random ids too.
    text = text.replace(new RegExp(`(?<![0-9A-Za-z])${RegExp.escape(id)}(?![0-9A-Za-z])`, 'g'), '<id>');
  }
  text = text
    .replace(/[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/g, '<id>')
    .replace(/"request_id":"[^"]*"/, '"request_id":"…"')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replace(/m(?:st|p)_\w+/g, '<secret>');
  return `${answer.status} ${answer.headers.get('content-type')} ${text}`;
}

/** All that a stranger could have touched of the things in a world, as their owner sees it. */
async function stateOf(world: World): Promise<string> {
  const seen: unknown[] = [];
  const look = async (path: string) => seen.push((await app.send('GET', path, { as: a.adminKey })).text);
  const { given } = world;
  for (const name of ['run', 'deletedRun'] as const) {
    if (given.has(name)) await look(`/api/v1/runs/${given.get(name)}`);
  }
  for (const name of ['experiment', 'deletedExperiment'] as const) {
    if (given.has(name)) await look(`/api/v1/experiments/${given.get(name)}`);
  }
  if (given.has('model')) await look(`/api/2.0/mlflow/logged-models/${given.get('model')}`);
  if (given.has('filePath')) await look(`/api/2.0/mlflow-artifacts/artifacts/${given.get('filePath')}`);
  const lists = { member: '/api/v1/members?limit=1000', accountKey: '/api/v1/keys?limit=1000' } as const;
  for (const [name, path] of Object.entries(lists)) {
    const id = given.get(name as keyof typeof lists);
    if (id === undefined) continue;
    const { items } = (await app.send('GET', path, { as: a.adminKey })).body as { items: unknown[] };
    seen.push(items.map((item) => JSON.stringify(item)).filter((item) => item.includes(id)));
  }
  return JSON.stringify(seen);
}

describe('every route', () => {
  test('has a case that says who may call it, and every case has its route', () => {
    const missing = guarded().filter(({ method, url }) => !caseOf(method, url));
    expect(missing.map(({ method, url }) => `${method} ${url}`)).toEqual([]);
    const walked = new Set(guarded().map(({ method, url }) => caseOf(method, url)?.name));
    expect(caseNames.filter((name) => !walked.has(name))).toEqual([]);
  });

  test('that runs through no operation is on the list of those that are public', () => {
    const open = routes.filter(({ unguarded }) => unguarded !== undefined).map(({ url }) => url);
    expect([...new Set(open)].sort()).toEqual([...unguardedRoutes].sort());
  });

  test('refuses nobody and a false key with 401, but for the sign-in and the server’s description', async () => {
    const faults = await walk(async (route, found, at) => {
      const isPublic = found.needs === 'public';
      const sample = await sampleOf(found, isPublic ? worldOf(app, a) : ghostWorld());
      if (isPublic) {
        const answer = await send(route, sample, undefined);
        return answer.status === (found.answers?.[0] ?? 200) ? [] : [`public, yet ${answer.status} ${answer.text}`];
      }
      const answers: [string, TestAnswer][] = [
        ['nobody', await send(route, sample, undefined)],
        ['nobody, with an empty request', await send(route, sample.params ? { params: sample.params } : {}, undefined)],
      ];
      const as = falseCredentials()[at % falseCredentials().length];
      answers.push([`${as}`, await send(route, sample, as)]);
      return answers.flatMap(([who, { status, text }]) => (status === 401 ? [] : [`as ${who}: ${status} ${text}`]));
    });
    expect(faults).toEqual([]);
  }, 60_000);

  test('refuses too weak a role with 403 and changes nothing, and serves the weakest role that is enough', async () => {
    const faults = await walk(async (route, found) => {
      if (found.needs === 'public') return [];
      const faults: string[] = [];
      const world = worldOf(app, a);
      const sample = await sampleOf(found, world);
      const before = await stateOf(world);
      for (const as of tooWeakFor(found)) {
        const answer = await send(route, sample, as);
        if (answer.status !== 403) faults.push(`too weak: ${answer.status} ${answer.text}`);
      }
      if ((await stateOf(world)) !== before) faults.push('the refused call changed something');
      const answer = await send(route, sample, await weakestFor(found));
      const fits = found.answers ? answer.status === found.answers[0] : answer.status >= 200 && answer.status < 300;
      return fits ? faults : [...faults, `strong enough: ${answer.status} ${answer.text}`];
    });
    expect(faults).toEqual([]);
  }, 120_000);

  test('serves a role of the tenant’s own that has what it needs and nothing else, and refuses one that lacks only that', async () => {
    const known = await operations();
    let walked = 0;
    const faults = await walk(async (route, found) => {
      const permission = known.get(route.operation ?? '')?.permission;
      if (['public', 'signed_in', ...operators].includes(found.needs) || permission === 'in_tenant') return [];
      if (permission === undefined || !only.has(permission))
        return [`needs no permission that there is: ${permission}`];
      walked += 1;
      const faults: string[] = [];
      const world = worldOf(app, a);
      const sample = await sampleOf(found, world);
      const before = await stateOf(world);
      const refused = await send(route, sample, without.get(permission));
      if (![403, 404].includes(refused.status)) faults.push(`without ${permission}: ${refused.status} ${refused.text}`);
      if ((await stateOf(world)) !== before) faults.push('the refused call changed something');
      if (found.asUser || alsoGives.has(nameOf(route))) return faults;
      const served = await send(route, sample, only.get(permission));
      const fits = found.answers ? served.status === found.answers[0] : served.status >= 200 && served.status < 300;
      return fits ? faults : [...faults, `with ${permission} alone: ${served.status} ${served.text}`];
    });
    expect(faults).toEqual([]);
    expect(walked).toBeGreaterThan(200);
  }, 120_000);

  test('about one thing is served by a grant on it, and by nothing else to who may read nothing', async () => {
    const known = await operations();
    const nobody = await people.account('only_tenant_read');
    let walked = 0;
    const faults = await walk(async (route, found) => {
      const { byGrant, permission = '' } = known.get(route.operation ?? '') ?? {};
      if (byGrant === undefined || byGrant === 'no') return [];
      walked += 1;
      const faults: string[] = [];
      const world = worldOf(app, a);
      const sample = await sampleOf(found, world);
      const before = await stateOf(world);
      const refused = await send(route, sample, nobody.as);
      if (![403, 404].includes(refused.status)) faults.push(`to nobody: ${refused.status} ${refused.text}`);
      if ((await stateOf(world)) !== before) faults.push('the refused call changed something');
      if (alsoGives.has(nameOf(route))) return faults;
      const { id, as } = await people.account('only_tenant_read');
      const experiments = ['0', world.given.get('experiment'), world.given.get('deletedExperiment')];
      const things = [...new Set(experiments)].map((experiment) => ({ kind: 'experiment', id: experiment }));
      for (const resource of [...things, { kind: 'project', id: world.given.get('project') }]) {
        if (resource.id === undefined) continue;
        await people.asAdmin('POST', '/grants', {
          subject: { kind: 'service_account', id },
          resource,
          role: `only_${permission.replace(':', '_')}`,
        });
      }
      const served = await send(route, sample, as);
      const fits = found.answers ? served.status === found.answers[0] : served.status >= 200 && served.status < 300;
      return fits ? faults : [...faults, `granted ${permission}: ${served.status} ${served.text}`];
    });
    expect(faults).toEqual([]);
    expect(walked).toBeGreaterThan(150);
  }, 120_000);

  test('of experiments, runs and models says what it is about, or is a list, but for making an experiment', async () => {
    const closed = [...(await operations()).values()].filter(
      ({ permission, byGrant }) => /^(?:experiment|run|model):/.test(permission) && byGrant === 'no',
    );
    expect(closed.map(({ name }) => name)).toEqual(['experiment.create']);
  });

  test('that is a GET changes nothing: its operation is one of those that read', async () => {
    const known = await operations();
    const reads =
      /\.(?:get|list|search|read|sample|compare|export|verify|why|me|usage|switches|server_info|presign)(?:_\w+)?$/;
    // A provider sends a browser back by a GET: what it brings is good once, in the browser that began. Who takes along all
    // that a tenant has must hold more than a reader, and has signed in a short while ago.
    const meant = ['auth.provider_sign_in', 'tenant_export.list', 'tenant_export.read', 'tenant_export.read_file'];
    const gets = guarded().filter(({ method }) => method === 'GET' || method === 'HEAD');
    const others = gets.filter(({ operation = '' }) => {
      if (meant.includes(operation)) return false;
      const permission = known.get(operation)?.permission ?? 'operator';
      return !reads.test(operation) || !/^(?:public|signed_in|operator|in_tenant|\w+:read)$/.test(permission);
    });
    expect(gets.length).toBeGreaterThan(50);
    expect(others.map((route) => `${nameOf(route)} is ${route.operation}`)).toEqual([]);
  });

  test('answers a stranger who names a tenant’s things as it answers for things that are not there', async () => {
    let compared = 0;
    const faults = await walk(async (route, found) => {
      if (['public', 'signed_in', ...operators].includes(found.needs)) return [];
      const faults: string[] = [];
      const world = worldOf(app, a);
      const ghosts = ghostWorld();
      const sample = await sampleOf(found, world);
      const ghostly = await sampleOf(found, ghosts);
      if (world.given.size === 0) return [];
      compared += 1;
      const before = await stateOf(world);
      const as = found.asUser ? b.session : b.adminKey;
      const met = await send(route, sample, as);
      const expected = found.stranger?.[0] ?? 404;
      if (met.status !== expected) faults.push(`${met.status} instead of ${expected}: ${met.text}`);
      const [one, other] = [comparable(met, world), comparable(await send(route, ghostly, as), ghosts)];
      if (expected !== 201 && one !== other) faults.push(`tells them apart:\n  ${one}\n  ${other}`);
      if (met.text.includes(fileText)) faults.push('shows the stranger a file');
      if ((await stateOf(world)) !== before) faults.push('the stranger changed something');
      return faults;
    });
    expect(faults).toEqual([]);
    expect(compared).toBeGreaterThan(150);
  }, 120_000);

  test('answers a workspace that the caller is not in as one that is not there', async () => {
    const faults = await walk(async (route, found, at) => {
      // A person's own account is in no tenant.
      const isOwn = found.personal || /^\/api\/v1\/(?:auth\/|me\/(?!keys))/.test(route.url);
      if (['public', ...operators].includes(found.needs) || isOwn) return [];
      const sample = await sampleOf(found, ghostWorld());
      const as = [a.adminKey, a.session][at % 2];
      const met = await send(route, sample, as, { 'x-mlflow-workspace': 'tenant-b' });
      const ghost = await send(route, sample, as, { 'x-mlflow-workspace': 'tenant-z' });
      const [one, other] = [met, ghost].map((answer) =>
        comparable(answer, ghostWorld()).replace(/tenant-[bz]/g, '<workspace>'),
      );
      return [
        ...(met.status === 404 ? [] : [`${met.status} ${met.text}`]),
        ...(one === other ? [] : [`tells them apart:\n  ${one}\n  ${other}`]),
      ];
    });
    expect(faults).toEqual([]);
  }, 60_000);
});
