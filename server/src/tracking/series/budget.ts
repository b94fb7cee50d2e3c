import { MaestroError } from '../../errors.ts';
import type { SeriesExtent } from './queries.ts';

/** Points that one call may read, of one series and of all, and the buckets that it may answer. */
const seriesPointsMax = 5_000_000;
const pointsMax = 30_000_000;
const cellsMax = 1_000_000;

const millions = (count: number): string => (count / 1e6).toLocaleString('en', { maximumFractionDigits: 1 });

/** What one call may still read and answer, over all of its metrics. Its methods throw `too_large` where that is over. */
export class ReadBudget {
  #points = 0;
  #cells = 0;

  /** Takes what series are about to be read, each of so many points. */
  takePoints(series: readonly number[]): void {
    const longest = series.reduce((most, points) => Math.max(most, points), 0);
    if (longest > seriesPointsMax) {
      throw new MaestroError(
        'too_large',
        `A series has ${millions(longest)} million points here, and ${millions(seriesPointsMax)} million of one can be read at once: choose a narrower range, or no smoothing.`,
      );
    }
    this.#points += series.reduce((sum, points) => sum + points, 0);
    if (this.#points > pointsMax) {
      throw new MaestroError(
        'too_large',
        `These are ${millions(this.#points)} million points, and ${millions(pointsMax)} million can be read at once: choose fewer runs or metrics, or no smoothing.`,
      );
    }
  }

  /** Takes what series come to when each is thinned to so many buckets. */
  takeCells(extents: readonly SeriesExtent[], buckets: number): void {
    this.#cells += extents.reduce((sum, { points }) => sum + Math.min(points, buckets), 0);
    if (this.#cells > cellsMax) {
      throw new MaestroError(
        'too_large',
        `The answer would have more than ${millions(cellsMax)} million buckets: choose fewer runs, metrics or buckets.`,
      );
    }
  }
}
