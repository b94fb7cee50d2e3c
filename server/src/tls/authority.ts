import { createPrivateKey, KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import type { Pair } from './pair.ts';

export type KeyType = 'ec' | 'rsa';

const day = 86_400_000;

const algorithms = {
  ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 3072,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  },
} as const;

const { digitalSignature, keyEncipherment, keyCertSign, cRLSign } = x509.KeyUsageFlags;

const makeKeys = (keyType: KeyType) =>
  webcrypto.subtle.generateKey(algorithms[keyType], true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;

const textOf = (key: webcrypto.CryptoKey): string =>
  KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();

// Clocks differ: a certificate that is good from this very moment would be refused by some.
const lifetime = (days: number) => ({
  notBefore: new Date(Date.now() - day),
  notAfter: new Date(Date.now() + days * day),
});

/** Makes a certificate authority that vouches for servers, and for no other authority; good for `days`. */
export async function makeAuthority(keyType: KeyType, days: number): Promise<Pair> {
  const keys = await makeKeys(keyType);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      // Each has a name of its own: a client that trusts two of them looks for the issuer by name.
      name: `CN=Maestro authority ${randomBytes(4).toString('hex')}`,
      ...lifetime(days),
      signingAlgorithm: algorithms[keyType],
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
        // Python and others ask for both identifiers since 2024.
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { cert: `${certificate.toString('pem')}\n`, key: textOf(keys.privateKey) };
}

/** Makes a server's certificate for `names` (host names and addresses), which `authority` vouches for. */
export async function issueCertificate(
  authority: Pair,
  { names, keyType, days }: { names: readonly string[]; keyType: KeyType; days: number },
): Promise<Pair> {
  const issuer = new x509.X509Certificate(authority.cert);
  const issuerKey = createPrivateKey(authority.key);
  const algorithm = algorithms[issuerKey.asymmetricKeyType === 'ec' ? 'ec' : 'rsa'];
  const keys = await makeKeys(keyType);
  const usages = keyType === 'rsa' ? digitalSignature | keyEncipherment : digitalSignature;
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject: 'CN=Maestro',
      issuer: issuer.subject,
      ...lifetime(days),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: issuerKey.toCryptoKey(algorithm, false, ['sign']),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(usages, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { cert: `${certificate.toString('pem')}\n`, key: textOf(keys.privateKey) };
}

/** 127 random bits, positive. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}
