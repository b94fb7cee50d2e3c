import Type, { type Static } from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import { build, type IdentityTx } from '../db/tenancy.ts';
import { invalid, MaestroError, notFound } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { checkAddress } from '../ports/mail.ts';
import { invitationMail, passwordChangedMail } from './mails.ts';
import { addMember, keepAdministrators } from './members.ts';
import { endTokensOf, issueToken } from './one_time_tokens.ts';
import { defaultPageSize, pageFrom, placeOf } from './paging.ts';
import { givenPassword, requireAcceptable } from './password_policy.ts';
import { generatePassword } from './passwords.ts';
import { passwordOwnerOf } from './person_queries.ts';
import { tenantsOfUser } from './queries.ts';
import { recordOf } from './record.ts';
import { checkGivenRole, rolesNamed } from './role_rules.ts';
import { email, id, pageInput, role, slug, strict, text, time } from './schemas.ts';
import { endSessionsOf } from './session_queries.ts';
import { tenantBySlug } from './tenant_operations.ts';
import { isUniqueViolation } from './tenants.ts';

const userFields = {
  id,
  email: Type.String(),
  name: Type.String(),
  is_operator: Type.Boolean(),
  is_active: Type.Boolean(),
  created_at: time,
  updated_at: time,
};
const user = Type.Object(userFields);

const columns = ['user_id', 'email', 'name', 'is_operator', 'is_active', 'created_at', 'updated_at'] as const;

interface UserRow {
  user_id: string;
  email: string;
  name: string;
  is_operator: boolean;
  is_active: boolean;
  created_at: Date;
  updated_at: Date;
}

const shown = ({ user_id, created_at, updated_at, ...row }: UserRow): Static<typeof user> => ({
  id: user_id,
  ...row,
  created_at: created_at.toISOString(),
  updated_at: updated_at.toISOString(),
});

/** Throws `not_found`, also for a user who was deleted. */
export async function userById(tx: IdentityTx, userId: string): Promise<UserRow> {
  const row = await tx.first(
    build.selectFrom('users').select(columns).where('user_id', '=', userId).where('deleted_at', 'is', null),
  );
  if (!row) throw notFound(`User '${userId}' not found`);
  return row;
}

/**
 * Makes a user, with a first membership where `tenant` is given. A password that is not given is generated, or, with
 * `send_invitation`, set by the person who gets a link by mail.
 */
export const create = defineOperation({
  name: 'user.create',
  audit: 'own',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object(
    {
      email,
      name: Type.Optional(text(0, 200)),
      password: Type.Optional(givenPassword),
      send_invitation: Type.Optional(Type.Boolean()),
      is_operator: Type.Optional(Type.Boolean()),
      tenant: Type.Optional(slug),
      role: Type.Optional(role),
    },
    strict,
  ),
  output: Type.Object({
    ...userFields,
    password: Type.Optional(Type.String({ description: 'Where it was generated: shown this once.' })),
  }),
  async run(context, input) {
    const { db, ports } = context;
    if (input.role !== undefined && input.tenant === undefined) {
      throw invalid('tenant: expected the slug of the tenant in which the user has this role', 'tenant');
    }
    const { tenant: tenantName, role: place = 'data_scientist', send_invitation: byMail = false } = input;
    if (byMail && input.password !== undefined) {
      throw invalid('password: who is invited sets it; give one or the other', 'password');
    }
    if (byMail) checkAddress(input.email);
    const { policy, passwords } = ports.identity;
    if (input.password !== undefined) {
      const tenants = tenantName === undefined ? [] : [tenantName];
      const mustUseFactor =
        tenantName !== undefined && (await db.inIdentity((tx) => tenantBySlug(tx, tenantName))).requires_factor;
      await requireAcceptable(input.password, policy, { email: input.email, tenants, mustUseFactor });
    }
    if (tenantName !== undefined) {
      const { tenant_id } = await db.inIdentity((tx) => tenantBySlug(tx, tenantName));
      checkGivenRole(undefined, place, await rolesNamed(db, tenant_id, [place]));
    }
    const secret = byMail ? undefined : (input.password ?? generatePassword());
    const passwordHash = secret === undefined ? null : await passwords.hash(secret);
    const made = await db
      .inIdentity(async (tx) => {
        const tenant = tenantName === undefined ? undefined : await tenantBySlug(tx, tenantName);
        const row = await tx.first(
          build
            .insertInto('users')
            .values({
              email: input.email,
              name: input.name ?? '',
              password_hash: passwordHash,
              is_operator: input.is_operator ?? false,
            })
            .returning(columns),
        );
        const userId = row!.user_id;
        if (tenant) await addMember(tx, tenant.tenant_id, userId, place);
        const detail = {
          is_operator: row!.is_operator,
          ...(tenant ? { tenant_id: tenant.tenant_id, role: place } : {}),
        };
        const copyTo = tenant ? [tenant.tenant_id] : [];
        await insertOperatorAuditEvent(tx, recordOf(context, 'user.create', userId, detail), copyTo);
        const wish = { purpose: 'invitation', email: input.email, userId, address: context.call.address } as const;
        const invitation = byMail ? await issueToken(tx, wish) : undefined;
        return { user: row!, invitation };
      })
      .catch((error) => {
        if (!isUniqueViolation(error)) throw error;
        throw new MaestroError('already_exists', 'email: a user with this address exists', { field: 'email' });
      });
    if (made.invitation) {
      ports.mail.send(invitationMail(ports.publicUrl(), input.email, made.invitation.text, undefined));
    }
    const isGenerated = secret !== undefined && input.password === undefined;
    return { ...shown(made.user), ...(isGenerated ? { password: secret } : {}) };
  },
});

/** All users, by e-mail address. */
export const list = defineOperation({
  name: 'user.list',
  permission: 'operator',
  transaction: 'identity',
  input: Type.Object(
    {
      q: Type.Optional(text(1, 200, { description: 'A part of the address or the name.' })),
      ...pageInput,
    },
    strict,
  ),
  output: pageOf(user),
  async run({ tx }, { q, limit = defaultPageSize, page_token }) {
    const [after] = placeOf(page_token, 1) ?? [];
    const rows = await tx.sql<UserRow>(
      `SELECT ${columns.join(', ')} FROM maestro.users
        WHERE deleted_at IS NULL AND ($1::text IS NULL OR lower(email) > lower($1))
          AND ($3::text IS NULL OR strpos(lower(email), lower($3)) > 0 OR strpos(lower(name), lower($3)) > 0)
        ORDER BY lower(email) LIMIT $2`,
      [after ?? null, limit + 1, q ?? null],
    );
    return pageFrom(rows, limit, (row) => [row.email], shown);
  },
});

export const get = defineOperation({
  name: 'user.get',
  permission: 'operator',
  transaction: 'identity',
  input: Type.Object({ user_id: id }, strict),
  output: user,
  run: async ({ tx }, input) => shown(await userById(tx, input.user_id)),
});

/** Somebody must be left who can manage tenants and users. Locks the operators, so that two cannot remove each other. */
export async function keepOperator(tx: IdentityTx, userId: string): Promise<void> {
  const operators = await tx.sql<{ user_id: string }>(
    'SELECT user_id FROM maestro.users WHERE is_operator AND is_active ORDER BY user_id FOR UPDATE',
  );
  if (operators.every((operator) => operator.user_id === userId)) {
    throw new MaestroError('invalid_state', 'This is the last operator; make another one first.');
  }
}

/** Changes a user; a user that is deactivated or gets another password is signed out everywhere. */
export const update = defineOperation({
  name: 'user.update',
  audit: 'own',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object(
    {
      user_id: id,
      ...Type.Partial(
        Type.Object({
          name: text(0, 200),
          is_active: Type.Boolean(),
          is_operator: Type.Boolean(),
          password: givenPassword,
        }),
      ).properties,
    },
    strict,
  ),
  output: user,
  async run(context, input) {
    const { db, ports } = context;
    const { user_id: userId, password: secret, ...plain } = input;
    let passwordHash: string | undefined;
    if (secret !== undefined) {
      const owner = await db.inIdentity(async (tx) => passwordOwnerOf(tx, await userById(tx, userId)));
      await requireAcceptable(secret, ports.identity.policy, owner);
      passwordHash = await ports.identity.passwords.hash(secret);
    }
    const changed = await db.inIdentity(async (tx) => {
      await userById(tx, userId);
      if (plain.is_active === false || plain.is_operator === false) await keepOperator(tx, userId);
      if (plain.is_active === false) await keepAdministrators(tx, userId);
      await tx.all(
        build
          .updateTable('users')
          .set({
            ...plain,
            ...(passwordHash === undefined ? {} : { password_hash: passwordHash }),
            updated_at: new Date(),
          })
          .where('user_id', '=', userId),
      );
      // A link that is on its way must not undo it: not one to a new password, nor one to another address.
      if (plain.is_active === false || secret !== undefined) await endTokensOf(tx, userId, ['reset', 'verification']);
      if (plain.is_active === false) await endSessionsOf(tx, userId, 'the user was deactivated');
      else if (secret !== undefined) await endSessionsOf(tx, userId, 'the password was changed');
      const { name: _, ...flags } = plain;
      const detail = { ...flags, ...(secret === undefined ? {} : { password: 'changed' }) };
      const copyTo = await tenantsOfUser(tx, userId);
      await insertOperatorAuditEvent(tx, recordOf(context, 'user.update', userId, detail), copyTo);
      tx.onCommit(() => ports.identity.changed({ kind: 'user', id: userId }));
      return shown(await userById(tx, userId));
    });
    if (secret !== undefined) ports.mail.send(passwordChangedMail(changed.email, 'set by an operator'));
    return changed;
  },
});
