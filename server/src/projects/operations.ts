import Type, { type Static } from 'typebox';
import { MaestroError, notFound } from '../errors.ts';
import { actorOf } from '../identity/caller.ts';
import { id, json, strict, text, time } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import * as queries from './queries.ts';

const day = Type.String({ format: 'date', description: 'A day, such as 2026-11-26.' });
const orNull = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

/** What callers say of a project beside its name; null: not known. */
const details = {
  problem_class: orNull(text(1, 100, { description: 'Such as classification, forecasting or ranking.' })),
  complexity_score: orNull(Type.Integer({ minimum: 1, maximum: 100 })),
  team_size: orNull(Type.Integer({ minimum: 1, maximum: 100_000 })),
  start_date: orNull(day),
  completion_date: orNull(day),
  success_score: orNull(Type.Number({ minimum: 0, maximum: 100 })),
  model_performance: orNull(Type.Number()),
  compute_cost: orNull(Type.Number({ minimum: 0, description: 'In the tenant’s currency.' })),
  business_impact: orNull(Type.Number()),
  metadata: json,
};
const projectName = text(1, 200, { description: 'One of a kind in the tenant.' });

export const ProjectSchema = Type.Object({
  project_id: id,
  name: projectName,
  ...details,
  created_by: Type.String(),
  created_at: time,
  updated_at: time,
});

const unsaid: Omit<queries.ProjectFields, 'name'> = {
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

const shown = (row: queries.ProjectRow): Static<typeof ProjectSchema> => ({
  ...row,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
});

export const missingProject = (project: string): MaestroError => notFound(`No project with id '${project}'`);

export const createProject = defineOperation({
  name: 'project.create',
  permission: 'project:write',
  input: Type.Object({ name: projectName, ...Type.Partial(Type.Object(details)).properties }, strict),
  output: ProjectSchema,
  async run({ tx, caller }, input) {
    const created = await queries.insertProject(tx, { ...unsaid, ...input }, actorOf(caller).id);
    if (!created)
      throw new MaestroError('already_exists', `name: there is a project '${input.name}'`, { field: 'name' });
    return shown(created);
  },
});

export const getProject = defineOperation({
  name: 'project.get',
  permission: 'project:read',
  input: Type.Object({ project_id: id }, strict),
  output: ProjectSchema,
  async run({ tx }, { project_id }) {
    const project = await queries.findProject(tx, project_id);
    if (!project) throw missingProject(project_id);
    return shown(project);
  },
});
