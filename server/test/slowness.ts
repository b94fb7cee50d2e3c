/** What the piece of computing below takes on two cores of a Xeon at 2.1 GHz that nobody else uses, in ms. */
const computingMs = 20;
const computings = 9;
const rounds = 5;
/** A machine that is slower, or that rests at the very moment, excuses no more. */
const slownessMax = 4;

/** Sorting, writing and reading 20,000 objects. */
function compute(): void {
  const rows = Array.from({ length: 20_000 }, (_, at) => ({ id: String((at * 7919) % 20_011), value: Math.sin(at) }));
  rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  JSON.parse(JSON.stringify(rows));
}

/**
 * How many times as long as there this machine computes now, 1 at least: machines are slower, or shared, and what they make
 * of the same code is not the code's doing.
 */
export function slowness(): number {
  const times = Array.from({ length: computings }, () => {
    const begin = performance.now();
    compute();
    return performance.now() - begin;
  });
  const middle = times.sort((a, b) => a - b)[Math.floor(computings / 2)] as number;
  return Math.min(Math.max(1, middle / computingMs), slownessMax);
}

/**
 * The least figure of as many rounds as it takes to come to `most`, of five at most: what else a machine does only ever
 * adds to a time, or keeps a round from its end. Throws what kept all of them from it.
 */
export async function leastOf(most: number, measure: () => number | Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  let fault: unknown = new Error('Nothing was measured.');
  for (let round = 0; round < rounds && least > most; round += 1) {
    try {
      const figure = await measure();
      if (figure < least) least = figure;
    } catch (error) {
      fault = error;
    }
  }
  if (least === Number.POSITIVE_INFINITY) throw fault;
  return least;
}

/** The least time of `run` in five rounds or fewer, in ms of a machine that computes as the one above. */
export const leastMs = (most: number, run: () => unknown): Promise<number> =>
  leastOf(most, async () => {
    const begin = performance.now();
    await run();
    return (performance.now() - begin) / slowness();
  });
