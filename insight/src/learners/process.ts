import { brief, cholesky, deviation, dot, mean, shuffled, solve, solveLower, type Vector } from '../numbers.ts';
import { narrowed } from '../screening.ts';
import type { Learner, Sample } from './learner.ts';

/** Variances, in units of the outcomes' variance, and a length. */
interface Kernel {
  readonly linear: number;
  readonly smooth: number;
  /** How far apart, by features that each count alike, two projects are before they tell little of each other. */
  readonly length: number;
  readonly noise: number;
}

interface Settings {
  readonly kernel: Kernel;
  /** The projects that the process knows: encoded. */
  readonly inputs: readonly (readonly number[])[];
  readonly centre: number;
  readonly spread: number;
}

/** With more projects than these, this many chosen by chance stand for them. */
const mostInputs = 150;

/** So many are enough to settle the kernel. */
const mostTuned = 160;

/**
 * A Gaussian process (Rasmussen and Williams 2006) of log outcomes: a straight line, a smooth surface about it, and
 * noise. The four numbers of its kernel are the most likely ones under weak priors (type II maximum likelihood).
 */
export const process: Learner<Settings, readonly number[]> = {
  settle(sample, random, columns) {
    const { points } = sample;
    const targets = targetsOf(sample);
    const [centre, spread] = [mean(targets), Math.max(deviation(targets), 1e-9)];
    const standard = targets.map((target) => (target - centre) / spread);
    const order = shuffled(points.length, random);
    const tuned = order.slice(0, mostTuned);
    const inputs = (points.length <= mostInputs ? points.map((_, row) => row) : order.slice(0, mostInputs)).map((row) =>
      brief(points[row]!.logs),
    );
    const kernel = mostLikely(
      tuned.map((row) => narrowed(points[row]!.logs, columns)),
      Float64Array.from(tuned, (row) => standard[row]!),
    );
    return { kernel, inputs, centre, spread };
  },

  narrow: ({ inputs, ...settings }, columns) => ({
    ...settings,
    inputs: inputs.map((input) => columns.map((column) => input[column]!)),
  }),

  fit(sample, kept, { kernel, inputs, centre, spread }) {
    const targets = targetsOf(sample);
    const standard = Float64Array.from(kept, (row) => (targets[row]! - centre) / spread);
    if (inputs.length === sample.points.length) {
      const rows = kept.map((row) => inputs[row]!);
      const weights = solve(cholesky(covariance(kernel, distances(rows)), rows.length), standard);
      const all = new Float64Array(inputs.length);
      for (const [place, row] of kept.entries()) all[row] = weights[place]! * spread;
      return brief(all);
    }
    return brief(sparse(sample, kept, kernel, inputs, standard).map((weight) => weight * spread));
  },

  predict({ logs, estimate }, weights, { kernel, inputs, centre }) {
    let sum = centre + (estimate ?? 0);
    for (const [place, input] of inputs.entries()) {
      if (weights[place] === 0) continue;
      let [product, square] = [0, 0];
      for (let j = 0; j < input.length; j++) {
        product += input[j]! * logs[j]!;
        square += (input[j]! - logs[j]!) ** 2;
      }
      sum += weights[place]! * covarianceOf(kernel, product, square, logs.length);
    }
    return sum;
  },
};

/** What the process is to explain: the outcome, or by how much the human's estimate misses it. */
function targetsOf({ points, outcomes }: Sample): Vector {
  return outcomes.map((outcome, row) => outcome - (points[row]!.estimate ?? 0));
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

interface Distances {
  readonly size: number;
  readonly columns: number;
  readonly products: Vector;
  readonly squares: Vector;
}

function distances(rows: readonly ArrayLike<number>[]): Distances {
  const size = rows.length;
  const products = new Float64Array(size * size);
  const squares = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      products[i * size + j] = products[j * size + i] = dot(rows[i]!, rows[j]!);
      squares[i * size + j] = squares[j * size + i] = distance(rows[i]!, rows[j]!);
    }
  }
  return { size, columns: rows[0]!.length, products, squares };
}

function covarianceOf({ linear, smooth, length }: Kernel, product: number, square: number, columns: number): number {
  // Without a column all projects are alike.
  const size = Math.max(columns, 1);
  return 1 + (linear * product) / size + smooth * Math.exp(-square / (2 * size * length ** 2));
}

/** The covariance of projects with noise, row by row; the constant 1 in it is the doubt about the centre. */
function covariance(kernel: Kernel, { size, columns, products, squares }: Distances): Vector {
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < matrix.length; i++) matrix[i] = covarianceOf(kernel, products[i]!, squares[i]!, columns);
  for (let i = 0; i < size; i++) matrix[i * size + i]! += kernel.noise;
  return matrix;
}

/** What the logarithms of a kernel's numbers are about, before anything is known, and how sure that is. */
const prior = [
  { of: 'linear', centre: Math.log(1), spread: 2 },
  { of: 'smooth', centre: Math.log(0.2), spread: 1.5 },
  { of: 'length', centre: Math.log(1), spread: 0.7 },
  { of: 'noise', centre: Math.log(0.3), spread: 1 },
] as const;

function kernelOf(logs: ArrayLike<number>): Kernel {
  const [linear, smooth, length, noise] = brief(Array.from(logs, Math.exp)) as [number, number, number, number];
  return { linear, smooth, length, noise };
}

function mostLikely(rows: readonly Vector[], targets: Vector): Kernel {
  const known = distances(rows);
  const unlikeliness = (logs: ArrayLike<number>): number => {
    const lower = cholesky(covariance(kernelOf(logs), known), known.size);
    const half = solveLower(lower, targets);
    let sum = dot(half, half) / 2;
    for (let i = 0; i < known.size; i++) sum += Math.log(lower[i * known.size + i]!);
    for (const [place, { centre, spread }] of prior.entries()) sum += ((logs[place]! - centre) / spread) ** 2 / 2;
    return sum;
  };
  return kernelOf(
    downhill(
      unlikeliness,
      prior.map(({ centre }) => centre),
    ),
  );
}

/** A point near where the function is least, by trying both sides of each number with steps that shrink (Hooke and Jeeves 1961). */
function downhill(of: (point: ArrayLike<number>) => number, start: readonly number[]): number[] {
  const point = [...start];
  let least = of(point);
  for (let step = 1.2; step > 0.2; ) {
    let better = false;
    for (let place = 0; place < point.length; place++) {
      for (const side of [step, -step]) {
        const tried = point.with(place, point[place]! + side);
        const value = of(tried);
        if (value < least - 1e-3) {
          least = value;
          point[place] = tried[place]!;
          better = true;
          break;
        }
      }
    }
    if (!better) step /= 2;
  }
  return point;
}

/** Weights of a few inputs that stand for all projects: the subset of regressors (Rasmussen and Williams 2006, 8.3.1). */
function sparse(
  { points }: Sample,
  kept: readonly number[],
  kernel: Kernel,
  inputs: readonly (readonly number[])[],
  standard: Vector,
): Vector {
  const size = inputs.length;
  const among = covariance({ ...kernel, noise: 1e-6 }, distances(inputs));
  const matrix = among.map((value) => value * kernel.noise);
  const moments = new Float64Array(size);
  const row = new Float64Array(size);
  const lengths = inputs.map((input) => dot(input, input));
  for (const [place, at] of kept.entries()) {
    const logs = points[at]!.logs;
    const length = dot(logs, logs);
    for (let i = 0; i < size; i++) {
      const product = dot(inputs[i]!, logs);
      row[i] = covarianceOf(kernel, product, lengths[i]! + length - 2 * product, logs.length);
    }
    for (let i = 0; i < size; i++) {
      const value = row[i]!;
      moments[i]! += value * standard[place]!;
      for (let j = 0; j <= i; j++) matrix[i * size + j]! += value * row[j]!;
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) matrix[j * size + i] = matrix[i * size + j]!;
  return solve(cholesky(matrix, size), moments);
}
