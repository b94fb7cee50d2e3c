import Type, { type Static } from 'typebox';
import { defineOperation } from '../../operation.ts';
import { KeyValueSchema } from '../experiments/operations.ts';
import { limits } from '../limits.ts';
import { logEntry, RunId } from './operations.ts';

const named = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, '-Infinity': Number.NEGATIVE_INFINITY } as const;

/** A double: a number, or the name of one that JSON has no number for. */
export const LoggedValue = Type.Union([Type.Number(), Type.Enum(['NaN', 'Infinity', '-Infinity'])]);

const LoggedPoint = Type.Object({
  key: Type.String(),
  value: LoggedValue,
  timestamp: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Milliseconds since 1970; when the server reads it unless given.',
    }),
  ),
  step: Type.Optional(
    Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER, default: 0 }),
  ),
});

const pointOf = ({ key, value, timestamp, step }: Static<typeof LoggedPoint>, now: number) => ({
  key,
  value: typeof value === 'number' ? value : named[value as keyof typeof named],
  timestamp: timestamp ?? now,
  step: step ?? 0,
});

/** Metrics, params and tags of one run, all or nothing. */
export const logToRun = defineOperation({
  name: 'run.log',
  permission: 'run:write',
  transaction: 'own',
  input: Type.Object({
    run_id: RunId,
    metrics: Type.Optional(Type.Array(LoggedPoint, { maxItems: limits.metricsPerBatch })),
    params: Type.Optional(Type.Array(KeyValueSchema, { maxItems: limits.paramsPerBatch })),
    tags: Type.Optional(Type.Array(KeyValueSchema, { maxItems: limits.tagsPerBatch })),
  }),
  on: ({ run_id }) => ({ run: run_id }),
  output: Type.Null(),
  run(context, { run_id, metrics = [], params = [], tags = [] }) {
    const now = Date.now();
    return logEntry(context, { run_id, metrics: metrics.map((point) => pointOf(point, now)), params, tags });
  },
});

export const setRunTag = defineOperation({
  name: 'run.set_tag',
  permission: 'run:write',
  transaction: 'own',
  input: Type.Object({ run_id: RunId, key: Type.String(), value: Type.String() }),
  on: ({ run_id }) => ({ run: run_id }),
  output: Type.Null(),
  run: (context, { run_id, key, value }) => logEntry(context, { run_id, tags: [{ key, value }], single: true }),
});
