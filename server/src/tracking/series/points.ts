/** Numbers in a row. */
export type Float = Float64Array<ArrayBuffer>;

/** Points of a series in parallel columns: what they are placed by (their steps, or times), and their values. */
export interface Columns {
  readonly x: Float;
  readonly values: Float;
}

/** Joins the chunks of a series, in the order of x. Points alike in x and value are one: retried writes doubled them. */
export function joined(chunks: readonly Columns[]): Columns {
  const length = chunks.reduce((sum, { values }) => sum + values.length, 0);
  const all: Columns = { x: new Float64Array(length), values: new Float64Array(length) };
  let at = 0;
  for (const { x, values } of chunks) {
    all.x.set(x, at);
    all.values.set(values, at);
    at += values.length;
  }
  let isAscending = true;
  for (let index = 1; index < length && isAscending; index += 1) {
    isAscending = (all.x[index] as number) > (all.x[index - 1] as number);
  }
  if (isAscending) return all;
  // Values of one x stay in the order in which they came, so that the last one is the last; doubles are dropped.
  const order = Uint32Array.from({ length }, (_, index) => index).sort(
    (a, b) => (all.x[a] as number) - (all.x[b] as number) || a - b,
  );
  const kept = withoutDoubles(all, order);
  const pick = (column: Float): Float => Float64Array.from(kept, (place) => column[place] as number);
  return { x: pick(all.x), values: pick(all.values) };
}

/** What is left of an order when of points alike in x and value only the first stays. */
function withoutDoubles({ x, values }: Columns, order: Uint32Array): Uint32Array {
  let from = 0;
  const seen = new Set<number>();
  return order.filter((place, index) => {
    if ((x[order[from] as number] as number) !== (x[place] as number)) {
      from = index;
      seen.clear();
    }
    const value = values[place] as number;
    if (seen.has(value)) return false;
    seen.add(value);
    return true;
  });
}
