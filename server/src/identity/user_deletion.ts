import Type from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import { build, type Database, type IdentityTx } from '../db/tenancy.ts';
import { notFound } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import { deleteGrantsTo } from './grant_queries.ts';
import { keepAdministrators } from './members.ts';
import { tenantsOfUser } from './queries.ts';
import { recordOf } from './record.ts';
import { id, strict } from './schemas.ts';
import { keepOperator, userById } from './user_operations.ts';

/**
 * Takes a deleted user out of the tenants it is still in, with what it had there: keys that nobody stands behind any
 * more, and grants. A membership goes last: it is what says that the tenant is still to be cleared.
 */
async function leaveTenants(db: Database, userId: string): Promise<void> {
  for (const tenantId of await db.inIdentity((tx) => tenantsOfUser(tx, userId))) {
    await db.inTenant(tenantId, async (tx) => {
      await tx.all(
        build
          .updateTable('api_keys')
          .set({ revoked_at: new Date(), name: 'of a deleted user', last_used_address: null })
          .where('tenant_id', '=', tenantId)
          .where('user_id', '=', userId),
      );
      await deleteGrantsTo(tx, { kind: 'user', id: userId });
    });
    await db.inIdentity((tx) =>
      tx.all(build.deleteFrom('memberships').where('tenant_id', '=', tenantId).where('user_id', '=', userId)),
    );
  }
}

/** Whether a deletion of the user broke off before it had left all its tenants. */
async function isHalfDeleted(tx: IdentityTx, userId: string): Promise<boolean> {
  const rows = await tx.sql(
    `SELECT 1 FROM maestro.users u JOIN maestro.memberships m ON m.user_id = u.user_id
      WHERE u.user_id = $1 AND u.deleted_at IS NOT NULL LIMIT 1`,
    [userId],
  );
  return rows.length > 0;
}

/** Deletes what belongs to the user, but for memberships, in every table whose foreign key says that it goes with it. */
async function deleteBelongings(tx: IdentityTx, userId: string): Promise<void> {
  const tables = await tx.sql<{ table: string; column: string }>(
    `SELECT quote_ident(c.relname) AS table, quote_ident(a.attname) AS column
       FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
       JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]
      WHERE f.contype = 'f' AND f.confdeltype = 'c' AND f.confrelid = 'maestro.users'::regclass
        AND f.conrelid <> 'maestro.memberships'::regclass
      ORDER BY c.relname`,
  );
  for (const { table, column } of tables) {
    await tx.sql(`DELETE FROM maestro.${table} WHERE ${column} = $1`, [userId]);
  }
}

/**
 * Deletes a person: memberships, sessions and credentials go, the user's row stays without a name or an address, so
 * that what refers to it still does, and the person's key is destroyed, so that no log tells who it was. One
 * transaction does that and records it; what is left in tenants goes after it, and where that breaks off, repeating the
 * deletion completes it. Throws `not_found`, and `invalid_state` for the last operator or the last administrator of a
 * tenant that is open.
 */
export const remove = defineOperation({
  name: 'user.delete',
  permission: 'operator',
  transaction: 'administration',
  audit: 'own',
  input: Type.Object({ user_id: id }, strict),
  output: Type.Null(),
  async run(context, { user_id: userId }) {
    const { db, ports } = context;
    await db.inIdentity(async (tx) => {
      if (await isHalfDeleted(tx, userId)) return;
      const user = await userById(tx, userId);
      if (user.is_operator) await keepOperator(tx, userId);
      await keepAdministrators(tx, userId);
      const deleted = await tx.all(
        build
          .updateTable('users')
          .set({
            email: `${userId}@deleted.invalid`,
            name: '',
            password_hash: null,
            is_operator: false,
            is_active: false,
            updated_at: new Date(),
            deleted_at: new Date(),
          })
          .where('user_id', '=', userId)
          .where('deleted_at', 'is', null)
          .returning('user_id'),
      );
      // Another call was first, a moment ago: the deletion is that one's.
      if (deleted.length === 0) throw notFound(`User '${userId}' not found`);
      await deleteBelongings(tx, userId);
      // An invitation may have gone to the person's address before it was anybody's.
      await tx.sql('DELETE FROM maestro.one_time_tokens WHERE lower(email) = lower($1)', [user.email]);
      await ports.identity.people.forget(tx, userId);
      const places = await tenantsOfUser(tx, userId);
      await insertOperatorAuditEvent(tx, recordOf(context, 'user.delete', userId), places);
      tx.onCommit(() => ports.identity.changed({ kind: 'user', id: userId }));
    });
    await leaveTenants(db, userId);
    return null;
  },
});
