import Type, { type Static } from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import type { Database, IdentityTx } from '../db/tenancy.ts';
import { invalid, MaestroError } from '../errors.ts';
import type { Call } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import { type ChallengeOf, challengeSeconds, issueChallenge, type Purpose, webauthnChallengeOf } from './challenges.ts';
import {
  acceptTotpStep,
  backupCodesLeft,
  countUp,
  emailOf,
  factorsOf,
  findCredential,
  spendBackupCode,
  tryTotp,
} from './factor_queries.ts';
import { backupCodeUsedMail } from './mails.ts';
import { auditRefusal, overtaken } from './new_session.ts';
import { text } from './schemas.ts';
import { sealedColumns } from './sealed_rows.ts';
import { type Proved, stillHolds } from './session_queries.ts';
import { stepOf } from './totp.ts';
import { assertion, counterOf, optionsToAnswer, requestOptions } from './webauthn.ts';

const method = Type.Enum(['totp', 'webauthn', 'backup_code'], {
  description: 'A code of an authenticator app, a security key or passkey, or a backup code.',
});

/** How a second factor is asked for. */
export const secondFactor = Type.Object({
  challenge: Type.String({ description: 'Send it back with the answer. Good for one sign-in.' }),
  methods: Type.Array(method, { description: 'What the user can answer with.' }),
  expires_in: Type.Integer({ description: 'Seconds the challenge lives.' }),
  public_key: Type.Optional(requestOptions),
});

/** The answer to it. */
export const factorAnswer = {
  method,
  code: Type.Optional(text(1, 64, { description: 'For `totp` and `backup_code`.' })),
  credential: Type.Optional(assertion),
};
type FactorAnswer = Static<Type.TObject<typeof factorAnswer>> & { challenge?: string };

export const wrongFactor = (): MaestroError =>
  new MaestroError('unauthenticated', 'The second factor does not hold, or the sign-in it belongs to has run out.');

interface Context {
  readonly db: Database;
  readonly ports: Ports;
  readonly call: Call;
}

/** Whose answer it is, and what a refusal is audited as. */
interface Of {
  readonly userId: string;
  readonly action: string;
}

/**
 * Asks a user who proved the password for a second factor; undefined where the user has none. That it was asked for is
 * audited. Throws `unauthenticated` where the proof holds no longer, which is audited as `action`.
 */
export async function askForFactor(
  { db, ports, call }: Context,
  of: Omit<ChallengeOf, 'userId'> & { purpose: Purpose; action: string; user: Proved },
): Promise<Static<typeof secondFactor> | undefined> {
  const { requestId, address } = call;
  const { user_id: userId } = of.user;
  const asked = await db.inIdentity(async (tx) => {
    if (!(await stillHolds(tx, of.user))) return 'overtaken';
    const factors = await factorsOf(tx, userId);
    if (factors.length === 0) return undefined;
    const codes = await backupCodesLeft(tx, userId);
    const challenge = await issueChallenge(tx, of.purpose, { ...of, userId });
    await insertOperatorAuditEvent(tx, {
      actor: { kind: 'user', id: userId },
      action: 'auth.ask_factor',
      target: of.sessionId ?? '',
      outcome: 'success',
      requestId,
      address,
    });
    return { challenge, factors, codes };
  });
  if (asked === 'overtaken') throw await overtaken({ ports, call }, of.action, userId);
  if (!asked) return undefined;
  const { challenge, factors, codes } = asked;
  const keys = factors.flatMap(({ credential_id, transports }) =>
    credential_id === null ? [] : [{ credential_id, transports: transports ?? [] }],
  );
  return {
    challenge,
    methods: [
      ...(factors.some(({ kind }) => kind === 'totp') ? (['totp'] as const) : []),
      ...(keys.length > 0 ? (['webauthn'] as const) : []),
      ...(codes > 0 ? (['backup_code'] as const) : []),
    ],
    expires_in: challengeSeconds,
    ...(keys.length > 0
      ? { public_key: await optionsToAnswer(ports.identity.relyingParty, webauthnChallengeOf(challenge), keys) }
      : {}),
  };
}

/** What remains to be done in the transaction that takes an answer: the factor's id, or why it is refused. */
type Take = (tx: IdentityTx) => Promise<{ factorId: string } | { refused: string }>;

const refused =
  (reason: string): Take =>
  () =>
    Promise.resolve({ refused: reason });

async function checkTotp({ db, ports, call }: Context, { userId, action }: Of, code: string): Promise<Take> {
  const taken = await db.inIdentity((tx) => tryTotp(tx, userId));
  if (!taken) return refused('no authenticator app');
  if ('waitSeconds' in taken) {
    const { waitSeconds } = taken;
    const { address, requestId } = call;
    await ports.identity.refusals.note({
      action,
      reason: 'too many wrong codes',
      address,
      requestId,
      of: userId,
      party: () => ({ actor: { kind: 'user', id: userId }, target: userId }),
    });
    throw new MaestroError(
      'limit_exceeded',
      `Too many wrong codes; try again in ${waitSeconds} s, or use a backup code or a security key.`,
      { retryAfterSeconds: waitSeconds },
    );
  }
  const seed = await ports.identity.sealer.open(taken.sealedSeed, sealedColumns.totp.context(userId));
  const step = stepOf(seed, code.replace(/\s/g, ''));
  if (step === undefined) return refused('wrong code');
  return async (tx) => {
    const factorId = await acceptTotpStep(tx, userId, step);
    return factorId === undefined ? { refused: 'a code that was used before' } : { factorId };
  };
}

function checkBackupCode({ ports }: Context, userId: string, code: string): Take {
  const hashes = ports.identity.hashesOfBackupCode(userId, code);
  return async (tx) =>
    (await spendBackupCode(tx, userId, hashes)) ? { factorId: '' } : { refused: 'wrong backup code' };
}

/**
 * What a signed answer of an authenticator proves: whose credential it is, and what remains to be done for it. Undefined
 * user: nobody's.
 */
export async function checkAssertion(
  { db, ports }: Context,
  challenge: string,
  credential: Static<typeof assertion>,
): Promise<{ userId: string | undefined; take: Take }> {
  const known = await db.inIdentity((tx) => findCredential(tx, credential.id));
  if (!known) return { userId: undefined, take: refused('unknown credential') };
  const { relyingParty } = ports.identity;
  const counter = await counterOf(relyingParty, webauthnChallengeOf(challenge), credential, known.public_key);
  if (counter === undefined) return { userId: known.user_id, take: refused('the answer of the key does not hold') };
  return {
    userId: known.user_id,
    async take(tx) {
      const factorId = await countUp(tx, credential.id, counter);
      return factorId === undefined ? { refused: 'the counter of the key has not grown' } : { factorId };
    },
  };
}

async function check(context: Context, of: Of, answer: FactorAnswer): Promise<Take> {
  const { userId } = of;
  if (answer.method === 'webauthn') {
    if (!answer.credential) throw invalid('credential: is required', 'credential');
    if (answer.challenge === undefined) throw invalid('challenge: is required', 'challenge');
    const found = await checkAssertion(context, answer.challenge, answer.credential);
    return found.userId === undefined || found.userId === userId
      ? found.take
      : refused('the credential of another user');
  }
  if (answer.code === undefined) throw invalid('code: is required', 'code');
  return answer.method === 'totp' ? checkTotp(context, of, answer.code) : checkBackupCode(context, userId, answer.code);
}

/** Names the refusal to the audit; it undoes the transaction it is thrown in. */
class Refusal extends Error {}

/** Ends the transaction: what was taken in it is given back, and the answer is refused. */
export const refuseFactor = (reason: string): never => {
  throw new Refusal(reason);
};

/**
 * Takes an answer that was checked, with `also` in the same transaction and an audit row that names the factor. Throws
 * `unauthenticated`, the same whatever is wrong, and audits why as `action`.
 */
export async function takeFactor<T>(
  { db, ports, call }: Context,
  of: Of & { method: Static<typeof method> },
  take: Take,
  also: (tx: IdentityTx) => Promise<T>,
): Promise<T> {
  const { requestId, address } = call;
  try {
    return await db.inIdentity(async (tx) => {
      const taken = await take(tx);
      if ('refused' in taken) return refuseFactor(taken.refused);
      const left = of.method === 'backup_code' ? await backupCodesLeft(tx, of.userId) : undefined;
      if (left !== undefined) {
        const email = await emailOf(tx, of.userId);
        tx.onCommit(() => ports.mail.send(backupCodeUsedMail(email, left)));
      }
      await insertOperatorAuditEvent(tx, {
        actor: { kind: 'user', id: of.userId },
        action: 'factor.use',
        target: taken.factorId,
        outcome: 'success',
        requestId,
        address,
        detail: { method: of.method, ...(left === undefined ? {} : { left }) },
      });
      return also(tx);
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await auditRefusal(ports, call, of.action, of.userId, error.message);
    throw wrongFactor();
  }
}

/**
 * Proves a user by a second factor, with `also` in the transaction that takes it. Throws `unauthenticated`, the same
 * whatever is wrong; `limit_exceeded` after too many wrong codes of an authenticator app, over all challenges.
 */
export async function proveFactor<T>(
  context: Context,
  of: Of,
  answer: FactorAnswer,
  also: (tx: IdentityTx) => Promise<T>,
): Promise<T> {
  const take = await check(context, of, answer);
  return takeFactor(context, { ...of, method: answer.method }, take, also);
}
