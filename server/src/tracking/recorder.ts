import type { Logger } from 'pino';
import { float8Array, int8Array } from '../db/arrays.ts';
import { isConflict } from '../db/conflicts.ts';
import type { Database, TenantTx } from '../db/tenancy.ts';
import { invalid, MaestroError } from '../errors.ts';
import type { Entry, KeyValue, Point } from './entry.ts';
import { GroupCommit, type Outcome } from './group_commit.ts';
import { insertModelPoints } from './model_points.ts';
import { createRunsInExperiments, type NewRun } from './new_runs.ts';
import { inactiveRun, missingRun } from './refusals.ts';
import { runDocuments } from './run_documents.ts';

/** Writes and reads what comes in floods: each call answered after the commit (or query) of its group. */
export interface Recorder {
  record(tenantId: string, entry: Entry): Promise<void>;
  createRun(tenantId: string, run: NewRun): Promise<{ artifactLocation: string }>;
  /** The run as MLflow's JSON text (see runDocuments). */
  readRun(tenantId: string, runId: string): Promise<string>;
  /** Calls waiting for their group, for the metrics page. */
  queued(): { record: number; createRun: number; readRun: number };
  /** Waits until the merging of chunks that is under way has ended. */
  close(): Promise<void>;
}

/** The points of one run and key in one group. */
interface Series {
  readonly runId: string;
  readonly key: string;
  readonly points: Point[];
}

const greatestDouble = 1.7976931348623157e308;

/** Infinities are stored as the greatest doubles, as the MLflow store does, and -0 as 0, which it equals there. */
const storedValue = (value: number): number =>
  value === Number.POSITIVE_INFINITY
    ? greatestDouble
    : value === Number.NEGATIVE_INFINITY
      ? -greatestDouble
      : value + 0;

/** NaN counts as 0 where points are compared, as in the MLflow store. */
const rank = (value: number): number => (Number.isNaN(value) ? 0 : value);

const byTime = (a: Point, b: Point): number =>
  a.timestamp - b.timestamp || a.step - b.step || rank(a.value) - rank(b.value);

const isNewer = (a: Point, b: Point): boolean =>
  (a.step - b.step || a.timestamp - b.timestamp || rank(a.value) - rank(b.value)) > 0;

const bySeries = (a: Series, b: Series): number =>
  a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : a.key < b.key ? -1 : a.key > b.key ? 1 : 0;

function seriesOf(entries: readonly Entry[]): Series[] {
  const found = new Map<string, Series>();
  for (const { runId, points } of entries) {
    for (const point of points) {
      const name = runId + point.key;
      const series = found.get(name);
      if (series) series.points.push(point);
      else found.set(name, { runId, key: point.key, points: [point] });
    }
  }
  const all = [...found.values()];
  for (const { points } of all) if (points.length > 1) points.sort(byTime);
  return all.sort(bySeries);
}

/**
 * The values that `maestro.record` takes for a group's points, and last the least and greatest of each series, NaN where
 * it has nothing else.
 */
function pointParameters(series: readonly Series[]): { points: unknown[]; extremes: unknown[] } {
  const los: number[] = [];
  const his: number[] = [];
  const timestamps: number[] = [];
  const steps: number[] = [];
  const values: number[] = [];
  const firstSteps: number[] = [];
  const newest: Point[] = [];
  const least: number[] = [];
  const greatest: number[] = [];
  for (const { points } of series) {
    los.push(values.length + 1);
    let last = points[0] as Point;
    let firstStep = last.step;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (const point of points) {
      timestamps.push(point.timestamp);
      steps.push(point.step);
      const value = storedValue(point.value);
      values.push(value);
      // NaN is neither.
      if (value < min) min = value;
      if (value > max) max = value;
      if (point.step < firstStep) firstStep = point.step;
      if (isNewer(point, last)) last = point;
    }
    his.push(values.length);
    firstSteps.push(firstStep);
    newest.push(last);
    const isNumber = min <= max;
    least.push(isNumber ? min : Number.NaN);
    greatest.push(isNumber ? max : Number.NaN);
  }
  return {
    points: [
      series.map(({ runId }) => runId),
      series.map(({ key }) => key),
      los,
      his,
      int8Array(timestamps),
      int8Array(steps),
      float8Array(values),
      int8Array(firstSteps),
      int8Array(newest.map(({ step }) => step)),
      int8Array(newest.map(({ timestamp }) => timestamp)),
      float8Array(newest.map(({ value }) => rank(storedValue(value)))),
      newest.map(({ value }) => Number.isNaN(value)),
    ],
    extremes: [float8Array(least), float8Array(greatest)],
  };
}

interface Pairs {
  runs: string[];
  keys: string[];
  values: string[];
}

/** Columns of the pairs of a group, one for each run and key: the last one wins. */
function pairsOf(entries: readonly Entry[], of: (entry: Entry) => readonly KeyValue[]): Pairs {
  const found = new Map<string, [string, string, string]>();
  for (const entry of entries) {
    for (const { key, value } of of(entry)) found.set(entry.runId + key, [entry.runId, key, value]);
  }
  const pairs = [...found.values()];
  return {
    runs: pairs.map(([run]) => run),
    keys: pairs.map(([, key]) => key),
    values: pairs.map(([, , value]) => value),
  };
}

interface Recorded {
  unusable_runs: string[] | null;
  unusable_stages: string[] | null;
  conflict_runs: string[] | null;
  conflict_keys: string[] | null;
  conflict_values: string[] | null;
  crowded_runs: string[] | null;
  crowded_keys: string[] | null;
}

const recordText = `SELECT * FROM maestro.record($1, $2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::int[],
  $7::bigint[], $8::bigint[], $9::float8[], $10::bigint[], $11::bigint[], $12::bigint[], $13::float8[], $14::bool[],
  $15::uuid[], $16::text[], $17::text[], $18::uuid[], $19::text[], $20::text[], $21::float8[], $22::float8[])`;

/** Writes a group; with `isLast`, nothing follows in the transaction. */
async function callRecord(tx: TenantTx, entries: readonly Entry[], isLast: boolean): Promise<Recorded> {
  const params = pairsOf(entries, (entry) => entry.params);
  const tags = pairsOf(entries, (entry) => entry.tags);
  const { points, extremes } = pointParameters(seriesOf(entries));
  const values = [
    tx.tenantId,
    [...new Set(entries.map(({ runId }) => runId))],
    ...points,
    params.runs,
    params.keys,
    params.values,
    tags.runs,
    tags.keys,
    tags.values,
    ...extremes,
  ];
  const rows = isLast
    ? await tx.last<Recorded>(recordText, values, 'record')
    : await tx.sql<Recorded>(recordText, values, 'record');
  return rows[0] as Recorded;
}

const hex = (uuid: string): string => uuid.replaceAll('-', '');

const unusable = (runId: string, stage: string): MaestroError =>
  stage === '' ? missingRun(runId) : inactiveRun(runId, stage);

/** A param of the entry that is already logged with another value, as the genuine server words it. */
function changedParam(entry: Entry, logged: ReadonlyMap<string, string>): MaestroError | undefined {
  for (const { key, value } of entry.params) {
    const before = logged.get(entry.runId + key);
    if (before !== undefined && before !== value) {
      return invalid(
        `Changing param values is not allowed. Param with key='${key}' was already logged with value='${before}' ` +
          `for run ID='${entry.runId}'. Attempted logging new value '${value}'.`,
      );
    }
  }
  return undefined;
}

/**
 * True for what no entry of a group is at fault for: the database is away, or a statement waited too long. Each is told
 * to try again; trying them one by one would hold up all others for as long again, each.
 */
const isUnavailable = (error: unknown): boolean =>
  (error instanceof MaestroError && error.code === 'unavailable') ||
  ['57014', '55P03', '53300', '57P01', '57P02', '57P03'].includes((error as { code?: string }).code ?? '');

/** Splits a group where two entries log one param differently: the second must see what became of the first. */
function firstWithoutClash(entries: readonly Entry[]): number {
  const seen = new Map<string, string>();
  for (const [index, { runId, params }] of entries.entries()) {
    for (const { key, value } of params) {
      const name = runId + key;
      const before = seen.get(name);
      if (before !== undefined && before !== value) return index;
      seen.set(name, value);
    }
  }
  return entries.length;
}

export function createRecorder(db: Database, log: Logger): Recorder {
  const merging = new Set<string>();
  let mergers = Promise.resolve();

  /** Merges one series after the other, behind the writes: at most one at a time takes part of the database. */
  function merge(tenantId: string, runId: string, key: string): void {
    const name = `${tenantId}${runId}${key}`;
    if (merging.has(name)) return;
    merging.add(name);
    mergers = mergers.then(async () => {
      try {
        await db.inTenant(tenantId, (tx) => tx.sql('SELECT maestro.merge_series($1, $2, $3)', [tenantId, runId, key]));
      } catch (error) {
        log.warn({ err: error }, 'merging chunks failed; it is tried again when more have gathered');
      } finally {
        merging.delete(name);
      }
    });
  }

  async function recordGroup(tenantId: string, entries: readonly Entry[]): Promise<Outcome<void>[]> {
    const outcomes = new Map<Entry, Outcome<void>>();
    let left = entries;
    let passed = 0;
    while (left.length > 0) {
      const group = left.slice(0, firstWithoutClash(left));
      try {
        const recorded = await db.inTenant(tenantId, async (tx) => {
          const hasModelPoints = group.some(({ modelPoints }) => modelPoints.length > 0);
          const result = await callRecord(tx, group, !hasModelPoints);
          if (hasModelPoints && !result.conflict_runs) {
            await insertModelPoints(tx, group, result.unusable_runs ?? []);
          }
          return result;
        });
        if (recorded.conflict_runs) {
          const logged = new Map(
            recorded.conflict_runs.map((run, index) => [
              hex(run) + recorded.conflict_keys?.[index],
              recorded.conflict_values?.[index] as string,
            ]),
          );
          const refused = group.filter((entry) => {
            const error = changedParam(entry, logged);
            if (error) outcomes.set(entry, { error });
            return error !== undefined;
          });
          if (refused.length === 0) throw new Error('a param changed that no call of the group logs');
        } else {
          const stages = new Map(
            recorded.unusable_runs?.map((run, index) => [hex(run), recorded.unusable_stages?.[index] as string]),
          );
          for (const entry of group) {
            const stage = stages.get(entry.runId);
            outcomes.set(entry, stage === undefined ? { result: undefined } : { error: unusable(entry.runId, stage) });
          }
          for (const [index, run] of (recorded.crowded_runs ?? []).entries()) {
            merge(tenantId, run, recorded.crowded_keys?.[index] as string);
          }
        }
      } catch (error) {
        if (isUnavailable(error)) {
          const unavailable = new MaestroError('unavailable', 'The database is busy; try again.', { cause: error });
          for (const entry of group) outcomes.set(entry, { error: unavailable });
        } else if (group.length > 1 && !isConflict(error)) {
          // One entry spoils the group: each is tried alone, so that only that one fails.
          for (const entry of group) outcomes.set(entry, (await recordGroup(tenantId, [entry]))[0] as Outcome<void>);
        } else if (passed >= 5 || !isConflict(error)) {
          for (const entry of group) outcomes.set(entry, { error: error as Error });
        } else {
          passed += 1;
        }
      }
      left = left.filter((entry) => !outcomes.has(entry));
    }
    return entries.map((entry) => outcomes.get(entry) as Outcome<void>);
  }

  async function readGroup(tenantId: string, runIds: readonly string[]): Promise<Outcome<string>[]> {
    const distinct = [...new Set(runIds)];
    const documents = await db.inTenant(tenantId, (tx) => runDocuments(tx, distinct));
    const found = new Map(distinct.map((runId, index) => [runId, documents[index]]));
    return runIds.map((runId) => {
      const document = found.get(runId);
      return document === undefined ? { error: missingRun(runId) } : { result: document };
    });
  }

  // Weights bound a group's statement: 20,000 points are about 0.7 MB. Lanes: measured in docs/adr on group commit.
  const records = new GroupCommit(recordGroup, {
    weigh: ({ points, params, tags }) => 1 + points.length + 4 * (params.length + tags.length),
    weightMax: 20_000,
    lanes: 1,
  });
  const creations = new GroupCommit(
    (tenantId: string, runs: readonly NewRun[]) => db.inTenant(tenantId, (tx) => createRunsInExperiments(tx, runs)),
    { weightMax: 500, lanes: 1 },
  );
  const reads = new GroupCommit(readGroup, { weightMax: 100, lanes: 2 });

  return {
    record: (tenantId, entry) => records.submit(tenantId, entry),
    createRun: (tenantId, run) => creations.submit(tenantId, run),
    readRun: (tenantId, runId) => reads.submit(tenantId, runId),
    queued: () => ({ record: records.queued, createRun: creations.queued, readRun: reads.queued }),
    close: () => mergers,
  };
}
