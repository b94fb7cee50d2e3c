import Type, { type Static } from 'typebox';
import type { TenantTx } from '../../db/tenancy.ts';
import { invalid, MaestroError, notFound } from '../../errors.ts';
import { isOpen, openTo } from '../../identity/granted.ts';
import { type Contexts, defineOperation } from '../../operation.ts';
import { PageToken, pageOf } from '../../paging.ts';
import { projectTag } from '../../projects/experiment_queries.ts';
import { followProjectTag, leaveProject } from '../../projects/experiments.ts';
import { checkExperimentName, checkExperimentTag } from '../limits.ts';
import { missingExperiment, missingExperimentNamed } from '../refusals.ts';
import { searchExperiments as findPage } from '../search/experiment_search.ts';
import { checkArtifactLocation } from './artifact_location.ts';
import { lockActive } from './lock.ts';
import * as queries from './queries.ts';

export const KeyValueSchema = Type.Object({ key: Type.String(), value: Type.String() });

export const ExperimentId = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const ExperimentSchema = Type.Object({
  experiment_id: ExperimentId,
  tenant: Type.String({ description: "The tenant's slug." }),
  name: Type.String(),
  artifact_location: Type.String(),
  lifecycle_stage: Type.String({ enum: ['active', 'deleted'] }),
  creation_time: Type.Integer({ description: 'Milliseconds since 1970.' }),
  last_update_time: Type.Integer({ description: 'Milliseconds since 1970.' }),
  tags: Type.Array(KeyValueSchema),
  project: Type.Union([Type.Object({ project_id: Type.String(), name: Type.String() }), Type.Null()], {
    description: 'The project that it is in. Null to who may not read the project.',
  }),
});

const ById = Type.Object({ experiment_id: ExperimentId });

export const ViewSchema = Type.Union([Type.Literal('ACTIVE_ONLY'), Type.Literal('DELETED_ONLY'), Type.Literal('ALL')], {
  default: 'ACTIVE_ONLY',
});

/** How experiments are shown to the caller: without their project, and its tag, to who may not read it. */
async function shownTo(context: Contexts['tenant']) {
  const projects = await openTo(context, 'project:read');
  return ({ project, tags, ...experiment }: queries.Experiment): Static<typeof ExperimentSchema> => {
    const isHidden = project !== null && !isOpen(projects, { project: project.project_id });
    return {
      ...experiment,
      tenant: context.tenant.slug,
      tags: isHidden ? tags.filter(({ key }) => key !== projectTag) : tags,
      project: isHidden ? null : project,
    };
  };
}

async function shownExperiment(context: Contexts['tenant'], id: number): Promise<Static<typeof ExperimentSchema>> {
  const [experiment] = await queries.findExperiments(context.tx, [id]);
  if (!experiment) throw missingExperiment(id);
  return (await shownTo(context))(experiment);
}

export const createExperiment = defineOperation({
  name: 'experiment.create',
  permission: 'experiment:write',
  input: Type.Object({
    name: Type.String(),
    artifact_location: Type.Optional(Type.String()),
    tags: Type.Optional(Type.Array(KeyValueSchema, { maxItems: 1000 })),
  }),
  output: ExperimentSchema,
  async run(context, { name, artifact_location: location, tags = [] }) {
    const { tx } = context;
    checkExperimentName(name);
    if (location) checkArtifactLocation(location);
    for (const tag of tags) checkExperimentTag(tag);
    if (new Set(tags.map(({ key }) => key)).size < tags.length) throw invalid('tags: a key is given twice', 'tags');
    const id = await queries.nextNumber(tx, 'experiment');
    const inserted = await queries.insertExperiment(tx, {
      id,
      name,
      artifactLocation: location || `mlflow-artifacts:/${id}`,
      time: Date.now(),
    });
    if (!inserted) throw new MaestroError('already_exists', `Experiment(name=${name}) already exists.`);
    for (const { key, value } of tags) {
      if (key === projectTag) await followProjectTag(context, id, value);
      await queries.setExperimentTag(tx, id, key, value);
    }
    return shownExperiment(context, id);
  },
});

export const getExperiment = defineOperation({
  name: 'experiment.get',
  permission: 'experiment:read',
  input: ById,
  on: ({ experiment_id }) => ({ experiment: experiment_id }),
  output: ExperimentSchema,
  run: (context, { experiment_id: id }) => shownExperiment(context, id),
});

export const getExperimentByName = defineOperation({
  name: 'experiment.get_by_name',
  permission: 'experiment:read',
  input: Type.Object({ name: Type.String() }),
  on: ({ name }) => ({ experimentName: name }),
  output: ExperimentSchema,
  async run(context, { name }) {
    const experiment = await queries.findExperimentByName(context.tx, name);
    if (!experiment) throw missingExperimentNamed(name);
    return (await shownTo(context))(experiment);
  },
});

export const searchExperiments = defineOperation({
  name: 'experiment.list',
  permission: 'experiment:read',
  input: Type.Object({
    filter: Type.Optional(Type.String()),
    order_by: Type.Optional(Type.Array(Type.String(), { maxItems: 20 })),
    view: Type.Optional(ViewSchema),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50_000, default: 1000 })),
    page_token: Type.Optional(PageToken),
  }),
  narrows: true,
  output: pageOf(ExperimentSchema),
  async run(context, input) {
    const { tx, scope } = context;
    const readable = await openTo(context, 'project:read');
    const page = await findPage(tx, {
      ...(scope ? { only: scope.experiments } : {}),
      ...(readable ? { projects: readable.projects } : {}),
      filter: input.filter ?? '',
      orderBy: input.order_by ?? [],
      view: input.view ?? 'ACTIVE_ONLY',
      maxResults: input.limit ?? 1000,
      ...(input.page_token === undefined ? {} : { pageToken: input.page_token }),
    });
    const items = await queries.findExperiments(tx, page.experimentIds);
    return { items: items.map(await shownTo(context)), next_page_token: page.nextPageToken ?? null };
  },
});

export const renameExperiment = defineOperation({
  name: 'experiment.update',
  permission: 'experiment:write',
  input: Type.Object({ experiment_id: ExperimentId, name: Type.String() }),
  on: ({ experiment_id }) => ({ experiment: experiment_id }),
  output: ExperimentSchema,
  async run(context, { experiment_id: id, name }) {
    const { tx } = context;
    checkExperimentName(name);
    const experiment = await queries.lockExperiment(tx, id);
    if (!experiment) throw missingExperiment(id);
    if (experiment.stage !== 'active') {
      throw new MaestroError('invalid_state', 'Cannot rename a non-active experiment.');
    }
    const taken = await queries.findExperimentByName(tx, name);
    if (taken && taken.experiment_id !== id) {
      throw new MaestroError('already_exists', `Experiment(name=${name}) already exists.`);
    }
    await queries.renameExperiment(tx, id, name, Date.now());
    return shownExperiment(context, id);
  },
});

/** An experiment that is already deleted (or, to restore, active) does not exist to the call, as in MLflow. */
async function setStage(tx: TenantTx, id: number, stage: 'active' | 'deleted'): Promise<null> {
  const experiment = await queries.lockExperiment(tx, id);
  if (!experiment || experiment.stage === stage) throw missingExperiment(id);
  await queries.setExperimentStage(tx, id, stage, Date.now());
  return null;
}

export const deleteExperiment = defineOperation({
  name: 'experiment.delete',
  permission: 'experiment:delete',
  input: ById,
  on: ({ experiment_id }) => ({ experiment: experiment_id }),
  output: Type.Null(),
  audit: true,
  async run({ tx, audit }, { experiment_id: id }) {
    audit(`experiment ${id}`);
    return setStage(tx, id, 'deleted');
  },
});

export const restoreExperiment = defineOperation({
  name: 'experiment.restore',
  permission: 'experiment:delete',
  input: ById,
  on: ({ experiment_id }) => ({ experiment: experiment_id }),
  output: Type.Null(),
  audit: true,
  async run({ tx, audit }, { experiment_id: id }) {
    audit(`experiment ${id}`);
    return setStage(tx, id, 'active');
  },
});

export const setExperimentTag = defineOperation({
  name: 'experiment.set_tag',
  permission: 'experiment:write',
  input: Type.Object({ experiment_id: ExperimentId, key: Type.String(), value: Type.String() }),
  on: ({ experiment_id }) => ({ experiment: experiment_id }),
  output: Type.Null(),
  async run(context, { experiment_id: id, key, value }) {
    const { tx } = context;
    checkExperimentTag({ key, value });
    await lockActive(tx, id);
    if (key === projectTag) await followProjectTag(context, id, value);
    await queries.setExperimentTag(tx, id, key, value);
    return null;
  },
});

export const deleteExperimentTag = defineOperation({
  name: 'experiment.delete_tag',
  permission: 'experiment:write',
  input: Type.Object({ experiment_id: ExperimentId, key: Type.String() }),
  on: ({ experiment_id }) => ({ experiment: experiment_id }),
  output: Type.Null(),
  async run(context, { experiment_id: id, key }) {
    const { tx } = context;
    await lockActive(tx, id);
    if (key === projectTag) await leaveProject(context, id);
    if (!(await queries.deleteExperimentTag(tx, id, key))) {
      throw notFound(`No tag with name: ${key} in experiment with id ${id}`);
    }
    return null;
  },
});
