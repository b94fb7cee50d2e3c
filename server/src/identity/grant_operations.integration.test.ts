import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { type People, type Person, peopleOf } from '../../test/people.ts';

interface Grant {
  id: string;
}

let maestro: TestApp;
let people: People;
let admin: string;
let open: { experiment: number; run: string };
/** A service account whose role allows nothing but to be in the tenant. */
let guest: Person;

beforeAll(async () => {
  maestro = await startTestApp();
  people = peopleOf(maestro);
  admin = maestro.tenants.a.keys.tenant_admin;
  await people.asAdmin('POST', '/roles', { name: 'guest', permissions: ['tenant:read'] });
  const { run_id: run } = await people.asAdmin<{ run_id: string }>('POST', '/runs', { experiment_id: 0 });
  open = { experiment: 0, run };
});
afterAll(() => maestro?.stop());
beforeEach(async () => {
  guest = await people.account('guest');
});

const native = (method: string, path: string, json?: unknown) => people.native(guest.as, method, path, json);
const grantOn = (resource: { kind: string; id: string }, more: object) =>
  people.asAdmin<Grant>('POST', '/grants', { subject: { kind: 'service_account', id: guest.id }, resource, ...more });
const grant = (more: object) => grantOn({ kind: 'experiment', id: String(open.experiment) }, more);

describe('a grant', () => {
  const ask = (json: object) => people.native(admin, 'POST', '/grants', json);
  const whole = () => ({
    subject: { kind: 'service_account', id: guest.id },
    resource: { kind: 'experiment', id: String(open.experiment) },
    permissions: ['run:read'],
  });

  test('is refused by the name of the field at fault', async () => {
    const cases: [object, number, string][] = [
      [{ subject: { kind: 'user', id: guest.id } }, 404, 'subject.id'],
      [{ subject: { kind: 'service_account', id: randomUUID() } }, 404, 'subject.id'],
      [{ subject: { kind: 'team', id: guest.id } }, 400, 'subject.kind'],
      [{ resource: { kind: 'experiment', id: '987654' } }, 404, 'resource.id'],
      [{ resource: { kind: 'experiment', id: 'one' } }, 404, 'resource.id'],
      [{ resource: { kind: 'project', id: 'p-1' } }, 404, 'resource.id'],
      [{ resource: { kind: 'project', id: randomUUID() } }, 404, 'resource.id'],
      [{ resource: { kind: 'model', id: `m-${'0'.repeat(32)}` } }, 404, 'resource.id'],
      [{ resource: { kind: 'dashboard', id: '1' } }, 400, 'resource.kind'],
      [{ permissions: ['member:write'] }, 400, 'permissions.0'],
      [{ permissions: [] }, 400, 'permissions'],
      [{ role: 'viewer' }, 400, 'permissions'],
      [{ permissions: undefined }, 400, 'permissions'],
      [{ permissions: undefined, role: 'owner' }, 400, 'role'],
    ];
    for (const [json, status, field] of cases) {
      const answer = await ask({ ...whole(), ...json });
      expect([json, answer.status, (answer.body as { field: string }).field]).toEqual([json, status, field]);
    }
    expect((await ask(whole())).status).toBe(201);
    expect((await ask(whole())).status, 'a second one on the same thing').toBe(409);
  });

  test('by a role of more than data opens data alone: no member, key or audit log', async () => {
    await grant({ role: 'tenant_admin' });
    for (const path of ['/members', '/keys', '/roles', '/grants']) expect((await native('GET', path)).status).toBe(403);
    expect((await native('GET', `/runs/${open.run}`)).status).toBe(200);
  });

  test('is listed by subject and by thing, page by page, to who may read roles; another tenant’s is none', async () => {
    const { id } = await grant({ role: 'viewer' });
    const { project_id } = await people.asAdmin<{ project_id: string }>('POST', '/projects', { name: randomUUID() });
    await grantOn({ kind: 'project', id: project_id }, { permissions: ['model:read'] });
    interface Page {
      items: Grant[];
      next_page_token: string | null;
    }
    const first = await people.asAdmin<Page>('GET', `/grants?subject_id=${guest.id}&limit=1`);
    const token = encodeURIComponent(first.next_page_token ?? '');
    const second = await people.asAdmin<Page>('GET', `/grants?subject_id=${guest.id}&limit=1&page_token=${token}`);
    expect([first.items.length, second.items.map((item) => item.id), second.next_page_token]).toEqual([1, [id], null]);
    const onThing = await people.asAdmin<Page>(
      'GET',
      `/grants?resource_kind=experiment&resource_id=${open.experiment}&subject_id=${guest.id}`,
    );
    expect(onThing.items.map((item) => item.id)).toEqual([id]);
    expect((await people.native(admin, 'GET', '/grants?page_token=bm9uc2Vuc2U')).status).toBe(400);
    const forged = Buffer.from(JSON.stringify(['yesterday', 'x'])).toString('base64url');
    expect((await people.native(admin, 'GET', `/grants?page_token=${forged}`)).status).toBe(400);
    expect((await native('GET', '/grants')).status).toBe(403);
    const other = maestro.tenants.b.keys.tenant_admin;
    expect((await people.native(other, 'DELETE', `/grants/${id}`)).status).toBe(404);
    expect(((await people.native(other, 'GET', '/grants')).body as Page).items).toEqual([]);
  });
});
