import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { file, makeRepository } from '../cli/src/git_repository.fixture.ts';
import { type Desk, startDesk, stepsOf } from './docs_page.fixture.ts';
import { preparePython } from './python.ts';
import { installWheel } from './wheel.ts';

const minutes = 60_000;
let packages: string;
let site: string;
beforeAll(async () => {
  await preparePython();
  packages = await mkdtemp(path.join(tmpdir(), 'maestro-packages-'));
  site = await installWheel(packages);
}, 15 * minutes);
afterAll(() => rm(packages, { recursive: true, force: true }));

async function atDesk(work: (desk: Desk) => Promise<void>): Promise<void> {
  const desk = await startDesk({ PYTHONPATH: site });
  await work(desk).finally(desk.stop);
}

/** The clone that the tutorial reads: one commit in the week of 2 February 2026, two in the next, and so on. */
async function putClone(at: string): Promise<() => Promise<void>> {
  const { path: clone, add, remove } = await makeRepository();
  const week = 7 * 86_400;
  const monday = Date.parse('2026-02-02T09:00:00Z') / 1000;
  const authors = ['Ada <ada@example.org>', 'Grace <grace@example.org>'];
  await add(
    Array.from({ length: 6 }, (_, weeks) =>
      Array.from({ length: weeks + 1 }, (_, n) => ({
        author: authors[n % 2] as string,
        at: monday + weeks * week + n * 3600,
        tree: [file(`features/${n}.py`, `step = ${weeks}\n`)],
      })),
    ).flat(),
  );
  await mkdir(path.dirname(at), { recursive: true });
  await symlink(clone, at);
  return remove;
}

test('the tutorial of reuse does, step by step, what it says', { timeout: 5 * minutes }, () =>
  atDesk(async (desk) => {
    const remove = await putClone(path.join(desk.environment.HOME as string, 'src', 'progression'));
    await desk.play('docs/tutorial/reuse.md').finally(remove);
  }),
);

test('the tutorial of predictions does, step by step, what it says', { timeout: 15 * minutes }, () =>
  atDesk(async (desk) => {
    await desk.play('docs/tutorial/predict.md');
  }),
);

test('the training that the README shows runs as it stands', { timeout: 5 * minutes }, () =>
  atDesk(async (desk) => {
    await desk.play('README.md');
  }),
);

test('a step is the code and what the page says it prints', () => {
  const page = 'a\n\n```\nno step\n```\n\n```sh\none\n```\n\nwords\n\n```text\nsaid …\n```\n\n```python\ntwo\n```\n';
  expect(stepsOf(page)).toEqual([
    { line: 7, language: 'sh', code: 'one\n', says: 'said …\n' },
    { line: 17, language: 'python', code: 'two\n', says: undefined },
  ]);
});
