import type { Contexts } from '../operation.ts';
import { missingModel, missingRun } from '../tracking/refusals.ts';
import { placeOf } from './paths.ts';
import { findModelArtifactUri, findRunArtifactUri } from './queries.ts';

/** Where a run's or a model's files begin. */
export interface FileRoot {
  readonly uri: string;
  /** The path below the tenant's root. */
  readonly place: string;
}

/** Throws `not_found` where the run is not the tenant's. Deleted runs keep their files. */
export async function runRoot({ inTenant }: Contexts['own'], runId: string): Promise<FileRoot> {
  const uri = await inTenant((tx) => findRunArtifactUri(tx, runId));
  if (uri === undefined) throw missingRun(runId);
  return { uri, place: placeOf(uri) };
}

/** Throws `not_found` where the model is not the tenant's, or is deleted. */
export async function modelRoot({ inTenant }: Contexts['own'], modelId: string): Promise<FileRoot> {
  const uri = await inTenant((tx) => findModelArtifactUri(tx, modelId));
  if (uri === undefined) throw missingModel(modelId);
  return { uri, place: placeOf(uri) };
}
