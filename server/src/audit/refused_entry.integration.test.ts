import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { bodyOf, enrolmentOf } from '../../test/enrolment.ts';
import type { ShownEvent } from './shown.ts';

let maestro: TestApp;
let people: ReturnType<typeof enrolmentOf>;
beforeAll(async () => {
  maestro = await startTestApp();
  people = enrolmentOf(maestro);
});
afterAll(() => maestro?.stop());

const lists = { native: '/api/v1/experiments', mlflow: '/api/2.0/mlflow/experiments/search?max_results=5' };
const elsewhere = 'not in the tenant that the call names';
const noFactor = 'without the second factor that the tenant requires';

/** The statuses of many calls at once. */
const statuses = async (count: number, as: string, headers: Record<string, string> = {}, path = lists.native) => {
  const answers = Array.from({ length: count }, () => maestro.send('GET', path, { as, headers }));
  return (await Promise.all(answers)).map(({ status }) => status);
};

/** What the operators' log has of refusals by somebody, the newest first. */
async function refused(actor: string): Promise<ShownEvent[]> {
  await maestro.ports.identity.refusals.flush();
  const path = `/api/v1/operator-audit?outcome=refused&actor=${actor}`;
  return bodyOf<{ items: ShownEvent[] }>(await maestro.send('GET', path, { as: maestro.operatorKey })).items;
}

async function newTenant(limits: object = {}): Promise<{ slug: string; id: string; key: string }> {
  const slug = `t-${randomUUID().slice(0, 8)}`;
  const { id } = bodyOf<{ id: string }>(await people.post('/tenants', { slug }, maestro.operatorKey), 201);
  const made = await people.post(`/tenants/${slug}/keys`, { name: 'k', role: 'viewer' }, maestro.operatorKey);
  const { key } = bodyOf<{ key: string }>(made, 201);
  await change(slug, limits);
  return { slug, id, key };
}

const change = async (slug: string, json: object) =>
  bodyOf(await maestro.send('PATCH', `/api/v1/tenants/${slug}`, { as: maestro.operatorKey, json }));

describe('whoever asks to be let into a tenant that is another’s', () => {
  const foreign = { 'x-mlflow-workspace': 'tenant-b' };

  test.each([
    ['a key', lists.native],
    ['a key', lists.mlflow],
    ['a session', lists.native],
    ['a session', lists.mlflow],
  ])('writes two rows of the operators’ log in a minute, however often: %s, %s', async (who, path) => {
    const person = await people.make({ tenant: 'tenant-a', role: 'data_scientist' });
    const session = await people.session(person);
    const own = () => people.post('/me/keys', { name: 'k' }, session);
    const as = who === 'a key' ? bodyOf<{ key: string }>(await own(), 201).key : session;
    expect(new Set(await statuses(50, as, foreign, path))).toEqual(new Set([404]));
    const row = { actor: { kind: 'user', id: person.id }, target: 'tenant-b', outcome: 'refused' };
    expect(await refused(person.id)).toMatchObject([
      { ...row, detail: { reason: elsewhere, attempts: 49 } },
      { ...row, detail: { reason: elsewhere, attempts: 1 } },
    ]);
  });

  test('spends what a key’s own tenant may ask for, whether there is the other tenant or not', async () => {
    for (const workspace of ['tenant-b', 'tenant-z']) {
      const { key } = await newTenant({ requests_per_second: 5 });
      const answers = await statuses(60, key, { 'x-mlflow-workspace': workspace });
      expect(new Set(answers)).toEqual(new Set([404, 429]));
      // The burst may lie in more than one second.
      expect(answers.filter((status) => status === 404).length).toBeLessThanOrEqual(15);
    }
  });
});

describe('whoever lacks the second factor that a tenant requires', () => {
  test.each(['a key', 'a session'])(
    'is two rows in a minute of that tenant’s own log, and in no other: %s',
    async (who) => {
      const { slug } = await newTenant();
      const admin = await people.enrolled({ tenant: slug, role: 'tenant_admin' });
      const person = await people.make({ tenant: slug, role: 'viewer' });
      const session = await people.session(person);
      const own = () => people.post('/me/keys', { name: 'k' }, session);
      const as = who === 'a key' ? bodyOf<{ key: string }>(await own(), 201).key : session;
      await change(slug, { requires_factor: true });
      expect(new Set(await statuses(50, as))).toEqual(new Set([403]));
      expect(await refused(person.id)).toEqual([]);
      const path = `/api/v1/audit?outcome=refused&actor=${person.id}`;
      const log = bodyOf<{ items: ShownEvent[] }>(await maestro.send('GET', path, { as: admin.token }));
      const row = { actor: { kind: 'user', id: person.id }, action: 'experiment.list', address: '127.0.0.1' };
      expect(log.items).toMatchObject([
        { ...row, detail: { reason: noFactor, attempts: 49 } },
        { ...row, detail: { reason: noFactor, attempts: 1 } },
      ]);
    },
  );

  test('spends, by a key, what the tenant may ask for', async () => {
    const { slug, key } = await newTenant({ requests_per_second: 5 });
    const person = await people.make({ tenant: slug, role: 'viewer' });
    const session = await people.session(person);
    const own = bodyOf<{ key: string }>(await people.post('/me/keys', { name: 'k' }, session), 201);
    await change(slug, { requires_factor: true });
    const answers = await statuses(60, own.key);
    expect(new Set(answers)).toEqual(new Set([403, 429]));
    expect(answers.filter((status) => status === 403).length).toBeLessThanOrEqual(15);
    expect(new Set(await statuses(60, key))).toContain(429);
  });
});

test('whoever is no operator and asks for what operators do writes two rows of their log in a minute, however often', async () => {
  const person = await people.make({ tenant: 'tenant-a', role: 'viewer' });
  const as = await people.session(person);
  expect(new Set(await statuses(50, as, {}, '/api/v1/tenants'))).toEqual(new Set([403]));
  expect(await refused(person.id)).toMatchObject([{ detail: { attempts: 49 } }, { detail: { attempts: 1 } }]);
});
