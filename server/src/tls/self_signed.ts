import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { Logger } from 'pino';
import { readPrivateFile, writePrivateFile } from '../data_dir.ts';
import { issueCertificate, type KeyType, makeAuthority } from './authority.ts';
import { type Certificates, certificateIn, faultsOfPair, holdPair, lifeOf, type Pair, pairIn } from './pair.ts';
import { keepRenewed, untilRenewal } from './renewal.ts';

const authorityDays = 3650;
const certificateDays = 90;
const day = 86_400_000;

export type SelfSignedOptions = {
  /** Where the authority and the certificate are kept; files of mode 0600. */
  readonly folder: string;
  /** Host names and addresses. */
  readonly names: readonly string[];
  readonly keyType: KeyType;
  readonly log: Logger;
};

/**
 * A certificate from an authority of this data directory's own. Clients trust the authority, `ca.crt`, which stays the
 * same for years; the certificate below it is renewed unseen. For development and closed networks.
 */
export async function openSelfSigned({ folder, names, keyType, log }: SelfSignedOptions): Promise<Certificates> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const trust = { authority: join(folder, 'ca.crt'), bundle: join(folder, 'ca-bundle.crt') };
  const keyFile = join(folder, 'ca.key');
  const pairFile = join(folder, 'server.pem');

  async function authority(): Promise<Pair> {
    const kept = { cert: (await readPrivateFile(trust.authority)) ?? '', key: (await readPrivateFile(keyFile)) ?? '' };
    if (vouchesLongEnough(kept, keyType)) return kept;
    const made = await makeAuthority(keyType, authorityDays);
    await writePrivateFile(keyFile, made.key);
    await writePrivateFile(trust.authority, made.cert);
    const again = kept.cert === '' ? '' : '; those who trusted the one before must be given it';
    log.warn({ file: trust.authority }, `made a certificate authority: clients trust this Maestro by its file${again}`);
    return made;
  }

  async function issue(): Promise<Pair> {
    const made = await issueCertificate(await authority(), { names, keyType, days: certificateDays });
    await writePrivateFile(pairFile, made.cert + made.key);
    return made;
  }

  const kept = pairIn((await readPrivateFile(pairFile)) ?? '');
  const fits = kept !== undefined && isFit(kept, await authority(), names);
  const held = holdPair(fits ? kept : await issue());
  const bundle = [(await authority()).cert, ...rootCertificates].map((text) => `${text.trim()}\n`).join('');
  if ((await readPrivateFile(trust.bundle)) !== bundle) await writePrivateFile(trust.bundle, bundle);
  const renewal = keepRenewed({
    current: () => held.current().cert,
    renew: async () => held.replace(await issue()),
    log,
  });
  return { ...held, trust, close: renewal.close };
}

function vouchesLongEnough(authority: Pair, keyType: KeyType): boolean {
  const { cert, key } = faultsOfPair(authority);
  if (cert !== undefined || key !== undefined) return false;
  const isOfType = createPrivateKey(authority.key).asymmetricKeyType === keyType;
  return isOfType && lifeOf(authority.cert).to > Date.now() + certificateDays * day;
}

/** Whether `pair` is of `authority`, for exactly `names`, and not yet to be renewed. */
function isFit({ cert }: Pair, authority: Pair, names: readonly string[]): boolean {
  const certificate = new X509Certificate(cert);
  const issuer = certificateIn(authority.cert);
  const listed = certificate.subjectAltName?.split(', ') ?? [];
  return (
    issuer !== undefined &&
    certificate.checkIssued(issuer) &&
    certificate.verify(issuer.publicKey) &&
    listed.length === names.length &&
    names.every((name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined) &&
    untilRenewal(cert, Date.now()) > 0
  );
}
