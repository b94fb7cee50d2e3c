import { createHash } from 'node:crypto';
import { modelFormat } from '@maestro/insight/learning';
import type { Database, TenantTx } from '../db/tenancy.ts';
import type { Job } from './background.ts';
import { markDue } from './due.ts';
import { endedProjects } from './feature_queries.ts';
import { knownOf } from './features.ts';
import { exampleOf, type Outcome } from './histories.ts';
import * as queries from './model_queries.ts';
import { inThread } from './thread.ts';

/** Of a tenant with more ended projects the newest are learned from: what is long past tells little of the next one. */
export const projectsMax = 2_000;

export interface TaughtModel {
  readonly outcome: Outcome;
  readonly projects: readonly string[];
  /** JSON, compressed. */
  readonly model: Uint8Array;
  /** JSON. */
  readonly report: string;
}

export interface Trained {
  /** Undefined where no project has ended. */
  readonly version: number | undefined;
  /** False where the same data had made this version before. */
  readonly isNew: boolean;
}

const thread = new URL('./training_thread.ts', import.meta.url);

/** What threads are at work on: a tenant's data, by their hash. */
const underTeaching = new Map<string, Promise<TaughtModel[]>>();

/** Whoever asks for the same, behind requests or waiting, shares one thread. */
function teach(what: string, text: string, signal: AbortSignal): Promise<TaughtModel[]> {
  const shared = underTeaching.get(what);
  if (shared) return shared;
  const taught = inThread<TaughtModel[]>(thread, text, signal).finally(() => underTeaching.delete(what));
  underTeaching.set(what, taught);
  return taught;
}

/**
 * Learns from a tenant's ended projects, in a thread, and gives what writes the models. What is learned from is one
 * tenant's: it is read in its transaction, and nothing else goes into the thread. Where another training wrote while this
 * one was at work, either may have read the older data: then it is learned once more, behind requests.
 */
export async function learnAnew(
  db: Database,
  tenantId: string,
  signal: AbortSignal,
): Promise<(tx: TenantTx) => Promise<Trained>> {
  const { examples, current } = await db.inTenant(tenantId, async (tx) => ({
    examples: (await knownOf(tx, await endedProjects(tx, projectsMax))).map(exampleOf),
    current: await queries.currentVersion(tx),
  }));
  if (examples.length === 0) {
    return async (tx) => {
      if ((await queries.currentVersion(tx))?.version !== current?.version) markDue(tx, 'model');
      else await queries.deleteModels(tx);
      return { version: undefined, isNew: false };
    };
  }
  // As text: a thread takes it without a pause of this one, which answers requests.
  const text = JSON.stringify(examples);
  const hash = createHash('sha256').update(`${modelFormat} `).update(text).digest();
  if (current?.data_hash.equals(hash)) return async () => ({ version: current.version, isNew: false });
  const taught = await teach(`${tenantId} ${hash.toString('hex')}`, text, signal);
  return async (tx) => {
    const { version, before } = await queries.insertModels(tx, hash, taught);
    if (version === undefined) return { version: before, isNew: false };
    if (before !== current?.version) markDue(tx, 'model');
    return { version, isNew: true };
  };
}

/** Longer than any history of ours takes: what is not done by then never ends. */
const trainingMsMax = 600_000;

/** Trainings that somebody waits for, one after the other: each takes a whole core. */
let underWay: Promise<unknown> = Promise.resolve();
const waiting = new WeakMap<Database, Map<string, Promise<(tx: TenantTx) => Promise<Trained>>>>();

/** The same for whoever waits; those who ask at once for a tenant share one training. */
export function learnNow(db: Database, tenantId: string): Promise<(tx: TenantTx) => Promise<Trained>> {
  const ofDatabase = waiting.get(db) ?? new Map<string, Promise<(tx: TenantTx) => Promise<Trained>>>();
  waiting.set(db, ofDatabase);
  const shared = ofDatabase.get(tenantId);
  if (shared) return shared;
  const learning = underWay
    .then(() => learnAnew(db, tenantId, AbortSignal.timeout(trainingMsMax)))
    .finally(() => ofDatabase.delete(tenantId));
  ofDatabase.set(tenantId, learning);
  underWay = learning.catch(() => undefined);
  return learning;
}

/** Learns anew behind requests, soon after an outcome, a team or a usage of a project that ended has changed. */
export const modelJob: Job = {
  what: 'model',
  async run(db, tenantId, signal) {
    const write = await learnAnew(db, tenantId, signal);
    return async (tx) => {
      await write(tx);
    };
  },
};
