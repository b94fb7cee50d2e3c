import type { Problem } from './contract.ts';

/** A refusal of Maestro: problem details (RFC 9457). `message` is their `detail`. */
export class MaestroError extends Error {
  readonly status: number;
  /** `urn:maestro:error:…` */
  readonly type: string;
  /** The field of the input at fault, where there is one. */
  readonly field: string | undefined;
  /** Names the request in the server's log. */
  readonly requestId: string;

  constructor({ status, type, detail, field, request_id }: Problem) {
    super(detail);
    this.name = 'MaestroError';
    this.status = status;
    this.type = type;
    this.field = field;
    this.requestId = request_id;
  }
}

/** The problem details of an answer; what can be said of one that holds none, a proxy's page for instance. */
export async function problemIn(response: Response): Promise<Problem> {
  const { status, statusText: title } = response;
  const body: unknown = await response.json().catch(() => undefined);
  const said = typeof body === 'object' && body !== null ? body : {};
  return { type: 'about:blank', title, status, detail: `answered with status ${status}`, request_id: '', ...said };
}
