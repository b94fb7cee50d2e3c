import Type from 'typebox';
import { defineOperation } from '../../operation.ts';
import { missingRun } from '../refusals.ts';
import { nativeRuns } from '../run_documents.ts';
import { MetricValue, RunId, RunInfoSchema } from './operations.ts';

const rowsOf = <Value extends Type.TSchema>(value: Value) =>
  Type.Array(
    Type.Object({
      key: Type.String(),
      differs: Type.Boolean({ description: 'Whether the runs do not all have the same.' }),
      values: Type.Array(Type.Union([value, Type.Null()]), {
        description: 'One for each run, in the order of `runs`; null where it has none.',
      }),
    }),
  );

/** What each run has under each key, by key; only the keys in which runs differ where `onlyDifferent` says so. */
function rows<Value>(columns: readonly Readonly<Record<string, Value>>[], onlyDifferent: boolean) {
  const keys = [...new Set(columns.flatMap(Object.keys))].sort((a, b) => (a < b ? -1 : 1));
  return keys.flatMap((key) => {
    const values = columns.map((column) => (Object.hasOwn(column, key) ? (column[key] as Value) : null));
    const differs = values.some((value) => value !== values[0]);
    return differs || !onlyDifferent ? [{ key, differs, values }] : [];
  });
}

/** Several runs side by side: their last metrics, params and tags, key by key. */
export const compareRuns = defineOperation({
  name: 'run.compare',
  permission: 'run:read',
  input: Type.Object({
    run_ids: Type.Array(RunId, { minItems: 1, maxItems: 100, description: 'The runs, in the order to show them.' }),
    only_different: Type.Optional(Type.Boolean({ default: false, description: 'Leave out what all runs have alike.' })),
    cut: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Of a param or tag of more than 200 characters give these, then `… #` and 16 hex digits of the SHA-256 of the whole.',
      }),
    ),
  }),
  on: ({ run_ids }) => ({ runs: run_ids }),
  output: Type.Object({
    runs: Type.Array(RunInfoSchema),
    metrics: rowsOf(MetricValue),
    params: rowsOf(Type.String()),
    tags: rowsOf(Type.String()),
  }),
  async run({ tx }, { run_ids: runIds, only_different: onlyDifferent = false, cut = false }) {
    const distinct = [...new Set(runIds)];
    const runs = await nativeRuns(tx, distinct, cut ? 'cut' : 'whole');
    const found = new Set(runs.map(({ run_id }) => run_id));
    const unknown = distinct.find((runId) => !found.has(runId));
    if (unknown !== undefined) throw missingRun(unknown);
    return {
      runs: runs.map(({ metrics, params, tags, ...info }) => info),
      metrics: rows(
        runs.map(({ metrics }) => metrics),
        onlyDifferent,
      ),
      params: rows(
        runs.map(({ params }) => params),
        onlyDifferent,
      ),
      tags: rows(
        runs.map(({ tags }) => tags),
        onlyDifferent,
      ),
    };
  },
});
