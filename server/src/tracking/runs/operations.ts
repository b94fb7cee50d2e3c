import { randomUUID } from 'node:crypto';
import Type, { type Static } from 'typebox';
import type { TenantTx } from '../../db/tenancy.ts';
import { invalid, notFound } from '../../errors.ts';
import type { Scope } from '../../identity/granted.ts';
import { type Contexts, defineOperation } from '../../operation.ts';
import { ExperimentId, KeyValueSchema, ViewSchema } from '../experiments/operations.ts';
import { checkedParam, checkedTag, checkLength, checkPoint, limits, truncated } from '../limits.ts';
import { inactiveRun, missingRun } from '../refusals.ts';
import { foundRunsText, nativeRuns } from '../run_documents.ts';
import { randomRunName } from '../run_names.ts';
import { checkModelsWithin, grantedAmong, runsWithin } from '../scope.ts';
import { searchRuns as findPage } from '../search/search_runs.ts';
import * as queries from './queries.ts';

export const RunId = Type.String({ pattern: '^[0-9a-f]{32}$', description: 'A run: 32 hex digits.' });

const Milliseconds = Type.Integer({
  minimum: -Number.MAX_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Milliseconds since 1970.',
});

export const runStatuses = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
const Status = Type.Enum(runStatuses);

/** A number, or "NaN", which JSON has no number for. */
export const MetricValue = Type.Union([Type.Number(), Type.Literal('NaN')]);

export const RunSchema = Type.Object({
  run_id: RunId,
  experiment_id: ExperimentId,
  name: Type.String(),
  user_id: Type.String(),
  status: Status,
  start_time: Milliseconds,
  end_time: Type.Union([Milliseconds, Type.Null()]),
  lifecycle_stage: Type.String({ enum: ['active', 'deleted'] }),
  artifact_uri: Type.String(),
  metrics: Type.Record(Type.String(), MetricValue),
  params: Type.Record(Type.String(), Type.String()),
  tags: Type.Record(Type.String(), Type.String()),
});

/** A run without its data. */
export const RunInfoSchema = Type.Omit(RunSchema, ['metrics', 'params', 'tags']);

const ById = Type.Object({ run_id: RunId });

/** Locks the run; it must be active, or the change is refused. */
export async function lockActive(tx: TenantTx, runId: string): Promise<queries.RunInfo> {
  const run = await queries.lockRun(tx, runId);
  if (!run) throw missingRun(runId);
  if (run.lifecycle_stage !== 'active') {
    throw inactiveRun(runId, run.lifecycle_stage);
  }
  return run;
}

const runNameTag = 'mlflow.runName';

/** What a new run is, as the caller sees it at once. */
const CreatedRun = Type.Object({
  run_id: RunId,
  experiment_id: ExperimentId,
  name: Type.String(),
  user_id: Type.String(),
  start_time: Milliseconds,
  artifact_uri: Type.String(),
  tags: Type.Array(KeyValueSchema),
});

export const createRun = defineOperation({
  name: 'run.create',
  permission: 'run:write',
  transaction: 'own',
  input: Type.Object({
    experiment_id: ExperimentId,
    name: Type.Optional(Type.String()),
    user_id: Type.Optional(Type.String({ maxLength: 256 })),
    start_time: Type.Optional(
      Type.Integer({ ...Milliseconds, description: 'Milliseconds since 1970; now without it.' }),
    ),
    tags: Type.Optional(Type.Array(KeyValueSchema, { maxItems: 1000 })),
  }),
  on: ({ experiment_id }) => ({ experiment: experiment_id }),
  output: CreatedRun,
  async run({ ports, tenant }, input) {
    // As in MLflow, the keys of a new run's tags are free text: they name no files.
    const tags = new Map((input.tags ?? []).map(({ key, value }) => [key, truncated(value, limits.tagValueLength)]));
    if (tags.size < (input.tags ?? []).length) throw invalid('tags: a key is given twice', 'tags');
    for (const key of tags.keys()) checkLength(key, limits.keyLength, 'tags.key');
    const tagged = tags.get(runNameTag);
    if (input.name && tagged && input.name !== tagged) {
      throw invalid(
        "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values " +
          `(run_name='${input.name}', mlflow.runName='${tagged}').`,
      );
    }
    const name = input.name || tagged || randomRunName();
    checkLength(name, limits.runNameLength, 'run_name');
    if (!tagged) tags.set(runNameTag, name);
    const runId = randomUUID().replaceAll('-', '');
    const run = {
      runId,
      experimentId: input.experiment_id,
      name,
      userId: input.user_id ?? '',
      startTime: input.start_time ?? Date.now(),
      tags: [...tags].map(([key, value]) => ({ key, value })),
    };
    const { artifactLocation } = await ports.recorder.createRun(tenant.id, run);
    const [path = '', query] = artifactLocation.split(/\?(.*)/s, 2);
    return {
      run_id: runId,
      experiment_id: input.experiment_id,
      name,
      user_id: run.userId,
      start_time: run.startTime,
      artifact_uri: `${path.replace(/\/+$/, '')}/${runId}/artifacts${query === undefined ? '' : `?${query}`}`,
      tags: run.tags,
    };
  },
});

/** The run as JSON text in MLflow's shape, assembled by PostgreSQL. */
export const readRunDocument = defineOperation({
  name: 'run.read_document',
  permission: 'run:read',
  transaction: 'own',
  input: ById,
  on: ({ run_id }) => ({ run: run_id }),
  output: Type.String(),
  run: ({ ports, tenant }, { run_id: runId }) => ports.recorder.readRun(tenant.id, runId),
});

export const getRun = defineOperation({
  name: 'run.get',
  permission: 'run:read',
  input: ById,
  on: ({ run_id }) => ({ run: run_id }),
  output: RunSchema,
  async run({ tx }, { run_id: runId }) {
    const [run] = await nativeRuns(tx, [runId]);
    if (!run) throw missingRun(runId);
    return run;
  },
});

const Search = Type.Object({
  experiment_ids: Type.Array(ExperimentId, { maxItems: 10_000 }),
  filter: Type.Optional(Type.String()),
  order_by: Type.Optional(Type.Array(Type.String(), { maxItems: 50 })),
  view: Type.Optional(ViewSchema),
  max_results: Type.Optional(Type.Integer({ minimum: 0, maximum: 50_000, default: 1000 })),
  page_token: Type.Optional(Type.String()),
});

const searchOf = (input: Static<typeof Search>, scope: Scope | undefined) => ({
  experimentIds: grantedAmong(scope, input.experiment_ids),
  filter: input.filter ?? '',
  orderBy: input.order_by ?? [],
  view: input.view ?? ('ACTIVE_ONLY' as const),
  maxResults: input.max_results ?? 1000,
  ...(input.page_token === undefined ? {} : { pageToken: input.page_token }),
});

/** How many runs are made JSON at once: a page of 50,000 goes out piece by piece, and needs the memory of these. */
export const runsPerPiece = 200;

/** Runs that a search found, as the items of a JSON list in MLflow's shape, without its brackets. */
export const readFoundRuns = defineOperation({
  name: 'run.read_found',
  permission: 'run:read',
  input: Type.Object({ run_ids: Type.Array(Type.String({ format: 'uuid' }), { maxItems: runsPerPiece }) }),
  narrows: true,
  output: Type.String(),
  run: async ({ tx, scope }, { run_ids: runIds }) => foundRunsText(tx, await runsWithin(tx, scope, runIds)),
});

/** A page of runs: the first piece as `readFoundRuns` gives it, and the ids of the others. */
export const searchRunDocuments = defineOperation({
  name: 'run.search_documents',
  permission: 'run:read',
  input: Search,
  narrows: true,
  output: Type.Object({
    documents: Type.String(),
    others: Type.Array(Type.String()),
    next_page_token: Type.Optional(Type.String()),
  }),
  async run({ tx, scope }, input) {
    const { runIds, nextPageToken } = await findPage(tx, searchOf(input, scope));
    return {
      documents: await foundRunsText(tx, runIds.slice(0, runsPerPiece)),
      others: runIds.slice(runsPerPiece),
      ...(nextPageToken === undefined ? {} : { next_page_token: nextPageToken }),
    };
  },
});

export const updateRun = defineOperation({
  name: 'run.update',
  permission: 'run:write',
  input: Type.Object({
    run_id: RunId,
    status: Type.Optional(Status),
    end_time: Type.Optional(Milliseconds),
    name: Type.Optional(Type.String()),
  }),
  on: ({ run_id }) => ({ run: run_id }),
  output: RunInfoSchema,
  async run({ tx }, { run_id: runId, status, end_time, name }) {
    if (name) checkLength(name, limits.runNameLength, 'run_name');
    const run = await lockActive(tx, runId);
    const change = {
      ...(status === undefined ? {} : { status }),
      ...(end_time === undefined ? {} : { end_time }),
      ...(name ? { name } : {}),
    };
    await queries.updateRun(tx, runId, change);
    if (name) await queries.setRunTag(tx, run, runNameTag, name);
    return { ...run, ...change } as Type.Static<typeof RunSchema>;
  },
});

/** Deleting and restoring are safe to repeat, as in MLflow. */
async function setStage(tx: TenantTx, runId: string, stage: 'active' | 'deleted'): Promise<null> {
  if (!(await queries.lockRun(tx, runId))) throw missingRun(runId);
  await queries.setRunStage(tx, runId, stage, stage === 'deleted' ? Date.now() : null);
  return null;
}

export const deleteRun = defineOperation({
  name: 'run.delete',
  permission: 'run:delete',
  input: ById,
  on: ({ run_id }) => ({ run: run_id }),
  output: Type.Null(),
  audit: true,
  async run({ tx, audit }, { run_id: runId }) {
    audit(`run ${runId}`);
    return setStage(tx, runId, 'deleted');
  },
});

export const restoreRun = defineOperation({
  name: 'run.restore',
  permission: 'run:delete',
  input: ById,
  on: ({ run_id }) => ({ run: run_id }),
  output: Type.Null(),
  audit: true,
  async run({ tx, audit }, { run_id: runId }) {
    audit(`run ${runId}`);
    return setStage(tx, runId, 'active');
  },
});

export const deleteRunTag = defineOperation({
  name: 'run.delete_tag',
  permission: 'run:write',
  input: Type.Object({ run_id: RunId, key: Type.String() }),
  on: ({ run_id }) => ({ run: run_id }),
  output: Type.Null(),
  async run({ tx }, { run_id: runId, key }) {
    await lockActive(tx, runId);
    if (!(await queries.deleteRunTag(tx, runId, key))) {
      throw notFound(`No tag with name: ${key} in run with id ${runId}`);
    }
    return null;
  },
});

const Step = Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER });

export const PointSchema = Type.Object({
  key: Type.String(),
  // Any double: NaN and the infinities too, which a schema's number leaves out.
  value: Type.Refine(
    Type.Unsafe<number>({}),
    (value) => typeof value === 'number',
    () => 'must be a number',
  ),
  timestamp: Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
  step: Step,
});

const ModelPointSchema = Type.Object({
  ...PointSchema.properties,
  modelId: Type.String(),
  datasetName: Type.String(),
  datasetDigest: Type.String(),
});

const Entry = Type.Object({
  run_id: RunId,
  metrics: Type.Optional(Type.Array(PointSchema)),
  params: Type.Optional(Type.Array(KeyValueSchema)),
  tags: Type.Optional(Type.Array(KeyValueSchema)),
  model_metrics: Type.Optional(Type.Array(ModelPointSchema)),
  single: Type.Optional(Type.Boolean()),
});

/** Checks what a call logs and records it. A batch names its entries in messages, a single call does not. */
export async function logEntry(context: Contexts['own'], input: Static<typeof Entry>): Promise<null> {
  const { ports, tenant } = context;
  const { metrics = [], params = [], tags = [], model_metrics: modelPoints = [] } = input;
  const at = (list: string, index: number) => (input.single ? '' : `${list}[${index}]`);
  for (const [index, point] of metrics.entries()) checkPoint(point, at('metrics', index));
  const checkedParams = params.map((param, index) => checkedParam(param, at('params', index)));
  // An empty run name changes nothing, as in MLflow.
  const checkedTags = tags
    .map((tag, index) => checkedTag(tag, at('tags', index)))
    .filter(({ key, value }) => key !== runNameTag || value !== '');
  for (const { key, value } of checkedTags) if (key === runNameTag) checkLength(value, limits.runNameLength, key);
  const atMost = (what: string, limit: number, count: number) => {
    if (count <= limit) return;
    throw invalid(
      `A batch logging request can contain at most ${limit} ${what}. Got ${count} ${what}. ` +
        `Please split up ${what} across multiple requests and try again.`,
    );
  };
  atMost('metrics', limits.metricsPerBatch, metrics.length);
  atMost('params', limits.paramsPerBatch, params.length);
  atMost('tags', limits.tagsPerBatch, tags.length);
  atMost('metrics, params, and tags', limits.entitiesPerBatch, metrics.length + params.length + tags.length);
  const keys = new Set<string>();
  const twice = checkedParams.filter(({ key }) => keys.size === keys.add(key).size).map(({ key }) => `'${key}'`);
  if (twice.length > 0) {
    throw invalid(
      `Duplicate parameter keys have been submitted: [${twice.join(', ')}]. Please ensure the request contains ` +
        'only one param value per param key.',
    );
  }
  await checkModelsWithin(context, modelPoints);
  await ports.recorder.record(tenant.id, {
    runId: input.run_id,
    points: metrics,
    params: checkedParams,
    tags: checkedTags,
    modelPoints,
  });
  return null;
}

/** Metrics, params and tags of one run, all or nothing, with points of logged models. */
export const logBatch = defineOperation({
  name: 'run.log_batch',
  permission: 'run:write',
  transaction: 'own',
  input: Entry,
  on: ({ run_id }) => ({ run: run_id }),
  output: Type.Null(),
  run: logEntry,
});
