import type { Readable } from 'node:stream';
import { MaestroError } from '../errors.ts';

/** GitHub sends 25 MB at most, and in practice a few hundred kB: what is larger is a push of thousands of commits. */
const bytesMax = 5 * 1024 * 1024;
/** Of all deliveries that are on their way, before anybody knows whom they come from. */
const heldMax = 64 * 1024 * 1024;
const msMax = 30_000;

let held = 0;

/** A stranger's body, whole: bounded in size and time, and by what all of them together take of memory. */
export async function readDelivery(body: Readable, declared: number | undefined): Promise<Buffer> {
  const tooLarge = () => new MaestroError('too_large', `A delivery has ${bytesMax} bytes at most.`);
  if (declared !== undefined && declared > bytesMax) throw tooLarge();
  const pieces: Buffer[] = [];
  let bytes = 0;
  const deadline = setTimeout(
    () => body.destroy(new MaestroError('request_timeout', 'The body took too long.')),
    msMax,
  );
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      bytes += piece.length;
      held += piece.length;
      if (bytes > bytesMax) throw tooLarge();
      if (held > heldMax) throw new MaestroError('unavailable', 'Too many deliveries at once; try again.');
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  } finally {
    clearTimeout(deadline);
    held -= bytes;
  }
}
