import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import * as acme from 'acme-client';
import type { Logger } from 'pino';
import { readPrivateFile, writePrivateFile } from '../data_dir.ts';
import type { KeyType } from './authority.ts';
import { type Certificates, holdPair, lifeOf, type Pair, pairIn } from './pair.ts';
import { keepRenewed } from './renewal.ts';

export type AcmeOptions = {
  /** Where the account and the certificate are kept, in a folder for each directory; files of mode 0600. */
  readonly folder: string;
  readonly names: readonly string[];
  readonly keyType: KeyType;
  readonly directory: string;
  readonly email: string | undefined;
  /** PEM text of who vouches for the directory beside the public authorities. */
  readonly ca: string | undefined;
  /** What plain HTTP answers to the authority, by token. */
  readonly challenges: Map<string, string>;
  readonly log: Logger;
};

/**
 * A certificate of an ACME authority (RFC 8555, http-01), renewed when two thirds of its life are over. A renewal that
 * fails is tried again, and the certificate stays. Throws where there is none yet and the authority gives none.
 */
export async function openAcme(options: AcmeOptions): Promise<Certificates> {
  const { names, directory, log } = options;
  // An account, and the trust in a certificate, are of one authority: that of trials is not that of production.
  const folder = join(options.folder, `acme-${createHash('sha256').update(directory).digest('hex').slice(0, 12)}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const pairFile = join(folder, 'server.pem');
  const order = await openClient(options, join(folder, 'account.key'));

  async function obtain(): Promise<Pair> {
    const pair = await order();
    await writePrivateFile(pairFile, pair.cert + pair.key);
    return pair;
  }
  async function obtainFirst(): Promise<Pair> {
    log.info({ names, directory }, 'asking for a TLS certificate');
    return obtain().catch((cause: Error) => {
      const host = new URL(directory).host;
      throw new Error(`The authority ${host} gave no certificate for ${names.join(', ')}: ${cause.message}`, { cause });
    });
  }

  const kept = pairIn((await readPrivateFile(pairFile)) ?? '');
  const held = holdPair(kept !== undefined && isGood(kept, options) ? kept : await obtainFirst());
  const renewal = keepRenewed({
    current: () => held.current().cert,
    renew: async () => held.replace(await obtain()),
    log,
  });
  return { ...held, trust: undefined, close: renewal.close };
}

function isGood({ cert, key }: Pair, { names, keyType }: AcmeOptions): boolean {
  const certificate = new X509Certificate(cert);
  const isOfType = createPrivateKey(key).asymmetricKeyType === keyType;
  return isOfType && lifeOf(cert).to > Date.now() && names.every((name) => certificate.checkHost(name) !== undefined);
}

/** The account of `keyFile`, made where there is none; gives what orders a certificate. */
async function openClient(options: AcmeOptions, keyFile: string): Promise<() => Promise<Pair>> {
  const { names, keyType, directory, email, ca, challenges } = options;
  const makeKey = () =>
    keyType === 'ec' ? acme.crypto.createPrivateEcdsaKey() : acme.crypto.createPrivateRsaKey(3072);
  if (ca !== undefined) acme.axios.defaults.httpsAgent = new Agent({ ca: [...rootCertificates, ca] });
  acme.axios.defaults.timeout = 30_000;
  tellNetworkErrors();
  let accountKey = await readPrivateFile(keyFile);
  if (accountKey === undefined) {
    accountKey = (await acme.crypto.createPrivateEcdsaKey()).toString();
    await writePrivateFile(keyFile, accountKey);
  }
  const client = new acme.Client({
    directoryUrl: directory,
    accountKey,
    backoffAttempts: 20,
    backoffMin: 1_000,
    backoffMax: 15_000,
  });
  return async () => {
    const [key, csr] = await acme.crypto.createCsr({ altNames: [...names] }, await makeKey());
    const cert = await client.auto({
      csr,
      ...(email === undefined ? {} : { email }),
      termsOfServiceAgreed: true,
      challengePriority: ['http-01'],
      // From inside, the public name may lead nowhere.
      skipChallengeVerification: true,
      challengeCreateFn: async (_authorization, { token }, proof) => void challenges.set(token, proof),
      challengeRemoveFn: async (_authorization, { token }) => void challenges.delete(token),
    });
    return { cert, key: key.toString() };
  };
}

/**
 * The library's own handler of failures tries again for 75 seconds, and then trips over the answer that is not there;
 * later tries are the renewal's, and what went wrong is to be told.
 */
function tellNetworkErrors(): void {
  const { response } = acme.axios.interceptors;
  response.clear();
  response.use(null, (error: { response?: Answer }) => {
    const accepts = error.response?.config.retryValidateStatus;
    if (error.response && (!accepts || accepts(error.response.status))) return error.response;
    throw error;
  });
}

type Answer = { status: number; config: { retryValidateStatus?: ((status: number) => boolean) | null } };
