import { invalid } from '../../errors.ts';

/** How far a series was given: how many points its chunks held, and the last bucket. */
export interface SeriesPlace {
  readonly points: number;
  readonly bucket: number;
}

/** How far each metric was given, and on which grid. */
export type Cursor = Map<string, { readonly width: number; readonly places: Map<string, SeriesPlace> }>;

/** A cursor as an opaque text. */
export const writeCursor = (cursor: Cursor): string =>
  Buffer.from(
    JSON.stringify(
      [...cursor].map(([key, { width, places }]) => [
        key,
        width,
        [...places].map(([runId, { points, bucket }]) => [runId, points, bucket]),
      ]),
    ),
  ).toString('base64url');

/** Reads what `writeCursor` wrote. Throws `invalid_parameter` for anything else. */
export function readCursor(text: string): Cursor {
  const refuse = () => invalid('cursor: expected what an answer to the same request gave', 'cursor');
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    throw refuse();
  }
  const isList = (value: unknown, length?: number): value is unknown[] =>
    Array.isArray(value) && (length === undefined || value.length === length);
  if (!isList(read)) throw refuse();
  return new Map(
    read.map((entry) => {
      if (!isList(entry, 3)) throw refuse();
      const [key, width, places] = entry;
      if (typeof key !== 'string' || typeof width !== 'number' || !isList(places)) throw refuse();
      const read = places.map((place): [string, SeriesPlace] => {
        if (!isList(place, 3)) throw refuse();
        const [runId, points, bucket] = place;
        if (typeof runId !== 'string' || typeof points !== 'number' || typeof bucket !== 'number') throw refuse();
        return [runId, { points, bucket }];
      });
      return [key, { width, places: new Map(read) }];
    }),
  );
}
