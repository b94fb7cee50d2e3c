import { Failure } from './failure.ts';

/** More than the last line of an export is long. */
const endBytesMax = 128;

/**
 * The lines of an export, and only where the last one says that they are all: a proxy may have taken a connection that
 * broke off for an answer that ended. `isEndWanted`: with that line.
 */
export async function* wholeLines(pieces: AsyncIterable<Uint8Array>, isEndWanted: boolean): AsyncGenerator<Uint8Array> {
  let held = Buffer.alloc(0);
  for await (const piece of pieces) {
    held = Buffer.concat([held, piece]);
    const ready = Math.max(0, held.length - endBytesMax);
    yield held.subarray(0, ready);
    held = held.subarray(ready);
  }
  const at = held.lastIndexOf('\n', -2) + 1;
  if (!/^\{"end":\{"lines":\d+\}\}\n$/.test(held.subarray(at).toString())) {
    throw new Failure('The export broke off before its end; repeat it.');
  }
  yield isEndWanted ? held : held.subarray(0, at);
}
