import type { Design } from './impact_design.ts';

/** Beyond these columns the system is solved by steps: a factorisation grows with their cube. */
const denseMax = 150;

/** A design times coefficients. */
export function times({ starts, column, value }: Design, coefficients: Float64Array): Float64Array {
  const product = new Float64Array(starts.length - 1);
  for (let i = 0; i < product.length; i++) {
    let sum = 0;
    for (let at = starts[i]!; at < starts[i + 1]!; at++) sum += value[at]! * coefficients[column[at]!]!;
    product[i] = sum;
  }
  return product;
}

/** A design, turned over, times a value for each project. */
function turnedTimes({ starts, column, value, columns }: Design, of: Float64Array): Float64Array {
  const product = new Float64Array(columns);
  for (let i = 0; i < of.length; i++) {
    const each = of[i]!;
    for (let at = starts[i]!; at < starts[i + 1]!; at++) product[column[at]!]! += value[at]! * each;
  }
  return product;
}

/**
 * Draws coefficients: normal, with precision AᵀA/variance + diag(precision) and the mean at which Henderson's equations
 * (1950) hold for `outcomes`. `normal` gives standard normal numbers.
 */
export type Draw = (variance: number, precision: Float64Array, normal: () => number) => Float64Array;

/** By a factorisation, in place. */
function denseDraw(design: Design, outcomes: Float64Array): Draw {
  const { columns: size, starts, column, value } = design;
  const gram = new Float64Array(size * size);
  for (let i = 0; i + 1 < starts.length; i++) {
    for (let one = starts[i]!; one < starts[i + 1]!; one++) {
      const row = column[one]! * size;
      // Columns of a row ascend, so that only the lower triangle is filled.
      for (let other = starts[i]!; other <= one; other++) gram[row + column[other]!]! += value[one]! * value[other]!;
    }
  }
  const right = turnedTimes(design, outcomes);
  const lower = new Float64Array(size * size);
  return (variance, precision, normal) => {
    for (let i = 0; i < size; i++) {
      const row = i * size;
      for (let j = 0; j <= i; j++) {
        const other = j * size;
        let sum = gram[row + j]! / variance;
        if (i === j) sum += precision[i]!;
        for (let k = 0; k < j; k++) sum -= lower[row + k]! * lower[other + k]!;
        lower[row + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[other + j]!;
      }
    }
    const drawn = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      let sum = right[i]! / variance;
      for (let k = 0; k < i; k++) sum -= lower[i * size + k]! * drawn[k]!;
      drawn[i] = sum / lower[i * size + i]!;
    }
    for (let i = 0; i < size; i++) drawn[i]! += normal();
    for (let i = size - 1; i >= 0; i--) {
      const each = drawn[i]! / lower[i * size + i]!;
      drawn[i] = each;
      for (let k = 0; k < i; k++) drawn[k]! -= lower[i * size + k]! * each;
    }
    return drawn;
  };
}

/**
 * By conjugate gradients on equations whose right side is perturbed so that their solution is a draw (Papandreou and Yuille
 * 2010): as many operations as the design has values, times some dozens of steps.
 */
function sparseDraw(design: Design, outcomes: Float64Array): Draw {
  const { columns: size, column, value } = design;
  const squares = new Float64Array(size);
  for (let at = 0; at < column.length; at++) squares[column[at]!]! += value[at]! ** 2;
  let last: Float64Array = new Float64Array(size);
  return (variance, precision, normal) => {
    const noisy = outcomes.map((each) => each + Math.sqrt(variance) * normal());
    const right = turnedTimes(design, noisy).map((each, at) => each / variance + Math.sqrt(precision[at]!) * normal());
    const apply = (to: Float64Array): Float64Array =>
      turnedTimes(design, times(design, to)).map((each, at) => each / variance + precision[at]! * to[at]!);
    const conditioned = (of: Float64Array): Float64Array =>
      of.map((each, at) => each / (squares[at]! / variance + precision[at]!));
    const dot = (one: Float64Array, other: Float64Array): number => {
      let sum = 0;
      for (let at = 0; at < size; at++) sum += one[at]! * other[at]!;
      return sum;
    };
    const solution = last.slice();
    const applied = apply(solution);
    const rest = right.map((each, at) => each - applied[at]!);
    let direction = conditioned(rest);
    let length = dot(rest, direction);
    const enough = 1e-10 * dot(right, conditioned(right));
    for (let step = 0; step < 2 * size && length > enough; step++) {
      const along = apply(direction);
      const by = length / dot(direction, along);
      for (let at = 0; at < size; at++) {
        solution[at]! += by * direction[at]!;
        rest[at]! -= by * along[at]!;
      }
      const next = conditioned(rest);
      const now = dot(rest, next);
      const share = now / length;
      direction = next.map((each, at) => each + share * direction[at]!);
      length = now;
    }
    last = solution;
    return solution.slice();
  };
}

/** `limit`: the columns up to which a factorisation is used. */
export const drawOf = (design: Design, outcomes: Float64Array, limit = denseMax): Draw =>
  (design.columns <= limit ? denseDraw : sparseDraw)(design, outcomes);
