import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { type People, type Person, peopleOf } from '../../test/people.ts';

let app: TestApp;
let people: People;
let admin: string;

beforeAll(async () => {
  app = await startTestApp();
  people = peopleOf(app);
  admin = app.tenants.a.keys.tenant_admin;
  await people.asAdmin('POST', '/roles', { name: 'guest', permissions: ['tenant:read'] });
  await people.asAdmin('POST', '/roles', { name: 'planner', permissions: ['tenant:read', 'project:read'] });
});
afterAll(() => app?.stop());

interface Work {
  experiments: { experiment_id: number }[];
  runs: { total: number; by_status: Record<string, number> };
  best_metrics: Record<string, { max: { value: number; run_id: string }; min: { value: number; run_id: string } }>;
  compute_hours: number;
}
const project = async (name = randomUUID() as string) =>
  (await people.asAdmin<{ project_id: string }>('POST', '/projects', { name })).project_id;
const experiment = async (tags: { key: string; value: string }[] = []) =>
  (await people.asAdmin<{ experiment_id: number }>('POST', '/experiments', { name: randomUUID(), tags })).experiment_id;
const workOf = (id: string) => people.asAdmin<Work>('GET', `/projects/${id}`);
const experimentsOf = async (id: string) => (await workOf(id)).experiments.map(({ experiment_id }) => experiment_id);
const tagOf = async (id: number) =>
  (await people.asAdmin<{ tags: Record<string, string> }>('GET', `/experiments/${id}`)).tags['maestro.project'];
const put = (id: string, of: number, as = admin) => people.native(as, 'PUT', `/projects/${id}/experiments/${of}`);
const takeOut = (id: string, of: number, as = admin) =>
  people.native(as, 'DELETE', `/projects/${id}/experiments/${of}`);
const setTag = (of: number, value: string, as = admin) =>
  people.native(as, 'PUT', `/experiments/${of}/tags/maestro.project`, { value });

describe('an experiment', () => {
  test('belongs to one project, and its tag says to which, whichever of both is set', async () => {
    const [one, other] = [await project('by name'), await project()];
    const tagged = await experiment([{ key: 'maestro.project', value: 'by name' }]);
    expect(await experimentsOf(one)).toEqual([tagged]);
    expect((await put(other, tagged)).status).toBe(204);
    expect([await experimentsOf(one), await experimentsOf(other), await tagOf(tagged)]).toEqual([[], [tagged], other]);
    expect((await setTag(tagged, one)).status).toBe(204);
    expect([await experimentsOf(one), await experimentsOf(other)]).toEqual([[tagged], []]);
    expect((await takeOut(other, tagged)).status, 'it is not in that one').toBe(404);
    expect((await takeOut(one, tagged)).status).toBe(204);
    expect([await experimentsOf(one), await tagOf(tagged)]).toEqual([[], undefined]);
    await setTag(tagged, 'by name');
    expect((await people.native(admin, 'DELETE', `/experiments/${tagged}/tags/maestro.project`)).status).toBe(204);
    expect(await experimentsOf(one)).toEqual([]);
  });

  test('keeps its tag where it is put into the project that it is in, and follows another name', async () => {
    const name = randomUUID();
    const id = await project(name);
    const tagged = await experiment([{ key: 'maestro.project', value: name }]);
    expect((await put(id, tagged)).status).toBe(204);
    expect(await tagOf(tagged)).toBe(name);
    await people.asAdmin('PATCH', `/projects/${id}`, { name: `${name}, renamed` });
    expect(await tagOf(tagged)).toBe(`${name}, renamed`);
  });

  test('is in no project, and has no such tag, once the project is deleted', async () => {
    const id = await project();
    const tagged = await experiment([{ key: 'maestro.project', value: id }]);
    expect((await people.native(admin, 'DELETE', `/projects/${id}`)).status).toBe(204);
    expect(await tagOf(tagged)).toBeUndefined();
  });

  test('tells of its project only those who may read it', async () => {
    const id = await project();
    const tagged = await experiment([{ key: 'maestro.project', value: id }]);
    const guest = await people.account('guest');
    const grant = (kind: string, thing: string, role: string) =>
      people.asAdmin('POST', '/grants', {
        subject: { kind: 'service_account', id: guest.id },
        resource: { kind, id: thing },
        role,
      });
    await grant('experiment', String(tagged), 'viewer');
    const path = `/experiments/${tagged}`;
    const asked = async () =>
      (await Promise.all([path, '/experiments'].map((each) => people.native(guest.as, 'GET', each))))
        .map(({ text }) => text)
        .join();
    expect(await asked()).not.toContain(id);
    expect((await people.native(guest.as, 'GET', path)).body).toMatchObject({ project: null, tags: {} });
    const foundBy = async (filter: string) => {
      const search = new URLSearchParams({ filter: `tags."maestro.project" ${filter}` });
      const { items } = (await people.native(guest.as, 'GET', `/experiments?${search}`)).body as {
        items: { experiment_id: number }[];
      };
      return items.map(({ experiment_id }) => experiment_id);
    };
    for (const probe of [`= '${id}'`, "LIKE '%'", 'IS NOT NULL'])
      expect([probe, await foundBy(probe)]).toEqual([probe, []]);
    expect(await foundBy('IS NULL')).toEqual([tagged]);
    await grant('project', id, 'viewer');
    expect((await people.native(guest.as, 'GET', path)).body).toMatchObject({
      project: { project_id: id },
      tags: { 'maestro.project': id },
    });
    expect(await foundBy(`= '${id}'`)).toEqual([tagged]);
    expect(await foundBy('IS NULL')).toEqual([]);
  });

  test('is put into no project that is not there, and nothing is made then', async () => {
    const id = await project();
    const there = await experiment();
    expect((await setTag(there, 'nowhere')).body).toMatchObject({
      status: 400,
      detail: expect.stringContaining("'nowhere'"),
    });
    expect(await tagOf(there)).toBeUndefined();
    const name = randomUUID();
    const tags = [{ key: 'maestro.project', value: randomUUID() }];
    expect((await people.native(admin, 'POST', '/experiments', { name, tags })).status).toBe(400);
    expect((await people.native(admin, 'POST', '/experiments', { name })).status).toBe(201);
    expect((await put(randomUUID(), there)).status).toBe(404);
    expect((await put(id, 987_654)).status).toBe(404);
    const theirs = await people.native(app.tenants.b.keys.tenant_admin, 'POST', '/projects', { name: 'theirs' });
    expect((await setTag(there, (theirs.body as { project_id: string }).project_id)).status).toBe(400);
    expect((await setTag(there, 'theirs')).status).toBe(400);
  });

  test('is in one project with the right tag however many put it into several at once', async () => {
    const projects = await Promise.all(Array.from({ length: 6 }, () => project()));
    const contested = await experiment();
    const answers = await Promise.all(
      projects.flatMap((id) => [
        put(id, contested),
        setTag(contested, id),
        people.native(admin, 'PATCH', `/projects/${id}`, { name: randomUUID() }),
      ]),
    );
    expect(answers.filter(({ status }) => status >= 300).map(({ text }) => text)).toEqual([]);
    const holders = await Promise.all(projects.map(async (id) => ((await experimentsOf(id)).length > 0 ? [id] : [])));
    expect(holders.flat()).toEqual([await tagOf(contested)]);
  });
});

describe('a project', () => {
  test('shows its runs by status, the best of each metric and the hours of compute', async () => {
    const id = await project();
    const experiments = [await experiment(), await experiment()];
    for (const each of experiments) await put(id, each);
    const run = async (of: number, hours: number | undefined, metrics: Record<string, number>) => {
      const { run_id } = await people.asAdmin<{ run_id: string }>('POST', '/runs', {
        experiment_id: of,
        start_time: 1_000,
      });
      const points = Object.entries(metrics).map(([key, value]) => ({ key, value }));
      if (points.length > 0) await people.asAdmin('POST', `/runs/${run_id}/log`, { metrics: points });
      if (hours !== undefined) {
        await people.asAdmin('PATCH', `/runs/${run_id}`, { status: 'FINISHED', end_time: 1_000 + hours * 3_600_000 });
      }
      return run_id;
    };
    const [first, second] = experiments as [number, number];
    const low = await run(first, 1.5, { accuracy: 0.5, loss: 3 });
    const high = await run(second, 0.25, { accuracy: 0.9 });
    await run(second, undefined, {});
    const deleted = await run(first, 40, { accuracy: 0.99 });
    await people.native(admin, 'DELETE', `/runs/${deleted}`);
    await run(await experiment(), 7, { accuracy: 1 });
    expect(await workOf(id)).toMatchObject({
      experiments: experiments.map((experiment_id) => ({ experiment_id })),
      runs: { total: 3, by_status: { FINISHED: 2, RUNNING: 1 } },
      best_metrics: {
        accuracy: { max: { value: 0.9, run_id: high }, min: { value: 0.5, run_id: low } },
        loss: { max: { value: 3, run_id: low }, min: { value: 3, run_id: low } },
      },
      compute_hours: 1.75,
    });
    expect(await workOf(await project())).toMatchObject({ experiments: [], runs: { total: 0 }, compute_hours: 0 });
  });
});

describe('of a project’s experiments', () => {
  const path = (id: string) => `/projects/${id}`;
  /** A project of two experiments with a run each that takes an hour: ids, and what somebody sees of them. */
  async function pair() {
    const id = await project();
    const experiments = [await experiment(), await experiment()] as const;
    for (const [at, each] of experiments.entries()) {
      await put(id, each);
      const times = { experiment_id: each, start_time: 1_000 };
      const { run_id } = await people.asAdmin<{ run_id: string }>('POST', '/runs', times);
      await people.asAdmin('POST', `/runs/${run_id}/log`, { metrics: [{ key: 'auc', value: at }] });
      await people.asAdmin('PATCH', `/runs/${run_id}`, { status: 'FINISHED', end_time: 3_601_000 });
    }
    return { id, experiments };
  }
  async function seen(by: Person, id: string) {
    const { body, status, text } = await people.native(by.as, 'GET', path(id));
    expect(status, text).toBe(200);
    const { experiments, runs, best_metrics, compute_hours } = body as Work;
    return [experiments.map(({ experiment_id }) => experiment_id), runs.total, best_metrics.auc, compute_hours];
  }
  const grantTo = (who: Person, kind: string, thing: string | number, permissions: string[]) =>
    people.asAdmin('POST', '/grants', {
      subject: { kind: 'service_account', id: who.id },
      resource: { kind, id: String(thing) },
      permissions,
    });

  test('a role shows those it may read, and of their runs what it may read of these', async () => {
    const { id, experiments } = await pair();
    await people.asAdmin('POST', '/roles', { name: 'reader', inherits: ['planner'], permissions: ['experiment:read'] });
    expect(await seen(await people.account('planner'), id)).toEqual([[], 0, undefined, 0]);
    expect(await seen(await people.account('reader'), id)).toEqual([experiments, 0, undefined, 0]);
    const both = { max: { value: 1 }, min: { value: 0 } };
    expect(await seen(await people.account('viewer'), id)).toMatchObject([experiments, 2, both, 2]);
  });

  test('grants add those that they are on', async () => {
    const { id, experiments } = await pair();
    const [first, second] = experiments;
    const planner = await people.account('planner');
    await grantTo(planner, 'experiment', second, ['experiment:read']);
    expect(await seen(planner, id)).toEqual([[second], 0, undefined, 0]);
    await grantTo(planner, 'experiment', first, ['run:read']);
    const one = { max: { value: 0 }, min: { value: 0 } };
    expect(await seen(planner, id)).toMatchObject([[second], 1, one, 1]);
    const [guest, worker] = [await people.account('guest'), await people.account('guest')];
    await grantTo(guest, 'project', id, ['project:read']);
    expect(await seen(guest, id)).toEqual([[], 0, undefined, 0]);
    await grantTo(worker, 'project', id, ['project:read', 'experiment:read', 'run:read']);
    expect(await seen(worker, id)).toMatchObject([experiments, 2, { max: { value: 1 } }, 2]);
  });
});

describe('a grant on a project', () => {
  let guest: Person;
  let open: string;
  let within: number;
  const grantOn = (kind: string, on: string, permissions: string[]) =>
    people.asAdmin('POST', '/grants', {
      subject: { kind: 'service_account', id: guest.id },
      resource: { kind, id: on },
      permissions,
    });
  beforeAll(async () => {
    guest = await people.account('guest');
    open = await project();
    within = await experiment();
    await put(open, within);
    await grantOn('project', open, [
      'project:read',
      'project:write',
      'experiment:read',
      'experiment:write',
      'run:read',
    ]);
  });
  const status = async (method: string, path: string, json?: unknown) =>
    (await people.native(guest.as, method, path, json)).status;

  test('opens it and its experiments, lists these alone, and shows no other', async () => {
    const closed = await project();
    const outside = await experiment();
    expect(await status('GET', `/projects/${open}`)).toBe(200);
    expect(await status('PATCH', `/projects/${open}`, { team_size: 4 })).toBe(200);
    expect(await status('DELETE', `/projects/${open}`)).toBe(403);
    expect(await status('GET', `/projects/${closed}`)).toBe(404);
    expect(await status('GET', `/experiments/${within}`)).toBe(200);
    expect(await status('GET', `/experiments/${outside}`)).toBe(404);
    const { items } = (await people.native(guest.as, 'GET', '/projects')).body as { items: { project_id: string }[] };
    expect(items.map(({ project_id }) => project_id)).toEqual([open]);
    const seen = (await people.native(guest.as, 'GET', '/experiments')).body as { items: { experiment_id: number }[] };
    expect(seen.items.map(({ experiment_id }) => experiment_id)).toEqual([within]);
  });

  test('lets its holder find it by words, however many others fit better', async () => {
    const operator = { as: app.operatorKey, json: { max_projects: 2_000 } };
    expect((await app.send('PATCH', `/api/v1/tenants/${app.tenants.a.slug}`, operator)).status).toBe(200);
    const others = Array.from({ length: 1_050 }, (_, n) => `uplift ${n}`);
    const body = ['name', ...others].join('\n');
    expect((await app.send('POST', '/api/v1/projects/import', { as: admin, body })).status).toBe(200);
    await people.asAdmin('PATCH', `/projects/${open}`, { metadata: { about: 'the uplift of campaigns' } });
    for (const query of ['q=uplift', 'q=uplfit', 'q=campaign+uplift', 'q=uplift&order_by=name']) {
      const { body } = await people.native(guest.as, 'GET', `/projects?${query}`);
      expect((body as { items: unknown[] }).items, query).toMatchObject([{ project_id: open }]);
    }
    const none = await people.native(guest.as, 'GET', '/projects?q=nothing');
    expect(none.body).toMatchObject({ items: [] });
  });

  test('reaches an experiment no more that has left the project', async () => {
    const moved = await experiment();
    await put(open, moved);
    expect(await status('GET', `/experiments/${moved}`)).toBe(200);
    await takeOut(open, moved);
    expect(await status('GET', `/experiments/${moved}`)).toBe(404);
  });

  test('draws in no experiment that its holder may not write', async () => {
    const hidden = await experiment();
    const readable = await experiment();
    await grantOn('experiment', String(readable), ['experiment:read']);
    expect((await put(open, hidden, guest.as)).status).toBe(404);
    expect((await put(open, readable, guest.as)).status).toBe(403);
    const own = await experiment();
    await grantOn('experiment', String(own), ['experiment:read', 'experiment:write']);
    const named = randomUUID();
    const closed = await project(named);
    const missing = (await setTag(own, randomUUID(), guest.as)).status;
    expect([
      missing,
      (await setTag(own, named, guest.as)).status,
      (await setTag(own, closed, guest.as)).status,
    ]).toEqual([400, 400, 400]);
    expect((await setTag(own, open, guest.as)).status).toBe(204);
    expect(await experimentsOf(closed)).toEqual([]);
  });
});
