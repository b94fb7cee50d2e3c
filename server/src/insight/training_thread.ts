import { parentPort, workerData } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { learn } from '@maestro/insight/learning';
import { type Example, lessonsOf } from './histories.ts';
import { reportOf } from './report.ts';
import type { TaughtModel } from './training.ts';

/** The same projects give the same models. */
const seed = 1;

const taught = lessonsOf(JSON.parse(workerData as string) as Example[]).map((lesson): TaughtModel => {
  const { model, quality } = learn(lesson.history, seed);
  const kept = { features: lesson.history.features, scale: lesson.history.scale, isThin: quality.isThin, model };
  return {
    outcome: lesson.outcome,
    projects: lesson.projects,
    model: gzipSync(JSON.stringify(kept)),
    report: JSON.stringify(reportOf(lesson, quality)),
  };
});
parentPort?.postMessage(taught);
