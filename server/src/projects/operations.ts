import Type, { type Static } from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import { invalid, MaestroError } from '../errors.ts';
import { actorOf } from '../identity/caller.ts';
import { id, json, orNull, strict, text, time } from '../identity/schemas.ts';
import { markOutcomes } from '../insight/due.ts';
import { removeSpec } from '../insight/specs.ts';
import { releaseUsages } from '../library/usage_queries.ts';
import { giveBackCounted, takeCounted } from '../limits/counted.ts';
import { defineOperation } from '../operation.ts';
import { indexNew, indexText, removeText } from '../search_terms/search_terms.ts';
import { deleteWebhooks } from '../sources/webhook_queries.ts';
import { renameInTags, unlinkAll } from './experiment_queries.ts';
import { foundBy, isFoundAlike } from './found_by.ts';
import * as queries from './queries.ts';
import { missingProject } from './refusals.ts';
import { Work, workOf } from './work.ts';

export const day = Type.String({ format: 'date', description: 'A day, such as 2026-11-26.' });

/** What is known of a project while it goes on; null: not known. */
export const details = {
  problem_class: orNull(text(1, 100, { description: 'Such as classification, forecasting or ranking.' })),
  complexity_score: orNull(Type.Integer({ minimum: 1, maximum: 100 })),
  team_size: orNull(Type.Integer({ minimum: 1, maximum: 100_000 })),
  start_date: orNull(day),
  completion_date: orNull(day),
  metadata: json,
};
/** What came of a project. */
const outcomes = {
  success_score: orNull(Type.Number({ minimum: 0, maximum: 100 })),
  model_performance: orNull(Type.Number()),
  compute_cost: orNull(Type.Number({ minimum: 0, description: 'In the tenant’s currency.' })),
  business_impact: orNull(Type.Number()),
};
const projectName = text(1, 200, { description: 'One of a kind in the tenant.' });
const optional = <Properties extends Type.TProperties>(properties: Properties) =>
  Type.Partial(Type.Object(properties)).properties;

export const NewProject = Type.Object({ name: projectName, ...optional({ ...details, ...outcomes }) }, strict);

export const ProjectSchema = Type.Object({
  project_id: id,
  name: projectName,
  ...details,
  ...outcomes,
  created_by: Type.String(),
  created_at: time,
  updated_at: time,
});

/** A project with what its experiments did. */
const ProjectWithRuns = Type.Object({ ...ProjectSchema.properties, ...Work.properties });

/** What is not said of a new project. */
export const unsaid: Omit<queries.ProjectFields, 'name'> = {
  problem_class: null,
  complexity_score: null,
  team_size: null,
  start_date: null,
  completion_date: null,
  success_score: null,
  model_performance: null,
  compute_cost: null,
  business_impact: null,
  metadata: {},
};

export const shown = (row: queries.ProjectRow): Static<typeof ProjectSchema> => ({
  ...row,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
});

export const takenName = (name: string): MaestroError =>
  new MaestroError('already_exists', `name: there is a project '${name}'`, { field: 'name' });

/** Throws `invalid_parameter` for a project that ends before it begins. */
export function faultOfDays({
  start_date: start,
  completion_date: end,
}: queries.ProjectFields): MaestroError | undefined {
  if (start === null || end === null || end >= start) return undefined;
  return invalid(`completion_date: expected a day from start_date (${start}) on`, 'completion_date');
}

function checkDays(project: queries.ProjectFields): void {
  const fault = faultOfDays(project);
  if (fault) throw fault;
}

export const createProject = defineOperation({
  name: 'project.create',
  permission: 'project:write',
  transaction: 'own',
  input: NewProject,
  output: ProjectSchema,
  async run({ ports, tenant, caller, inTenant }, input) {
    const project = { ...unsaid, ...input };
    checkDays(project);
    const { maxProjects } = await ports.limits.tenants.of(tenant.id);
    return inTenant(async (tx) => {
      const created = await queries.insertProject(tx, project, actorOf(caller).id);
      if (!created) throw takenName(input.name);
      await indexNew(tx, 'project', [{ id: created.project_id, parts: foundBy(created) }]);
      markOutcomes(tx, [created]);
      await takeCounted(tx, 'projects', 1, maxProjects);
      return shown(created);
    });
  },
});

export const getProject = defineOperation({
  name: 'project.get',
  permission: 'project:read',
  input: Type.Object({ project_id: id }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: ProjectWithRuns,
  async run(context, { project_id }) {
    const project = await queries.findProject(context.tx, project_id);
    if (!project) throw missingProject(project_id);
    return { ...shown(project), ...(await workOf(context, project_id)) };
  },
});

async function change(tx: TenantTx, id: string, changes: Partial<queries.ProjectFields>): Promise<queries.ProjectRow> {
  const project = await queries.lockProject(tx, id);
  if (!project) throw missingProject(id);
  const changed = { ...project, ...changes };
  checkDays(changed);
  const updated = await queries.updateProject(tx, id, changed);
  if (!updated) throw takenName(changed.name);
  if (!isFoundAlike(project, updated)) await indexText(tx, { kind: 'project', id }, foundBy(updated));
  if (updated.name !== project.name) await renameInTags(tx, id, project.name, updated.name);
  markOutcomes(tx, [project, updated]);
  return updated;
}

/** Changes what is given; metadata is replaced as a whole. */
export const updateProject = defineOperation({
  name: 'project.update',
  permission: 'project:write',
  input: Type.Object({ project_id: id, ...optional({ name: projectName, ...details }) }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: ProjectSchema,
  run: async ({ tx }, { project_id, ...changes }) => shown(await change(tx, project_id, changes)),
});

/** Says what came of a project. */
export const recordSuccess = defineOperation({
  name: 'project.success',
  permission: 'project:write',
  audit: true,
  input: Type.Object(
    { project_id: id, ...optional({ ...outcomes, completion_date: details.completion_date }) },
    strict,
  ),
  on: ({ project_id }) => ({ project: project_id }),
  output: ProjectSchema,
  async run({ tx, audit }, { project_id, ...changes }) {
    audit(project_id, changes);
    return shown(await change(tx, project_id, changes));
  },
});

/** Deletes a project with all that was recorded of it. Its experiments stay. */
export const deleteProject = defineOperation({
  name: 'project.delete',
  permission: 'project:delete',
  audit: true,
  input: Type.Object({ project_id: id }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Null(),
  async run({ tx, ports, tenant, audit }, { project_id }) {
    const project = await queries.lockProject(tx, project_id);
    if (!project) throw missingProject(project_id);
    audit(project_id, { name: project.name });
    // They are no tenant's rows (webhook_queries.ts); without a project they open nothing.
    tx.onCommit(() => ports.db.inIdentity((own) => deleteWebhooks(own, tenant.id, project_id)));
    await unlinkAll(tx, project_id);
    await removeText(tx, { kind: 'project', id: project_id });
    await releaseUsages(tx, project_id);
    await removeSpec(tx, project_id);
    await queries.deleteProject(tx, project_id);
    markOutcomes(tx, [project]);
    await giveBackCounted(tx, 'projects', 1);
    return null;
  },
});
