import Type, { type Static } from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import { defineOperation } from '../operation.ts';
import { recordOf } from './record.ts';
import { strict, time } from './schemas.ts';
import { type SigningKeyRow, verifyingKeys } from './signing_key_queries.ts';
import { makeSigningKey } from './signing_keys.ts';

const signingKey = Type.Object({
  kid: Type.String({ description: 'Names the key in the head of a token, and in `/.well-known/jwks.json`.' }),
  is_current: Type.Boolean({ description: 'Whether it signs; the others only verify.' }),
  created_at: time,
  verify_until: Type.Union([time, Type.Null()], { description: 'When its last token has ended.' }),
});

const shown = ({ kid, created_at, retired_at, verify_until }: SigningKeyRow): Static<typeof signingKey> => ({
  kid,
  is_current: retired_at === null,
  created_at: created_at.toISOString(),
  verify_until: verify_until?.toISOString() ?? null,
});

/** The keys whose tokens hold, the current one first. */
export const list = defineOperation({
  name: 'signing_key.list',
  permission: 'operator',
  transaction: 'identity',
  input: Type.Object({}, strict),
  output: Type.Object({ items: Type.Array(signingKey) }),
  run: async ({ tx }) => ({ items: (await verifyingKeys(tx)).map(shown) }),
});

/** Makes a new key sign. Tokens of the one before hold until they end. */
export const rotate = defineOperation({
  name: 'signing_key.rotate',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({}, strict),
  output: Type.Object({ items: Type.Array(signingKey) }),
  async run(context) {
    const { db, ports } = context;
    // Before the transaction opens: it takes a while.
    const made = await makeSigningKey();
    return db.inIdentity(async (tx) => {
      const kid = await ports.identity.signingKeys.rotate(tx, made);
      await insertOperatorAuditEvent(tx, recordOf(context, 'signing_key.rotate', kid));
      return { items: (await verifyingKeys(tx)).map(shown) };
    });
  },
});
