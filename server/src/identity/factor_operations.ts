import Type, { type Static } from 'typebox';
import type { IdentityTx } from '../db/tenancy.ts';
import { invalid, MaestroError, notFound } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import { backupCodeCount, newBackupCode } from './backup_codes.ts';
import type { SessionCaller } from './caller.ts';
import { challengeSeconds, issueChallenge, spendChallenge, webauthnChallengeOf } from './challenges.ts';
import {
  backupCodesLeft,
  beginTotp,
  confirmTotp,
  type FactorRow,
  factorsOf,
  insertCredential,
  lockUser,
  pendingTotp,
  removeAllFactors,
  removeFactor,
  renameFactor,
  replaceBackupCodes,
  setWithFactor,
  tenantsRequiringFactor,
} from './factor_queries.ts';
import { requireFresh, sessionOf } from './fresh.ts';
import { factorsChangedMail } from './mails.ts';
import { userExists } from './queries.ts';
import { id, strict, text, time } from './schemas.ts';
import { sealedColumns } from './sealed_rows.ts';
import { endSessionsOf } from './session_queries.ts';
import { newSeed, shownSeed, stepOf } from './totp.ts';
import { attestation, creationOptions, newCredentialOf, optionsToRegister } from './webauthn.ts';

const name = text(1, 100, { description: 'What its user calls it.' });

const factor = Type.Object({
  id,
  kind: Type.Enum(['totp', 'webauthn'], { description: 'An authenticator app; a security key or passkey.' }),
  name: Type.String(),
  created_at: time,
  last_used_at: Type.Union([time, Type.Null()]),
});

const shown = ({ factor_id, kind, name: called, created_at, last_used_at }: FactorRow): Static<typeof factor> => ({
  id: factor_id,
  kind,
  name: called,
  created_at: created_at.toISOString(),
  last_used_at: last_used_at?.toISOString() ?? null,
});

const backupCodes = Type.Array(Type.String(), {
  description: 'Each signs in once in the place of a factor. Shown this once.',
});

const made = Type.Object({
  factor,
  backup_codes: Type.Optional(backupCodes),
});

const credentialsMax = 20;

async function newBackupCodes(tx: IdentityTx, { identity }: Ports, userId: string): Promise<string[]> {
  const codes = Array.from({ length: backupCodeCount }, newBackupCode);
  const { name: pepper, hashesOfBackupCode } = identity.peppers.hashing();
  const hashes = codes.map((code) => hashesOfBackupCode(userId, code)[0]);
  await replaceBackupCodes(tx, userId, pepper, hashes);
  return codes;
}

/**
 * What follows a change of a user's factors: sign-ins under way and all other sessions end, since whoever opened them
 * did so under the factors of before; the session that changed them goes on, with a factor where one is left.
 */
async function factorsChanged(
  tx: IdentityTx,
  { identity, mail }: Ports,
  { userId, sessionId, email }: SessionCaller,
  left: number,
): Promise<void> {
  await endSessionsOf(tx, userId, 'a factor was changed', sessionId);
  await setWithFactor(tx, sessionId, left > 0);
  tx.onCommit(() => mail.send(factorsChangedMail(email)));
  tx.onCommit(() => identity.changed({ kind: 'user', id: userId }));
}

/** What a new factor's user gets to see of it; with the first one come backup codes. */
async function factorAdded(
  tx: IdentityTx,
  ports: Ports,
  caller: SessionCaller,
  factorId: string,
): Promise<Static<typeof made>> {
  const factors = await factorsOf(tx, caller.userId);
  const added = factors.find(({ factor_id }) => factor_id === factorId);
  if (!added) throw new Error('a factor that was just added is not there');
  await factorsChanged(tx, ports, caller, factors.length);
  if (factors.length > 1) return { factor: shown(added) };
  return { factor: shown(added), backup_codes: await newBackupCodes(tx, ports, caller.userId) };
}

/** The caller's own factors, and how many backup codes are left. */
export const list = defineOperation({
  name: 'factor.list',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object({}, strict),
  output: Type.Object({
    factors: Type.Array(factor),
    backup_codes_left: Type.Integer(),
    required_by: Type.Array(Type.String(), { description: 'Tenants of the user that are closed without a factor.' }),
  }),
  async run({ tx, caller }) {
    const { userId } = sessionOf(caller);
    return {
      factors: (await factorsOf(tx, userId)).map(shown),
      backup_codes_left: await backupCodesLeft(tx, userId),
      required_by: await tenantsRequiringFactor(tx, userId),
    };
  },
});

/** Begins an authenticator app: its seed is shown this once, and counts for nothing until a code confirms it. */
export const begin = defineOperation({
  name: 'factor.begin_totp',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object({ name: Type.Optional(name) }, strict),
  output: Type.Object({
    factor_id: id,
    secret: Type.String({ description: 'Base32, to be typed into the app.' }),
    uri: Type.String({ description: 'otpauth://totp/…, to be shown as a QR code.' }),
  }),
  audit: true,
  async run({ tx, caller, ports, audit }, input) {
    const { identity } = ports;
    const { userId, email } = requireFresh(caller, identity.policy);
    const seed = newSeed();
    const sealedSeed = identity.sealer.seal(seed, sealedColumns.totp.context(userId));
    const factorId = await beginTotp(tx, { userId, name: input.name ?? 'Authenticator app', sealedSeed });
    if (factorId === undefined) {
      throw new MaestroError('already_exists', 'There is an authenticator app already; remove it first.');
    }
    audit(factorId);
    return { factor_id: factorId, ...shownSeed(seed, `Maestro (${identity.relyingParty.id})`, email) };
  },
});

/** Confirms the authenticator app that was begun: from now on sign-ins ask for it. */
export const confirm = defineOperation({
  name: 'factor.confirm_totp',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object({ code: text(1, 64) }, strict),
  output: made,
  audit: true,
  async run({ tx, caller, ports, audit }, { code }) {
    const session = requireFresh(caller, ports.identity.policy);
    await lockUser(tx, session.userId);
    const pending = await pendingTotp(tx, session.userId);
    if (!pending) throw new MaestroError('invalid_state', 'No authenticator app was begun in the last 15 minutes.');
    const seed = await ports.identity.sealer.open(pending.sealed_seed, sealedColumns.totp.context(session.userId), tx);
    const step = stepOf(seed, code.replace(/\s/g, ''));
    if (step === undefined) throw invalid('code: is not the one that the app shows now', 'code');
    await confirmTotp(tx, pending.factor_id, step);
    audit(pending.factor_id, { kind: 'totp' });
    return factorAdded(tx, ports, session, pending.factor_id);
  },
});

/** What a browser needs to make a credential on a security key, or a passkey. */
export const webauthnOptions = defineOperation({
  name: 'factor.webauthn_options',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object({}, strict),
  output: Type.Object({
    challenge: Type.String({ description: 'Send it back with the credential.' }),
    expires_in: Type.Integer({ description: 'Seconds the challenge lives.' }),
    public_key: creationOptions,
  }),
  async run({ tx, caller, ports }) {
    const { identity } = ports;
    const { userId, sessionId, email } = requireFresh(caller, identity.policy);
    const known = (await factorsOf(tx, userId)).flatMap(({ credential_id, transports }) =>
      credential_id === null ? [] : [{ credential_id, transports: transports ?? [] }],
    );
    if (known.length >= credentialsMax) {
      throw new MaestroError('invalid_state', `There are ${credentialsMax} security keys already; remove one first.`);
    }
    const challenge = await issueChallenge(tx, 'registration', { userId, sessionId });
    const user = { id: userId, email };
    const options = await optionsToRegister(identity.relyingParty, user, webauthnChallengeOf(challenge), known);
    return { challenge, expires_in: challengeSeconds, public_key: options };
  },
});

/** Keeps the credential that a browser made for the caller. */
export const addWebauthn = defineOperation({
  name: 'factor.add_webauthn',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object({ challenge: text(1, 100), credential: attestation, name: Type.Optional(name) }, strict),
  output: made,
  audit: true,
  async run({ tx, caller, ports, audit }, input) {
    const { identity } = ports;
    const session = requireFresh(caller, identity.policy);
    await lockUser(tx, session.userId);
    const asked = await spendChallenge(tx, input.challenge, 'registration');
    if (!asked || asked.session_id !== session.sessionId) {
      throw invalid('challenge: is not one of this session, or has run out', 'challenge');
    }
    const challenge = webauthnChallengeOf(input.challenge);
    const credential = await newCredentialOf(identity.relyingParty, challenge, input.credential);
    if (!credential) {
      throw invalid(
        'credential: does not answer the challenge from this address, with its holder verified',
        'credential',
      );
    }
    const factorId = await insertCredential(tx, session.userId, input.name ?? 'Security key', credential);
    if (factorId === undefined) {
      throw new MaestroError('already_exists', 'credential: is registered already', { field: 'credential' });
    }
    audit(factorId, { kind: 'webauthn' });
    return factorAdded(tx, ports, session, factorId);
  },
});

/**
 * Gives one of the caller's factors another name. By a fresh sign-in, as all that touches factors: under a name that its
 * user trusts, what somebody else added would not be noticed.
 */
export const rename = defineOperation({
  name: 'factor.rename',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object({ factor_id: id, name }, strict),
  output: factor,
  audit: true,
  async run({ tx, caller, ports, audit }, input) {
    const { userId } = requireFresh(caller, ports.identity.policy);
    audit(input.factor_id);
    await lockUser(tx, userId);
    const before = (await factorsOf(tx, userId)).find(({ factor_id }) => factor_id === input.factor_id);
    if (!before) throw notFound(`Factor '${input.factor_id}' not found`);
    audit(input.factor_id, { kind: before.kind }, { name: input.name, name_before: before.name });
    await renameFactor(tx, userId, input.factor_id, input.name);
    return shown({ ...before, name: input.name });
  },
});

/** Removes one of the caller's factors; the last one not while a tenant of the caller's requires one. */
export const remove = defineOperation({
  name: 'factor.remove',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object({ factor_id: id }, strict),
  output: Type.Null(),
  audit: true,
  async run({ tx, caller, ports, audit }, input) {
    const session = requireFresh(caller, ports.identity.policy);
    const { userId } = session;
    audit(input.factor_id);
    await lockUser(tx, userId);
    const before = await factorsOf(tx, userId);
    if (!(await removeFactor(tx, userId, input.factor_id))) throw notFound(`Factor '${input.factor_id}' not found`);
    const left = before.filter(({ factor_id }) => factor_id !== input.factor_id);
    // What was begun and never confirmed was no factor.
    if (left.length === before.length) return null;
    if (left.length === 0) {
      const requiring = await tenantsRequiringFactor(tx, userId);
      if (requiring.length > 0) {
        throw new MaestroError(
          'invalid_state',
          `This is your last factor, and ${requiring.join(', ')} requires one; add another one first.`,
        );
      }
      await removeAllFactors(tx, userId);
    }
    await factorsChanged(tx, ports, session, left.length);
    return null;
  },
});

/** Ten new backup codes; those of before end. */
export const renewBackupCodes = defineOperation({
  name: 'factor.renew_backup_codes',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object({}, strict),
  output: Type.Object({ backup_codes: backupCodes }),
  audit: true,
  async run({ tx, caller, ports, audit }) {
    const session = requireFresh(caller, ports.identity.policy);
    audit(session.userId);
    await lockUser(tx, session.userId);
    const factors = await factorsOf(tx, session.userId);
    if (factors.length === 0) {
      throw new MaestroError('invalid_state', 'Backup codes stand in for a factor; add one first.');
    }
    const codes = await newBackupCodes(tx, ports, session.userId);
    await factorsChanged(tx, ports, session, factors.length);
    return { backup_codes: codes };
  },
});

/** Takes all factors from a person who has lost them, and ends that person's sessions. */
export const reset = defineOperation({
  name: 'user.reset_factors',
  permission: 'operator',
  transaction: 'identity',
  input: Type.Object({ user_id: id }, strict),
  output: Type.Null(),
  audit: true,
  async run({ tx, ports, audit }, { user_id: userId }) {
    audit(userId);
    if (!(await userExists(tx, userId))) throw notFound(`User '${userId}' not found`);
    await lockUser(tx, userId);
    await removeAllFactors(tx, userId);
    await endSessionsOf(tx, userId, 'the factors were reset');
    tx.onCommit(() => ports.identity.changed({ kind: 'user', id: userId }));
    return null;
  },
});
