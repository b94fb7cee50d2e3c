import { text } from './text.ts';

/** A call that came to no answer at all: neither done nor refused, for all that is known here. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';

  constructor(options?: ErrorOptions) {
    super(text.silent, options);
  }
}

/** fetch(), which throws a `NoAnswer` where it found nobody: its own TypeError is also what faults in programs are. */
export async function fetched(...call: Parameters<typeof fetch>): Promise<Response> {
  try {
    return await fetch(...call);
  } catch (error) {
    throw error instanceof TypeError ? new NoAnswer({ cause: error }) : error;
  }
}
