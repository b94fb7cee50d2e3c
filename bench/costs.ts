import { readdir, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Figures } from './load.ts';

/** The share of the machine, 0 to 1, that other programs take at this moment: two seconds' look. */
export async function busyShare(): Promise<number> {
  const look = () =>
    cpus().reduce(
      (sum, { times }) => ({
        idle: sum.idle + times.idle,
        all: sum.all + Object.values(times).reduce((total, time) => total + time, 0),
      }),
      { idle: 0, all: 0 },
    );
  const before = look();
  await delay(2000);
  const after = look();
  return 1 - (after.idle - before.idle) / (after.all - before.all);
}

/** CPU seconds used so far by each part: a process and all processes below it. */
export type Costs = Record<string, number>;

/** Linux: kernel ticks a second in /proc. */
const ticksPerSecond = 100;

interface ProcessTime {
  readonly pid: number;
  readonly parent: number;
  readonly seconds: number;
}

async function processTimes(): Promise<ProcessTime[]> {
  const names = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
      // The command name, in parentheses, may hold anything; what follows it is numbers.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      const [parent, user, system, waitedUser, waitedSystem] = [1, 11, 12, 13, 14].map((at) => Number(fields[at]));
      if (text === '' || parent === undefined) return [];
      const ticks = (user ?? 0) + (system ?? 0) + (waitedUser ?? 0) + (waitedSystem ?? 0);
      return [{ pid: Number(name), parent, seconds: ticks / ticksPerSecond }];
    }),
  );
  return found.flat();
}

/** The CPU time of parts, each given by the pid of its first process; nothing where there is no /proc. */
export async function readCosts(pids: Readonly<Record<string, number>>): Promise<Costs> {
  const times = await processTimes();
  const below = (pid: number): number =>
    times
      .filter((time) => time.parent === pid)
      .reduce((sum, child) => sum + below(child.pid), times.find((time) => time.pid === pid)?.seconds ?? 0);
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, below(pid)]));
}

/** How many microseconds of CPU each part spent for one request, and how much of a core it had. */
export function describeCosts(before: Costs, after: Costs, { requests, seconds }: Figures): string {
  return Object.keys(after)
    .map((name) => {
      const spent = (after[name] ?? 0) - (before[name] ?? 0);
      return `${name} ${((spent * 1e6) / requests).toFixed(0)} µs a request (${((spent * 100) / seconds).toFixed(0)} % of a core)`;
    })
    .join(', ');
}
