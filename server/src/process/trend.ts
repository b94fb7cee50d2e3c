/** How a series moves: the change of its values from one place to the next. */
export interface Trend {
  readonly slope: number;
  /** Of 95 %; null where the points are too few for one, whatever they are. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** `unclear` where the interval holds zero, or there is none; `level` where it holds nothing else. */
  readonly direction: 'rising' | 'falling' | 'level' | 'unclear';
  readonly points: number;
}

export interface Point {
  /** A place on the axis; no two points of a series share one. */
  readonly x: number;
  readonly y: number;
}

/** Fewer say nothing of a trend. */
const pointsMin = 3;
/** The 0.975 quantile of the standard normal distribution. */
const z = 1.959964;

function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** Kendall's variance of S under no trend, with the correction for values that occur more than once. */
function varianceOf(points: readonly Point[]): number {
  const n = points.length;
  const tied = [...Map.groupBy(points, ({ y }) => y).values()].map(({ length }) => length);
  const term = (k: number) => k * (k - 1) * (2 * k + 5);
  return (term(n) - tied.reduce((total, k) => total + term(k), 0)) / 18;
}

/**
 * The slope of Theil and Sen, the median of the slopes between all pairs of points, which up to 29 % of wild values do not
 * move, and its 95 % interval by Sen (Estimates of the regression coefficient based on Kendall's tau, JASA 63, 1968;
 * steps as in Gilbert, Statistical Methods for Environmental Pollution Monitoring, 1987, 16.5): of the N slopes in order,
 * the ones at (N − C) / 2 and (N + C) / 2 + 1, rounded outwards, with C = 1.96 √Var(S). It takes the points for
 * independent of each other. Null for fewer than three points; quadratic in their number.
 */
export function trendOf(points: readonly Point[]): Trend | null {
  if (points.length < pointsMin) return null;
  const slopes: number[] = [];
  for (const [index, a] of points.entries()) {
    for (const b of points.slice(index + 1)) slopes.push((b.y - a.y) / (b.x - a.x));
  }
  slopes.sort((a, b) => a - b);
  const slope = medianOf(slopes);
  const reach = z * Math.sqrt(varianceOf(points));
  const low = slopes[Math.floor((slopes.length - reach) / 2) - 1];
  const high = slopes[Math.ceil((slopes.length + reach) / 2)];
  const isLevel = slopes[0] === 0 && slopes.at(-1) === 0;
  const interval = isLevel ? { low: 0, high: 0 } : low === undefined || high === undefined ? null : { low, high };
  return { slope, interval, direction: directionOf(interval), points: points.length };
}

function directionOf(interval: Trend['interval']): Trend['direction'] {
  if (interval === null) return 'unclear';
  if (interval.low > 0) return 'rising';
  if (interval.high < 0) return 'falling';
  return interval.low === 0 && interval.high === 0 ? 'level' : 'unclear';
}
