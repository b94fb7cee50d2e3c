import Type, { type Static } from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import { invalid, MaestroError, notFound } from '../errors.ts';
import { actorOf } from '../identity/caller.ts';
import { checkMay, type Scope } from '../identity/granted.ts';
import { may } from '../identity/may.ts';
import { atPlace, defaultPageSize, pageFrom, placeOf } from '../identity/paging.ts';
import { id, pageInput, strict, text } from '../identity/schemas.ts';
import { missingArtifact } from '../library/refusals.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { NewProject } from '../projects/operations.ts';
import { findProject, type ProjectRow } from '../projects/queries.ts';
import { missingProject } from '../projects/refusals.ts';
import { holdProject, requireProject } from '../projects/required.ts';
import { sourceTime, utcOf } from '../sources/times.ts';
import { fingerprintOf } from '../tracking/search/page_token.ts';
import { answerFor, unreadAmong } from './answer.ts';
import { type AskedArtifact, artifactsFor } from './feature_queries.ts';
import { type Known, knownOf, namedIn, outcomeIn } from './features.ts';
import { currentModels } from './models.ts';
import { endedProjects, toldProjects } from './outcome_queries.ts';
import { hasEnded } from './outcomes.ts';
import * as queries from './prediction_queries.ts';
import { nearestOf, PredictionSchema, PredictionSummary, shownPrediction, shownSummary } from './prediction_schema.ts';
import { learnNow } from './training.ts';

const { problem_class, complexity_score, team_size, start_date, metadata } = NewProject.properties;

const missingPrediction = (prediction: string): MaestroError => notFound(`No prediction with id '${prediction}'`);

/**
 * Learns from a tenant's finished projects where nothing was learned yet: whoever is the first to ask waits for it. Throws
 * `not_found` where the project, if one is asked about, is not there.
 */
async function learnOnce({ ports, tenant, inTenant }: Contexts['own'], project: string | undefined): Promise<void> {
  const teaches = await inTenant(async (tx) => {
    if (project !== undefined) await requireProject(tx, project);
    // Where nothing has ended there is nothing to wait for, behind the trainings of others.
    return (await currentModels(tx)) === undefined && (await endedProjects(tx, 1)).length > 0;
  });
  if (!teaches) return;
  const write = await learnNow(ports.db, tenant.id);
  await inTenant(write);
}

/** Whether the caller may keep something with a project, or of one that is not made. */
async function mayKeep(context: Contexts['own'], tx: TenantTx, project: string | null): Promise<boolean> {
  if (may(context.place, 'project:write')) return true;
  if (project === null) return false;
  try {
    await checkMay({ ...context, tx }, 'project:write', { project });
    return true;
  } catch (error) {
    if (error instanceof MaestroError && ['permission_denied', 'not_found'].includes(error.code)) return false;
    throw error;
  }
}

const similarTo = (tx: TenantTx, row: Pick<queries.PredictionRow, 'answer' | 'project_id'>, scope: Scope | undefined) =>
  toldProjects(
    tx,
    nearestOf(row.answer.outcomes, row.project_id).map(({ project_id }) => project_id),
    scope?.projects,
  );

interface Question {
  readonly project: ProjectRow | undefined;
  readonly asked: queries.Asked;
  /** Undefined of a project that is not made. */
  readonly base: Known | undefined;
  readonly known: Known;
  /** Those of the question, as the library has them. */
  readonly artifacts: readonly AskedArtifact[];
  /** Whether it is kept, where the caller may keep it. */
  readonly keep: boolean;
}

/** Predicts, keeps it where that is asked and the caller may write, and shows it. */
async function predictAndKeep(
  context: Contexts['own'],
  tx: TenantTx,
  { project, asked, base, known, artifacts, keep }: Question,
): Promise<Static<typeof PredictionSchema>> {
  const current = await currentModels(tx);
  const isChanged = Object.keys(asked.fields).length > 0 || asked.artifacts !== undefined;
  const models = current ?? { models: [] };
  const prediction: queries.NewPrediction = {
    project_id: project?.project_id ?? null,
    asked,
    model_version: current?.version ?? null,
    answer: {
      outcomes: answerFor(models, known),
      base: base && isChanged ? answerFor(models, base) : null,
      unread: unreadAmong(models, namedIn(asked.fields.metadata ?? {})),
    },
    is_scored: project !== undefined && !isChanged && !hasEnded(project),
  };
  const createdBy = actorOf(context.caller).id;
  const keeps = keep && (await mayKeep(context, tx, prediction.project_id));
  if (keeps && project) await holdProject(tx, project.project_id);
  const kept = keeps
    ? await queries.insertPrediction(tx, prediction, createdBy)
    : { prediction_id: null, created_at: new Date() };
  const row = { ...prediction, ...kept, created_by: createdBy, project: project ?? null };
  return shownPrediction(row, await similarTo(tx, prediction as queries.PredictionRow, context.scope), artifacts);
}

async function projectNamed(tx: TenantTx, project: string): Promise<ProjectRow> {
  const found = await findProject(tx, project);
  if (!found) throw missingProject(project);
  return found;
}

/** What will come of a project, from what is known of it now. */
export const predictProject = defineOperation({
  name: 'project.predict',
  permission: 'project:read',
  transaction: 'own',
  input: Type.Object({ project_id: id }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: PredictionSchema,
  async run(context, { project_id }) {
    await learnOnce(context, project_id);
    return context.inTenant(async (tx) => {
      const project = await projectNamed(tx, project_id);
      const known = (await knownOf(tx, [project]))[0] as Known;
      return predictAndKeep(context, tx, {
        project,
        asked: { fields: {} },
        base: undefined,
        known,
        artifacts: [],
        keep: true,
      });
    });
  },
});

const nothing: Known = {
  project: { problem_class: null, complexity_score: null, team_size: null, start_date: null, metadata: {} },
  reuse: {},
  process: {},
};

/** What is known of a project with changes; in the metadata key by key, and null takes one away. */
function changed(known: Known, { fields }: queries.Asked, types: readonly string[]): Known {
  const { metadata: changes = {}, ...rest } = fields;
  const merged = Object.entries({ ...known.project.metadata, ...changes }).filter(([, value]) => value !== null);
  const reuse = { ...known.reuse };
  for (const type of types) reuse[type] = (reuse[type] ?? 0) + 1;
  return { ...known, project: { ...known.project, ...rest, metadata: Object.fromEntries(merged) }, reuse };
}

/** Artifacts that are asked about. Throws `not_found` for one that is not there. */
async function requireArtifacts(
  tx: TenantTx,
  project: string | undefined,
  artifacts: readonly string[],
): Promise<AskedArtifact[]> {
  const found = await artifactsFor(tx, project ?? null, artifacts);
  const missing = artifacts.find((artifact) => !found.some(({ artifact_id }) => artifact_id === artifact));
  if (missing !== undefined) throw missingArtifact(missing);
  return found;
}

/** What would come of a project that is not made, or of one that is if it were changed. */
export const predictChanges = defineOperation({
  name: 'prediction.create',
  permission: 'project:read',
  transaction: 'own',
  input: Type.Object(
    {
      project_id: Type.Optional(
        Type.String({ ...id, description: 'The project that the rest changes; without it: one that is not made.' }),
      ),
      name: Type.Optional(text(1, 200, { description: 'What to call a project that is not made.' })),
      problem_class,
      complexity_score,
      team_size,
      start_date,
      metadata,
      artifacts: Type.Optional(
        Type.Array(id, { maxItems: 100, description: 'Of the library, which the project would use too.' }),
      ),
      keep: Type.Optional(
        Type.Boolean({
          default: true,
          description: 'Whether it is kept, where the caller may: false for a look alone.',
        }),
      ),
    },
    strict,
  ),
  on: ({ project_id }) => (project_id === undefined ? undefined : { project: project_id }),
  output: PredictionSchema,
  async run(context, { project_id, name, artifacts, keep = true, ...fields }) {
    if (artifacts && !may(context.place, 'artifact:read')) {
      throw new MaestroError('permission_denied', 'artifacts: your role does not include artifact:read.');
    }
    const outcome = outcomeIn(fields.metadata ?? {});
    if (outcome !== undefined) {
      const field = `metadata.${outcome}`;
      throw invalid(
        `${field}: an outcome is what is predicted; expected what is known as a project starts, such as team_size`,
        field,
      );
    }
    const asked: queries.Asked = {
      fields,
      ...(name === undefined ? {} : { name }),
      ...(artifacts ? { artifacts } : {}),
    };
    await learnOnce(context, project_id);
    return context.inTenant(async (tx) => {
      const project = project_id === undefined ? undefined : await projectNamed(tx, project_id);
      const added = artifacts ? await requireArtifacts(tx, project_id, artifacts) : [];
      const others = added.filter(({ is_used }) => !is_used);
      const [base] = project ? await knownOf(tx, [project]) : [];
      const known = changed(
        base ?? nothing,
        asked,
        others.map(({ type }) => type),
      );
      return predictAndKeep(context, tx, { project, asked, base, known, artifacts: others, keep });
    });
  },
});

/** Predictions that were kept, the newest first. */
export const listPredictions = defineOperation({
  name: 'prediction.list',
  permission: 'project:read',
  input: Type.Object(
    {
      project_id: Type.Optional(id),
      since: Type.Optional(sourceTime('The earliest time.')),
      until: Type.Optional(sourceTime('The time before which they were made.')),
      scored: Type.Optional(Type.Boolean({ description: 'Only those whose project has ended since, or only others.' })),
      ...pageInput,
    },
    strict,
  ),
  narrows: true,
  output: pageOf(PredictionSummary),
  async run({ tx, scope }, { limit = defaultPageSize, page_token, project_id, since, until, scored }) {
    const fingerprint = fingerprintOf([project_id ?? null, since ?? null, until ?? null, scored ?? null]);
    const [found, ...place] = placeOf(page_token, 3) ?? [];
    if (found !== undefined && found !== fingerprint) {
      throw new MaestroError('invalid_parameter', 'page_token: it belongs to another list; repeat the filters', {
        field: 'page_token',
      });
    }
    const from = found === undefined ? undefined : (place as unknown as queries.PredictionPlace);
    const wanted = {
      project: project_id,
      from: since && utcOf(since),
      until: until && utcOf(until),
      isScored: scored,
      only: scope?.projects,
    };
    const rows = await atPlace(from, () => queries.listPredictions(tx, wanted, from, limit + 1));
    return pageFrom(rows, limit, (row) => [fingerprint, row.place, row.prediction_id], shownSummary);
  },
});

export const getPrediction = defineOperation({
  name: 'prediction.get',
  permission: 'project:read',
  input: Type.Object({ prediction_id: id }, strict),
  // A list of one: to whom a project is granted, predictions of it are.
  narrows: true,
  output: PredictionSchema,
  async run({ tx, scope, place }, { prediction_id }) {
    const row = await queries.findPrediction(tx, prediction_id);
    const isHidden = scope && (row?.project_id == null || !scope.projects.includes(row.project_id));
    if (!row || isHidden) throw missingPrediction(prediction_id);
    const { artifacts: asked = [] } = row.asked;
    // As the library has them now; who may not read it is told the rest.
    const artifacts = asked.length > 0 && may(place, 'artifact:read') ? await artifactsFor(tx, null, asked) : [];
    return shownPrediction(row, await similarTo(tx, row, scope), artifacts);
  },
});
