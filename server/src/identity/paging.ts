import { invalid } from '../errors.ts';

export interface Page<Item> {
  items: Item[];
  next_page_token: string | null;
}

export const defaultPageSize = 100;

/** The place in a list after which a page begins: the sort key of the last row before it. */
export function placeOf(token: string | undefined, parts: number): string[] | undefined {
  if (token === undefined) return undefined;
  try {
    const place: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    const fits = (part: unknown) => typeof part === 'string' && part.isWellFormed() && !part.includes('\0');
    if (Array.isArray(place) && place.length === parts && place.every(fits)) return place;
  } catch {
    // Not ours; refused below.
  }
  throw invalid('page_token: not a token of this list', 'page_token');
}

/** Makes a page of `limit` rows out of up to `limit + 1` rows. */
export function pageFrom<Row, Item>(
  rows: Row[],
  limit: number,
  keyOf: (row: Row) => string[],
  itemOf: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const token = rows.length > limit && last ? Buffer.from(JSON.stringify(keyOf(last))).toString('base64url') : null;
  return { items: shown.map(itemOf), next_page_token: token };
}

/** Runs the query of a list's page. A forged token that holds no time or no id is refused, as one that does not read. */
export async function atPlace<T>(place: readonly string[] | undefined, query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    // PostgreSQL's data exceptions are class 22.
    if (place && error instanceof Error && 'code' in error && String(error.code).startsWith('22')) {
      throw invalid('page_token: not a token of this list', 'page_token');
    }
    throw error;
  }
}
