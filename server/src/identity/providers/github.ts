import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  fetchProtectedResource,
} from 'openid-client';
import Type, { type Static, type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { GithubSettings } from '../../config_providers.ts';
import { boundedFetch } from './bounded_fetch.ts';
import { verifiedAddress } from './claimed_email.ts';
import { clientAuth, dialogue, opening, requestSeconds } from './library.ts';
import { type Claimed, type FlowChecks, type Provider, type ProviderAnswer, ProviderRefusal } from './provider.ts';

const user = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  login: Type.String(),
  name: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});
const emails = Type.Array(Type.Object({ email: Type.String(), primary: Type.Boolean(), verified: Type.Boolean() }));
const checks = { user: Compile(user), emails: Compile(emails) };

/**
 * GitHub, which speaks OAuth 2.0 and not OpenID Connect: a person is the number that its API tells of the bearer of the
 * token. There is no ID token and so no nonce; state, PKCE and a redirect address of its own bind what comes back.
 */
export function openGithub(settings: GithubSettings, fetchIt: typeof fetch): Provider {
  const { name, label, kind, baseUrl, apiUrl, clientId, clientSecret, scopes } = settings;
  const issuer = `${baseUrl}/login/oauth`;
  const configuration = new Configuration(
    {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/access_token`,
      token_endpoint_auth_methods_supported: ['client_secret_post'],
    },
    clientId,
    { client_secret: clientSecret },
    clientAuth(clientSecret),
  );
  configuration[customFetch] = boundedFetch(fetchIt);
  configuration.timeout = requestSeconds;
  if (baseUrl.startsWith('http://') || apiUrl.startsWith('http://')) allowInsecureRequests(configuration);

  async function ask<T extends TSchema>(
    token: string,
    path: string,
    check: { Check(value: unknown): value is Static<T> },
  ): Promise<Static<T>> {
    const headers = new Headers({ accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' });
    const answer = await fetchProtectedResource(configuration, token, new URL(apiUrl + path), 'GET', null, headers);
    const said: unknown = await answer.json().catch(() => undefined);
    if (answer.ok && check.Check(said)) return said;
    throw new ProviderRefusal(`${path} answered ${answer.status} in no form that is known`);
  }

  async function redeemNow(answer: ProviderAnswer, flow: FlowChecks): Promise<Claimed> {
    const back = new URL(flow.redirectUri);
    for (const [key, value] of Object.entries(answer)) back.searchParams.set(key, value);
    const { access_token: token } = await authorizationCodeGrant(configuration, back, {
      expectedState: flow.state,
      pkceCodeVerifier: flow.verifier,
    });
    const person = await ask<typeof user>(token, '/user', checks.user);
    const addresses = await ask<typeof emails>(token, '/user/emails', checks.emails);
    const primary = addresses.find((each) => each.primary);
    return {
      issuer,
      subject: String(person.id),
      verifiedEmail: verifiedAddress(primary?.email, primary?.verified === true),
      name: person.name ?? person.login,
      groups: [],
      withFactor: false,
    };
  }

  return {
    name,
    label,
    kind,
    authorizationUrl: (flow) =>
      opening(label, async () =>
        buildAuthorizationUrl(configuration, {
          redirect_uri: flow.redirectUri,
          scope: scopes.join(' '),
          state: flow.state,
          code_challenge: await calculatePKCECodeChallenge(flow.verifier),
          code_challenge_method: 'S256',
        }),
      ),
    redeem: (answer, flow) => dialogue(label, () => redeemNow(answer, flow)),
  };
}
