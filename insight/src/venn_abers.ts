/** A project's score by a model that did not see it, and whether it succeeded. */
export interface Scored {
  readonly score: number;
  readonly outcome: number;
}

/** The isotonic regression at `score`, of projects in order of score, with one more of that score and outcome. */
function isotonic(ordered: readonly Scored[], score: number, outcome: number): number {
  // Blocks of pooled neighbours, with rising means (pool adjacent violators).
  const sums: number[] = [];
  const counts: number[] = [];
  const lasts: number[] = [];
  const add = (value: number, last: number) => {
    sums.push(value);
    counts.push(1);
    lasts.push(last);
    for (let top = sums.length - 1; top > 0; top--) {
      const rises = sums[top - 1]! / counts[top - 1]! < sums[top]! / counts[top]!;
      if (rises && lasts[top - 1]! < lasts[top]!) break;
      sums[top - 1]! += sums.pop()!;
      counts[top - 1]! += counts.pop()!;
      lasts[top - 1] = lasts.pop()!;
    }
  };
  let isIn = false;
  for (const each of ordered) {
    if (!isIn && each.score > score) {
      add(outcome, score);
      isIn = true;
    }
    add(each.outcome, each.score);
  }
  if (!isIn) add(outcome, score);
  const block = lasts.findIndex((last) => last >= score);
  return sums[block]! / counts[block]!;
}

/**
 * Two probabilities of success, one of which is calibrated whatever the model (Venn–Abers predictors: Vovk and Petej
 * 2014): isotonic regressions with the new project as a failure and as a success. `ordered` is in order of score.
 */
export function vennAbers(ordered: readonly Scored[], score: number): { low: number; high: number } {
  return { low: isotonic(ordered, score, 0), high: isotonic(ordered, score, 1) };
}
