import { createHash } from 'node:crypto';
import { modelFormat } from '@maestro/insight/learning';
import type { Database, TenantTx } from '../db/tenancy.ts';
import type { Job } from './background.ts';
import { markDue } from './due.ts';
import { knownOf } from './features.ts';
import * as queries from './model_queries.ts';
import { endedProjects } from './outcome_queries.ts';
import type { Outcome } from './outcomes.ts';
import { SharedWork } from './shared_work.ts';
import { inThread } from './thread.ts';
import { metadataPages, outlinesOf } from './training_queries.ts';

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

/** What goes into the thread. */
export interface TeachingInput {
  /** A JSON array of Example, in whose place of metadata there is their hash. */
  readonly outlines: string;
  /** The metadata in the same order, in pages (see metadataPages). */
  readonly metadata: readonly Uint8Array<ArrayBuffer>[];
}

/** What threads are at work on, by tenant and hash of its data: who asks for the same, behind requests or waiting, shares one. */
const teaching = new SharedWork<TaughtModel[]>();

interface Read {
  readonly current: queries.CurrentVersion | undefined;
  readonly trainings: number;
  readonly hash: Buffer;
  /** Undefined where nothing teaches, or what does has taught the version in use. */
  readonly input: TeachingInput | undefined;
  readonly projects: number;
}

/** What a tenant's ended projects teach from. */
const readTeaching = (db: Database, tenantId: string): Promise<Read> =>
  db.readTenant(tenantId, async (tx) => {
    const current = await queries.currentVersion(tx);
    const trainings = await queries.trainingsOf(tx);
    const rows = await outlinesOf(tx, await endedProjects(tx, projectsMax));
    const outlines = JSON.stringify(await knownOf(tx, rows));
    const hash = createHash('sha256').update(`${modelFormat} `).update(outlines).digest();
    const isNew = rows.length > 0 && !current?.data_hash.equals(hash);
    const ids = rows.map(({ project_id: id }) => id);
    const input = isNew ? { outlines, metadata: await metadataPages(tx, ids) } : undefined;
    return { current, trainings, hash, input, projects: rows.length };
  });

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
  const { current, trainings, hash, input, projects } = await readTeaching(db, tenantId);
  const isOvertaken = async (tx: TenantTx): Promise<boolean> => (await queries.countTraining(tx)) > trainings + 1;
  if (projects === 0) {
    return async (tx) => {
      if (await isOvertaken(tx)) markDue(tx, 'model');
      else await queries.deleteModels(tx);
      return { version: undefined, isNew: false };
    };
  }
  if (!input) return async () => ({ version: current?.version, isNew: false });
  const taught = await teaching.join(
    `${tenantId} ${hash.toString('hex')}`,
    (ending) =>
      inThread<TaughtModel[]>(
        thread,
        input,
        ending,
        input.metadata.map(({ buffer }) => buffer),
      ),
    signal,
  );
  return async (tx) => {
    const overtaken = await isOvertaken(tx);
    const { version, before } = await queries.insertModels(tx, hash, taught);
    if (version === undefined) return { version: before, isNew: false };
    if (overtaken) markDue(tx, 'model');
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
