import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { AttestationObject } from '@simplewebauthn/server/helpers';
import Type, { type Static } from 'typebox';
import { challengeSeconds } from './challenges.ts';

/** Loaded by the first who uses a passkey: of what a start computes it would be a sixth. */
const library = () => import('@simplewebauthn/server');

/** Whom authenticators answer to: this Maestro, under the address it was configured with, whatever a request says. */
export interface RelyingParty {
  /** The host name. */
  readonly id: string;
  readonly origin: string;
}

export function relyingPartyOf(publicUrl: string): RelyingParty {
  const { hostname, origin } = new URL(publicUrl);
  return { id: hostname, origin };
}

/** EdDSA, ES256 and RS256 (COSE): what authenticators speak. */
const algorithms = [-8, -7, -257];

const base64url = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '^[A-Za-z0-9_-]+$' });

/** The longest id is 1023 bytes (WebAuthn Level 3, 5.8.3). */
const credentialId = base64url(1400);
const clientDataJSON = base64url(8192);

/** What a browser adds of its own is taken and not read. */
const shared = {
  id: credentialId,
  rawId: credentialId,
  type: Type.Literal('public-key'),
};

export const attestation = Type.Object(
  {
    ...shared,
    response: Type.Object({
      clientDataJSON,
      attestationObject: base64url(16_384),
      transports: Type.Optional(
        Type.Array(Type.String({ minLength: 1, maxLength: 32, pattern: '^[a-z-]+$' }), { maxItems: 8 }),
      ),
    }),
  },
  { description: 'RegistrationResponseJSON of WebAuthn Level 3: the new credential’s `toJSON()`.' },
);

export const assertion = Type.Object(
  {
    ...shared,
    response: Type.Object({
      clientDataJSON,
      authenticatorData: base64url(8192),
      signature: base64url(8192),
      userHandle: Type.Optional(Type.Union([Type.String({ maxLength: 128 }), Type.Null()])),
    }),
  },
  { description: 'AuthenticationResponseJSON of WebAuthn Level 3: the credential’s `toJSON()`.' },
);

export const creationOptions = Type.Record(Type.String(), Type.Unknown(), {
  description: 'PublicKeyCredentialCreationOptionsJSON of WebAuthn Level 3.',
});
export const requestOptions = Type.Record(Type.String(), Type.Unknown(), {
  description: 'PublicKeyCredentialRequestOptionsJSON of WebAuthn Level 3.',
});

/** A user's id as authenticators keep it: its 16 bytes, base64url. */
export const userHandleOf = (userId: string): string =>
  Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url');

export interface KnownCredential {
  readonly credential_id: string;
  readonly transports: string[];
}

const described = ({ credential_id: id, transports }: KnownCredential) => ({ id, transports });
const timeout = challengeSeconds * 1000;

/** What a browser needs to make a credential for a user; the ones that the user has are not made again. */
export async function optionsToRegister(
  party: RelyingParty,
  user: { id: string; email: string },
  challenge: Buffer,
  known: readonly KnownCredential[],
): Promise<Static<typeof creationOptions>> {
  const { generateRegistrationOptions } = await library();
  const options = await generateRegistrationOptions({
    rpName: 'Maestro',
    rpID: party.id,
    userName: user.email,
    userDisplayName: user.email,
    userID: new Uint8Array(Buffer.from(userHandleOf(user.id), 'base64url')),
    challenge: new Uint8Array(challenge),
    timeout,
    attestationType: 'none',
    supportedAlgorithmIDs: algorithms,
    excludeCredentials: known.map(described),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
  });
  return { ...options };
}

/** What a browser needs to answer with a credential: one of `known`, or any passkey of this Maestro without it. */
export async function optionsToAnswer(
  party: RelyingParty,
  challenge: Buffer,
  known?: readonly KnownCredential[],
): Promise<Static<typeof requestOptions>> {
  const { generateAuthenticationOptions } = await library();
  const options = await generateAuthenticationOptions({
    rpID: party.id,
    challenge: new Uint8Array(challenge),
    timeout,
    userVerification: 'required',
    ...(known ? { allowCredentials: known.map(described) } : {}),
  });
  return { ...options };
}

export interface NewCredential {
  readonly credentialId: string;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly transports: string[];
}

/**
 * Whether an attestation proves nothing beyond the credential itself. None other is asked for; one with certificates
 * would have us parse what a stranger wrote, and fetch revocation lists from addresses that it names.
 */
function isPlain(attestation: AttestationObject): boolean {
  const format = attestation.get('fmt');
  return format === 'none' || (format === 'packed' && attestation.get('attStmt').get('x5c') === undefined);
}

/** The credential that a browser made; undefined where the answer does not hold, whatever is wrong with it. */
export async function newCredentialOf(
  party: RelyingParty,
  challenge: Buffer,
  response: Static<typeof attestation>,
): Promise<NewCredential | undefined> {
  const { verifyRegistrationResponse } = await library();
  const { decodeAttestationObject } = await import('@simplewebauthn/server/helpers');
  try {
    const bytes = new Uint8Array(Buffer.from(response.response.attestationObject, 'base64url'));
    if (!isPlain(decodeAttestationObject(bytes))) return undefined;
    const { registrationInfo } = await verifyRegistrationResponse({
      response: response as unknown as RegistrationResponseJSON,
      expectedChallenge: challenge.toString('base64url'),
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    });
    if (!registrationInfo) return undefined;
    const { id, publicKey, counter } = registrationInfo.credential;
    if (id !== response.id) return undefined;
    return {
      credentialId: id,
      publicKey: Buffer.from(publicKey),
      counter,
      transports: [...new Set(response.response.transports ?? [])],
    };
  } catch {
    return undefined;
  }
}

/**
 * The signature counter of an answer that holds; undefined where it does not. That the counter has grown is for the
 * database to say, which compares and stores it at once.
 */
export async function counterOf(
  party: RelyingParty,
  challenge: Buffer,
  response: Static<typeof assertion>,
  publicKey: Buffer,
): Promise<number | undefined> {
  const { verifyAuthenticationResponse } = await library();
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: response as unknown as AuthenticationResponseJSON,
      expectedChallenge: challenge.toString('base64url'),
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      // 0 passes whatever counter is shown: its signature is checked first, then the counter.
      credential: { id: response.id, publicKey: new Uint8Array(publicKey), counter: 0 },
    });
    return verified ? authenticationInfo.newCounter : undefined;
  } catch {
    return undefined;
  }
}
