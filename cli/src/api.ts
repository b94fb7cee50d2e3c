import { causeOf, Failure, unreachable } from './failure.ts';
import type { Server } from './server.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface Request {
  body?: Record<string, unknown>;
  /** Sent as it is, piece by piece, instead of a body. */
  file?: Blob | AsyncIterable<Uint8Array>;
  query?: Record<string, string | readonly string[]>;
  /** The slug of the tenant in which the call works, where the path names none; else the caller's own. */
  tenant?: string | undefined;
}

/** `/api/v1` of one Maestro. Every refusal is a Failure with the server's own sentence. */
export interface Api {
  readonly server: Server;
  call<Answer>(method: Method, path: string, request?: Request): Promise<Answer>;
  /** Every item of a paged list; the first `max` of them where that is given. */
  all<Item>(path: string, request?: Request, max?: number): Promise<Item[]>;
  /** A file, piece by piece. */
  download(path: string, request?: Request, method?: 'GET' | 'POST'): AsyncIterable<Uint8Array>;
}

const timeoutMs = 60_000;

function sentenceOf(status: number, text: string): string {
  try {
    const problem: unknown = JSON.parse(text);
    if (typeof problem === 'object' && problem !== null && 'detail' in problem) return String(problem.detail);
  } catch {
    // A proxy's page, say.
  }
  return `Maestro answered with status ${status}.`;
}

function searchOf(query: Request['query']): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of [value].flat()) search.append(name, one);
  }
  return search.size > 0 ? `?${search}` : '';
}

const bodyOf = (file: NonNullable<Request['file']>): Blob | ReadableStream =>
  file instanceof Blob ? file : ReadableStream.from(file);

export function openApi(server: Server): Api {
  /** Throws where nothing answers, or a refusal does. */
  async function send(method: Method, path: string, request: Request, signal?: AbortSignal): Promise<Response> {
    const { body, file, query, tenant } = request;
    const token = await server.token();
    const response = await fetch(`${server.url}/api/v1${path}${searchOf(query)}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(tenant === undefined ? {} : { 'x-mlflow-workspace': tenant }),
      },
      ...(body ? { body: JSON.stringify(body) } : file ? { body: bodyOf(file), duplex: 'half' as const } : {}),
      // A redirect would carry the token somewhere else.
      redirect: 'error',
      ...(signal ? { signal } : {}),
    }).catch((error: unknown) => {
      throw unreachable(server.url, error);
    });
    if (response.ok) return response;
    const text = await response.text().catch(() => '');
    throw new Failure(sentenceOf(response.status, text));
  }

  async function call<Answer>(method: Method, path: string, request: Request = {}): Promise<Answer> {
    const response = await send(method, path, request, request.file ? undefined : AbortSignal.timeout(timeoutMs));
    if (response.status === 204) return undefined as Answer;
    const text = await response.text().catch((error: unknown) => {
      throw unreachable(server.url, error);
    });
    try {
      return JSON.parse(text) as Answer;
    } catch {
      throw new Failure(`What answers at ${server.url} is not Maestro.`);
    }
  }

  return {
    server,
    call,
    async all<Item>(path: string, request: Request = {}, max = Number.POSITIVE_INFINITY) {
      const items: Item[] = [];
      let token: string | null = null;
      do {
        const limit = String(Math.min(1000, max - items.length));
        const query: Record<string, string | readonly string[]> = { ...request.query, limit };
        if (token !== null) query.page_token = token;
        const page: { items: Item[]; next_page_token: string | null } = await call('GET', path, { ...request, query });
        items.push(...page.items);
        token = page.next_page_token;
      } while (token !== null && items.length < max);
      return items;
    },
    async *download(path, request = {}, method = 'GET') {
      const response = await send(method, path, request);
      try {
        yield* response.body ?? [];
      } catch (error) {
        throw new Failure(`The answer of ${server.url} broke off (${causeOf(error)}).`);
      }
    },
  };
}
