import { Agent, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import type { Case } from './case.ts';

/** Where requests go: a base URL without a trailing slash and the headers every request carries. */
export interface Side {
  url: string;
  headers: Record<string, string>;
}

export interface Answer {
  status: number;
  /** The media type alone, without parameters; empty when the answer names none. */
  type: string;
  body: Buffer;
}

export type Variables = Map<string, string>;

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const secureAgent = new SecureAgent({ keepAlive: true, maxSockets: 1 });

/** Puts bound values in place of `{{name}}`; a name that is not bound stays, so that the servers answer alike. */
export function fill(text: string, variables: Variables): string {
  return text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => variables.get(name) ?? whole);
}

/** The path and query of a case, percent-encoded only where the case is not already. */
export function targetOf(c: Case, variables: Variables): string {
  const path = fill(c.path.startsWith('/') ? c.path : `/api/2.0/mlflow/${c.path}`, variables);
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(c.query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) query.append(key, fill(one, variables));
  }
  const search = query.toString();
  return search === '' ? path : `${path}?${search}`;
}

export function bodyOf(c: Case, variables: Variables): string | undefined {
  const body = c.raw ?? (c.body === undefined ? undefined : JSON.stringify(c.body));
  return body === undefined ? undefined : fill(body, variables);
}

/** The status given to a case on which the server closed the connection without an answer. */
export const noAnswer = 0;

/**
 * Sends a case. A connection that is closed under the request is tried once more on a fresh one, since a server may
 * have been about to close an idle connection; closed again, that is the answer (`noAnswer`).
 * @throws when nothing listens, or nothing is answered within a minute
 */
export async function sendCase(c: Case, side: Side, variables: Variables): Promise<Answer> {
  try {
    return await sendOn(c, side, variables, true);
  } catch (error) {
    if (!isClosed(error)) throw error;
  }
  try {
    return await sendOn(c, side, variables, false);
  } catch (error) {
    if (!isClosed(error)) throw error;
    return { status: noAnswer, type: '', body: Buffer.from('connection closed') };
  }
}

function isClosed(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** By node:http rather than fetch, which would fold `..` out of the path before it leaves. */
function sendOn(c: Case, side: Side, variables: Variables, kept: boolean): Promise<Answer> {
  const base = new URL(side.url);
  const body = bodyOf(c, variables);
  const headers: Record<string, string> = { ...side.headers };
  if (body !== undefined) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = String(Buffer.byteLength(body));
  }
  for (const [name, value] of Object.entries(c.headers ?? {})) headers[name] = fill(value, variables);
  const secure = base.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const call = (secure ? secureRequest : request)(
      {
        host: base.hostname,
        port: base.port,
        agent: kept ? (secure ? secureAgent : agent) : false,
        method: c.method,
        path: `${base.pathname.replace(/\/$/, '')}${targetOf(c, variables)}`,
        headers,
        timeout: 60_000,
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? noAnswer,
            type: (response.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase(),
            body: Buffer.concat(parts),
          }),
        );
      },
    );
    call.on('timeout', () => call.destroy(new Error(`no answer within a minute: ${c.method} ${c.path}`)));
    call.on('error', reject);
    call.end(body);
  });
}
