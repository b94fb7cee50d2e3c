import { parentPort, workerData } from 'node:worker_threads';
import { estimateReuse } from '@maestro/insight/impact';
import { historyOf, judgedIn, sharesIn } from './impact_history.ts';
import type { TeachingTexts } from './impact_queries.ts';

/** JSON texts of an array of Judged, and of one of Share. */
export interface JudgedTexts {
  readonly judged: string;
  readonly shares: string;
}

/** Fixed, so that the same history gives the same estimate. */
const seed = 1;

const { projects, teams, uses } = workerData as TeachingTexts;
const placed = historyOf(JSON.parse(projects), JSON.parse(teams), JSON.parse(uses));
const estimate = estimateReuse(placed.history, seed);
const texts: JudgedTexts = {
  judged: JSON.stringify(judgedIn(estimate, placed)),
  shares: JSON.stringify(sharesIn(estimate, placed)),
};
parentPort?.postMessage(texts);
