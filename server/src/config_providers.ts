import { hostOf, isLoopback } from './config.ts';

export const providerKinds = ['google', 'microsoft', 'github', 'oidc'] as const;

interface Common {
  /** In paths, and in what tenants say of it: lower-case letters, digits and inner hyphens. */
  readonly name: string;
  /** What people call it: on the button that begins a sign-in. */
  readonly label: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
}

/** A provider that speaks OpenID Connect. */
export interface OidcSettings extends Common {
  readonly kind: 'google' | 'microsoft' | 'oidc';
  /** Where discovery begins. */
  readonly issuer: string;
  /** The claim that holds the names of the person's groups. */
  readonly groupsClaim: string | undefined;
  /** Whether a second factor of the provider's own counts as one here. */
  readonly trustsMfa: boolean;
}

/** GitHub, or a GitHub Enterprise: OAuth 2.0 and an API. Without slashes at their ends. */
export interface GithubSettings extends Common {
  readonly kind: 'github';
  readonly baseUrl: string;
  readonly apiUrl: string;
}

/** An identity provider as the operator of the server configured it. Secret as a whole. */
export type ProviderSettings = OidcSettings | GithubSettings;

type Entry = Readonly<Record<string, unknown>>;
type Kind = ProviderSettings['kind'];

const usual: Readonly<Record<Kind, { label: string; scopes: readonly string[]; issuer?: string }>> = {
  google: { label: 'Google', scopes: ['openid', 'email', 'profile'], issuer: 'https://accounts.google.com' },
  // People of any directory, and no personal accounts.
  microsoft: {
    label: 'Microsoft',
    scopes: ['openid', 'email', 'profile'],
    issuer: 'https://login.microsoftonline.com/organizations/v2.0',
  },
  github: { label: 'GitHub', scopes: ['read:user', 'user:email'] },
  oidc: { label: '', scopes: ['openid', 'email', 'profile'] },
};

const fieldsOf: Readonly<Record<Kind, readonly string[]>> = {
  google: ['issuer', 'groups_claim', 'trusts_mfa'],
  microsoft: ['issuer', 'groups_claim', 'trusts_mfa'],
  oidc: ['issuer', 'groups_claim', 'trusts_mfa'],
  github: ['base_url', 'api_url'],
};
const commonFields = ['name', 'kind', 'client_id', 'client_secret', 'label', 'scopes'];

const variable = 'MAESTRO_IDENTITY_PROVIDERS';

/** Whether an address is fit to be trusted with sign-ins: over TLS, or on this very machine. */
function isSafe(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(address);
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostOf({ hostname })));
}

/**
 * Reads the list of identity providers, JSON text. A fault names the place in the list and the field, and quotes
 * nothing: the text holds secrets.
 */
export function readProviders(text: string | undefined, faults: string[]): readonly ProviderSettings[] {
  if (text === undefined) return [];
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    faults.push(`${variable}: is no JSON; expected a list of providers, each an object`);
    return [];
  }
  if (!Array.isArray(list)) {
    faults.push(`${variable}: expected a list of providers, each an object`);
    return [];
  }
  const read = list.map((entry, index) => readProvider(entry, `${variable}[${index}]`, faults));
  const names = read.map((each) => each?.name);
  for (const [index, name] of names.entries()) {
    if (name !== undefined && names.indexOf(name) < index) {
      faults.push(`${variable}[${index}].name: another provider has this name`);
    }
  }
  return read.filter((each) => each !== undefined);
}

function readProvider(entry: unknown, at: string, faults: string[]): ProviderSettings | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    faults.push(`${at}: expected an object`);
    return undefined;
  }
  const given = entry as Entry;
  const before = faults.length;
  const fault = (field: string, text: string): void => {
    faults.push(`${at}.${field}: ${text}`);
  };
  const line = (field: string, most: number): string | undefined => {
    const value = given[field];
    if (value === undefined) return undefined;
    if (typeof value === 'string' && value.length <= most && /^[^\p{Cc}]*[^\p{Cc}\s][^\p{Cc}]*$/u.test(value))
      return value;
    fault(field, `expected text of 1 to ${most} characters in one line`);
    return undefined;
  };
  const required = (field: string, most: number): string => {
    if (given[field] === undefined) fault(field, 'is required');
    return line(field, most) ?? '';
  };
  const isOn = (field: string): boolean => {
    const value = given[field];
    if (value !== undefined && typeof value !== 'boolean') fault(field, 'expected true or false');
    return value === true;
  };
  const address = (field: string, otherwise: string | undefined): string => {
    const value = line(field, 500) ?? otherwise;
    if (value === undefined && given[field] === undefined) fault(field, 'is required');
    if (value !== undefined && !isSafe(value)) {
      fault(field, 'expected an address that begins https:// (http:// on loopback alone), without a query');
    }
    return (value ?? '').replace(/\/+$/, '');
  };

  const kind = providerKinds.find((known) => known === given.kind);
  if (kind === undefined) fault('kind', `expected one of ${providerKinds.join(', ')}`);
  const name = required('name', 32);
  if (name !== '' && !/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(name)) {
    fault('name', 'expected lower-case letters, digits and inner hyphens');
  }
  const clientId = required('client_id', 500);
  const clientSecret = required('client_secret', 2000);
  if (kind === undefined) return undefined;
  const known = [...commonFields, ...fieldsOf[kind]];
  for (const field of Object.keys(given)) {
    // A name that is none of ours may be anything, a secret in the wrong place too.
    if (!known.includes(field))
      faults.push(`${at}: has a field that a ${kind} provider has not; known are ${known.join(', ')}`);
  }
  const common = {
    name,
    label: line('label', 60) ?? (usual[kind].label || name),
    clientId,
    clientSecret,
    scopes: readScopes(given.scopes, kind, fault),
  };
  const settings: ProviderSettings =
    kind === 'github'
      ? { ...common, kind, ...readGithub(address) }
      : {
          ...common,
          kind,
          issuer: address('issuer', usual[kind].issuer),
          groupsClaim: line('groups_claim', 200),
          trustsMfa: isOn('trusts_mfa'),
        };
  return faults.length === before ? settings : undefined;
}

function readScopes(value: unknown, kind: Kind, fault: (field: string, text: string) => void): readonly string[] {
  if (value === undefined) return usual[kind].scopes;
  const isList =
    Array.isArray(value) && value.every((scope) => typeof scope === 'string' && /^[!#-[\]-~]{1,200}$/.test(scope));
  if (!isList) {
    fault('scopes', 'expected a list of scopes');
    return [];
  }
  if (kind !== 'github' && !value.includes('openid')) fault('scopes', 'expected openid among them');
  return value;
}

function readGithub(address: (field: string, otherwise: string) => string): { baseUrl: string; apiUrl: string } {
  const baseUrl = address('base_url', 'https://github.com');
  return {
    baseUrl,
    apiUrl: address('api_url', baseUrl === 'https://github.com' ? 'https://api.github.com' : `${baseUrl}/api/v3`),
  };
}
