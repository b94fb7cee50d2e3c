/** A vector of numbers, and a table of such vectors: one for each project. */
export type Vector = Float64Array;

/** Numbers from 0 to 1 that the seed determines (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The places 0 to count - 1 in an order drawn by chance (Fisher and Yates). */
export function shuffled(count: number, random: () => number): number[] {
  const places = Array.from({ length: count }, (_, place) => place);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [places[last], places[other]] = [places[other]!, places[last]!];
  }
  return places;
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** The root of the mean squared distance from the mean. */
export function deviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - centre) ** 2;
  return Math.sqrt(sum / values.length);
}

/** The third standardised moment: 0 where values lie evenly about their mean. */
export function skewness(values: ArrayLike<number>): number {
  const centre = mean(values);
  const spread = deviation(values);
  if (spread === 0) return 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += ((values[i]! - centre) / spread) ** 3;
  return sum / values.length;
}

/** The value below which `share` of the values lie, between neighbours by straight lines (Hyndman and Fan 1996, type 7). */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  return low + (place - below) * ((sorted[below + 1] ?? low) - low);
}

export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

export function clip(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** The logarithm of the largest number there is: an interval that reaches further has no end that can be written. */
export const largestLog = Math.log(Number.MAX_VALUE);

/**
 * The lower triangle L of a symmetric positive definite matrix A = L Lᵀ, both `size` × `size` and row by row.
 * A hair is added to the diagonal where rounding has made the matrix indefinite.
 */
export function cholesky(matrix: Vector, size: number): Vector {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let j = 0; j <= i; j++) {
      const other = j * size;
      let sum = matrix[row + j]!;
      for (let k = 0; k < j; k++) sum -= lower[row + k]! * lower[other + k]!;
      if (i === j) lower[row + i] = Math.sqrt(Math.max(sum, 1e-10 * Math.max(matrix[row + i]!, 1e-300)));
      else lower[row + j] = sum / lower[other + j]!;
    }
  }
  return lower;
}

/** Solves L z = b, for the lower triangle of `cholesky`. */
export function solveLower(lower: ArrayLike<number>, b: ArrayLike<number>): Vector {
  const size = b.length;
  const z = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= lower[i * size + k]! * z[k]!;
    z[i] = sum / lower[i * size + i]!;
  }
  return z;
}

/** Solves Lᵀ z = b. */
export function solveUpper(lower: Vector, b: ArrayLike<number>): Vector {
  const size = b.length;
  const z = Float64Array.from(b);
  for (let i = size - 1; i >= 0; i--) {
    const value = z[i]! / lower[i * size + i]!;
    z[i] = value;
    for (let k = 0; k < i; k++) z[k]! -= lower[i * size + k]! * value;
  }
  return z;
}

/** Solves A z = b, for A = L Lᵀ. */
export function solve(lower: Vector, b: ArrayLike<number>): Vector {
  return solveUpper(lower, solveLower(lower, b));
}

/** XᵀWX of rows with weights (1 each where none are given), `size` × `size`. */
export function gram(rows: readonly Vector[], size: number, weights?: ArrayLike<number>): Vector {
  const product = new Float64Array(size * size);
  const places = new Int32Array(size);
  for (const [at, row] of rows.entries()) {
    const weight = weights?.[at] ?? 1;
    // Most columns of categories are 0 in most rows.
    let count = 0;
    for (let i = 0; i < size; i++) if (row[i] !== 0) places[count++] = i;
    for (let a = 0; a < count; a++) {
      const i = places[a]!;
      const scaled = row[i]! * weight;
      for (let b = 0; b <= a; b++) product[i * size + places[b]!]! += scaled * row[places[b]!]!;
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) product[j * size + i] = product[i * size + j]!;
  return product;
}

/** Seven figures are enough for a stored model, and keep it small. */
export function brief(values: ArrayLike<number>): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(7)));
}
