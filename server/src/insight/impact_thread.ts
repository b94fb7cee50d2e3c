import { parentPort, workerData } from 'node:worker_threads';
import { estimateReuse, type ReuseHistory } from '@maestro/insight/impact';

/** Fixed, so that the same history gives the same estimate. */
const seed = 1;

parentPort?.postMessage(estimateReuse(workerData as ReuseHistory, seed));
