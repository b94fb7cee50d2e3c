/** Numbers in a row. */
export type Float = Float64Array<ArrayBuffer>;

/** Points of a series in parallel columns. */
export interface Columns {
  readonly steps: Float;
  readonly timestamps: Float;
  readonly values: Float;
}

const headerBytes = 20;
const itemBytes = 12;

/** Reads PostgreSQL's binary form of `bigint[]` or `double precision[]` without nulls, in base64. */
export function readArray(base64: string, kind: 'int8' | 'float8'): Float {
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

/** NaN counts as 0 and comes first, as everywhere. */
const rank = (value: number): number => (Number.isNaN(value) ? 0 : value);

function compare({ steps, timestamps, values }: Columns, a: number, b: number): number {
  const [left, right] = [values[a] as number, values[b] as number];
  return (
    (steps[a] as number) - (steps[b] as number) ||
    (timestamps[a] as number) - (timestamps[b] as number) ||
    rank(left) - rank(right) ||
    Number(Number.isNaN(right)) - Number(Number.isNaN(left))
  );
}

/** Joins the chunks of a series: in the order of (step, timestamp, value), without what retried writes doubled. */
export function joined(chunks: readonly Columns[]): Columns {
  const length = chunks.reduce((sum, { values }) => sum + values.length, 0);
  const all: Columns = {
    steps: new Float64Array(length),
    timestamps: new Float64Array(length),
    values: new Float64Array(length),
  };
  let at = 0;
  for (const { steps, timestamps, values } of chunks) {
    all.steps.set(steps, at);
    all.timestamps.set(timestamps, at);
    all.values.set(values, at);
    at += values.length;
  }
  let isAscending = true;
  for (let index = 1; index < length && isAscending; index += 1) {
    isAscending = (all.steps[index] as number) > (all.steps[index - 1] as number);
  }
  if (isAscending) return all;
  const order = Uint32Array.from({ length }, (_, index) => index).sort((a, b) => compare(all, a, b));
  const kept = order.filter((place, index) => index === 0 || compare(all, order[index - 1] as number, place) !== 0);
  const pick = (column: Float): Float => Float64Array.from(kept, (place) => column[place] as number);
  return { steps: pick(all.steps), timestamps: pick(all.timestamps), values: pick(all.values) };
}
