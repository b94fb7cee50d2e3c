import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { learn } from '@maestro/insight/learning';
import { expect, test } from 'vitest';
import { lessonsOf } from './histories.ts';
import { finishedProjects } from './history.fixture.ts';
import { heapOf } from './models.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
function heapUsed(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

test.each([12, 100])('models of %i projects are counted as what they take of the heap, to a quarter', (count) => {
  const examples = finishedProjects(count).map((project, at) => ({
    project: { project_id: String(at), ...project },
    reuse: {},
    process: {},
  }));
  const texts = lessonsOf(examples).map(({ history }) => JSON.stringify(learn(history, 1).model));
  const before = heapUsed();
  let counted = 0;
  const kept = Array.from({ length: 100 }, () =>
    texts.map((text) => {
      const projects = Array.from({ length: count }, () => randomUUID());
      counted += heapOf(text.length, projects.length);
      return { projects, model: JSON.parse(text) as unknown };
    }),
  );
  const taken = heapUsed() - before;
  expect(kept).toHaveLength(100);
  expect(taken / counted).toBeGreaterThan(0.75);
  expect(taken / counted).toBeLessThan(1.25);
});
