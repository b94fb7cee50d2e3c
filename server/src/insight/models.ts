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

/** What read models may take, as JSON. */
const cachedBytesMax = 64 * 1024 * 1024;

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
    bytes += text.length;
    const read = JSON.parse(text) as Pick<LoadedModel, 'features' | 'scale' | 'isThin' | 'model'>;
    return { outcome, projects, ...read };
  });
  if (models.some(({ model }) => model.format !== modelFormat)) return undefined;
  const loaded = { version: current.version, trainedAt: current.trained_at, models };
  keep(cache, tx.tenantId, { current: loaded, bytes });
  return loaded;
}
