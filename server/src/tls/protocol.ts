import { constants } from 'node:crypto';
import type { TlsOptions } from 'node:tls';

// OpenSSL's own, which Node does not name: no renegotiation at all.
const noRenegotiation = 1 << 30;

const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
];

/**
 * What is spoken on every TLS connection that comes in: TLS 1.2 and 1.3, forward secrecy and authenticated encryption
 * in each cipher (Mozilla's intermediate list without DHE), the first group safe against a later quantum computer.
 */
export const tlsProtocol = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: ciphers.join(':'),
  ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
  honorCipherOrder: true,
  // A client that puts ChaCha20 first has no hardware for AES.
  secureOptions: constants.SSL_OP_PRIORITIZE_CHACHA | constants.SSL_OP_NO_COMPRESSION | noRenegotiation,
  handshakeTimeout: 20_000,
} as const satisfies TlsOptions;
