import type { TenantTx } from '../db/tenancy.ts';
import type { Caller, Place } from '../identity/caller.ts';
import { checkMay, type Scope } from '../identity/granted.ts';
import { may } from '../identity/may.ts';
import { foundBy } from '../projects/found_by.ts';
import { findProject, type ProjectRow } from '../projects/queries.ts';
import { missingProject } from '../projects/refusals.ts';
import { textOf } from './spec_lookup.ts';
import { specTexts } from './spec_queries.ts';

/** Throws for a project that is not within what grants open, as for one that is not there. */
export function checkWithin(scope: Scope | undefined, project: string): void {
  if (scope && !scope.projects.includes(project)) throw missingProject(project);
}

/** A project that the caller may read, with its requirements, or the text it is found by where it has none. */
export async function projectWithText(
  tx: TenantTx,
  scope: Scope | undefined,
  id: string,
): Promise<{ project: ProjectRow; text: string }> {
  checkWithin(scope, id);
  const [project, texts] = await Promise.all([findProject(tx, id), specTexts(tx, [id])]);
  if (!project) throw missingProject(id);
  return { project, text: texts.get(id) ?? textOf(foundBy(project)) };
}

/** The same of an operation that is about the library: who may not read projects may have been granted this one. */
export async function readableProject(
  context: { tx: TenantTx; caller: Caller; place: Place },
  id: string,
): Promise<{ project: ProjectRow; text: string }> {
  await checkMay(context, 'project:read', { project: id });
  return projectWithText(context.tx, undefined, id);
}

/** The projects that an operation about the library tells of: none to who may not read projects. */
export const projectsFor = (place: Place): readonly string[] | undefined =>
  may(place, 'project:read') ? undefined : [];
