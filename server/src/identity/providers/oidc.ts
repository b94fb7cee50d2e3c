import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
} from 'openid-client';
import type { OidcSettings } from '../../config_providers.ts';
import { isUuid } from '../../uuid.ts';
import { boundedFetch, ProviderAway } from './bounded_fetch.ts';
import { verifiedAddress } from './claimed_email.ts';
import { clientAuth, dialogue, opening, requestSeconds } from './library.ts';
import { type Claimed, type FlowChecks, type Provider, type ProviderAnswer, ProviderRefusal } from './provider.ts';

/** What signs ID tokens: public keys alone. `none`, and HMAC with the client's secret, are no signatures to us. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'Ed25519',
  'EdDSA',
];

/** How long a provider's description of itself is good for; its keys are fetched anew by themselves. */
const describedMs = 3_600_000;

type Claims = Readonly<Record<string, unknown>>;

/**
 * Who a Microsoft account is: directory and object, by their ids. `sub` differs from application to application, and
 * names and addresses are the directory's to give to anybody. `template` is the issuer with `{tenantid}` in it, where
 * people of several directories may come.
 */
function microsoftIdentity({ iss, tid, oid }: Claims, template: string): { issuer: string; subject: string } {
  const isKnown = typeof tid === 'string' && typeof oid === 'string' && isUuid(tid) && isUuid(oid);
  if (!isKnown) throw new ProviderRefusal('the token has no tid and oid');
  const issuer = template.replace('{tenantid}', tid);
  if (iss !== issuer || !issuer.includes(tid)) throw new ProviderRefusal('the issuer is not that of the directory');
  return { issuer, subject: oid };
}

/**
 * What comes back, as the library checks it. One that names an issuer of several directories does not name the template:
 * it must begin like that here, and be the token's in the end.
 */
function answerFor(template: string, answer: ProviderAnswer): ProviderAnswer {
  const [beginning = '', end] = template.split('{tenantid}');
  const { iss, ...rest } = answer;
  if (end === undefined || iss === undefined) return answer;
  if (!iss.startsWith(beginning)) throw new ProviderRefusal('the answer is of another issuer');
  return rest;
}

const yes = [true, 1, '1', 'true'] as const;
const isYes = (value: unknown): boolean => yes.some((each) => each === value);

/** Microsoft says by `xms_edov` that the owner of the address's domain vouches for it, and `email_verified` never. */
const addressIn = (kind: OidcSettings['kind'], claims: Claims): string | undefined =>
  verifiedAddress(claims.email, isYes(kind === 'microsoft' ? claims.xms_edov : claims.email_verified));

function groupsIn(claims: Claims, claim: string | undefined): readonly string[] {
  if (claim === undefined) return [];
  return [claims[claim]].flat().filter((group) => typeof group === 'string');
}

/** Whether the person showed several factors (RFC 8176): by that word alone, since methods may be of one and the same. */
const isMultiFactor = ({ amr }: Claims): boolean => Array.isArray(amr) && amr.includes('mfa');

/** A provider of OpenID Connect; `fetchIt` reaches it. */
export function openOidc(settings: OidcSettings, fetchIt: typeof fetch): Provider {
  const { name, label, kind, issuer, clientId, clientSecret, scopes, groupsClaim, trustsMfa } = settings;
  const isLocal = issuer.startsWith('http://');
  let known: { configuration: Configuration; until: number } | undefined;
  let underWay: Promise<Configuration> | undefined;

  async function describe(): Promise<Configuration> {
    const configuration = await discovery(
      new URL(issuer),
      clientId,
      // A list is what the library looks into; its type knows the registered form alone.
      { client_secret: clientSecret, id_token_signed_response_alg: algorithms as unknown as string },
      clientAuth(clientSecret),
      {
        [customFetch]: boundedFetch(fetchIt),
        timeout: requestSeconds,
        execute: [enableNonRepudiationChecks, ...(isLocal ? [allowInsecureRequests] : [])],
      },
    );
    const { authorization_endpoint, token_endpoint, jwks_uri } = configuration.serverMetadata();
    if ([authorization_endpoint, token_endpoint, jwks_uri].includes(undefined)) throw new Error('it lacks an endpoint');
    known = { configuration, until: Date.now() + describedMs };
    return configuration;
  }

  /** The provider as it describes itself: asked for once by all who wait. An old description serves while it is away. */
  async function configurationOf(): Promise<Configuration> {
    if (known && known.until > Date.now()) return known.configuration;
    underWay ??= describe().finally(() => {
      underWay = undefined;
    });
    try {
      return await underWay;
    } catch (error) {
      if (known) return known.configuration;
      // What it says of itself does not hold: no sign-in can be begun there, as if it were away.
      throw new ProviderAway(`${issuer} describes itself in no way that holds`, { cause: error });
    }
  }

  /** What the ID token leaves out is asked for, where the provider answers such questions. */
  async function claimsOf(configuration: Configuration, token: string, claims: Claims): Promise<Claims> {
    const isComplete = claims.email !== undefined && (groupsClaim === undefined || claims[groupsClaim] !== undefined);
    if (kind !== 'oidc' || isComplete || configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
    return { ...(await fetchUserInfo(configuration, token, String(claims.sub))), ...claims };
  }

  async function redeemNow(answer: ProviderAnswer, checks: FlowChecks): Promise<Claimed> {
    const configuration = await configurationOf();
    const { issuer: described } = configuration.serverMetadata();
    const back = new URL(checks.redirectUri);
    for (const [key, value] of Object.entries(answerFor(described, answer))) back.searchParams.set(key, value);
    const tokens = await authorizationCodeGrant(configuration, back, {
      expectedState: checks.state,
      expectedNonce: checks.nonce,
      pkceCodeVerifier: checks.verifier,
      idTokenExpected: true,
    });
    const signed: Claims | undefined = tokens.claims();
    if (!signed) throw new ProviderRefusal('there is no ID token');
    if (answer.iss !== undefined && answer.iss !== signed.iss) {
      throw new ProviderRefusal('the answer and the token are of different issuers');
    }
    const who =
      kind === 'microsoft'
        ? microsoftIdentity(signed, described)
        : { issuer: String(signed.iss), subject: String(signed.sub) };
    const claims = await claimsOf(configuration, tokens.access_token, signed);
    return {
      ...who,
      verifiedEmail: addressIn(kind, claims),
      name: typeof claims.name === 'string' ? claims.name : '',
      groups: groupsIn(claims, groupsClaim),
      // Of the ID token alone: UserInfo is signed by nobody, and says nothing of this sign-in.
      withFactor: trustsMfa && isMultiFactor(signed),
    };
  }

  return {
    name,
    label,
    kind,
    authorizationUrl: (checks) =>
      opening(label, async () =>
        buildAuthorizationUrl(await configurationOf(), {
          redirect_uri: checks.redirectUri,
          scope: scopes.join(' '),
          state: checks.state,
          nonce: checks.nonce,
          code_challenge: await calculatePKCECodeChallenge(checks.verifier),
          code_challenge_method: 'S256',
        }),
      ),
    redeem: (answer, checks) => dialogue(label, () => redeemNow(answer, checks)),
  };
}
