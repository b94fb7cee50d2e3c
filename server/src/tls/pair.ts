import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

/** A certificate, followed by its chain where it has one, and its private key without a passphrase: PEM texts. */
export type Pair = { readonly cert: string; readonly key: string };

const attempt = <T>(parse: () => T): T | undefined => {
  try {
    return parse();
  } catch {
    return undefined;
  }
};

export const certificateIn = (text: string): X509Certificate | undefined => attempt(() => new X509Certificate(text));
const privateKeyIn = (text: string): KeyObject | undefined => attempt(() => createPrivateKey(text));

/** What is wrong with each text of a pair, as the end of a sentence; neither member where nothing is. */
export function faultsOfPair({ cert, key }: Pair): { cert?: string; key?: string } {
  const certificate = certificateIn(cert);
  const privateKey = privateKeyIn(key);
  if (certificate && privateKey) {
    return certificate.checkPrivateKey(privateKey) ? {} : { key: 'is the private key of another certificate' };
  }
  return {
    ...(certificate ? {} : { cert: 'holds no PEM certificate' }),
    ...(privateKey ? {} : { key: 'holds no PEM private key without a passphrase' }),
  };
}

/** From when until when the first certificate of a PEM text is good, in milliseconds since 1970. */
export function lifeOf(cert: string): { readonly from: number; readonly to: number } {
  const { validFrom, validTo } = new X509Certificate(cert);
  return { from: Date.parse(validFrom), to: Date.parse(validTo) };
}

/** A pair in one file, so that it is replaced at once; undefined where the text holds no whole pair. */
export function pairIn(text: string): Pair | undefined {
  const blocks = (label: RegExp) =>
    [...text.matchAll(/-----BEGIN ([A-Z ]+)-----[\s\S]*?-----END \1-----\n?/g)]
      .filter(([, name = '']) => label.test(name))
      .map(([block]) => block)
      .join('');
  const pair = { cert: blocks(/^CERTIFICATE$/), key: blocks(/PRIVATE KEY$/) };
  const faults = faultsOfPair(pair);
  return faults.cert === undefined && faults.key === undefined ? pair : undefined;
}

/** Paths of PEM files. */
export type Trust = {
  /** The authority that vouches for the certificate. */
  readonly authority: string;
  /** That authority and the public ones, for clients that have one setting for all that they connect to. */
  readonly bundle: string;
};

/** The certificate that is served, which may be replaced while it is. */
export interface Certificates {
  current(): Pair;
  /** `listener` hears of each pair that takes the place of the one before. */
  onChange(listener: (pair: Pair) => void): void;
  /** How clients trust it, where no public authority vouches for it. */
  readonly trust: Trust | undefined;
  close(): void;
}

/** A pair, and those who want to hear of its successor. */
export function holdPair(first: Pair): Pick<Certificates, 'current' | 'onChange'> & { replace(pair: Pair): void } {
  let pair = first;
  const listeners: ((pair: Pair) => void)[] = [];
  return {
    current: () => pair,
    onChange: (listener) => void listeners.push(listener),
    replace(next) {
      pair = next;
      for (const listener of listeners) listener(next);
    },
  };
}
