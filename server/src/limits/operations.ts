import Type from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import { recordOf } from '../identity/record.ts';
import { slug, strict } from '../identity/schemas.ts';
import { tenantBySlug } from '../identity/tenant_operations.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import { countedNow } from './counted.ts';
import { countMembers } from './queries.ts';

const use = (description: string) =>
  Type.Object(
    {
      used: Type.Integer({ minimum: 0 }),
      max: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], { description: 'Null: no limit.' }),
    },
    { description },
  );

/** What a tenant has of what it may have; a max of null is no limit. */
export async function useOf(ports: Ports, tenantId: string, inTenant: Contexts['own']['inTenant']) {
  const { tenants, storage } = ports.limits;
  const allowance = await tenants.of(tenantId);
  return {
    users: { used: await ports.db.inIdentity((tx) => countMembers(tx, tenantId)), max: allowance.maxUsers },
    projects: { used: await inTenant((tx) => countedNow(tx, 'projects')), max: allowance.maxProjects },
    artifacts: { used: await inTenant((tx) => countedNow(tx, 'artifacts')), max: allowance.maxArtifacts },
    storage_bytes: { used: await storage.used(tenantId), max: allowance.maxStorageBytes ?? null },
  };
}

/** What the caller's tenant uses of what it may. */
export const usage = defineOperation({
  name: 'tenant.usage',
  permission: 'tenant:read',
  transaction: 'own',
  input: Type.Object({}, strict),
  output: Type.Object({
    users: use('Members.'),
    projects: use('Projects.'),
    artifacts: use('Artifacts of the library.'),
    storage_bytes: use('Bytes of files, parts of unfinished uploads included.'),
    requests_per_second: use('Requests of this second.'),
  }),
  async run({ ports, tenant, inTenant }) {
    const { tenants } = ports.limits;
    const { requestsPerSecond = null } = await tenants.of(tenant.id);
    return {
      ...(await useOf(ports, tenant.id, inTenant)),
      requests_per_second: { used: await tenants.requestsNow(tenant.id), max: requestsPerSecond },
    };
  },
});

/** Counts a tenant's files anew, where a crash has left too much counted. */
export const recountStorage = defineOperation({
  name: 'tenant.recount_storage',
  audit: 'own',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({ tenant: slug }, strict),
  output: Type.Object({ storage_bytes: Type.Integer({ minimum: 0 }) }),
  async run(context, input) {
    const { db, ports } = context;
    const { tenant_id: id } = await db.inIdentity((tx) => tenantBySlug(tx, input.tenant));
    const bytes = await ports.limits.storage.recount(id, ports.blobs);
    const event = recordOf(context, 'tenant.recount_storage', id, { storage_bytes: bytes });
    await db.inIdentity((tx) => insertOperatorAuditEvent(tx, event, [id]));
    return { storage_bytes: bytes };
  },
});
