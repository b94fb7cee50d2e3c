import Type, { type Static } from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import type { EncryptionKeyStatus, EventOf } from './encryption_keys.ts';
import type { PepperStatus } from './peppers.ts';
import { recordOf } from './record.ts';
import { strict } from './schemas.ts';

const isOwn = Type.Boolean({
  description: 'Whether Maestro made it and keeps it in its data directory; else it was given.',
});
const isGiven = Type.Boolean({ description: 'Whether this Maestro has it.' });

const encryptionKey = Type.Object({
  key_id: Type.String({ description: 'Names the encryption key in use.' }),
  is_own: isOwn,
  sealed: Type.Integer({ description: 'Texts that are sealed in the database.' }),
  pending: Type.Integer({ description: 'Those of them that are still to be sealed with the newest key.' }),
  older: Type.Array(
    Type.Object({
      key_id: Type.String(),
      is_given: isGiven,
      needed_by: Type.Integer({ description: 'Texts that do not open without it; at 0 it may be dropped.' }),
    }),
  ),
});

const shownKey = ({ keyId, isOwn, sealed, pending, older }: EncryptionKeyStatus): Static<typeof encryptionKey> => ({
  key_id: keyId,
  is_own: isOwn,
  sealed,
  pending,
  older: older.map((key) => ({ key_id: key.keyId, is_given: key.isGiven, needed_by: key.neededBy })),
});

const pepper = Type.Object({
  pepper: Type.String({ description: 'Names the one that goes into new hashes.' }),
  is_own: isOwn,
  passwords: Type.Integer({ description: 'Hashes of passwords, of whatever pepper.' }),
  older: Type.Array(
    Type.Object({
      pepper: Type.Union([Type.String(), Type.Null()], {
        description: 'Null: the backup codes are from before it was noted.',
      }),
      is_given: isGiven,
      passwords: Type.Integer({ description: 'Hashes of passwords that need it.' }),
      backup_codes: Type.Integer({ description: 'Backup codes that need it.' }),
    }),
  ),
});

const shownPepper = ({ name, isOwn, passwords, older }: PepperStatus): Static<typeof pepper> => ({
  pepper: name,
  is_own: isOwn,
  passwords,
  older: older.map((each) => ({
    pepper: each.name,
    is_given: each.isGiven,
    passwords: each.passwords,
    backup_codes: each.backupCodes,
  })),
});

const byCallerOf =
  (context: Contexts['administration']): EventOf =>
  (action, target, detail) =>
    recordOf(context, action, target, detail);

/** Which encryption key seals, and how many sealed texts need one that it took the place of. */
export const encryptionKeyStatus = defineOperation({
  name: 'encryption_key.read',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({}, strict),
  output: encryptionKey,
  run: async ({ ports }) => shownKey(await ports.identity.encryptionKeys.status()),
});

/** Puts another encryption key in the place of the one so far, and seals with it what is sealed. */
export const rotateEncryptionKey = defineOperation({
  name: 'encryption_key.rotate',
  permission: 'operator',
  transaction: 'administration',
  audit: 'own',
  input: Type.Object({}, strict),
  output: encryptionKey,
  run: async (context) => shownKey(await context.ports.identity.encryptionKeys.rotate(byCallerOf(context))),
});

/** Which pepper goes into hashes, and how many hashes need one that it took the place of. */
export const pepperStatus = defineOperation({
  name: 'password_pepper.read',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({}, strict),
  output: pepper,
  run: async ({ ports }) => shownPepper(await ports.identity.peppers.status()),
});

/** Puts another pepper in the place of the one so far; passwords take it at their next sign-in. */
export const rotatePepper = defineOperation({
  name: 'password_pepper.rotate',
  permission: 'operator',
  transaction: 'administration',
  audit: 'own',
  input: Type.Object({}, strict),
  output: pepper,
  run: async (context) => shownPepper(await context.ports.identity.peppers.rotate(byCallerOf(context))),
});

/** Forgets older peppers, where no hash needs one. */
export const dropOlderPeppers = defineOperation({
  name: 'password_pepper.drop_older',
  permission: 'operator',
  transaction: 'administration',
  audit: 'own',
  input: Type.Object({}, strict),
  output: pepper,
  run: async (context) => shownPepper(await context.ports.identity.peppers.dropOlder(byCallerOf(context))),
});

/** Gives the logins of an embedded PostgreSQL other passwords; has every process take the logins to another one anew. */
export const rotateDatabasePassword = defineOperation({
  name: 'database_password.rotate',
  permission: 'operator',
  transaction: 'administration',
  audit: 'own',
  input: Type.Object({}, strict),
  output: Type.Object({
    replaced: Type.Boolean({
      description:
        'False: the database is not Maestro’s own, and every process has the logins to it that are given now.',
    }),
  }),
  async run(context) {
    const { replaceDatabasePasswords: replace, deployment } = context.ports;
    // What an external database has for passwords is its owner's to change.
    if (!replace) await deployment.lookNow();
    await context.db.inIdentity(async (tx) => {
      await insertOperatorAuditEvent(tx, recordOf(context, 'database_password.rotate', ''));
      await replace?.();
    });
    return { replaced: replace !== undefined };
  },
});
