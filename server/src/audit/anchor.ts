import type { Statements } from '../identity/statements.ts';
import type { Link } from './chain.ts';
import type { Anchor, Log } from './log_queries.ts';

/** The type of the JWS, so that no token passes for an anchor, nor an anchor for a token. */
const type = 'maestro-audit-anchor+jwt';

/** Signs that the chain's rows up to `last` were taken away by retention, and what the last of them was. */
export async function signAnchor(statements: Statements, log: Log, last: Link): Promise<Anchor> {
  const { seq, hash } = last;
  // Rows are numbered from 1 without gaps: as many were removed as the number of the last.
  const claims = { chain: log.chain, seq, hash: hash.toString('hex'), removed: seq };
  return { seq, hash, signed: await statements.sign(type, claims) };
}

/** Whether an anchor is ours, of this chain, and says what stands beside it. */
export async function holds(statements: Statements, log: Log, anchor: Anchor): Promise<boolean> {
  const claims = await statements.verify(type, anchor.signed);
  return claims?.chain === log.chain && claims.seq === anchor.seq && claims.hash === anchor.hash.toString('hex');
}
