import type { Selectable } from 'kysely';
import Type, { type Static } from 'typebox';
import { changed } from '../audit/changed.ts';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import type { DB } from '../db/tables.ts';
import { build, type IdentityTx } from '../db/tenancy.ts';
import { MaestroError, notFound } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { defaultPageSize, pageFrom, placeOf } from './paging.ts';
import { recordOf } from './record.ts';
import {
  id,
  json,
  newSlug,
  pageInput,
  requiresFactor,
  sessionDays,
  sessionIdleMinutes,
  slug,
  strict,
  text,
  time,
} from './schemas.ts';
import { closeTenantForGood, completeTenantErasure, createTenant, defaultTenantId } from './tenants.ts';

const limit = Type.Integer({ minimum: 1, maximum: 1_000_000 });

const changeable = {
  session_days: sessionDays,
  session_idle_minutes: sessionIdleMinutes,
  max_users: limit,
  max_projects: limit,
  max_artifacts: limit,
  requires_factor: requiresFactor,
  max_storage_bytes: Type.Union([Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), Type.Null()], {
    description: 'What files may take up. Null: no limit.',
  }),
  requests_per_second: Type.Union([limit, Type.Null()], {
    description: 'Null: the limit that the server is configured with, if any.',
  }),
  settings: json,
  metadata: json,
};

const tenant = Type.Object({
  id,
  slug,
  name: Type.String(),
  is_active: Type.Boolean(),
  ...changeable,
  created_at: time,
  updated_at: time,
});

/** Each is a column of maestro.tenants of the same name. */
const columns = [
  'tenant_id',
  'slug',
  'name',
  'is_active',
  'created_at',
  'updated_at',
  ...(Object.keys(changeable) as (keyof typeof changeable)[]),
] as const;

type TenantRow = Pick<Selectable<DB['tenants']>, (typeof columns)[number]>;

const shown = ({
  tenant_id,
  settings,
  metadata,
  created_at,
  updated_at,
  ...row
}: TenantRow): Static<typeof tenant> => ({
  id: tenant_id,
  ...row,
  settings: settings as Record<string, unknown>,
  metadata: metadata as Record<string, unknown>,
  created_at: created_at.toISOString(),
  updated_at: updated_at.toISOString(),
});

/** The tenant of a slug. Throws `not_found`. */
export async function tenantBySlug(tx: IdentityTx, name: string): Promise<TenantRow> {
  const row = await tx.first(build.selectFrom('tenants').select(columns).where('slug', '=', name));
  if (!row) throw notFound(`Tenant '${name}' not found`);
  return row;
}

/** What an input says, as columns: JSON as text. */
const columnsOf = <Given extends { settings?: object; metadata?: object }>({
  settings,
  metadata,
  ...plain
}: Given) => ({
  ...plain,
  ...(settings === undefined ? {} : { settings: JSON.stringify(settings) }),
  ...(metadata === undefined ? {} : { metadata: JSON.stringify(metadata) }),
});

/** Makes a tenant, with its experiment `0`. */
export const create = defineOperation({
  name: 'tenant.create',
  audit: 'own',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object(
    { slug: newSlug, name: Type.Optional(text(1, 200)), ...Type.Partial(Type.Object(changeable)).properties },
    strict,
  ),
  output: tenant,
  async run(context, input) {
    const { db } = context;
    const made = { name: input.slug, ...columnsOf(input) };
    await createTenant(db, made, (tx, newId) =>
      insertOperatorAuditEvent(tx, recordOf(context, 'tenant.create', newId, { slug: input.slug }), [newId]),
    );
    return shown(await db.inIdentity((tx) => tenantBySlug(tx, input.slug)));
  },
});

/** All tenants, by slug. */
export const list = defineOperation({
  name: 'tenant.list',
  permission: 'operator',
  transaction: 'identity',
  input: Type.Object(
    {
      q: Type.Optional(text(1, 200, { description: 'A part of the slug or the name.' })),
      ...pageInput,
    },
    strict,
  ),
  output: pageOf(tenant),
  async run({ tx }, { q, limit: size = defaultPageSize, page_token }) {
    const [after] = placeOf(page_token, 1) ?? [];
    const query = build
      .selectFrom('tenants')
      .select(columns)
      .orderBy('slug')
      .limit(size + 1);
    const further = after === undefined ? query : query.where('slug', '>', after);
    const found =
      q === undefined
        ? further
        : further.where(({ eb, fn, val }) =>
            eb.or([
              eb(fn<number>('strpos', [fn('lower', ['slug']), val(q.toLowerCase())]), '>', 0),
              eb(fn<number>('strpos', [fn('lower', ['name']), val(q.toLowerCase())]), '>', 0),
            ]),
          );
    const rows = await tx.all(found);
    return pageFrom(rows, size, (row) => [row.slug], shown);
  },
});

export const get = defineOperation({
  name: 'tenant.get',
  permission: 'operator',
  transaction: 'identity',
  input: Type.Object({ tenant: slug }, strict),
  output: tenant,
  run: async ({ tx }, input) => shown(await tenantBySlug(tx, input.tenant)),
});

/** Changes a tenant's name, limits and settings, or closes and reopens it. */
export const update = defineOperation({
  name: 'tenant.update',
  audit: 'own',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object(
    {
      tenant: slug,
      ...Type.Partial(Type.Object({ name: text(1, 200), is_active: Type.Boolean(), ...changeable })).properties,
    },
    strict,
  ),
  output: tenant,
  async run(context, input) {
    const { db, ports } = context;
    const { tenant: name, ...changes } = input;
    const { settings, metadata, ...plain } = changes;
    // What operators keep in settings and metadata may be secret: that it changed is recorded, not to what.
    const detailOf = (before: Static<typeof tenant>) => ({
      ...changed(plain, before),
      ...(settings === undefined ? {} : { settings: 'changed' }),
      ...(metadata === undefined ? {} : { metadata: 'changed' }),
    });
    return db.inIdentity(async (tx) => {
      const before = await tenantBySlug(tx, name);
      const { tenant_id } = before;
      const updated = await tx.all(
        build
          .updateTable('tenants')
          .set({ ...columnsOf(changes), updated_at: new Date() })
          .where('tenant_id', '=', tenant_id)
          .where('deletion_began_at', 'is', null)
          .returning('tenant_id'),
      );
      if (updated.length === 0) {
        throw new MaestroError('invalid_state', `The tenant '${name}' is being deleted; repeat that to complete it.`);
      }
      await insertOperatorAuditEvent(tx, recordOf(context, 'tenant.update', tenant_id, detailOf(shown(before))), [
        tenant_id,
      ]);
      tx.onCommit(() => ports.identity.changed({ kind: 'tenant', id: tenant_id }));
      return shown(await tenantBySlug(tx, name));
    });
  },
});

/** Removes a tenant and all that is its own: rows, files, memberships, keys. Repeated, it completes one that broke off. */
export const remove = defineOperation({
  name: 'tenant.delete',
  audit: 'own',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({ tenant: slug }, strict),
  output: Type.Null(),
  async run(context, input) {
    const { db, ports } = context;
    const { tenant_id } = await db.inIdentity((tx) => tenantBySlug(tx, input.tenant));
    if (tenant_id === defaultTenantId) {
      throw new MaestroError('invalid_state', `The tenant '${input.tenant}' is the first one and cannot be deleted.`);
    }
    await closeTenantForGood(
      db,
      tenant_id,
      () => ports.identity.changed({ kind: 'tenant', id: tenant_id }),
      (tx) => insertOperatorAuditEvent(tx, recordOf(context, 'tenant.delete', tenant_id, { slug: input.tenant })),
    );
    await completeTenantErasure(ports, tenant_id);
    return null;
  },
});
