import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { json, startCommandLine } from './command_line.fixture.ts';
import { type FakeCommit, file, makeRepository } from './git_repository.fixture.ts';

const count = 100_000;

/** By 200 people, in a tree of 2,000 files; two files a commit, and each hundredth one renames a file. */
function* history(): Generator<FakeCommit> {
  for (let index = 0; index < count; index++) {
    const author = `P${index % 200} <p${index % 200}@example.org>`;
    const [one, other] = [index % 2000, (index * 7) % 2000].map((at) => `d${at % 40}/f${at}`) as [string, string];
    const tree = [file(one, `${index}\n`), file(other, `${index}\nb\n`)];
    if (index % 100 === 99) tree.push(`R ${one} moved/f${index}`);
    yield { author, at: 1_600_000_000 + index * 300, tree };
  }
}

test('100,000 commits are synced in under 30 seconds, and a second sync finds nothing new in under 3', async () => {
  const line = await startCommandLine();
  const repository = await makeRepository();
  try {
    await repository.add(history());
    const member = await line.people.member('data_scientist');
    const made = await line.people.asAdmin<{ project_id: string }>('POST', '/projects', { name: randomUUID() });
    const words = ['git', 'sync', repository.path, '--project', made.project_id, '--tenant', 'tenant-a', '--json'];
    const sync = async () => {
      const began = performance.now();
      const { recorded } = json<{ recorded: number }>(await line.run(words, line.as(member.as)));
      return { recorded, seconds: (performance.now() - began) / 1000 };
    };
    const [first, second] = [await sync(), await sync()];
    console.log(`${count} commits in ${first.seconds.toFixed(1)} s; again in ${second.seconds.toFixed(1)} s`);
    expect(first.recorded).toBe(count);
    expect(first.seconds).toBeLessThan(30);
    expect(second.recorded).toBe(0);
    expect(second.seconds).toBeLessThan(3);
  } finally {
    await repository.remove();
    await line.stop();
  }
}, 300_000);
