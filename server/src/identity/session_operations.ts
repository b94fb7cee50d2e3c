import Type from 'typebox';
import { MaestroError } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import { endSession } from './queries.ts';
import { strict } from './schemas.ts';

/** Ends the caller's session: its tokens are refused from the next request on. */
export const logout = defineOperation({
  name: 'auth.logout',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object({}, strict),
  output: Type.Null(),
  audit: true,
  async run({ caller, tx, ports, audit }) {
    if (caller.kind !== 'session') {
      throw new MaestroError('invalid_state', 'Only a session can be signed out; an API key is revoked instead.');
    }
    const { sessionId } = caller;
    audit(sessionId);
    await endSession(tx, sessionId, 'signed out');
    tx.onCommit(() => ports.identity.changed({ kind: 'session', id: sessionId }));
    return null;
  },
});
