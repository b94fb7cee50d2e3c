/**
 * What went wrong, in one table: each code with its HTTP status, the problem type of `/api/v1` and the error_code of
 * the MLflow face. INVALID_STATE is 400 there too, where the genuine server says 500: its client retries a 500.
 */
const codes = {
  invalid_parameter: { status: 400, title: 'Invalid parameter', mlflow: 'INVALID_PARAMETER_VALUE' },
  bad_request: { status: 400, title: 'Bad request', mlflow: 'BAD_REQUEST' },
  invalid_state: { status: 400, title: 'Invalid state', mlflow: 'INVALID_STATE' },
  unauthenticated: { status: 401, title: 'Not signed in', mlflow: 'UNAUTHENTICATED' },
  permission_denied: { status: 403, title: 'Permission denied', mlflow: 'PERMISSION_DENIED' },
  fresh_sign_in_required: { status: 403, title: 'Fresh sign-in required', mlflow: 'PERMISSION_DENIED' },
  captcha_required: { status: 403, title: 'Proof of being human required', mlflow: 'PERMISSION_DENIED' },
  not_found: { status: 404, title: 'Not found', mlflow: 'RESOURCE_DOES_NOT_EXIST' },
  endpoint_not_found: { status: 404, title: 'No such endpoint', mlflow: 'ENDPOINT_NOT_FOUND' },
  method_not_allowed: { status: 405, title: 'Method not allowed', mlflow: 'BAD_REQUEST' },
  request_timeout: { status: 408, title: 'Request timeout', mlflow: 'BAD_REQUEST' },
  already_exists: { status: 409, title: 'Already exists', mlflow: 'RESOURCE_ALREADY_EXISTS' },
  too_large: { status: 413, title: 'Too large', mlflow: 'INVALID_PARAMETER_VALUE' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type', mlflow: 'BAD_REQUEST' },
  range_not_satisfiable: { status: 416, title: 'Range not satisfiable', mlflow: 'INVALID_PARAMETER_VALUE' },
  limit_exceeded: { status: 429, title: 'Limit exceeded', mlflow: 'REQUEST_LIMIT_EXCEEDED' },
  headers_too_large: { status: 431, title: 'URL and headers too large', mlflow: 'BAD_REQUEST' },
  not_implemented: { status: 501, title: 'Not implemented', mlflow: 'NOT_IMPLEMENTED' },
  unavailable: { status: 503, title: 'Temporarily unavailable', mlflow: 'TEMPORARILY_UNAVAILABLE' },
  internal: { status: 500, title: 'Internal error', mlflow: 'INTERNAL_ERROR' },
} as const;

export type ErrorCode = keyof typeof codes;

/** The HTTP status of a code on `/api/v1`, and what the status is called there. */
export const problemStatusOf = (code: ErrorCode): { status: number; title: string } => codes[code];

/** The MLflow face answers a duplicate with 400, as the genuine server does; `/api/v1` with 409. */
const mlflowStatus: Partial<Record<ErrorCode, number>> = { already_exists: 400, too_large: 400 };

/** Where a caller stands with one limit, for the RateLimit headers of the answer. */
export interface LimitState {
  /** Names the limit. */
  readonly policy: string;
  /** How many calls a window allows, and the window's length. */
  readonly quota: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  /** Seconds until there are more. */
  readonly resetSeconds: number;
}

interface More {
  readonly detail?: string;
  readonly field?: string;
  readonly cause?: unknown;
  readonly retryAfterSeconds?: number;
  readonly limit?: LimitState;
  readonly members?: Readonly<Record<string, string | number>>;
}

/**
 * The one error of the house. `message` is for the caller and names the field and what was expected; `detail` is for
 * the log alone.
 */
export class MaestroError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  /** The input field at fault, where there is one. */
  readonly field: string | undefined;
  /** When the call is worth repeating. */
  readonly retryAfterSeconds: number | undefined;
  readonly limit: LimitState | undefined;
  /** Further members of the problem details (RFC 9457, 3.2). */
  readonly members: Readonly<Record<string, string | number>>;

  constructor(code: ErrorCode, message: string, more: More = {}) {
    super(message, { cause: more.cause });
    this.name = 'MaestroError';
    this.code = code;
    this.detail = more.detail;
    this.field = more.field;
    this.retryAfterSeconds = more.retryAfterSeconds;
    this.limit = more.limit;
    this.members = more.members ?? {};
  }
}

export const invalid = (message: string, field?: string): MaestroError =>
  new MaestroError('invalid_parameter', message, field === undefined ? {} : { field });

export const notFound = (message: string): MaestroError => new MaestroError('not_found', message);

/** Messages quote what was sent, and a body may hold megabytes: an answer shows no more of it than this. */
const messageMax = 20_000;

const shown = (text: string): string => (text.length > messageMax ? `${text.slice(0, messageMax)}…` : text);

/** RFC 9457 problem details; a fault of ours says nothing but the request's id. */
export function problemOf(error: MaestroError, requestId: string): { status: number; body: Record<string, unknown> } {
  const { status, title } = codes[error.code];
  return {
    status,
    body: {
      type: `urn:maestro:error:${error.code}`,
      title,
      status,
      detail: error.code === 'internal' ? 'Something went wrong on our side.' : shown(error.message),
      ...(error.field === undefined ? {} : { field: shown(error.field) }),
      ...error.members,
      request_id: requestId,
    },
  };
}

/** MLflow's error body; statuses as the genuine server has them, but for INVALID_STATE (see above). */
export function mlflowErrorOf(
  error: MaestroError,
  requestId: string,
): { status: number; body: Record<string, unknown> } {
  const { status, mlflow } = codes[error.code];
  const message =
    error.code === 'internal' ? `Something went wrong on our side. Request id: ${requestId}` : shown(error.message);
  return { status: mlflowStatus[error.code] ?? status, body: { error_code: mlflow, message } };
}
