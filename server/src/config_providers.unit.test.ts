import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ConfigError, parseConfig } from './config.ts';
import type { ProviderSettings } from './config_providers.ts';

const secret = randomBytes(16).toString('hex');
const given = { name: 'company', kind: 'oidc', client_id: 'maestro', client_secret: secret };
const issuer = 'https://id.example.com';

const read = (list: unknown): readonly ProviderSettings[] =>
  parseConfig({ MAESTRO_IDENTITY_PROVIDERS: typeof list === 'string' ? list : JSON.stringify(list) }).secrets.security
    .identityProviders;

function faultsOf(list: unknown): readonly string[] {
  try {
    read(list);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('MAESTRO_IDENTITY_PROVIDERS', () => {
  test('knows Google, Microsoft and GitHub by their kind, and any other one by its issuer', () => {
    const kinds = ['google', 'microsoft', 'github'].map((kind) => ({ ...given, name: kind, kind }));
    const [google, microsoft, github, company] = read([...kinds, { ...given, issuer: `${issuer}/`, label: 'Our own' }]);
    expect(google).toMatchObject({ label: 'Google', issuer: 'https://accounts.google.com' });
    expect(microsoft).toMatchObject({ issuer: 'https://login.microsoftonline.com/organizations/v2.0' });
    expect(github).toMatchObject({ baseUrl: 'https://github.com', apiUrl: 'https://api.github.com' });
    expect(company).toEqual({
      name: 'company',
      kind: 'oidc',
      label: 'Our own',
      issuer,
      clientId: 'maestro',
      clientSecret: secret,
      scopes: ['openid', 'email', 'profile'],
      groupsClaim: undefined,
      trustsMfa: false,
    });
    expect(read([{ ...given, kind: 'github', base_url: 'https://git.example.com' }])[0]).toMatchObject({
      apiUrl: 'https://git.example.com/api/v3',
    });
  });

  test('believes a provider’s own second factor only where it says so', () => {
    const oidc = { ...given, issuer };
    const list = [oidc, { ...oidc, name: 'off', trusts_mfa: false }, { ...oidc, name: 'on', trusts_mfa: true }];
    expect(read(list)).toMatchObject([false, false, true].map((trustsMfa) => ({ trustsMfa })));
  });

  test('is no provider at all where it is not set', () => {
    expect(parseConfig({}).secrets.security.identityProviders).toEqual([]);
  });

  test('reports every fault by its place in the list and its field', () => {
    const faults = faultsOf([
      { ...given, issuer, name: 'No Name', label: '', scopes: ['email'], client_id: 7 },
      { kind: 'saml' },
      'google',
      { ...given, issuer: 'http://id.example.com' },
      { ...given, issuer },
      { ...given, issuer },
      { ...given, kind: 'github', name: 'git', issuer, api_url: 'ftp://x' },
      { ...given, name: 'none' },
      { ...given, name: 'sure', issuer, trusts_mfa: 'yes' },
      { ...given, kind: 'github', name: 'hub', trusts_mfa: true },
    ]);
    const at = (index: number, rest: string) => expect.stringContaining(`MAESTRO_IDENTITY_PROVIDERS[${index}]${rest}`);
    expect(faults).toEqual([
      at(0, '.name: expected lower-case'),
      at(0, '.client_id: expected text'),
      at(0, '.label: expected text'),
      at(0, '.scopes: expected openid'),
      at(1, '.kind: expected one of google, microsoft, github, oidc'),
      at(1, '.name: is required'),
      at(1, '.client_id: is required'),
      at(1, '.client_secret: is required'),
      at(2, ': expected an object'),
      at(3, '.issuer: expected an address that begins https://'),
      at(6, ': has a field that a github provider has not'),
      at(6, '.api_url: expected an address'),
      at(7, '.issuer: is required'),
      at(8, '.trusts_mfa: expected true or false'),
      at(9, ': has a field that a github provider has not'),
      at(5, '.name: another provider has this name'),
    ]);
  });

  test.each(['not json', '{}', '"text"', `[${secret}`])('%j is one fault, and no list', (text) => {
    expect(faultsOf(text)).toHaveLength(1);
  });

  test('takes an issuer in the clear on loopback alone, and none with a name, a query or a fragment', () => {
    for (const good of ['http://localhost:9000', 'http://127.0.0.1', 'http://[::1]:80/x', issuer]) {
      expect(faultsOf([{ ...given, issuer: good }])).toEqual([]);
    }
    for (const bad of [
      'http://10.0.0.1',
      'https://a:b@id.example.com',
      `${issuer}?a`,
      `${issuer}#a`,
      'id.example.com',
    ]) {
      expect(faultsOf([{ ...given, issuer: bad }]), bad).toHaveLength(1);
    }
  });

  test('is never quoted, in a fault or in what may be logged', () => {
    const broken = [{ ...given, [secret]: secret, kind: secret, name: secret, label: `${secret}\n`, issuer: secret }];
    for (const list of [broken, [{ ...broken[0], kind: 'oidc' }], `[${secret}`]) {
      expect(faultsOf(list)).not.toEqual([]);
      expect(faultsOf(list).join()).not.toContain(secret);
    }
    const { config } = parseConfig({ MAESTRO_IDENTITY_PROVIDERS: JSON.stringify([{ ...given, issuer }]) });
    expect(JSON.stringify(config)).not.toContain(secret);
  });
});
