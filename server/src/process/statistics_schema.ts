import Type from 'typebox';
import { orNull } from '../identity/schemas.ts';
import type { Statistics as Figures } from './cells.ts';

const numberOrNull = orNull(Type.Number());

/** The properties of Statistics in the contract. */
export const statistics = {
  count: Type.Integer(),
  sum: Type.Number(),
  mean: numberOrNull,
  min: numberOrNull,
  max: numberOrNull,
  p50: numberOrNull,
  p90: numberOrNull,
  p95: numberOrNull,
} satisfies Record<keyof Figures, unknown>;

export const Statistics = Type.Object(statistics);
