/** What the process ends with. */
export const exitCodes = { done: 0, failed: 1, usage: 2, unreachable: 3 } as const;

/** A failure that one sentence explains. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message);
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}

/** Why nothing answered. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message;
}

export const unreachable = (url: string, error: unknown): Failure =>
  new Failure(`Maestro at ${url} does not answer (${causeOf(error)}).`, exitCodes.unreachable);
