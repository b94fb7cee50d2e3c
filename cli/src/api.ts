import { exitCodes, Failure } from './failure.ts';
import type { Server } from './server.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

interface Request {
  body?: Record<string, unknown>;
  query?: Record<string, string>;
  /** The slug of the tenant in which the call works, where the path names none. */
  tenant?: string;
}

/** `/api/v1` of one Maestro. Every refusal is a Failure with the server's own sentence. */
export interface Api {
  readonly server: Server;
  call<Answer>(method: Method, path: string, request?: Request): Promise<Answer>;
  /** Every item of a paged list. */
  all<Item>(path: string, request?: Request): Promise<Item[]>;
}

const timeoutMs = 60_000;

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer in ${timeoutMs / 1000} s`;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message;
}

function sentenceOf(status: number, text: string): string {
  try {
    const problem: unknown = JSON.parse(text);
    if (typeof problem === 'object' && problem !== null && 'detail' in problem) return String(problem.detail);
  } catch {
    // A proxy's page, say.
  }
  return `Maestro answered with status ${status}.`;
}

export function openApi(server: Server): Api {
  async function call<Answer>(method: Method, path: string, { body, query, tenant }: Request = {}): Promise<Answer> {
    const search = query && Object.keys(query).length > 0 ? `?${new URLSearchParams(query)}` : '';
    let status: number;
    let text: string;
    try {
      const response = await fetch(`${server.url}/api/v1${path}${search}`, {
        method,
        headers: {
          authorization: `Bearer ${server.token}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...(tenant === undefined ? {} : { 'x-mlflow-workspace': tenant }),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        // A redirect would carry the token somewhere else.
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = response.status;
      text = await response.text();
    } catch (error) {
      throw new Failure(`Maestro at ${server.url} does not answer (${causeOf(error)}).`, exitCodes.unreachable);
    }
    if (status === 204) return undefined as Answer;
    if (status < 200 || status > 299) throw new Failure(sentenceOf(status, text));
    try {
      return JSON.parse(text) as Answer;
    } catch {
      throw new Failure(`What answers at ${server.url} is not Maestro.`);
    }
  }

  return {
    server,
    call,
    async all<Item>(path: string, request: Request = {}) {
      const items: Item[] = [];
      let token: string | null = null;
      do {
        const query: Record<string, string> = { ...request.query, limit: '1000' };
        if (token !== null) query.page_token = token;
        const page: { items: Item[]; next_page_token: string | null } = await call('GET', path, { ...request, query });
        items.push(...page.items);
        token = page.next_page_token;
      } while (token !== null);
      return items;
    },
  };
}
