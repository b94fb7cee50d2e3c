import Type from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import { build, type Database, type IdentityTx } from '../db/tenancy.ts';
import { defineOperation } from '../operation.ts';
import { deleteGrantsTo } from './grant_queries.ts';
import { removeMember } from './members.ts';
import { tenantsOfUser } from './queries.ts';
import { recordOf } from './record.ts';
import { id, strict } from './schemas.ts';
import { keepOperator, userById } from './user_operations.ts';

/** What a user had in the tenants it belonged to: keys that nobody stands behind any more, and grants. */
async function clearTenants(db: Database, tenantIds: readonly string[], userId: string): Promise<void> {
  for (const tenantId of tenantIds) {
    await db.inTenant(tenantId, async (tx) => {
      await tx.all(
        build
          .updateTable('api_keys')
          .set({ revoked_at: new Date(), name: 'of a deleted user' })
          .where('tenant_id', '=', tenantId)
          .where('user_id', '=', userId),
      );
      await deleteGrantsTo(tx, { kind: 'user', id: userId });
    });
  }
}

/** Deletes what belongs to the user in every table that says, by its foreign key, that it goes with its user. */
async function deleteBelongings(tx: IdentityTx, userId: string): Promise<void> {
  const tables = await tx.sql<{ table: string; column: string }>(
    `SELECT quote_ident(c.relname) AS table, quote_ident(a.attname) AS column
       FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
       JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]
      WHERE f.contype = 'f' AND f.confdeltype = 'c' AND f.confrelid = 'maestro.users'::regclass
      ORDER BY c.relname`,
  );
  for (const { table, column } of tables) {
    await tx.sql(`DELETE FROM maestro.${table} WHERE ${column} = $1`, [userId]);
  }
}

/**
 * Deletes a person: memberships, sessions and credentials go, the user's row stays without a name or an address, so
 * that what refers to it still does, and the person's key is destroyed, so that no log tells who it was. Throws
 * `not_found`, and `invalid_state` for the last operator or the last administrator of a tenant.
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
    const tenantIds = await db.inIdentity(async (tx) => {
      const user = await userById(tx, userId);
      if (user.is_operator) await keepOperator(tx, userId);
      const places = (await tenantsOfUser(tx, userId)).sort();
      for (const tenantId of places) await removeMember(tx, tenantId, userId, () => undefined);
      await deleteBelongings(tx, userId);
      // An invitation may have gone to the person's address before it was anybody's.
      await tx.sql('DELETE FROM maestro.one_time_tokens WHERE lower(email) = lower($1)', [user.email]);
      await tx.all(
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
          .where('user_id', '=', userId),
      );
      await ports.identity.people.forget(tx, userId);
      await insertOperatorAuditEvent(tx, recordOf(context, 'user.delete', userId), places);
      tx.onCommit(() => ports.identity.changed({ kind: 'user', id: userId }));
      return places;
    });
    await clearTenants(db, tenantIds, userId);
    return null;
  },
});
