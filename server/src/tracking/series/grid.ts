import type { Float } from './points.ts';

/** How an axis is divided: evenly, or evenly in the logarithm to base 2 of what is positive. */
export type Spacing = 'even' | 'log';

/**
 * Buckets of an axis: the i-th holds what lies in [i, i + 1) × `width`. Widths are powers of two, so that buckets stay
 * where they are while an axis grows, and part or join when looked at from nearer or farther.
 */
export interface Grid {
  readonly spacing: Spacing;
  readonly width: number;
}

/** Where a value of x stands on the axis; NaN where it has no place there. */
export const placeOn = (spacing: Spacing, x: number): number =>
  spacing === 'even' ? x : x > 0 ? Math.log2(x) : Number.NaN;

/** The bucket of a value of x; NaN where it has none. */
export const bucketOf = ({ spacing, width }: Grid, x: number): number => Math.floor(placeOn(spacing, x) / width);

/** The least value of x in a bucket; the bucket at an end of what a double holds may begin beyond it. */
export function startOf({ spacing, width }: Grid, bucket: number): number {
  const start = spacing === 'even' ? bucket * width : 2 ** (bucket * width);
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, start));
}

/** Of a bucket's distance from 0: a width below this share of it is lost in the rounding of doubles. */
const leastShare = 4 * Number.EPSILON;

/**
 * The finest grid that has at most `buckets` from `start` to `end`; `least` is the finest that makes a difference. The
 * numbers of buckets between them are exact: they are below 2^51. Where nothing lies between them, the width is 1.
 */
export function gridFor(start: number, end: number, buckets: number, spacing: Spacing, least: number): Grid {
  const [from, to] = [placeOn(spacing, start), placeOn(spacing, end)];
  if (Number.isNaN(from) || Number.isNaN(to)) return { spacing, width: 1 };
  // Divided first, for the distance of two doubles may be none. Of whole numbers there is one more than their distance.
  const wanted = to > from ? to / buckets - from / buckets + (spacing === 'even' ? least / buckets : 0) : 1;
  const finest = Math.max(spacing === 'even' ? least : 0, leastShare * Math.max(Math.abs(from), Math.abs(to)));
  const exponent = Math.ceil(Math.log2(Math.max(wanted, finest)));
  return { spacing, width: 2 ** Math.max(-1022, Math.min(1023, exponent)) };
}

/** What a bucket keeps of the points in it, and the bucket itself, in parallel columns in the order of buckets. */
export interface Thinned {
  /** The greatest x in each bucket: where its last point is. */
  readonly x: number[];
  /** The value of the last point that is a number; null where none in the bucket is. */
  readonly last: (number | null)[];
  readonly min: (number | null)[];
  readonly max: (number | null)[];
  /** How many values were NaN, +∞ and −∞, of the buckets where some were. */
  readonly odd: { readonly x: number[]; readonly nan: number[]; readonly up: number[]; readonly down: number[] };
}

/** Infinities are the greatest doubles (ADR 4). */
export const isFiniteValue = (value: number): boolean => Math.abs(value) < Number.MAX_VALUE;

interface Bucket {
  x: number;
  /** The x of the last value that is a number. */
  lastX: number;
  last: number;
  min: number;
  max: number;
  nan: number;
  up: number;
  down: number;
}

/** Thins points, given in any order, to the least, the greatest and the last of each bucket. */
export class Thinner {
  readonly #grid: Grid;
  readonly #buckets = new Map<number, Bucket>();
  /** The bucket of the point before: most points fall into the same one. */
  #at = Number.NaN;
  #bucket: Bucket | undefined;
  /** Points that have no place on the axis. */
  unplaced = 0;

  constructor(grid: Grid) {
    this.#grid = grid;
  }

  #bucketAt(x: number): Bucket | undefined {
    const at = bucketOf(this.#grid, x);
    if (at === this.#at) return this.#bucket;
    if (Number.isNaN(at)) return undefined;
    let bucket = this.#buckets.get(at);
    if (bucket === undefined) {
      const none = Number.NEGATIVE_INFINITY;
      bucket = {
        x: none,
        lastX: none,
        last: Number.NaN,
        min: Number.POSITIVE_INFINITY,
        max: none,
        nan: 0,
        up: 0,
        down: 0,
      };
      this.#buckets.set(at, bucket);
    }
    this.#at = at;
    this.#bucket = bucket;
    return bucket;
  }

  point(x: number, value: number): void {
    const bucket = this.#bucketAt(x);
    if (bucket === undefined) {
      this.unplaced += 1;
      return;
    }
    if (x > bucket.x) bucket.x = x;
    if (isFiniteValue(value)) {
      if (value < bucket.min) bucket.min = value;
      if (value > bucket.max) bucket.max = value;
      if (x >= bucket.lastX) {
        bucket.lastX = x;
        bucket.last = value;
      }
    } else if (Number.isNaN(value)) bucket.nan += 1;
    else if (value > 0) bucket.up += 1;
    else bucket.down += 1;
  }

  /** What stands for a block of points, all of which belong where its last one is. */
  block(
    x: number,
    block: { min: number; max: number; last: number; nan: number; up: number; down: number },
    size: number,
  ): void {
    const bucket = this.#bucketAt(x);
    if (bucket === undefined) {
      this.unplaced += size;
      return;
    }
    if (x > bucket.x) bucket.x = x;
    bucket.nan += block.nan;
    bucket.up += block.up;
    bucket.down += block.down;
    if (Number.isNaN(block.last)) return;
    if (block.min < bucket.min) bucket.min = block.min;
    if (block.max > bucket.max) bucket.max = block.max;
    if (x >= bucket.lastX) {
      bucket.lastX = x;
      bucket.last = block.last;
    }
  }

  /** What was kept. */
  thinned(): Thinned {
    const kept = [...this.#buckets].sort(([a], [b]) => a - b).map(([, bucket]) => bucket);
    const orNull = (bucket: Bucket, value: number) => (Number.isNaN(bucket.last) ? null : value);
    const odd = kept.filter(({ nan, up, down }) => nan + up + down > 0);
    return {
      x: kept.map(({ x }) => x),
      last: kept.map((bucket) => orNull(bucket, bucket.last)),
      min: kept.map((bucket) => orNull(bucket, bucket.min)),
      max: kept.map((bucket) => orNull(bucket, bucket.max)),
      odd: {
        x: odd.map(({ x }) => x),
        nan: odd.map(({ nan }) => nan),
        up: odd.map(({ up }) => up),
        down: odd.map(({ down }) => down),
      },
    };
  }
}

/** The values of a smoothed curve at the last point of each bucket that `x` names; both ascend. */
export function atEach(x: readonly number[], curve: { readonly x: Float; readonly y: Float }): (number | null)[] {
  let at = 0;
  return x.map((wanted) => {
    // The last point that is not beyond, halving what is left: buckets are few, points many.
    for (let end = curve.x.length; end - at > 1; ) {
      const middle = (at + end) >> 1;
      if ((curve.x[middle] as number) <= wanted) at = middle;
      else end = middle;
    }
    const value = curve.y[at];
    return value === undefined || Number.isNaN(value) ? null : value;
  });
}
