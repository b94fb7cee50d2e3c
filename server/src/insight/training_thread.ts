import { parentPort, workerData } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { learn } from '@maestro/insight/learning';
import { type Example, lessonsOf } from './histories.ts';
import { reportOf } from './report.ts';
import type { TaughtModel, TeachingInput } from './training.ts';

/** The same projects give the same models. */
const seed = 1;

const { outlines, metadata } = workerData as TeachingInput;
const decoder = new TextDecoder();
const each = metadata.flatMap((page) => JSON.parse(decoder.decode(page)) as Example['project']['metadata'][]);
const examples = (JSON.parse(outlines) as Example[]).map(
  (example, at): Example => ({ ...example, project: { ...example.project, metadata: each[at] ?? {} } }),
);

const taught = lessonsOf(examples).map((lesson): TaughtModel => {
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
