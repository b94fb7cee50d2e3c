import Type, { type Static } from 'typebox';
import { changed } from '../audit/changed.ts';
import { insertAuditEvent, insertOperatorAuditEvent } from '../audit/queries.ts';
import type { IdentityTx } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { deleteGrantsTo } from './grant_queries.ts';
import { revokeKeysOf } from './keys.ts';
import {
  addMember,
  changeRole,
  checkRemovable,
  findMember,
  type MemberRow,
  membersAfter,
  removeMember,
} from './members.ts';
import { defaultPageSize, pageFrom, placeOf } from './paging.ts';
import { findUserByEmail } from './queries.ts';
import { recordOf } from './record.ts';
import { customRoles } from './role_queries.ts';
import { checkGivenRole, checkNotBeyond, rolesNamed } from './role_rules.ts';
import { permissionsOfRole } from './roles.ts';
import { email, id, pageInput, role, strict, text, time } from './schemas.ts';

const member = Type.Object({
  user_id: id,
  email: Type.String(),
  name: Type.String(),
  is_active: Type.Boolean(),
  role,
  joined_at: time,
});

const shown = ({ created_at, ...row }: MemberRow): Static<typeof member> => ({
  ...row,
  joined_at: created_at.toISOString(),
});

/**
 * Changes the caller's tenant's members: audited for operators in the same transaction, and copied to the tenant. `detail`
 * may be known after `run` alone.
 */
async function change<T>(
  context: Contexts['own'],
  action: string,
  userId: string,
  detail: Record<string, unknown> | (() => Record<string, unknown>),
  run: (tx: IdentityTx) => Promise<T>,
): Promise<T> {
  const { ports, tenant } = context;
  return ports.db.inIdentity(async (tx) => {
    const result = await run(tx);
    const event = recordOf(context, action, userId, {
      tenant_id: tenant.id,
      ...(typeof detail === 'function' ? detail() : detail),
    });
    await insertOperatorAuditEvent(tx, event, [tenant.id]);
    tx.onCommit(() => ports.identity.changed({ kind: 'user', id: userId }));
    return result;
  });
}

/** Refuses to take a role from somebody that is stronger than the caller's own. */
async function checkTaken({ inTenant, place }: Contexts['own']): Promise<(current: string) => void> {
  const custom = await inTenant(customRoles);
  return (current) => checkNotBeyond(place, permissionsOfRole(current, custom), `This member's role (${current})`);
}

/** Members of the caller's tenant, by e-mail address. */
export const list = defineOperation({
  name: 'member.list',
  permission: 'member:read',
  transaction: 'own',
  input: Type.Object(
    {
      q: Type.Optional(text(1, 200, { description: 'A part of the address or the name.' })),
      user_id: Type.Optional(Type.Array(id, { minItems: 1, maxItems: 200, description: 'These alone.' })),
      ...pageInput,
    },
    strict,
  ),
  output: pageOf(member),
  async run({ ports, tenant }, { q, user_id: userIds, limit = defaultPageSize, page_token }) {
    const [after] = placeOf(page_token, 1) ?? [];
    const rows = await ports.db.inIdentity((tx) => membersAfter(tx, tenant.id, { after, part: q, userIds }, limit + 1));
    return pageFrom(rows, limit, (row) => [row.email], shown);
  },
});

/** Gives a user a place in the caller's tenant. Users are made by operators. */
export const add = defineOperation({
  name: 'member.add',
  permission: 'member:write',
  transaction: 'own',
  audit: 'own',
  input: Type.Object({ email, role }, strict),
  output: member,
  async run(context, input) {
    const { ports, tenant, place } = context;
    checkGivenRole(place, input.role, await rolesNamed(ports.db, tenant.id, [input.role]));
    const user = await ports.db.inIdentity((tx) => findUserByEmail(tx, input.email));
    if (!user) {
      throw new MaestroError('not_found', 'email: no user has this address; an operator makes users', {
        field: 'email',
      });
    }
    return change(context, 'member.add', user.user_id, { role: input.role }, async (tx) => {
      await addMember(tx, tenant.id, user.user_id, input.role);
      return shown(await findMember(tx, tenant.id, user.user_id));
    });
  },
});

export const update = defineOperation({
  name: 'member.update',
  permission: 'member:write',
  transaction: 'own',
  audit: 'own',
  input: Type.Object({ user_id: id, role }, strict),
  output: member,
  async run(context, input) {
    const { ports, tenant, place } = context;
    checkGivenRole(place, input.role, await rolesNamed(ports.db, tenant.id, [input.role]));
    const check = await checkTaken(context);
    let before = '';
    const detail = () => changed({ role: input.role }, { role: before });
    return change(context, 'member.update', input.user_id, detail, async (tx) => {
      await changeRole(tx, tenant.id, input.user_id, input.role, (current) => {
        before = current;
        check(current);
      });
      return shown(await findMember(tx, tenant.id, input.user_id));
    });
  },
});

/**
 * Takes a user's place in the caller's tenant, and all grants; the user's keys of this tenant are refused from then on. The
 * place goes last, so that one that broke off is completed by repeating it.
 */
export const remove = defineOperation({
  name: 'member.remove',
  permission: 'member:delete',
  transaction: 'own',
  audit: 'own',
  input: Type.Object({ user_id: id }, strict),
  output: Type.Null(),
  async run(context, input) {
    const { ports, tenant, inTenant } = context;
    const { user_id: userId } = input;
    const check = await checkTaken(context);
    // What was granted to a member, and the member's keys, do not wait for the day the same user comes back.
    const takeRights = (): Promise<void> =>
      inTenant(async (tx) => {
        const taken = {
          grants: await deleteGrantsTo(tx, { kind: 'user', id: userId }),
          keys: await revokeKeysOf(tx, userId),
        };
        if (taken.grants + taken.keys === 0) return;
        await insertAuditEvent(tx, recordOf(context, 'member.take_rights', userId, taken));
      });
    await ports.db.inIdentity((tx) => checkRemovable(tx, tenant.id, userId, check));
    await takeRights();
    await change(context, 'member.remove', userId, {}, (tx) => removeMember(tx, tenant.id, userId, check));
    // Also what was given to a member who was still one.
    await takeRights();
    return null;
  },
});
