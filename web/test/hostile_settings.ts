import { bodyOf } from '../../server/test/enrolment.ts';
import type { Interface } from './interface.ts';
import { hostile } from './seeded_runs.ts';

type Send = (method: string, path: string, json?: unknown) => ReturnType<Interface['maestro']['send']>;

/** Somebody, an account with its key and grant, and a project with its webhook in tenant-a: all have a hostile name. */
export async function seedHostileSettings(web: Interface, send: Send): Promise<void> {
  const guest = await web.people.make({ tenant: 'tenant-a', role: 'viewer' });
  const json = { name: hostile };
  const guestAs = await web.people.session(guest);
  bodyOf(await web.maestro.send('PATCH', '/api/v1/me/profile', { as: guestAs, json }));
  const { id } = bodyOf<{ id: string }>(await send('POST', '/service-accounts', { ...json, role: 'viewer' }), 201);
  const subject = { kind: 'service_account', id };
  bodyOf(await send('POST', '/keys', { ...json, service_account: hostile }), 201);
  const grant = { subject, resource: { kind: 'experiment', id: '0' }, permissions: ['run:write'] };
  bodyOf(await send('POST', '/grants', grant), 201);
  const project = bodyOf<{ project_id: string }>(await send('POST', '/projects', json), 201);
  bodyOf(await send('POST', `/projects/${project.project_id}/webhooks`, { kind: 'github' }), 201);
}
