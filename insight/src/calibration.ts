/** Some estimates of about one size, and what came of them. */
export interface CalibrationBin {
  readonly count: number;
  /** The median of the estimates, and of what came; for probabilities the means. */
  readonly predicted: number;
  readonly observed: number;
}

const binsMax = 10;
const rowsInBin = 5;

const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return mean(sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1));
}

/**
 * The points of a calibration plot: estimates in order, cut into at most ten bins of about equal counts. On a model that
 * is calibrated they lie on the diagonal (reliability diagrams: Niculescu-Mizil and Caruana, ICML 2005).
 */
export function calibrationOf(
  predicted: readonly number[],
  observed: readonly number[],
  kind: 'amounts' | 'probabilities',
): CalibrationBin[] {
  const middle = kind === 'amounts' ? median : mean;
  const order = [...predicted.keys()].sort((a, b) => (predicted[a] as number) - (predicted[b] as number));
  const bins = Math.min(binsMax, Math.floor(order.length / rowsInBin));
  return Array.from({ length: bins }, (_, bin) => {
    const rows = order.slice(Math.round((bin * order.length) / bins), Math.round(((bin + 1) * order.length) / bins));
    return {
      count: rows.length,
      predicted: middle(rows.map((row) => predicted[row] as number)),
      observed: middle(rows.map((row) => observed[row] as number)),
    };
  });
}
