/** Ranks from 1, those of equal values shared (midranks). */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] as number) - (values[b] as number));
  const out = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to += 1;
    for (let at = from; at < to; at += 1) out[order[at] as number] = (from + to + 1) / 2;
    from = to;
  }
  return out;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Spearman's rank correlation (1904), from -1 to 1; null where either side is the same everywhere. */
export function spearman(x: readonly number[], y: readonly number[]): number | null {
  const [a, b] = [ranks(x), ranks(y)];
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, squaresA, squaresB] = [0, 0, 0];
  for (const [index, rank] of a.entries()) {
    const [left, right] = [rank - meanA, (b[index] as number) - meanB];
    both += left * right;
    squaresA += left * left;
    squaresB += right * right;
  }
  return squaresA === 0 || squaresB === 0 ? null : both / Math.sqrt(squaresA * squaresB);
}

/**
 * The share of the variance of ranks that groups explain, less what chance would (epsilon squared, Kelley 1935), from 0
 * to 1; null where each value is a group of its own, or there is one group.
 */
export function epsilonSquared(groups: readonly string[], y: readonly number[]): number | null {
  const byGroup = Map.groupBy(
    ranks(y).map((rank, index) => ({ rank, group: groups[index] as string })),
    ({ group }) => group,
  );
  const [n, k] = [y.length, byGroup.size];
  if (k < 2 || k >= n) return null;
  const all = (n + 1) / 2;
  let [total, within] = [0, 0];
  for (const members of byGroup.values()) {
    const own = mean(members.map(({ rank }) => rank));
    for (const { rank } of members) {
      total += (rank - all) ** 2;
      within += (rank - own) ** 2;
    }
  }
  if (total === 0) return null;
  return Math.max(0, (total - within - ((k - 1) * within) / (n - k)) / total);
}
