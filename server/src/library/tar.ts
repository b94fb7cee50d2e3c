import type { Readable } from 'node:stream';
import { MaestroError } from '../errors.ts';

/** A file to be packed. */
export interface Packed {
  /** Relative, `/`-separated. */
  readonly path: string;
  /** Bytes, of just as many as `open` gives. */
  readonly size: number;
  open(): Promise<Readable>;
}

const block = 512;
const sizeMax = 8 ** 11 - 1;

const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;

/** One header of POSIX's ustar format (pax(1)). The same files always give the same bytes: no owner, no time. */
function headerOf(name: string, size: number, type: '0' | 'x'): Buffer {
  const header = Buffer.alloc(block);
  header.write(name, 0, 100);
  header.write(octal(0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)} `, 148);
  return header;
}

const padding = (size: number): Buffer => Buffer.alloc((block - (size % block)) % block);

/** A record of pax's extended header: its own length counts, digits and all. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  if (bytes + String(length).length !== length) length = bytes + String(length).length;
  return `${length}${rest}`;
}

/** What an ustar header cannot say: long names, others than ASCII, and 8 GiB or more. */
function extended(path: string, size: number): Buffer[] {
  const isPlain = /^[\x20-\x7e]{1,100}$/.test(path);
  const records = (isPlain ? '' : record('path', path)) + (size > sizeMax ? record('size', String(size)) : '');
  if (records === '') return [];
  const body = Buffer.from(records);
  return [headerOf('pax', body.length, 'x'), body, padding(body.length)];
}

/** Packs files as a tar archive, piece by piece, in the order of their paths. */
export async function* tarOf(files: readonly Packed[]): AsyncGenerator<Buffer> {
  for (const { path, size, open } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    yield* extended(path, size);
    yield headerOf(path.replace(/[^\x20-\x7e]/g, '_').slice(0, 100), size > sizeMax ? 0 : size, '0');
    let sent = 0;
    for await (const chunk of await open()) {
      sent += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
    if (sent !== size)
      throw new MaestroError('unavailable', `The file '${path}' changed while it was packed; try again.`);
    yield padding(size);
  }
  yield Buffer.alloc(2 * block);
}
