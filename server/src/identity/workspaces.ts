import Type from 'typebox';
import type { IdentityTx } from '../db/tenancy.ts';
import { MaestroError, notFound } from '../errors.ts';
import { type Call, defineOperation } from '../operation.ts';
import type { Caller, Tenant } from './caller.ts';
import { strict, text } from './schemas.ts';

const workspace = Type.Object({ name: Type.String(), description: Type.String() });

const missing = (name: string) => notFound(`Workspace '${name}' not found`);

/**
 * The tenants a caller belongs to. A header that names another one is refused here as everywhere, though these
 * operations enter no tenant.
 */
function tenantsOf(caller: Caller, call: Call): readonly Tenant[] {
  const tenants =
    caller.kind === 'session'
      ? caller.places.map(({ tenant }) => tenant)
      : caller.kind === 'api_key'
        ? [caller.place.tenant]
        : [];
  const header = call.headers['x-mlflow-workspace'];
  if (typeof header === 'string' && header !== '' && !tenants.some(({ slug }) => slug === header)) {
    throw missing(header);
  }
  return tenants;
}

async function described(tx: IdentityTx, tenants: readonly Tenant[]): Promise<{ name: string; description: string }[]> {
  return tx.sql(
    'SELECT slug AS name, name AS description FROM maestro.tenants WHERE tenant_id = ANY($1::uuid[]) ORDER BY slug',
    [tenants.map((tenant) => tenant.id)],
  );
}

/** The tenants that the caller belongs to, by slug. */
export const list = defineOperation({
  name: 'workspace.list',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object({}, strict),
  output: Type.Array(workspace),
  run: ({ tx, caller, call }) => described(tx, tenantsOf(caller, call)),
});

export const get = defineOperation({
  name: 'workspace.get',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object({ name: text(1, 500) }, strict),
  output: workspace,
  async run({ tx, caller, call }, { name }) {
    const [found] = await described(
      tx,
      tenantsOf(caller, call).filter(({ slug }) => slug === name),
    );
    if (!found) throw missing(name);
    return found;
  },
});

/** Tenants are made, changed and deleted through `/api/v1` and the command line, where their limits and members are. */
export const change = defineOperation({
  name: 'workspace.change',
  permission: 'signed_in',
  transaction: 'administration',
  input: Type.Object({}, strict),
  output: Type.Never(),
  async run({ caller, call }) {
    tenantsOf(caller, call);
    throw new MaestroError(
      'permission_denied',
      'Workspaces are the tenants of this Maestro; an operator changes them with `maestro tenant` or /api/v1/tenants.',
    );
  },
});

/** What a client asks before it signs in: nothing of any tenant. */
export const serverInfo = defineOperation({
  name: 'workspace.server_info',
  permission: 'public',
  transaction: 'administration',
  input: Type.Object({}, strict),
  output: Type.Object({}),
  run: async ({ ports }) => ({
    store_type: 'SqlStore',
    workspaces_enabled: true,
    trace_archival_enabled: false,
    multipart_uploads_enabled: ports.blobs.uploads !== undefined,
    multipart_downloads_enabled: false,
    presigned_upload_run_id_supported: true,
    presigned_upload_model_id_supported: true,
    features_enabled: { gateway: false },
  }),
});
