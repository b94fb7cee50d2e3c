import { brief, median } from '../numbers.ts';
import type { Learner } from './learner.ts';

/** The human's estimate as it is. */
export const human: Learner<null, null> = {
  settle: () => null,
  fit: () => null,
  predict: ({ estimate }) => estimate ?? 0,
};

/** This many projects must agree before half of a bias is believed. */
const doubt = 20;

/** The human's estimate times the factor by which such estimates are usually missed, which is shrunk toward 1. */
export const corrected: Learner<null, number> = {
  settle: () => null,
  fit({ points, outcomes }, kept) {
    const misses = kept.map((row) => outcomes[row]! - (points[row]!.estimate ?? 0));
    return brief([(median(misses) * kept.length) / (kept.length + doubt)])[0]!;
  },
  predict: ({ estimate }, factor) => (estimate ?? 0) + factor,
};
