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

/** What Node says of a certificate that leads to no authority it knows. */
const ofUnknownAuthority = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

export function unreachable(url: string, error: unknown): Failure {
  const cause = causeOf(error);
  const sentence = ofUnknownAuthority.has(cause)
    ? `The certificate of ${url} is not trusted (${cause}): set NODE_EXTRA_CA_CERTS to the file of its authority.`
    : `Maestro at ${url} does not answer (${cause}).`;
  return new Failure(sentence, exitCodes.unreachable);
}
