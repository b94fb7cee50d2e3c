import { text } from './text.ts';

/** A call that came to no answer at all: neither done nor refused, for all that is known here. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';

  constructor(options?: ErrorOptions) {
    super(text.silent, options);
  }
}

/**
 * What a call comes to, or a `NoAnswer` where it found nobody, or where what was answered broke off: the TypeError that
 * fetch() and its bodies throw of that is also what faults in programs are.
 */
export async function answerOf<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    throw error instanceof TypeError ? new NoAnswer({ cause: error }) : error;
  }
}
