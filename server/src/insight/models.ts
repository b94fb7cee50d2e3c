import { gunzipSync } from 'node:zlib';
import type { Feature, Scale } from '@maestro/insight/history';
import { type Model, modelFormat } from '@maestro/insight/learning';
import type { Database, TenantTx } from '../db/tenancy.ts';
import { currentVersion, modelsOf } from './model_queries.ts';
import type { Outcome } from './outcomes.ts';

export interface LoadedModel {
  readonly outcome: Outcome;
  readonly features: readonly Feature[];
  readonly scale: Scale;
  readonly isThin: boolean;
  readonly model: Model;
  /** Whose rows the model has, in their order. */
  readonly projects: readonly string[];
}

export interface CurrentModels {
  readonly version: number;
  readonly trainedAt: Date;
  readonly models: readonly LoadedModel[];
}

/** What read models may take of the heap. */
const cachedBytesMax = 128 * 1024 * 1024;

/**
 * What a model takes of the heap, in bytes: 1.75 to 2 for a character of its JSON, as measured of 50 models each from 8, 50,
 * 300 and 1,000 projects, and for an id its 36 characters, what a string has before them, and its place in the list.
 */
export const heapOf = (characters: number, ids: number): number => 2 * characters + 64 * ids;

interface Kept {
  readonly current: CurrentModels;
  readonly bytes: number;
}
/** Of each database the models in use, by tenant: the ones that were used last are the last. */
const caches = new WeakMap<Database, Map<string, Kept>>();

function keep(cache: Map<string, Kept>, tenantId: string, kept: Kept): void {
  cache.delete(tenantId);
  cache.set(tenantId, kept);
  let bytes = [...cache.values()].reduce((sum, each) => sum + each.bytes, 0);
  for (const [oldest, each] of cache) {
    if (bytes <= cachedBytesMax || oldest === tenantId) return;
    cache.delete(oldest);
    bytes -= each.bytes;
  }
}

/**
 * The models in use; undefined where there are none, or where another release of Maestro wrote them in a format that this
 * one does not read: then they are learned anew. Which version that is, is asked each time: another process may have
 * learned anew.
 */
export async function currentModels(tx: TenantTx): Promise<CurrentModels | undefined> {
  const cache = caches.get(tx.db) ?? new Map<string, Kept>();
  caches.set(tx.db, cache);
  const current = await currentVersion(tx);
  if (!current) {
    cache.delete(tx.tenantId);
    return undefined;
  }
  const known = cache.get(tx.tenantId);
  if (known?.current.version === current.version) {
    keep(cache, tx.tenantId, known);
    return known.current;
  }
  let bytes = 0;
  const models = (await modelsOf(tx, current.version)).map(({ outcome, projects, model }): LoadedModel => {
    const text = gunzipSync(model).toString();
    bytes += heapOf(text.length, projects.length);
    const read = JSON.parse(text) as Pick<LoadedModel, 'features' | 'scale' | 'isThin' | 'model'>;
    return { outcome, projects, ...read };
  });
  if (models.some(({ model }) => model.format !== modelFormat)) return undefined;
  const loaded = { version: current.version, trainedAt: current.trained_at, models };
  keep(cache, tx.tenantId, { current: loaded, bytes });
  return loaded;
}
