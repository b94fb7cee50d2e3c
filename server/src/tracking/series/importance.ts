import { setImmediate } from 'node:timers/promises';
import Type from 'typebox';
import { defineOperation } from '../../operation.ts';
import { ExperimentId } from '../experiments/operations.ts';
import { epsilonSquared, spearman } from './association.ts';
import { allRuns } from './found_runs.ts';
import { MetricKey } from './operations.ts';
import { commonParams, lastValues, paramColumns } from './queries.ts';

const runsMax = 100_000;
const paramsMax = 200;
/** Values of params that are in memory at once. */
const valuesAtOnce = 500_000;
/** With fewer runs any two columns go together by chance. */
const runsMin = 5;

const isNumber = (value: string): boolean => value.trim() !== '' && Number.isFinite(Number(value));

/** How closely the values of one param go together with a metric. */
function importanceOf(values: readonly string[], metric: readonly number[]) {
  const distinct = new Set(values);
  const isNumeric = distinct.size > 2 && [...distinct].every(isNumber);
  if (metric.length < runsMin || distinct.size < 2) return { method: null, importance: null, correlation: null };
  if (isNumeric) {
    const correlation = spearman(values.map(Number), metric);
    return { method: 'spearman' as const, importance: correlation && Math.abs(correlation), correlation };
  }
  const share = epsilonSquared(values, metric);
  return { method: 'epsilon' as const, importance: share === null ? null : Math.sqrt(share), correlation: null };
}

/** How closely each param goes together with a metric, over all runs that a filter leaves. */
export const readImportance = defineOperation({
  name: 'param.importance',
  permission: 'run:read',
  input: Type.Object({
    experiment_ids: Type.Array(ExperimentId, { minItems: 1, maxItems: 100 }),
    filter: Type.Optional(Type.String({ maxLength: 100_000, description: 'As in MLflow.' })),
    key: MetricKey,
  }),
  narrows: true,
  output: Type.Object({
    runs: Type.Integer({ description: 'How many runs have a last value of the metric that is a number.' }),
    params: Type.Array(
      Type.Object({
        key: Type.String(),
        n: Type.Integer({ description: 'How many of these runs have the param.' }),
        distinct: Type.Integer({ description: 'How many different values it has in them.' }),
        method: Type.Union([Type.Enum(['spearman', 'epsilon']), Type.Null()], {
          description:
            "Numbers: Spearman's rank correlation. Others: the square root of epsilon squared of the ranks. Null where there are too few runs, or one value.",
        }),
        importance: Type.Union([Type.Number(), Type.Null()], { description: 'From 0 to 1: that, without its sign.' }),
        correlation: Type.Union([Type.Number(), Type.Null()], { description: 'From -1 to 1, of numbers.' }),
      }),
      { description: `The most important one first, of the ${paramsMax} params that most of these runs have.` },
    ),
  }),
  async run({ tx, scope }, { experiment_ids, filter, key }) {
    const runIds = await allRuns(tx, scope, { experiment_ids, filter }, runsMax);
    const metric = await lastValues(tx, runIds, key);
    const measured = runIds.filter((runId) => metric.has(runId));
    const keys = await commonParams(tx, measured, paramsMax);
    const keysAtOnce = Math.max(1, Math.floor(valuesAtOnce / Math.max(1, measured.length)));
    const params = [];
    for (let at = 0; at < keys.length; at += keysAtOnce) {
      for (const { key: param, places, values } of await paramColumns(tx, measured, keys.slice(at, at + keysAtOnce))) {
        // Ranking a long column takes a while, in which others are served.
        await setImmediate();
        const beside = places.map((place) => metric.get(measured[place] as string) as number);
        params.push({
          key: param,
          n: values.length,
          distinct: new Set(values).size,
          ...importanceOf(values, beside),
        });
      }
    }
    params.sort((a, b) => (b.importance ?? -1) - (a.importance ?? -1) || (a.key < b.key ? -1 : 1));
    return { runs: measured.length, params };
  },
});
