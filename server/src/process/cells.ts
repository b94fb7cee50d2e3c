/**
 * Values of about one size, counted together: within a day and a metric type, those whose logarithms lie in one interval of
 * a width of 0.04, so that the largest is at most 4 % beyond the smallest. That is the grid of DDSketch (Masson, Rim and
 * Lee, PVLDB 12(12), 2019); sums, minima and maxima are kept beside the counts, so counts, means and extremes are exact, and
 * so is a percentile wherever a cell holds one value, or the same one many times.
 */
export interface Cell {
  /** Orders cells as their values are ordered; 0 holds the zeros. */
  readonly bucket: number;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/** The bucket of a value, in SQL: double precision in, integer out. The logarithm of a double is within ±745. */
export const bucketText = (value: string): string =>
  `CASE WHEN ${value} = 0 THEN 0 ELSE (sign(${value}) * (100000 + ceil(ln(abs(${value})) / 0.04)))::integer END`;

/** What a set of values looks like; of no values, all but the count and the sum are null. */
export interface Statistics {
  readonly count: number;
  readonly sum: number;
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
}

/** A value alone. */
export const cellOf = (value: number): Cell => ({
  // Any order that is that of the values will do.
  bucket: value,
  count: 1,
  sum: value,
  min: value,
  max: value,
});

/**
 * Statistics of the values in cells, given in any order. A percentile is by nearest rank (type 1 of Hyndman and Fan, The
 * American Statistician 50(4), 1996): the smallest value that at least p of all values do not exceed; within a cell of
 * several values, their mean.
 */
export function statisticsOf(cells: readonly Cell[]): Statistics {
  const sorted = cells.toSorted((a, b) => a.bucket - b.bucket);
  const [first] = sorted;
  const last = sorted.at(-1);
  const count = sorted.reduce((total, cell) => total + cell.count, 0);
  const sum = sorted.reduce((total, cell) => total + cell.sum, 0);
  if (!first || !last) return { count, sum, mean: null, min: null, max: null, p50: null, p90: null, p95: null };
  const percentile = (hundredths: number): number => {
    // In whole numbers: 0.95 * 20 is 19.000000000000004 in some orders of writing it.
    const rank = Math.ceil((count * hundredths) / 100);
    let upTo = 0;
    const cell =
      sorted.find((each) => {
        upTo += each.count;
        return upTo >= rank;
      }) ?? last;
    return cell.min === cell.max ? cell.min : cell.sum / cell.count;
  };
  const { min } = first;
  const { max } = last;
  return { count, sum, mean: sum / count, min, max, p50: percentile(50), p90: percentile(90), p95: percentile(95) };
}

/** Statistics of what lies in a time that begins with `day`. */
export interface DatedStatistics extends Statistics {
  readonly day: string;
}

/**
 * The same in SQL, by day: `of` gives rows of day, bucket, count, sum, min and max, each bucket of a day once. A percentile is of
 * the first cell up to which the counts reach its rank. Counts are doubles there: PostgreSQL sums bigints as decimals, at a
 * multiple of the time.
 */
export const statisticsText = (of: string): string => {
  const percentile = (hundredths: number): string =>
    `d.means[width_bucket(ceil(d.count * ${hundredths} / 100) - 0.5, d.up_to) + 1]`;
  return `
    SELECT d.day, d.count::bigint AS count, d.sum, d.sum / d.count AS mean, d.min, d.max, ${percentile(50)} AS p50,
           ${percentile(90)} AS p90, ${percentile(95)} AS p95
      FROM (SELECT r.day, max(r.up_to) AS count, sum(r.sum) AS sum, min(r.min) AS min, max(r.max) AS max,
                   array_agg(r.up_to ORDER BY r.bucket) AS up_to,
                   array_agg(CASE WHEN r.min = r.max THEN r.min ELSE r.sum / r.count END ORDER BY r.bucket) AS means
              FROM (SELECT c.*, sum(c.count::double precision) OVER (PARTITION BY c.day ORDER BY c.bucket
                                                                     ROWS UNBOUNDED PRECEDING) AS up_to
                      FROM (${of}) c) r
             GROUP BY r.day) d`;
};

/** Statistics by a unit, of cells `c` of parts `t`: of those of the unit itself as they are, and of what is left put together. */
export const statisticsByText = (cells: string, unit: string): string => `
  ${statisticsText(`SELECT c.start AS day, c.bucket, c.count, c.sum, c.min, c.max FROM ${cells} WHERE t.period = ${unit}`)}
  UNION ALL
  ${statisticsText(
    `SELECT date_trunc(${unit}, c.start::timestamp)::date AS day, c.bucket, sum(c.count)::bigint AS count, sum(c.sum) AS sum,
            min(c.min) AS min, max(c.max) AS max
       FROM ${cells} WHERE t.period <> ${unit} GROUP BY 1, c.bucket`,
  )}`;
