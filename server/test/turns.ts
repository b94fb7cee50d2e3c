/**
 * The longest turn of the event loop while something runs, in milliseconds of this thread's processor: what others do on
 * the machine does not count.
 */
export async function longestTurn(run: () => Promise<unknown>): Promise<number> {
  const now = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  };
  let longest = 0;
  let isDone = false;
  let last = now();
  const turn = (): void => {
    const at = now();
    longest = Math.max(longest, at - last);
    last = now();
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  try {
    await run();
  } finally {
    isDone = true;
  }
  return longest;
}
