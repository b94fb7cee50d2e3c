import { isIP } from 'node:net';
import { join } from 'node:path';
import type { VariableName } from '../variables.ts';
import type { KeyType } from './authority.ts';
import { certificateIn, faultsOfPair } from './pair.ts';

/** Where the certificate comes from. */
export type TlsConfig =
  | { readonly kind: 'off' }
  /** Paths of PEM files. */
  | { readonly kind: 'files'; readonly cert: string; readonly key: string }
  | { readonly kind: 'self-signed'; readonly names: readonly string[]; readonly keyType: KeyType }
  | {
      readonly kind: 'acme';
      readonly names: readonly string[];
      readonly keyType: KeyType;
      /** Address of the authority's directory. */
      readonly directory: string;
      readonly email: string | undefined;
      /** PEM text: who vouches for the directory, where no public authority does. */
      readonly ca: string | undefined;
    };

export interface TlsReader {
  text(name: VariableName): string | undefined;
  integer(name: VariableName, range: { least: number; most: number; otherwise: number }): number;
  fileText(variable: string, path: string): string | undefined;
}

/** Where Maestro is reached, as far as it is known. */
export interface Whereabouts {
  readonly host: string;
  readonly publicUrl: string | undefined;
  readonly isLoopback: (host: string) => boolean;
}

const kinds = ['off', 'self-signed', 'files', 'acme'] as const;
const letsEncrypt = 'https://acme-v02.api.letsencrypt.org/directory';
const everywhere = ['0.0.0.0', '::'];

/** Reads it; a fault is a sentence pushed to `faults`. */
export function readTls(read: TlsReader, where: Whereabouts, faults: string[]): TlsConfig {
  const given = read.text('MAESTRO_TLS');
  const files = { cert: read.text('MAESTRO_TLS_CERT'), key: read.text('MAESTRO_TLS_KEY') };
  const hasFiles = files.cert !== undefined || files.key !== undefined;
  const kind = given === undefined ? (hasFiles ? 'files' : 'off') : kinds.find((known) => known === given);
  if (kind === undefined) {
    faults.push(`MAESTRO_TLS: expected one of ${kinds.join(', ')}, got ${JSON.stringify(given)}`);
    return { kind: 'off' };
  }
  if (hasFiles && kind !== 'files') {
    faults.push(`MAESTRO_TLS is ${kind}, and MAESTRO_TLS_CERT or MAESTRO_TLS_KEY is set: give one of the two`);
  }
  const stray = (['MAESTRO_ACME_DIRECTORY', 'MAESTRO_ACME_EMAIL', 'MAESTRO_ACME_CA'] as const).filter(
    (name) => kind !== 'acme' && read.text(name) !== undefined,
  );
  for (const name of stray) faults.push(`${name} is set, and MAESTRO_TLS is not acme`);
  switch (kind) {
    case 'off':
      return { kind };
    case 'files':
      return readFiles(read, files, faults);
    case 'self-signed': {
      const listened = everywhere.includes(where.host) ? [] : [where.host];
      const names = ['localhost', '127.0.0.1', '::1', ...listened, ...publicName(where), ...readNames(read, faults)];
      return { kind, names: [...new Set(names)], keyType: readKeyType(read, faults) };
    }
    case 'acme':
      return readAcme(read, where, faults);
  }
}

function readFiles(read: TlsReader, files: { cert?: string | undefined; key?: string | undefined }, faults: string[]) {
  const { cert: certPath = '', key: keyPath = '' } = files;
  if (!certPath && !keyPath) faults.push('MAESTRO_TLS is files: give MAESTRO_TLS_CERT and MAESTRO_TLS_KEY');
  else if (!certPath) faults.push('MAESTRO_TLS_KEY is set without MAESTRO_TLS_CERT: give both');
  else if (!keyPath) faults.push('MAESTRO_TLS_CERT is set without MAESTRO_TLS_KEY: give both');
  const cert = certPath ? read.fileText('MAESTRO_TLS_CERT', certPath) : undefined;
  const key = keyPath ? read.fileText('MAESTRO_TLS_KEY', keyPath) : undefined;
  // What is not there has its fault already.
  const found = faultsOfPair({ cert: cert ?? '', key: key ?? '' });
  if (cert !== undefined && found.cert) faults.push(`MAESTRO_TLS_CERT: ${certPath} ${found.cert}`);
  if (key !== undefined && found.key) faults.push(`MAESTRO_TLS_KEY: ${keyPath} ${found.key}`);
  return { kind: 'files', cert: certPath, key: keyPath } as const;
}

function readAcme(read: TlsReader, where: Whereabouts, faults: string[]): TlsConfig {
  const { publicUrl } = where;
  if (publicUrl === undefined || !publicUrl.startsWith('https:')) {
    faults.push('MAESTRO_TLS is acme: give the https:// address that people use in MAESTRO_PUBLIC_URL');
  }
  const names = [...new Set([...publicName(where), ...readNames(read, faults)])];
  for (const name of names) {
    if (isIP(name) !== 0 || where.isLoopback(name) || !name.includes('.')) {
      faults.push(
        `MAESTRO_TLS is acme: no public authority vouches for ${JSON.stringify(name)}; use self-signed or files`,
      );
    }
  }
  if (read.text('MAESTRO_ACME_AGREE_TOS') !== 'yes') {
    faults.push('MAESTRO_ACME_AGREE_TOS: set it to yes to agree to the terms of the certificate authority');
  }
  const directory = read.text('MAESTRO_ACME_DIRECTORY') ?? letsEncrypt;
  if (!URL.canParse(directory) || new URL(directory).protocol !== 'https:') {
    faults.push(`MAESTRO_ACME_DIRECTORY: expected an address that begins https://, got ${JSON.stringify(directory)}`);
  }
  const email = read.text('MAESTRO_ACME_EMAIL');
  if (email !== undefined && !/^[^\s@,?]+@[^\s@,?]+$/.test(email)) {
    faults.push(`MAESTRO_ACME_EMAIL: expected an e-mail address, got ${JSON.stringify(email)}`);
  }
  const ca = readAuthorities(read, 'MAESTRO_ACME_CA', faults);
  return { kind: 'acme', names, keyType: readKeyType(read, faults), directory, email, ca };
}

/** The text of the PEM file of certificates that `variable` names; undefined where it names none. */
export function readAuthorities(
  read: Pick<TlsReader, 'text' | 'fileText'>,
  variable: 'MAESTRO_ACME_CA' | 'MAESTRO_REDIS_CA',
  faults: string[],
): string | undefined {
  const path = read.text(variable);
  const text = path === undefined ? undefined : read.fileText(variable, path);
  if (text !== undefined && !certificateIn(text)) faults.push(`${variable}: ${path} holds no PEM certificate`);
  return text;
}

const publicName = ({ publicUrl }: Whereabouts): string[] =>
  publicUrl === undefined ? [] : [new URL(publicUrl).hostname.replace(/^\[(.*)\]$/, '$1')];

function readNames(read: TlsReader, faults: string[]): readonly string[] {
  const names = (read.text('MAESTRO_TLS_NAMES') ?? '').split(/[\s,]+/).filter((name) => name !== '');
  for (const name of names) {
    if (
      isIP(name) === 0 &&
      !/^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i.test(name)
    ) {
      faults.push(
        `MAESTRO_TLS_NAMES: expected host names and addresses such as maestro.internal, got ${JSON.stringify(name)}`,
      );
    }
  }
  return names.map((name) => name.toLowerCase());
}

function readKeyType(read: TlsReader, faults: string[]): KeyType {
  const value = read.text('MAESTRO_TLS_KEY_TYPE') ?? 'ec';
  if (value === 'ec' || value === 'rsa') return value;
  faults.push(`MAESTRO_TLS_KEY_TYPE: expected ec or rsa, got ${JSON.stringify(value)}`);
  return 'ec';
}

/**
 * The port on which plain HTTP is answered with the way to HTTPS; undefined for none. Without a word of it: 8080, where
 * strangers may come by a name that is known.
 */
export function readHttpPort(
  read: TlsReader,
  where: Whereabouts & { readonly tls: TlsConfig; readonly port: number },
  faults: string[],
): number | undefined {
  const { host, publicUrl, isLoopback, tls, port } = where;
  const given = read.text('MAESTRO_HTTP_PORT');
  if (tls.kind === 'off') {
    if (given !== undefined) faults.push('MAESTRO_HTTP_PORT is set, and TLS is off: MAESTRO_PORT is the port of HTTP');
    return undefined;
  }
  if (given === 'off') {
    if (tls.kind === 'acme') faults.push('MAESTRO_HTTP_PORT: the authority asks there (http-01); it cannot be off');
    return undefined;
  }
  const isReachable = publicUrl !== undefined && !isLoopback(host);
  if (given === undefined && tls.kind !== 'acme' && !isReachable) return undefined;
  if (publicUrl === undefined ? !isLoopback(host) : !publicUrl.startsWith('https:')) {
    faults.push('MAESTRO_HTTP_PORT: give the https:// address to send people to in MAESTRO_PUBLIC_URL');
  }
  const httpPort = read.integer('MAESTRO_HTTP_PORT', { least: 0, most: 65_535, otherwise: 8080 });
  if (httpPort === port && port !== 0) faults.push(`MAESTRO_HTTP_PORT and MAESTRO_PORT are both ${port}: give two`);
  return httpPort;
}

/** Where certificates that Maestro gets by itself are kept. */
export const tlsFolder = (dataDir: string): string => join(dataDir, 'tls');
