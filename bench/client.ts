import { Agent, request } from 'node:http';

/** A server under load. */
export interface Target {
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** Sent as a bearer token where given. */
  readonly token?: string | undefined;
}

/** A connection pool to one server. */
export interface Client {
  /** The parsed JSON answer of a tracking endpoint, by its path below `/api/2.0/mlflow/`. Throws on any status from 300. */
  post(path: string, body: unknown): Promise<Answer>;
  get(path: string): Promise<Answer>;
  /** Any path, as it is; gives the status whatever it is. */
  send(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }>;
  close(): void;
}

/** The parts of MLflow's answers that the load looks at. */
export interface Answer {
  readonly experiment_id?: string;
  readonly run?: { readonly info: { readonly run_id: string } };
  readonly runs?: readonly unknown[];
  readonly metrics?: readonly unknown[];
}

const prefix = '/api/2.0/mlflow/';

/** Requests over kept connections, at most `connections` of them. */
export function openClient({ url, token }: Target, connections: number): Client {
  const base = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };

  function send(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
    const data = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = {
      ...(data ? { 'content-type': 'application/json', 'content-length': data.length } : {}),
      ...authorization,
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { agent, hostname: base.hostname, port: base.port, method, path, headers },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }),
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(data);
    });
  }

  async function call(method: string, path: string, body?: unknown): Promise<Answer> {
    const { status, text } = await send(method, prefix + path, body);
    if (status >= 300) throw new Error(`${status} ${text.slice(0, 200)}`);
    return text === '' ? {} : JSON.parse(text);
  }

  return {
    post: (path, body) => call('POST', path, body),
    get: (path) => call('GET', path),
    send,
    close: () => agent.destroy(),
  };
}
