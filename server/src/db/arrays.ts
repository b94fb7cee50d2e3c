/**
 * Number arrays in PostgreSQL's binary form. Text costs both sides a conversion of every number: encoding 1,000 points
 * took 9 times longer as `{…}` text, and PostgreSQL parses each number of it again.
 */

const headerBytes = 20;
const itemBytes = 12;
const int8Oid = 20;
const float8Oid = 701;

function allocate(oid: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(headerBytes + itemBytes * length);
  buffer.writeInt32BE(1, 0); // dimensions
  buffer.writeInt32BE(0, 4); // no nulls
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16); // lower bound
  return buffer;
}

const empty = (oid: number): Buffer => {
  const buffer = Buffer.alloc(12);
  buffer.writeInt32BE(oid, 8);
  return buffer;
};

/** `bigint[]` of safe integers. */
export function int8Array(values: readonly number[]): Buffer {
  if (values.length === 0) return empty(int8Oid);
  const buffer = allocate(int8Oid, values.length);
  let at = headerBytes;
  for (const value of values) {
    buffer.writeInt32BE(8, at);
    buffer.writeInt32BE(Math.floor(value / 0x1_0000_0000), at + 4);
    buffer.writeUInt32BE(value >>> 0, at + 8);
    at += itemBytes;
  }
  return buffer;
}

/** `double precision[]`. */
export function float8Array(values: readonly number[]): Buffer {
  if (values.length === 0) return empty(float8Oid);
  const buffer = allocate(float8Oid, values.length);
  let at = headerBytes;
  for (const value of values) {
    buffer.writeInt32BE(8, at);
    buffer.writeDoubleBE(value, at + 4);
    at += itemBytes;
  }
  return buffer;
}

/**
 * Reads the text of a number array without nulls, such as `{1,2.5,NaN}`. (The driver decodes every answer as UTF-8, so
 * binary forms cannot come back.) JSON.parse reads 1,000 numbers in a third of the time of splitting the text.
 */
export function readNumbers(text: string): number[] {
  const items = text.slice(1, -1);
  if (items.includes('N') || items.includes('I')) return items.split(',').map(Number);
  return JSON.parse(`[${items}]`) as number[];
}

/** Reads PostgreSQL's binary form of `bigint[]` or `double precision[]` without nulls, in base64. */
export function readArray(base64: string, kind: 'int8' | 'float8'): Float64Array<ArrayBuffer> {
  const bytes = Buffer.from(base64, 'base64');
  const length = Math.max(0, Math.floor((bytes.length - headerBytes) / itemBytes));
  const values = new Float64Array(length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = headerBytes + 4;
  if (kind === 'float8') {
    for (let index = 0; index < length; index += 1, at += itemBytes) values[index] = view.getFloat64(at);
  } else {
    for (let index = 0; index < length; index += 1, at += itemBytes) {
      values[index] = view.getInt32(at) * 0x1_0000_0000 + view.getUint32(at + 4);
    }
  }
  return values;
}
