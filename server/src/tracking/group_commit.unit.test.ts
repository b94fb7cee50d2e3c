import { expect, test } from 'vitest';
import { GroupCommit, type Outcome } from './group_commit.ts';

/** Groups that wait until they are let go. */
function heldGroups() {
  const groups: { tenantId: string; items: readonly number[]; finish(outcomes?: Outcome<number>[]): void }[] = [];
  const arrivals: (() => void)[] = [];
  const run = (tenantId: string, items: readonly number[]) =>
    new Promise<Outcome<number>[]>((resolve) => {
      groups.push({
        tenantId,
        items,
        finish: (outcomes) => resolve(outcomes ?? items.map((item) => ({ result: item * 10 }))),
      });
      arrivals.shift()?.();
    });
  /** The group of this number, once it has started. */
  const started = async (index: number) => {
    while (groups.length <= index) await new Promise<void>((resolve) => arrivals.push(resolve));
    return groups[index] as (typeof groups)[number];
  };
  return { groups, run, started };
}

test('calls of the same moment go in one group, and each gets its own answer', async () => {
  const { groups, run, started } = heldGroups();
  const commit = new GroupCommit<number, number>(run, { weightMax: 100, lanes: 1 });
  const answers = Promise.all([commit.submit('a', 1), commit.submit('a', 2), commit.submit('a', 3)]);
  (await started(0)).finish();
  expect(await answers).toEqual([10, 20, 30]);
  expect(groups).toHaveLength(1);
});

test('while a group is at work the next one gathers', async () => {
  const { groups, run, started } = heldGroups();
  const commit = new GroupCommit<number, number>(run, { weightMax: 100, lanes: 1 });
  const first = commit.submit('a', 1);
  const held = await started(0);
  const later = [commit.submit('a', 2), commit.submit('a', 3)];
  expect(commit.queued).toBe(2);
  held.finish();
  expect(await first).toBe(10);
  (await started(1)).finish();
  expect(await Promise.all(later)).toEqual([20, 30]);
  expect(groups.map(({ items }) => items)).toEqual([[1], [2, 3]]);
});

test('a call that fails fails alone', async () => {
  const { run, started } = heldGroups();
  const commit = new GroupCommit<number, number>(run, { weightMax: 100, lanes: 1 });
  const good = commit.submit('a', 1);
  const bad = commit.submit('a', 2);
  (await started(0)).finish([{ result: 1 }, { error: new Error('refused') }]);
  await expect(bad).rejects.toThrow('refused');
  expect(await good).toBe(1);
});

test('where a group breaks, every call of it fails and the next group starts', async () => {
  let broken = true;
  const commit = new GroupCommit<number, number>(
    async (_tenant, items) => {
      if (broken) throw new Error('connection lost');
      return items.map((item) => ({ result: item }));
    },
    { weightMax: 100, lanes: 1 },
  );
  await expect(Promise.all([commit.submit('a', 1), commit.submit('a', 2)])).rejects.toThrow('connection lost');
  broken = false;
  expect(await commit.submit('a', 3)).toBe(3);
});

test('a group holds one tenant and at most its weight', async () => {
  const { groups, run, started } = heldGroups();
  const commit = new GroupCommit<number, number>(run, { weigh: (item) => item, weightMax: 10, lanes: 1 });
  const calls = [commit.submit('a', 6), commit.submit('a', 4), commit.submit('a', 1), commit.submit('b', 99)];
  (await started(0)).finish();
  (await started(1)).finish();
  (await started(2)).finish();
  await Promise.all(calls);
  expect(groups.map(({ tenantId, items }) => [tenantId, items])).toEqual([
    ['a', [6, 4]],
    ['b', [99]],
    ['a', [1]],
  ]);
});
