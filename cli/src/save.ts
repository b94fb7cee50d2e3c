import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Failure } from './failure.ts';

/** Writes a file of mode 0600, whole or not at all: half an export must not pass for one. */
export async function saveWhole(pieces: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  const draft = `${path}.part`;
  try {
    await pipeline(pieces, createWriteStream(draft, { mode: 0o600 }));
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    // What the pieces come from has its own words for what is wrong with them.
    if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error;
    throw new Failure(`${path} cannot be written (${error.code}).`);
  }
}
