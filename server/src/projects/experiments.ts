import Type from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import { invalid, MaestroError } from '../errors.ts';
import type { Caller, Place } from '../identity/caller.ts';
import { checkMay } from '../identity/granted.ts';
import { id, strict } from '../identity/schemas.ts';
import { projectOfExperiment } from '../identity/target_queries.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import { lockActive } from '../tracking/experiments/lock.ts';
import { deleteExperimentTag, setExperimentTag } from '../tracking/experiments/queries.ts';
import { missingExperiment } from '../tracking/refusals.ts';
import { linkExperiment, projectMeant, projectTag, unlinkExperiment } from './experiment_queries.ts';
import { missingProject } from './refusals.ts';

interface Context {
  readonly tx: TenantTx;
  readonly caller: Caller;
  readonly place: Place;
}

/**
 * Puts an experiment into a project: the caller must be allowed to write the project, and the one that it comes out of.
 * Whoever calls holds the experiment's lock, if it is not new.
 */
async function link(context: Context, experimentId: number, project: string): Promise<void> {
  await checkMay(context, 'project:write', { project });
  const before = await projectOfExperiment(context.tx, experimentId);
  if (before === project) return;
  if (before !== undefined) await checkMay(context, 'project:write', { project: before });
  await linkExperiment(context.tx, project, experimentId);
}

/** Follows the tag `maestro.project` of an experiment, before it is set. Throws `invalid_parameter` for no project. */
export async function followProjectTag(context: Context, experimentId: number, value: string): Promise<void> {
  const missing = invalid(`Tag '${projectTag}': there is no project with the id or the name '${value}'`, 'value');
  const project = await projectMeant(context.tx, value);
  if (project === undefined) throw missing;
  try {
    await link(context, experimentId, project);
  } catch (error) {
    // Who may not read the project must not learn that there is one of this name.
    if (error instanceof MaestroError && error.code === 'not_found') throw missing;
    throw error;
  }
}

/** Follows the deletion of the tag `maestro.project`, before it goes. */
export async function leaveProject(context: Context, experimentId: number): Promise<void> {
  const project = await projectOfExperiment(context.tx, experimentId);
  if (project === undefined) return;
  await checkMay(context, 'project:write', { project });
  await unlinkExperiment(context.tx, experimentId);
}

const input = Type.Object(
  { project_id: id, experiment_id: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }) },
  strict,
);

/** Holds the experiment, which the caller may change, and notes what is done for the audit. */
async function begin(context: Contexts['tenant'], project: string, experiment: number): Promise<void> {
  context.audit(project, { experiment_id: experiment });
  await checkMay(context, 'experiment:write', { experiment });
  await lockActive(context.tx, experiment);
}

/** Puts an experiment into a project, out of the one that it was in; safe to repeat. */
export const addExperiment = defineOperation({
  name: 'project.add_experiment',
  permission: 'project:write',
  audit: true,
  input,
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Null(),
  async run(context, { project_id: project, experiment_id: experiment }) {
    const { tx } = context;
    await begin(context, project, experiment);
    if ((await projectMeant(tx, project)) !== project) throw missingProject(project);
    if ((await projectOfExperiment(tx, experiment)) === project) return null;
    await link(context, experiment, project);
    await setExperimentTag(tx, experiment, projectTag, project);
    return null;
  },
});

export const removeExperiment = defineOperation({
  name: 'project.remove_experiment',
  permission: 'project:write',
  audit: true,
  input,
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Null(),
  async run(context, { project_id: project, experiment_id: experiment }) {
    const { tx } = context;
    await begin(context, project, experiment);
    if ((await projectOfExperiment(tx, experiment)) !== project) {
      if ((await projectMeant(tx, project)) !== project) throw missingProject(project);
      throw missingExperiment(experiment);
    }
    await unlinkExperiment(tx, experiment);
    await deleteExperimentTag(tx, experiment, projectTag);
    return null;
  },
});
