import { createHash } from 'node:crypto';
import { invalid } from '../../errors.ts';
import { fitsColumns, type Position, type SortColumn } from './keyset.ts';

/** What a token is bound to: a token of one query is no token of another. */
export const fingerprintOf = (query: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, 12);

const isValue = (value: unknown): value is string | number | null =>
  value === null || typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));

/**
 * Where a page starts: behind the position in the token that `nextToken` made for the same query, or at the beginning
 * where there is no token. Throws `invalid_parameter` for any other text.
 */
export function startOf(
  token: string | undefined,
  fingerprint: string,
  columns: readonly SortColumn[],
): Position | undefined {
  if (!token) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    throw invalid('Invalid page token, could not base64-decode', 'page_token');
  }
  if (!Array.isArray(parsed) || !parsed.every(isValue)) throw invalid('Invalid page token.', 'page_token');
  const [found, ...position] = parsed;
  if (found !== fingerprint) {
    throw invalid('Invalid page token: it belongs to another search; repeat filter, order_by and ids.', 'page_token');
  }
  if (!fitsColumns(position, columns)) throw invalid('Invalid page token.', 'page_token');
  return position;
}

/** The id of a row at `position`: every order ends with it. */
export const idOf = (position: Position): string => String(position.at(-1));

/** The token for the rows behind the first `maxResults` of `positions`; nothing where there are no more. */
export function nextToken(
  fingerprint: string,
  positions: readonly Position[],
  maxResults: number,
): { nextPageToken?: string } {
  if (positions.length <= maxResults) return {};
  const last = positions[maxResults - 1]!;
  return { nextPageToken: Buffer.from(JSON.stringify([fingerprint, ...last])).toString('base64url') };
}

/** Throws `invalid_parameter` for a page of no rows. */
export function checkMaxResults(maxResults: number): void {
  if (maxResults >= 1) return;
  const message = `Invalid value ${maxResults} for parameter 'max_results' supplied. It must be a positive integer`;
  throw invalid(message, 'max_results');
}
