import { createHash } from 'node:crypto';
import { invalid } from '../../errors.ts';

/** How far a series was given: how many points its chunks held, and the last bucket. */
export interface SeriesPlace {
  readonly points: number;
  readonly bucket: number;
}

/** How far each metric was given, and on which grid; its series are by the ids of their runs. */
export type Cursor = Map<string, { readonly width: number; readonly places: Map<string, SeriesPlace> }>;

/** Of which runs a cursor says something, for it names them by their place. */
const nameOf = (runIds: readonly string[]): string =>
  createHash('sha256').update(runIds.join()).digest('base64url').slice(0, 16);

/** No cursor over so many runs and metrics is longer: a place takes up to 45 bytes, the rest of a metric up to 1,600. */
export const cursorLengthMax = (runs: number, keys: number): number =>
  Math.ceil(((45 * runs + 1_600) * keys + 100) * (4 / 3));

/** A cursor as an opaque text. */
export function writeCursor(cursor: Cursor, runIds: readonly string[]): string {
  const placeOf = new Map(runIds.map((runId, place) => [runId, place]));
  const metrics = [...cursor].map(([key, { width, places }]) => [
    key,
    width,
    [...places].map(([runId, { points, bucket }]) => [placeOf.get(runId), points, bucket]),
  ]);
  return Buffer.from(JSON.stringify([nameOf(runIds), metrics])).toString('base64url');
}

/** Reads what `writeCursor` wrote of the same runs. Throws `invalid_parameter` for anything else. */
export function readCursor(text: string, runIds: readonly string[]): Cursor {
  const refuse = () => invalid('cursor: expected what an answer to the same request gave', 'cursor');
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    throw refuse();
  }
  const isList = (value: unknown, length?: number): value is unknown[] =>
    Array.isArray(value) && (length === undefined || value.length === length);
  if (!isList(read, 2) || read[0] !== nameOf(runIds) || !isList(read[1])) throw refuse();
  return new Map(
    read[1].map((entry) => {
      if (!isList(entry, 3)) throw refuse();
      const [key, width, places] = entry;
      if (typeof key !== 'string' || typeof width !== 'number' || !isList(places)) throw refuse();
      const read = places.map((entry): [string, SeriesPlace] => {
        if (!isList(entry, 3)) throw refuse();
        const [place, points, bucket] = entry;
        const runId = typeof place === 'number' ? runIds[place] : undefined;
        if (runId === undefined || typeof points !== 'number' || typeof bucket !== 'number') throw refuse();
        return [runId, { points, bucket }];
      });
      return [key, { width, places: new Map(read) }];
    }),
  );
}
