import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { hostOf, isLoopback } from '../config.ts';
import { SecretsError } from './secrets.ts';

export interface VaultCall {
  readonly method: 'GET' | 'POST';
  /** Below /v1/, encoded. */
  readonly path: string;
  readonly token?: string;
  readonly body?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface VaultAnswer {
  readonly status: number;
  /** Undefined where the body is no JSON. */
  readonly body: unknown;
}

export interface VaultAddress {
  /** For people. */
  readonly name: string;
  /** Without a trailing slash. */
  readonly address: string;
  /** PEM; Node's own authorities without it. */
  readonly ca: string | undefined;
  readonly namespace: string | undefined;
}

const bodyBytesMax = 1_048_576;

interface RawAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly text: string;
}

/**
 * Speaks to Vault. By Node's own client: fetch takes no certificate authority of one's own. As Vault's clients do, it
 * follows one redirect, which a standby gives to the active node, and never from https to http.
 */
export function vaultHttp({ name, address, ca, namespace }: VaultAddress): (call: VaultCall) => Promise<VaultAnswer> {
  function send(url: URL, { method, token, body, signal }: VaultCall): Promise<RawAnswer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      'x-vault-request': 'true',
      ...(token === undefined ? {} : { 'x-vault-token': token }),
      ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
      ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    };
    return new Promise((resolve, reject) => {
      const options = { method, headers, signal, agent: false, ...(ca === undefined ? {} : { ca }) };
      const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, (answer) => {
        let received = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          received += chunk;
          if (received.length > bodyBytesMax) request.destroy(new Error('a body beyond 1 MiB'));
        });
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, location: answer.headers.location, text: received }),
        );
        answer.on('error', reject);
      });
      request.on('error', reject);
      request.end(text);
    });
  }

  return async (call) => {
    const url = new URL(`${address}/v1/${call.path}`);
    try {
      const first = await send(url, call);
      const elsewhere = first.status === 307 && first.location ? new URL(first.location, url) : undefined;
      // The token goes over no network in clear.
      const follows =
        elsewhere && (elsewhere.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(hostOf(elsewhere))));
      const { status, text } = follows ? await send(elsewhere, call) : first;
      return { status, body: parsed(text) };
    } catch (error) {
      throw new SecretsError(`${name} ${whyNotReached(error)}.`, { cause: error });
    }
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function whyNotReached(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return /CERT|SIGNATURE|ALTNAME|SELF_SIGNED/.test(code)
    ? `has a certificate that is not trusted (${code}): see MAESTRO_VAULT_CA`
    : `cannot be reached (${code})`;
}
