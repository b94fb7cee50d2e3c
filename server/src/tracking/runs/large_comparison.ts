import Type from 'typebox';
import type { TenantTx } from '../../db/tenancy.ts';
import { invalid } from '../../errors.ts';
import { defineOperation } from '../../operation.ts';
import { PageToken, pageOf } from '../../paging.ts';
import { missingRun } from '../refusals.ts';
import { comparedKeys, comparedKinds } from './comparison_queries.ts';
import { MetricValue, RunId, RunInfoSchema } from './operations.ts';
import { findRunInfos, type RunInfo } from './queries.ts';

/** More than a person looks at. */
export const comparedRunsMax = 1000;
/** Keys × runs of a page; at some 200 characters each an answer stays at about 10 MB. */
const valuesMax = 50_000;

export const ComparedRunIds = Type.Array(RunId, {
  minItems: 1,
  maxItems: comparedRunsMax,
  uniqueItems: true,
  description: 'The runs, in the order to show them.',
});

/** All of the runs, in their order. Throws `not_found` for the first that is not there. */
export async function infosOf(tx: TenantTx, runIds: readonly string[]): Promise<RunInfo[]> {
  const found = new Map((await findRunInfos(tx, runIds)).map((run) => [run.run_id, run]));
  return runIds.map((runId) => {
    const run = found.get(runId);
    if (!run) throw missingRun(runId);
    return run;
  });
}

export const listRunInfos = defineOperation({
  name: 'run.list_infos',
  permission: 'run:read',
  input: Type.Object({ run_ids: ComparedRunIds }),
  on: ({ run_ids }) => ({ runs: run_ids }),
  output: Type.Object({ items: Type.Array(RunInfoSchema) }),
  run: async ({ tx }, { run_ids: runIds }) => ({
    items: (await infosOf(tx, runIds)) as Type.Static<typeof RunInfoSchema>[],
  }),
});

/** What many runs have under each key, a page of keys at a time. */
export const compareKeys = defineOperation({
  name: 'run.compare_keys',
  permission: 'run:read',
  input: Type.Object({
    run_ids: ComparedRunIds,
    of: Type.Enum(comparedKinds),
    only_different: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Leave out what all runs have alike: a page then holds fewer keys.',
      }),
    ),
    search: Type.Optional(Type.String({ maxLength: 250, description: 'Part of the keys, in any case.' })),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 500,
        default: 100,
        description: `Keys of a page; fewer where with the runs they are more than ${valuesMax} values.`,
      }),
    ),
    page_token: Type.Optional(PageToken),
  }),
  on: ({ run_ids }) => ({ runs: run_ids }),
  output: pageOf(
    Type.Object({
      key: Type.String(),
      differs: Type.Boolean({ description: 'Whether the runs do not all have the same.' }),
      values: Type.Array(Type.Union([MetricValue, Type.String(), Type.Null()]), {
        description:
          'One for each run, in their order; null where it has none. Of a text of more than 200 characters these, then `… #` and 16 hex digits of the SHA-256 of the whole.',
      }),
    }),
  ),
  async run({ tx }, { run_ids: runIds, of, only_different: onlyDifferent = false, ...input }) {
    const limit = Math.min(input.limit ?? 100, Math.floor(valuesMax / runIds.length));
    const after = input.page_token === undefined ? '' : Buffer.from(input.page_token, 'base64url').toString();
    if (after.includes('\0')) throw invalid('Invalid page token.', 'page_token');
    await infosOf(tx, runIds);
    const found = await comparedKeys(tx, of, { runIds, after, limit, search: input.search ?? '' });
    const last = found.length < limit ? undefined : found.at(-1);
    const items = found
      .filter(({ differs }) => differs || !onlyDifferent)
      .map(({ key, differs, places, values }) => {
        const row = new Array<string | number | null>(runIds.length).fill(null);
        for (const [at, place] of places.entries()) row[place] = values[at] ?? null;
        return { key, differs, values: row };
      });
    return { items, next_page_token: last ? Buffer.from(last.key).toString('base64url') : null };
  },
});
