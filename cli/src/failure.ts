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
