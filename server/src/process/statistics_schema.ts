import Type from 'typebox';
import type { Statistics } from './cells.ts';

const orNull = Type.Union([Type.Number(), Type.Null()]);

/** The properties of Statistics in the contract. */
export const statistics = {
  count: Type.Integer(),
  sum: Type.Number(),
  mean: orNull,
  min: orNull,
  max: orNull,
  p50: orNull,
  p90: orNull,
  p95: orNull,
} satisfies Record<keyof Statistics, unknown>;
