import Type, { type Static } from 'typebox';
import { type Contexts, defineOperation } from '../../operation.ts';
import { PageToken, pageOf } from '../../paging.ts';
import { ExperimentId, ViewSchema } from '../experiments/operations.ts';
import { nativeRuns, shownRuns } from '../run_documents.ts';
import { grantedAmong } from '../scope.ts';
import { searchRuns as findPage } from '../search/search_runs.ts';
import { RunSchema } from './operations.ts';

/** Which runs are meant. */
export const runFilter = {
  experiment_ids: Type.Array(ExperimentId, { maxItems: 10_000 }),
  filter: Type.Optional(
    Type.String({
      maxLength: 100_000,
      description: 'As in MLflow, such as "metrics.loss < 1"; also of the best values: "min_metrics.loss < 1".',
    }),
  ),
  view: Type.Optional(ViewSchema),
};

export const WithinSchema = Type.Array(
  Type.Object({
    by: Type.String({ maxLength: 1000, description: 'A param, a tag, the status or the user, such as "params.lr".' }),
    value: Type.Union([Type.String({ maxLength: 10_000 }), Type.Null()], {
      description: 'Null for the runs that have none.',
    }),
  }),
  { maxItems: 10, description: 'Of these groups alone, each within the one before.' },
);

const query = {
  ...runFilter,
  order_by: Type.Optional(
    Type.Array(Type.String({ maxLength: 1000 }), {
      maxItems: 50,
      description:
        'Such as "metrics.loss DESC" for the last value of a metric, "min_metrics.loss" or "max_metrics.acc DESC" for ' +
        'its best one, "duration DESC", "params.lr".',
    }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  page_token: Type.Optional(PageToken),
};

const keys = (what: string) =>
  Type.Optional(Type.Array(Type.String({ maxLength: 1000 }), { maxItems: 200, description: what }));

const Query = Type.Object(query);
const QueryByBody = Type.Object({
  ...query,
  within: Type.Optional(WithinSchema),
  metrics: keys('Runs are shown with these metrics alone; with all where it is not given.'),
  params: keys('Runs are shown with these params alone; with all where it is not given.'),
  tags: keys('Runs are shown with these tags alone; with all where it is not given.'),
  extremes: keys('Metrics whose least and greatest values runs are shown with, over all of their points.'),
});

async function pageFor({ tx, scope }: Contexts['tenant'], input: Static<typeof QueryByBody>) {
  return findPage(tx, {
    experimentIds: grantedAmong(scope, input.experiment_ids),
    filter: input.filter ?? '',
    orderBy: input.order_by ?? [],
    view: input.view ?? 'ACTIVE_ONLY',
    maxResults: input.limit ?? 100,
    isNative: true,
    within: input.within ?? [],
    pageToken: input.page_token,
  });
}

/** A page of runs, whole. */
export const searchRuns = defineOperation({
  name: 'run.search',
  permission: 'run:read',
  input: Query,
  narrows: true,
  output: pageOf(RunSchema),
  async run(context, input) {
    const page = await pageFor(context, input);
    return { items: await nativeRuns(context.tx, page.runIds), next_page_token: page.nextPageToken ?? null };
  },
});

const ShownRunSchema = Type.Object({
  ...RunSchema.properties,
  extremes: Type.Optional(Type.Record(Type.String(), Type.Object({ min: Type.Number(), max: Type.Number() }))),
});

/** A page of runs with the data that is asked for: of thousands of metrics, a table shows a few. */
export const searchRunsByBody = defineOperation({
  name: 'run.search_by_body',
  permission: 'run:read',
  input: QueryByBody,
  narrows: true,
  output: pageOf(ShownRunSchema),
  async run(context, input) {
    const page = await pageFor(context, input);
    return { items: await shownRuns(context.tx, page.runIds, input), next_page_token: page.nextPageToken ?? null };
  },
});
