import { Worker } from 'node:worker_threads';

/** What a thread may take: a history that is too large ends its own computation, and not the server. */
const heapMb = 1_024;

/**
 * Computes in a thread of its own, so that requests are answered meanwhile. `module` reads `workerData` and posts one
 * message: the result. It sees nothing of the environment. Rejects with what it throws, and when `signal` ends it. What of
 * `input` is in `transferred` goes over without a copy, and is empty here afterwards.
 */
export async function inThread<Result>(
  module: URL,
  input: unknown,
  signal: AbortSignal,
  transferred: readonly ArrayBuffer[] = [],
): Promise<Result> {
  signal.throwIfAborted();
  const worker = new Worker(module, {
    workerData: input,
    transferList: [...transferred],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });
  const end = () => worker.terminate();
  signal.addEventListener('abort', end, { once: true });
  try {
    return await new Promise<Result>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the thread ended with ${code} and without a result`)));
    });
  } finally {
    signal.removeEventListener('abort', end);
    await worker.terminate();
  }
}
