import { randomUUID } from 'node:crypto';
import type { ProviderSettings } from '../src/config_providers.ts';
import type { TestApp } from './app.ts';
import type { Person } from './identity_provider.ts';
import { mailedPeopleOf } from './mailed_people.ts';
import { openWebBrowser, type WebBrowser } from './web_browser.ts';

/** Where a provider sends browsers back to. */
export const callbackOf = (app: Pick<TestApp, 'url'>, name: string): string =>
  `${app.url}/api/v1/auth/providers/${name}/callback`;

/** Settings of a provider that is at `issuer`. */
export const oidcSettings = (
  name: string,
  { issuer, clientId, clientSecret }: { issuer: string; clientId: string; clientSecret: string },
  more: { kind?: 'google' | 'microsoft' | 'oidc'; groupsClaim?: string; trustsMfa?: boolean } = {},
): ProviderSettings => ({
  name,
  kind: 'oidc',
  label: `Sign in at ${name}`,
  issuer,
  clientId,
  clientSecret,
  scopes: ['openid', 'email', 'profile'],
  groupsClaim: undefined,
  trustsMfa: false,
  ...more,
});

/** Somebody whom no Maestro has seen, with an address that the provider verified. */
export const newPerson = (claims: Record<string, unknown> = {}): Person & { email: string } => {
  const sub = randomUUID();
  const email = typeof claims.email === 'string' ? claims.email : `p-${sub}@example.com`;
  return { sub, email, claims: { email, email_verified: true, name: 'Ada', ...claims } };
};

export type SignIn = { location: string; browser: WebBrowser };

/** Sign-ins at a provider from their beginning to their end. */
export function providerSignInsOf(maestro: () => TestApp, reach: () => typeof fetch = () => fetch) {
  const { post, rows } = mailedPeopleOf(maestro);
  const away = async (provider: string, browser: WebBrowser, json: object): Promise<string> => {
    const begun = await browser.call('POST', `/auth/providers/${provider}/begin`, { cookie: true, ...json });
    if (begun.status !== 200) throw new Error(begun.text);
    return browser.awayTo((begun.body as { authorization_url: string }).authorization_url);
  };
  return {
    /** Goes to the provider; gives where that sends the browser back to, which is not yet asked. */
    cameBack: (provider: string, browser: WebBrowser, json: object = {}) => away(provider, browser, json),
    newBrowser: () => openWebBrowser(maestro(), reach()),
    /** Where a whole sign-in leads to. */
    async signIn(provider: string, json: object = {}, browser = openWebBrowser(maestro(), reach())): Promise<SignIn> {
      return { location: await browser.backTo(await away(provider, browser, json)), browser };
    },
    async invite(email: string, role = 'data_scientist'): Promise<void> {
      const made = await post('/members/invite', { email, role }, maestro().tenants.a.keys.tenant_admin);
      if (made.status !== 201) throw new Error(made.text);
    },
    placesOf: (email: string) =>
      rows<{ slug: string; role: string }>(
        `SELECT t.slug, m.role FROM maestro.memberships m JOIN maestro.users u ON u.user_id = m.user_id
           JOIN maestro.tenants t ON t.tenant_id = m.tenant_id WHERE lower(u.email) = lower($1) ORDER BY 1`,
        [email],
      ),
    /** What refusals the audit has of sign-ins by a provider. */
    refusals: async (action = 'auth.provider_sign_in') =>
      (
        await rows<{ code: string }>(
          `SELECT detail->>'code' AS code FROM maestro.operator_audit_events
            WHERE action = $1 AND outcome = 'refused' ORDER BY seq`,
          [action],
        )
      ).map(({ code }) => code),
    rows,
  };
}
