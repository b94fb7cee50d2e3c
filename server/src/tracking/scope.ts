import type { TenantTx } from '../db/tenancy.ts';
import type { Scope } from '../identity/granted.ts';
import { experimentsOfModels, experimentsOfRuns } from '../identity/target_queries.ts';
import type { Contexts } from '../operation.ts';
import type { ModelPoint } from './entry.ts';
import { missingModel } from './refusals.ts';

/** The experiments of a search that the caller may look into; all of them where the role says so. */
export function grantedAmong(scope: Scope | undefined, experiments: readonly number[]): number[] {
  return scope ? experiments.filter((id) => scope.experiments.includes(id)) : [...experiments];
}

/** The runs (in either form of their ids) that the caller may read; all of them where the role says so. */
export async function runsWithin(
  tx: TenantTx,
  scope: Scope | undefined,
  runs: readonly string[],
): Promise<readonly string[]> {
  if (!scope) return runs;
  const hex = (run: string) => run.replaceAll('-', '');
  const experiments = await experimentsOfRuns(tx, runs.map(hex));
  return runs.filter((run) => scope.experiments.includes(experiments.get(hex(run)) ?? -1));
}

/** Points for a model are a change of it: a caller whom a grant lets in may write none for a model out of its reach. */
export async function checkModelsWithin(
  { scope, inTenant }: Pick<Contexts['own'], 'scope' | 'inTenant'>,
  points: readonly ModelPoint[],
): Promise<void> {
  if (!scope || points.length === 0) return;
  const models = [...new Set(points.map(({ modelId }) => modelId))];
  const experiments = await inTenant((tx) => experimentsOfModels(tx, models));
  for (const model of models) {
    const isWithin = scope.models.includes(model) || scope.experiments.includes(experiments.get(model) ?? -1);
    if (!isWithin) throw missingModel(model);
  }
}
