import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { untilWaiting } from '../../test/lock_waits.ts';
import { type People, peopleOf } from '../../test/people.ts';
import { withClient } from '../db/roles.ts';
import { github } from './deliveries.fixture.ts';

interface Hook {
  webhook_id: string;
  url: string;
  secret: string;
}

let app: TestApp;
let people: People;
let project: string;

beforeAll(async () => {
  app = await startTestApp();
  people = peopleOf(app);
});
afterAll(() => app?.stop());
beforeEach(async () => {
  project = (await people.asAdmin<{ project_id: string }>('POST', '/projects', { name: randomUUID() })).project_id;
});

const send = (method: string, path: string, json?: unknown) =>
  app.send(method, `/api/v1/projects/${project}${path}`, {
    as: app.tenants.a.keys.tenant_admin,
    ...(json === undefined ? {} : { json }),
  });
const make = () => send('POST', '/webhooks', { kind: 'github' });
const rows = (text: string, values: unknown[]) =>
  withClient(app.database.superuser, async (client) => (await client.query(text, values)).rows);
const count = async (): Promise<number> =>
  (await rows('SELECT count(*)::integer AS count FROM maestro.webhooks WHERE project_id = $1', [project]))[0].count;

async function deliver({ url }: Hook, secret: string): Promise<number> {
  const body = JSON.stringify({ ...github.ping, zen: randomUUID() });
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const headers = { 'content-type': 'application/json', 'x-github-event': 'ping', 'x-hub-signature-256': signature };
  return (await app.send('POST', new URL(url).pathname, { body, headers })).status;
}

test('a project has fifty webhooks and no more, also where twenty are made at once', async () => {
  await rows(
    `INSERT INTO maestro.webhooks (webhook_id, tenant_id, project_id, kind, sealed_secret, created_by)
     SELECT gen_random_uuid(), $1, $2, 'github', '', '' FROM generate_series(1, 45)`,
    [app.tenants.a.id, project],
  );
  const answers = await Promise.all(Array.from({ length: 20 }, make));
  expect(answers.map(({ status }) => status).sort()).toEqual([
    ...Array.from({ length: 5 }, () => 201),
    ...Array.from({ length: 15 }, () => 400),
  ]);
  expect(await count()).toBe(50);
});

test('another secret takes the place of the first one at once, and stands in the audit', async () => {
  const first = (await make()).body as Hook;
  expect(await deliver(first, first.secret)).toBe(200);
  const answer = await send('POST', `/webhooks/${first.webhook_id}/rotate`);
  const second = answer.body as Hook;
  expect([answer.status, second.url]).toEqual([201, first.url]);
  expect(await deliver(first, first.secret)).toBe(404);
  expect(await deliver(first, second.secret)).toBe(200);
  const log = await people.asAdmin<{ items: object[] }>('GET', '/audit?action=webhook.rotate');
  expect(log.items[0]).toMatchObject({ target: first.webhook_id, outcome: 'success' });
  expect(JSON.stringify(log)).not.toContain(second.secret);
  expect((await send('POST', `/webhooks/${randomUUID()}/rotate`)).status).toBe(404);
});

test('webhooks go with their project, and one that is made while it goes is not left behind', async () => {
  const hook = (await make()).body as Hook;
  await make();
  expect((await send('DELETE', '')).status).toBe(204);
  expect(await count()).toBe(0);
  expect(await deliver(hook, hook.secret)).toBe(404);

  project = (await people.asAdmin<{ project_id: string }>('POST', '/projects', { name: randomUUID() })).project_id;
  const made = await withClient(app.database.superuser, async (client) => {
    await client.query('BEGIN');
    await client.query('LOCK TABLE maestro.webhooks IN SHARE MODE');
    const sent = make();
    await untilWaiting(client, 1);
    await client.query('DELETE FROM maestro.projects WHERE tenant_id = $1 AND project_id = $2', [
      app.tenants.a.id,
      project,
    ]);
    await client.query('COMMIT');
    return sent;
  });
  expect([made.status, await count()]).toEqual([404, 0]);
});
