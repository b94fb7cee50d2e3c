import type { Problem } from './contract.ts';

/** A refusal of Maestro: problem details (RFC 9457). `message` is their `detail`. */
export class MaestroError extends Error {
  readonly status: number;
  /** What kind, such as `not_found`; `unknown` where something else than Maestro answered, a proxy for instance. */
  readonly code: string;
  /** `urn:maestro:error:` and the code. */
  readonly type: string;
  /** The field of the input at fault, where there is one. */
  readonly field: string | undefined;
  /** Where in that field, in characters from 0, as filters of searches say it. */
  readonly position: number | undefined;
  /** Names the request in the server's log. */
  readonly requestId: string;
  /** When the call is worth repeating, where that was said. */
  readonly retryAfterSeconds: number | undefined;

  constructor({ status, type, detail, field, position, request_id }: Problem, retryAfterSeconds?: number) {
    super(detail);
    this.name = 'MaestroError';
    this.status = status;
    this.code = /^urn:maestro:error:(\w+)$/.exec(type)?.[1] ?? 'unknown';
    this.type = type;
    this.field = field;
    this.position = position;
    this.requestId = request_id;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The seconds of a Retry-After (RFC 9110, 10.2.3): a number of them, or a date. */
function retryAfterOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

/** The problem details of an answer; what can be said of one that holds none, a proxy's page for instance. */
export async function problemIn(response: Response): Promise<Problem> {
  const { status, statusText: title } = response;
  const body: unknown = await response.json().catch(() => undefined);
  const said = typeof body === 'object' && body !== null ? body : {};
  return { type: 'about:blank', title, status, detail: `answered with status ${status}`, request_id: '', ...said };
}

export const refusalIn = async (response: Response): Promise<MaestroError> =>
  new MaestroError(await problemIn(response), retryAfterOf(response.headers.get('retry-after')));
