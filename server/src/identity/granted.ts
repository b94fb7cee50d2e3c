import type { TenantTx } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import { missingProject } from '../projects/refusals.ts';
import { missingExperiment, missingExperimentNamed, missingModel, missingRun } from '../tracking/refusals.ts';
import { missingView } from '../views/refusals.ts';
import { actorOf, type Caller, type Place } from './caller.ts';
import { type Grant, grantsTo, type Subject } from './grant_queries.ts';
import { may } from './may.ts';
import type { Permission } from './roles.ts';
import {
  experimentNamed,
  experimentOfView,
  experimentsOfModels,
  experimentsOfProjects,
  experimentsOfRuns,
  runOfPath,
} from './target_queries.ts';

/**
 * What a call is about. Runs, models and most saved views lie in experiments, whose grants hold for them, and experiments
 * in projects, whose grants hold for all. Runs are 32 hex digits.
 */
export type Target =
  | { readonly project: string }
  | { readonly experiment: number }
  | { readonly experimentName: string }
  | { readonly run: string }
  | { readonly runs: readonly string[] }
  | { readonly model: string }
  | { readonly view: string }
  /** Of a file below the tenant's root, canonical: files of runs and models are reached by it. */
  | { readonly path: string };

/** What a caller whom only grants let in may reach by the permission asked for. */
export interface Scope {
  readonly projects: readonly string[];
  /** Those of the projects, too. */
  readonly experiments: readonly number[];
  /** Models granted one by one. */
  readonly models: readonly string[];
}

/** A thing found, in the terms of grants. */
interface Located {
  readonly project?: string;
  readonly experiment?: number;
  readonly model?: string;
  /** What is said where it is not readable: as of a thing that is not there. */
  readonly missing: MaestroError;
}

export function subjectOf(caller: Caller): Subject | undefined {
  if (caller.kind === 'session') return { kind: 'user', id: caller.userId };
  return caller.kind === 'api_key' ? { kind: caller.owner.kind, id: caller.owner.id } : undefined;
}

async function scopeFor(tx: TenantTx, grants: readonly Grant[], permission: Permission): Promise<Scope> {
  const given = grants.filter(({ permissions }) => permissions.has(permission)).map(({ thing }) => thing);
  const idsOf = (wanted: string) => given.filter(({ kind }) => kind === wanted).map(({ id }) => id);
  const projects = idsOf('project');
  const within = projects.length === 0 ? [] : await experimentsOfProjects(tx, projects);
  return { projects, experiments: [...idsOf('experiment').map(Number), ...within], models: idsOf('model') };
}

const reaches = (
  { projects, experiments, models }: Scope,
  { project, experiment, model }: Omit<Located, 'missing'>,
): boolean =>
  (project !== undefined && projects.includes(project)) ||
  (experiment !== undefined && experiments.includes(experiment)) ||
  (model !== undefined && models.includes(model));

const isEmpty = ({ projects, experiments, models }: Scope): boolean =>
  projects.length + experiments.length + models.length === 0;

/** The error for the first thing that is not there, or what all of them are; undefined for a path of nobody's. */
async function locate(
  tx: TenantTx,
  target: Target,
  caller: Caller,
): Promise<readonly Located[] | MaestroError | undefined> {
  if ('project' in target) return [{ project: target.project, missing: missingProject(target.project) }];
  if ('experiment' in target) {
    return [{ experiment: target.experiment, missing: missingExperiment(target.experiment) }];
  }
  if ('experimentName' in target) {
    const missing = missingExperimentNamed(target.experimentName);
    const experiment = await experimentNamed(tx, target.experimentName);
    return experiment === undefined ? missing : [{ experiment, missing }];
  }
  if ('model' in target) {
    const experiment = (await experimentsOfModels(tx, [target.model])).get(target.model);
    const missing = missingModel(target.model);
    return experiment === undefined ? missing : [{ experiment, model: target.model, missing }];
  }
  if ('view' in target) {
    const missing = missingView(target.view);
    const experiment = await experimentOfView(tx, target.view, actorOf(caller).id);
    return experiment === undefined ? missing : [{ experiment, missing }];
  }
  if ('path' in target) {
    const owner = await runOfPath(tx, target.path);
    // Where a path leads is never told: it is allowed or not, whether there is a file or none.
    return owner && [{ ...owner, missing: new MaestroError('not_found', '') }];
  }
  const runs = 'run' in target ? [target.run] : target.runs;
  const experiments = await experimentsOfRuns(tx, runs);
  const located: Located[] = [];
  for (const run of runs) {
    const experiment = experiments.get(run);
    if (experiment === undefined) return missingRun(run);
    located.push({ experiment, missing: missingRun(run) });
  }
  return located;
}

/** What one must be allowed to see that a thing is there at all. */
function readingOf(target: Target): Permission | undefined {
  if ('path' in target) return undefined;
  if ('project' in target) return 'project:read';
  if ('model' in target) return 'model:read';
  return 'run' in target || 'runs' in target || 'view' in target ? 'run:read' : 'experiment:read';
}

interface Asking {
  readonly tx: TenantTx;
  readonly caller: Caller;
  readonly place: Place;
}

/** What may open more to the caller by a permission than the role does. */
async function grantsFor({ tx, caller, place }: Asking, permission: Permission): Promise<readonly Grant[]> {
  const subject = subjectOf(caller);
  const isBound = place.bound !== undefined && !place.bound.has(permission);
  // An operator's stay has the role that it was begun with, and nothing that the same user was granted.
  return subject && !place.switched && !isBound ? grantsTo(tx, subject) : [];
}

/** What is open to the caller by a permission: undefined for everything, where the role has it. */
export async function openTo(asking: Asking, permission: Permission): Promise<Scope | undefined> {
  if (may(asking.place, permission)) return undefined;
  return scopeFor(asking.tx, await grantsFor(asking, permission), permission);
}

/** Whether something is in what is open to a caller, or in a thing that is. */
export const isOpen = (
  open: Scope | undefined,
  thing: { readonly project?: string; readonly experiment?: number; readonly model?: string },
): boolean => open === undefined || reaches(open, thing);

/**
 * Whether grants allow what the caller's role does not: gives what they open. Throws `permission_denied` where the
 * caller may read the thing, and otherwise the error of a thing that is not there, also for one that is.
 */
export async function scopeOf(
  inTransaction: <T>(look: (tx: TenantTx) => Promise<T>) => Promise<T>,
  caller: Caller,
  place: Place,
  asked: { permission: Permission; target: Target | undefined; narrows: boolean },
): Promise<Scope> {
  const { permission, target, narrows } = asked;
  const denied = new MaestroError('permission_denied', `Your role (${place.role}) does not include ${permission}.`);
  if (!target && !narrows) throw denied;
  return inTransaction(async (tx) => {
    const grants = await grantsFor({ tx, caller, place }, permission);
    const scope = await scopeFor(tx, grants, permission);
    if (!target) {
      if (isEmpty(scope)) throw denied;
      return scope;
    }
    const reading = readingOf(target);
    const readsAll = reading === undefined || place.permissions.has(reading);
    // Nothing granted, and nothing hidden: what the thing is does not matter.
    if (readsAll && isEmpty(scope)) throw denied;
    const located = await locate(tx, target, caller);
    if (located === undefined) throw denied;
    if (located instanceof MaestroError) throw readsAll ? denied : located;
    const closed = located.filter((one) => !reaches(scope, one));
    if (closed.length === 0) return scope;
    const seen = reading && !readsAll ? await scopeFor(tx, grants, reading) : undefined;
    const hidden = seen && closed.find((one) => !reaches(seen, one));
    throw hidden ? hidden.missing : denied;
  });
}

/** Whether the caller may do something to a thing, by role or by grant. */
export async function holds(
  context: { tx: TenantTx; caller: Caller; place: Place },
  permission: Permission,
  target: Target,
): Promise<boolean> {
  try {
    await checkMay(context, permission, target);
    return true;
  } catch (error) {
    if (error instanceof MaestroError && ['permission_denied', 'not_found'].includes(error.code)) return false;
    throw error;
  }
}

/**
 * Checks that the caller may do something to a thing beside the one that the operation is about, by role or by grant.
 * Throws as `scopeOf` does.
 */
export async function checkMay({ tx, caller, place }: Asking, permission: Permission, target: Target): Promise<void> {
  if (may(place, permission)) return;
  await scopeOf((look) => look(tx), caller, place, { permission, target, narrows: false });
}
