import Type, { type Static } from 'typebox';
import { insertAuditEvent } from '../audit/queries.ts';
import type { TenantTx } from '../db/tenancy.ts';
import { invalid, MaestroError, notFound } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { accountIfAny } from './account_queries.ts';
import { actorOf } from './caller.ts';
import {
  deleteGrant,
  findGrant,
  type GrantedThing,
  type GrantRow,
  grantsAfter,
  grantsTo,
  insertGrant,
  isGrantable,
} from './grant_queries.ts';
import { memberIfAny } from './members.ts';
import { defaultPageSize, pageFrom, placeOf } from './paging.ts';
import { recordOf } from './record.ts';
import { customRoles } from './role_queries.ts';
import { checkKnownRole, checkNotBeyond } from './role_rules.ts';
import { type CustomRoles, permissions, permissionsOfRole } from './roles.ts';
import { id, pageInput, role, strict, time } from './schemas.ts';
import { experimentExists, experimentsOfModels, projectExists } from './target_queries.ts';

/** At most this many grants of one member or service account: they are read whole. */
const grantsMax = 500;

const subjectKind = Type.Enum(['user', 'service_account']);
const resourceKind = Type.Enum(['experiment', 'project', 'model'], {
  description: 'A grant on an experiment holds for its runs and logged models, one on a project for what it holds.',
});
const resourceId = Type.String({ minLength: 1, maxLength: 250, pattern: '^[A-Za-z0-9._-]+$' });
const permission = Type.Enum(permissions.filter(isGrantable));

const subject = Type.Object({ kind: subjectKind, id }, strict);
const resource = Type.Object({ kind: resourceKind, id: resourceId }, strict);

const grant = Type.Object({
  id,
  subject,
  resource,
  role: Type.Union([role, Type.Null()]),
  permissions: Type.Array(Type.String(), { description: 'Where no role is named.' }),
  created_by: Type.String(),
  created_at: time,
});

const shown = (row: GrantRow): Static<typeof grant> => ({
  id: row.grant_id,
  subject: { kind: row.subject_kind, id: row.subject_id },
  resource: { kind: row.resource_kind, id: row.resource_id },
  role: row.role,
  permissions: row.permissions,
  created_by: row.created_by,
  created_at: row.created_at.toISOString(),
});

async function checkResource(tx: TenantTx, { kind, id: thing }: GrantedThing): Promise<void> {
  const field = 'resource.id';
  const missing = new MaestroError('not_found', `${field}: this tenant has no ${kind} '${thing}'`, { field });
  if (kind === 'experiment') {
    const isNumber = /^(?:0|[1-9]\d{0,14})$/.test(thing);
    if (!isNumber || !(await experimentExists(tx, Number(thing)))) throw missing;
  }
  if (kind === 'project' && !(await projectExists(tx, thing))) throw missing;
  if (kind === 'model' && !(await experimentsOfModels(tx, [thing])).has(thing)) throw missing;
}

const allowedBy = (given: { role: string | null; permissions: readonly string[] }, custom: CustomRoles) =>
  given.role === null ? given.permissions : [...permissionsOfRole(given.role, custom)].filter(isGrantable);

/** The newest first; of one subject or on one thing where those are given. */
export const list = defineOperation({
  name: 'grant.list',
  permission: 'role:read',
  input: Type.Object(
    {
      subject_id: Type.Optional(id),
      resource_kind: Type.Optional(resourceKind),
      resource_id: Type.Optional(resourceId),
      ...pageInput,
    },
    strict,
  ),
  output: pageOf(grant),
  async run({ tx }, { limit = defaultPageSize, page_token, ...wanted }) {
    const after = placeOf(page_token, 2);
    const rows = await grantsAfter(tx, after, limit + 1, {
      subjectId: wanted.subject_id,
      resourceKind: wanted.resource_kind,
      resourceId: wanted.resource_id,
    });
    return pageFrom(rows, limit, (row) => [row.created_at_text, row.grant_id], shown);
  },
});

/** Lets a member or service account do more with one thing than their role says; no more than the caller may. */
export const create = defineOperation({
  name: 'grant.create',
  permission: 'role:write',
  transaction: 'own',
  audit: 'own',
  input: Type.Object(
    {
      subject,
      resource,
      role: Type.Optional(role),
      permissions: Type.Optional(
        Type.Array(permission, { minItems: 1, maxItems: permissions.length, uniqueItems: true }),
      ),
    },
    strict,
  ),
  output: grant,
  async run(context, input) {
    const { ports, tenant, place, inTenant } = context;
    if ((input.role === undefined) === (input.permissions === undefined)) {
      throw invalid('permissions: expected either permissions or a role', 'permissions');
    }
    const { kind, id: subjectId } = input.subject;
    const what = kind === 'user' ? 'member' : 'service account';
    const field = 'subject.id';
    const missing = new MaestroError('not_found', `${field}: this tenant has no ${what} '${subjectId}'`, { field });
    const isNoMember = async (): Promise<boolean> =>
      kind === 'user' && !(await ports.db.inIdentity((tx) => memberIfAny(tx, tenant.id, subjectId)));
    if (await isNoMember()) throw missing;
    const on = { subject: input.subject, resource: input.resource };
    const made = await inTenant(async (tx) => {
      if (kind === 'service_account' && !(await accountIfAny(tx, subjectId))) throw missing;
      const given = { role: input.role ?? null, permissions: input.permissions ?? [] };
      const custom = await customRoles(tx);
      if (given.role !== null) checkKnownRole(given.role, custom);
      checkNotBeyond(
        place,
        allowedBy(given, custom),
        given.role === null ? 'permissions: this' : `role: '${given.role}'`,
      );
      await checkResource(tx, input.resource);
      if ((await grantsTo(tx, input.subject)).length >= grantsMax) {
        throw new MaestroError('limit_exceeded', `A ${kind} has at most ${grantsMax} grants; give it a role instead.`);
      }
      const grantId = await insertGrant(tx, {
        subject_kind: kind,
        subject_id: subjectId,
        resource_kind: input.resource.kind,
        resource_id: input.resource.id,
        ...given,
        created_by: actorOf(context.caller).id,
      });
      if (grantId === undefined) {
        throw new MaestroError('already_exists', 'resource: this is granted already; delete that grant first', {
          field: 'resource',
        });
      }
      await insertAuditEvent(tx, recordOf(context, 'grant.create', grantId, { ...on, ...given }));
      return shown((await findGrant(tx, grantId)) as GrantRow);
    });
    // Whoever left meanwhile may have left before there was this grant to be taken.
    if (await isNoMember()) {
      await inTenant(async (tx) => {
        await deleteGrant(tx, made.id);
        await insertAuditEvent(tx, recordOf(context, 'grant.delete', made.id, on));
      });
      throw missing;
    }
    return made;
  },
});

/** Takes a grant back, from the next request on. */
export const remove = defineOperation({
  name: 'grant.delete',
  permission: 'role:delete',
  audit: true,
  input: Type.Object({ grant_id: id }, strict),
  output: Type.Null(),
  async run({ tx, place, audit }, { grant_id: grantId }) {
    const row = await findGrant(tx, grantId);
    if (!row) throw notFound(`Grant '${grantId}' not found`);
    const detail = { subject: { kind: row.subject_kind, id: row.subject_id } };
    audit(grantId, { ...detail, resource: { kind: row.resource_kind, id: row.resource_id } });
    checkNotBeyond(place, allowedBy(row, await customRoles(tx)), 'This grant');
    await deleteGrant(tx, grantId);
    return null;
  },
});
