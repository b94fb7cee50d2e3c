import Type, { type Static } from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import { defineOperation } from '../operation.ts';
import { recordOf } from './record.ts';
import { strict, time } from './schemas.ts';
import { endTokenSessions } from './session_queries.ts';
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

/**
 * Makes a new key sign. Tokens of the one before hold until they end; where it may be in the wrong hands, none of any
 * key before does, and the sessions that have tokens end: whoever holds such a key writes tokens for any of them.
 */
export const rotate = defineOperation({
  name: 'signing_key.rotate',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object(
    {
      compromised: Type.Optional(
        Type.Boolean({
          description: 'Refuses every token of the keys so far, and ends the sessions that have tokens.',
        }),
      ),
    },
    strict,
  ),
  output: Type.Object({ items: Type.Array(signingKey) }),
  async run(context, { compromised = false }) {
    const { db, ports } = context;
    const { signingKeys, changed } = ports.identity;
    // Before the transaction opens: it takes a while.
    const made = await makeSigningKey();
    return db.inIdentity(async (tx) => {
      if (compromised) {
        const { kid, withdrawn } = await signingKeys.replace(tx, made);
        const ended = await endTokenSessions(tx, 'the keys of tokens were withdrawn');
        const detail = { compromised, withdrawn, sessions_ended: ended };
        await insertOperatorAuditEvent(tx, recordOf(context, 'signing_key.rotate', kid, detail));
        tx.onCommit(() => changed({ kind: 'signing_key', id: kid }));
      } else {
        const kid = await signingKeys.rotate(tx, made);
        await insertOperatorAuditEvent(tx, recordOf(context, 'signing_key.rotate', kid));
      }
      return { items: (await verifyingKeys(tx)).map(shown) };
    });
  },
});
