import Type from 'typebox';
import { invalid } from '../../errors.ts';
import { defineOperation } from '../../operation.ts';
import { grantedAmong } from '../scope.ts';
import { type Aggregate, aggregateRuns, type Measure } from '../search/aggregate.ts';
import { nativeRunOrderGrammar } from '../search/grammars.ts';
import { groupingOf } from '../search/groups.ts';
import { parseOrder } from '../search/order.ts';
import { MetricValue } from './operations.ts';
import { runFilter, WithinSchema } from './search.ts';

const orNull = Type.Union([MetricValue, Type.Null()]);

const AggregateSchema = Type.Object({
  runs: Type.Integer({ description: 'How many of them have a number; NaN is none.' }),
  mean: orNull,
  min: orNull,
  max: orNull,
  median: orNull,
});

/** Infinities as metrics have them in JSON: the greatest doubles. */
const finite = (value: number | null): number | 'NaN' | null =>
  value === null ? null : Number.isNaN(value) ? 'NaN' : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

const shownAggregate = ({ runs, mean, min, max, median }: Aggregate) => ({
  runs,
  mean: finite(mean),
  min: finite(min),
  max: finite(max),
  median: finite(median),
});

const fields = ['metric', 'least', 'greatest'] as const;

/** Groups of runs with how many there are and what their metrics come to, over all that match. */
export const aggregate = defineOperation({
  name: 'run.aggregate',
  permission: 'run:read',
  input: Type.Object({
    ...runFilter,
    within: Type.Optional(WithinSchema),
    group_by: Type.Optional(
      Type.Array(Type.String({ maxLength: 1000 }), {
        maxItems: 5,
        description: 'Params, tags, "status" or "user_id", such as "params.lr". One group of all runs without it.',
      }),
    ),
    of: Type.Optional(
      Type.Array(Type.String({ maxLength: 1000 }), {
        maxItems: 20,
        description: 'Numbers of runs: "metrics.loss" (the last value), "min_metrics.loss" or "max_metrics.loss".',
      }),
    ),
    order_by: Type.Optional(
      Type.Enum(['runs', 'value', 'mean', 'min', 'max', 'median'], { description: 'Of the groups; runs by default.' }),
    ),
    order_of: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 19, description: 'Which one of `of` an order by its aggregate goes by.' }),
    ),
    order: Type.Optional(Type.Enum(['asc', 'desc'], { default: 'desc' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Of groups.' })),
  }),
  narrows: true,
  output: Type.Object({
    groups: Type.Array(
      Type.Object({
        values: Type.Array(Type.Union([Type.String(), Type.Null()]), { description: 'One for each of `group_by`.' }),
        runs: Type.Integer(),
        aggregates: Type.Array(AggregateSchema, { description: 'One for each of `of`.' }),
      }),
    ),
    group_count: Type.Integer({ description: 'Of all groups, those beyond the limit included.' }),
    run_count: Type.Integer({ description: 'Of all runs that match.' }),
  }),
  async run({ tx, scope }, input) {
    const { filter = '', view = 'ACTIVE_ONLY', within = [], of = [], order_of: measure = 0 } = input;
    const by = input.order_by ?? 'runs';
    const groupBy = (input.group_by ?? []).map((each) => groupingOf(each, 'group_by'));
    const measures = of.map((each) => {
      const [term] = parseOrder([each], nativeRunOrderGrammar, fields);
      return term as unknown as Measure;
    });
    if (by !== 'runs' && by !== 'value' && measure >= measures.length) {
      throw invalid(`order_of: expected one of the ${measures.length} numbers of \`of\`, counted from 0`, 'order_of');
    }
    const { groups, groupCount, runCount } = await aggregateRuns(tx, {
      experimentIds: grantedAmong(scope, input.experiment_ids),
      filter,
      view,
      within,
      groupBy,
      measures,
      order: { by, measure, descending: input.order !== 'asc' },
      limit: input.limit ?? 100,
    });
    return {
      groups: groups.map(({ aggregates, ...group }) => ({ ...group, aggregates: aggregates.map(shownAggregate) })),
      group_count: groupCount,
      run_count: runCount,
    };
  },
});
