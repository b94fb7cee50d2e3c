import Type from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import { build, type IdentityTx } from '../db/tenancy.ts';
import { invalid, notFound } from '../errors.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import { belongingsOf } from './belongings.ts';
import {
  beginErasure,
  type Counts,
  type Erasure,
  erasure,
  erasureOf,
  erasureUnderWay,
  finishErasure,
  keepCounts,
} from './erasures.ts';
import { requireFresh } from './fresh.ts';
import { keepAdministrators } from './members.ts';
import { namesOf } from './names.ts';
import { tenantsConcerned, tenantsOfUser } from './queries.ts';
import { recordOf } from './record.ts';
import { email, id, strict } from './schemas.ts';
import { sealedColumns } from './sealed_rows.ts';
import { countTraces, removeTraces } from './traces.ts';
import { keepOperator, userById } from './user_operations.ts';

type Reach = Pick<Ports, 'db' | 'identity' | 'mail'>;

/** Deletes what belongs to the user, but for memberships. Gives how many rows of each table there were. */
async function deleteBelongings(tx: IdentityTx, userId: string): Promise<Counts> {
  const belongings = await belongingsOf(tx);
  const counts: Counts = {};
  // First all are counted: the rows of one table go with those of another.
  for (const { table, isOwn } of belongings) {
    const [found] = await tx.sql<{ rows: number }>(`SELECT count(*) AS rows FROM maestro.${table} WHERE ${isOwn}`, [
      userId,
    ]);
    counts[table] = found?.rows ?? 0;
  }
  for (const { table, isOwn } of belongings) await tx.sql(`DELETE FROM maestro.${table} WHERE ${isOwn}`, [userId]);
  return counts;
}

/**
 * Empties the person's row and takes what belongs to it, in one transaction, which is recorded: from it on nobody of that
 * address is there. Throws `not_found`, and `invalid_state` for the last operator or the last administrator of a tenant
 * that is open.
 */
async function begin(context: Contexts['administration'], userId: string): Promise<void> {
  const { db, ports, caller } = context;
  const { sealer, people } = ports.identity;
  await db.inIdentity(async (tx) => {
    if (await erasureUnderWay(tx, userId)) return;
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
    await beginErasure(
      tx,
      'user',
      userId,
      sealer.seal(JSON.stringify(namesOf(user)), sealedColumns.erasure.context(userId)),
    );
    const belongings = await deleteBelongings(tx, userId);
    // An invitation may have gone to the person's address before it was anybody's.
    const links = await tx.sql('DELETE FROM maestro.one_time_tokens WHERE lower(email) = lower($1) RETURNING 1', [
      user.email,
    ]);
    belongings.one_time_tokens = (belongings.one_time_tokens ?? 0) + links.length;
    await people.forget(tx, userId);
    await keepCounts(tx, userId, 'person', { ...belongings, users: 1, person_keys: 1 });
    const record = recordOf(context, 'user.delete', userId);
    // Whose key is gone has no place of their own to seal their address in.
    const isOwn = caller.kind === 'session' && caller.userId === userId;
    await insertOperatorAuditEvent(tx, isOwn ? { ...record, address: '' } : record, await tenantsOfUser(tx, userId));
    tx.onCommit(() => ports.identity.changed({ kind: 'user', id: userId }));
  });
}

/**
 * Takes what is left of a person whose deletion has begun: in tenants, those the person left before too, and mails that
 * were not handed over. A step's counts are kept before the step is done, and a membership goes last, so that an erasure
 * that breaks off anywhere is completed by repeating this.
 */
export async function completeUserErasure({ db, identity, mail }: Reach, userId: string): Promise<void> {
  const underWay = await db.inIdentity((tx) => erasureUnderWay(tx, userId));
  if (!underWay) return;
  const { sealed_names: sealed } = underWay;
  const names: string[] =
    sealed === null
      ? []
      : JSON.parse((await identity.sealer.open(sealed, sealedColumns.erasure.context(userId))).toString());
  for (const tenantId of await db.inIdentity((tx) => tenantsConcerned(tx, userId))) {
    const counts = await db.inTenant(tenantId, (tx) => countTraces(tx, userId, names));
    await db.inIdentity(async (tx) => {
      const own = build.selectFrom('memberships').select('user_id').where('tenant_id', '=', tenantId);
      const memberships = (await tx.all(own.where('user_id', '=', userId))).length;
      await keepCounts(tx, userId, tenantId, { ...counts, memberships });
    });
    await db.inTenant(tenantId, (tx) => removeTraces(tx, userId, names));
    await db.inIdentity((tx) =>
      tx.all(build.deleteFrom('memberships').where('tenant_id', '=', tenantId).where('user_id', '=', userId)),
    );
  }
  const [address] = names;
  if (address !== undefined) {
    await mail.forget(address, (mails) =>
      db.inIdentity((tx) => keepCounts(tx, userId, 'mails', { outbox_mails: mails })),
    );
  }
  await db.inIdentity((tx) => finishErasure(tx, userId));
}

async function erase(context: Contexts['administration'], userId: string): Promise<Erasure> {
  await begin(context, userId);
  await completeUserErasure(context.ports, userId);
  return context.db.inIdentity((tx) => erasureOf(tx, userId));
}

/**
 * Deletes a person: memberships, sessions and credentials go, the user's row stays without a name or an address, so
 * that what refers to it still does, and the person's key is destroyed, so that no log tells who it was. Where that breaks
 * off, repeating it completes it, and so does the server.
 */
export const remove = defineOperation({
  name: 'user.delete',
  permission: 'operator',
  transaction: 'administration',
  audit: 'own',
  input: Type.Object({ user_id: id }, strict),
  output: erasure,
  run: (context, { user_id: userId }) => erase(context, userId),
});

/** Deletes the caller, who types the address of the account, so that nobody does it by mistake. */
export const eraseOwn = defineOperation({
  name: 'profile.erase',
  permission: 'signed_in',
  transaction: 'administration',
  audit: 'own',
  input: Type.Object({ email }, strict),
  output: erasure,
  async run(context, input) {
    const { userId, email: own } = requireFresh(context.caller, context.ports.identity.policy);
    if (input.email.toLowerCase() !== own.toLowerCase()) {
      throw invalid('email: expected the address of your own account', 'email');
    }
    return erase(context, userId);
  },
});
