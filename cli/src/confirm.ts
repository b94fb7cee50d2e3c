import type { Context } from './context.ts';
import { exitCodes, Failure } from './failure.ts';

/** Goes on only where somebody types the word, or said --yes. `loss` is what they lose. */
export async function confirm(
  { ask }: Pick<Context, 'ask'>,
  { yes }: { yes?: true },
  loss: string,
  word: string,
): Promise<void> {
  if (yes) return;
  const answer = await ask(`This ${loss}, for good. Type ${word} to go on: `);
  if (answer === undefined) throw new Failure('Nobody is there to ask; add --yes.', exitCodes.usage);
  if (answer !== word) throw new Failure('Nothing was deleted.');
}
