import type { TenantTx } from '../db/tenancy.ts';
import type { Kind } from './queries.ts';

/** Makes a value a parameter of the statement that is being written, and gives its place in the text, such as `$3`. */
export type Add = (value: unknown) => string;

/** A part of a statement. The same `name` always has the same text, however the values differ. */
export interface Part {
  readonly name: string;
  text(of: string, add: Add): string;
}

/** A term that is looked for, for which word of the query, and how well it fits that word (0: it only must be there). */
export interface Sought {
  readonly at: number;
  readonly term: string;
  readonly fit: number;
}

export interface Match {
  id: string;
  /** 0 to 1 for each word of the query, added. */
  relevance: number;
}

export interface Search {
  readonly kind: Kind;
  /** How many matches there are at most, the most relevant. */
  readonly limit: number;
  /** A condition on the column of subjects that it is given: these alone are found. */
  readonly only?: Part | undefined;
  /** A SELECT of what is made of the table of matches (`id`, `relevance`) that it is given. */
  readonly shown: Part;
}

export interface Matches<Row> {
  readonly rows: Row[];
  /** How many there were before any was left out by what is shown; 0 where nothing is. */
  readonly matched: number;
}

/** The matches themselves, the most relevant first. */
export const themselves: Part = {
  name: 'all',
  text: (matches) => `SELECT id, relevance FROM ${matches} ORDER BY relevance DESC, id DESC`,
};

const columns = (sought: readonly Sought[], add: Add): string =>
  `${add(sought.map(({ term }) => term))}::text[], ${add(sought.map(({ fit }) => fit))}::float8[]`;

const alone = ({ only }: Search, column: string, add: Add): string => (only ? `AND ${only.text(column, add)}` : '');

interface Walked {
  /** Of one term at most. */
  readonly each: number;
  /** In all. */
  readonly all: number;
}

/** The subjects that terms lead to: of each term those of which it says most, in the order of the terms. */
const walk = (search: Search, leading: readonly Sought[], { each, all }: Walked, add: Add): string => `
  SELECT c.subject_id, c.weight * l.fit AS score
    FROM unnest(${columns(leading, add)}) AS l(term, fit), LATERAL (
      SELECT t.subject_id, t.weight FROM maestro.search_terms t
       WHERE t.tenant_id = $1 AND t.kind = $2 AND t.term = l.term ${alone(search, 't.subject_id', add)}
       ORDER BY t.weight DESC, t.subject_id DESC LIMIT ${add(each)}) c
   LIMIT ${add(all)}`;

/** Of the subjects in the array `candidates`, those that have a term of each of the `words`, the best first. */
const scored = (search: Search, sought: readonly Sought[], candidates: string, words: number, add: Add): string => `
  SELECT subject_id AS id, sum(best) / 1000 AS relevance
    FROM (SELECT t.subject_id, s.at, max(t.weight * s.fit) AS best
            FROM unnest(${add(sought.map(({ at }) => at))}::int[], ${columns(sought, add)}) AS s(at, term, fit), LATERAL (
              SELECT o.subject_id, o.weight FROM maestro.search_terms o
               WHERE o.tenant_id = $1 AND o.kind = $2 AND o.term = s.term AND o.subject_id = ANY (${candidates}) OFFSET 0) t
           GROUP BY t.subject_id, s.at) each
   GROUP BY subject_id HAVING count(*) = ${add(words)}
   ORDER BY sum(best) DESC, subject_id DESC LIMIT ${add(search.limit)}`;

/**
 * Subjects that have every facet, in no order, and `limit` of them at most: looks for the others in all that the first one
 * has.
 */
function facetted([first, ...others]: readonly string[], limit: number, add: Add): string {
  const facets = add(others.length > 0 ? others : [first]);
  return `SELECT t.subject_id FROM unnest(${facets}::text[]) AS s(term), LATERAL (
      SELECT o.subject_id FROM maestro.search_terms o
       WHERE o.tenant_id = $1 AND o.kind = $2 AND o.term = s.term AND o.subject_id = ANY (ARRAY(
         SELECT f.subject_id FROM maestro.search_terms f
          WHERE f.tenant_id = $1 AND f.kind = $2 AND f.term = ${add(first)}))
      OFFSET 0) t
     GROUP BY t.subject_id HAVING count(*) = cardinality(${facets}::text[]) LIMIT ${add(limit)}`;
}

/** Runs a statement of the table `matches` as `text` gives it, behind tables that it is made from. */
async function run<Row>(
  tx: TenantTx,
  search: Search,
  name: string,
  parts: (add: Add) => { readonly before?: string; readonly matches: string; readonly counted?: string },
): Promise<Row[]> {
  const values: unknown[] = [tx.tenantId, search.kind];
  const add: Add = (value) => `$${values.push(value)}`;
  const { before = '', matches, counted = '' } = parts(add);
  return tx.sql<Row>(
    `WITH ${before} matches AS MATERIALIZED (${matches})
     SELECT (SELECT count(*) FROM matches) AS matched, ${counted} shown.* FROM (${search.shown.text('matches', add)}) shown`,
    values,
    [name, search.shown.name, search.only?.name].filter(Boolean).join('_'),
  );
}

const of = <Row>(rows: (Row & { matched: number })[]): Matches<Row> => ({ rows, matched: rows[0]?.matched ?? 0 });

/** Subjects that have one of the terms of a single word, the best first. */
export async function matchWord<Row>(
  tx: TenantTx,
  search: Search,
  sought: readonly Sought[],
  walked: number,
): Promise<Matches<Row>> {
  const { limit } = search;
  return of(
    await run<Row & { matched: number }>(tx, search, 'match_word', (add) => ({
      matches: `SELECT subject_id AS id, max(score) / 1000 AS relevance
        FROM (${walk(search, sought, { each: limit, all: walked }, add)}) c
       GROUP BY subject_id ORDER BY max(score) DESC, subject_id DESC LIMIT ${add(limit)}`,
    })),
  );
}

/** Of the subjects that the terms `leading` lead to, those that have a term of each of the `words`, the best first. */
export async function matchWords<Row>(
  tx: TenantTx,
  search: Search,
  sought: readonly Sought[],
  { leading, words, ...walked }: Walked & { leading: readonly Sought[]; words: number },
): Promise<Matches<Row>> {
  return of(
    await run<Row & { matched: number }>(tx, search, 'match_words', (add) => {
      const candidates = `ARRAY(SELECT DISTINCT subject_id FROM (${walk(search, leading, walked, add)}) c)`;
      return { matches: scored(search, sought, candidates, words, add) };
    }),
  );
}

/** Of some subjects, those that have a term of each of the `words`, the best first. */
export async function matchAmong<Row>(
  tx: TenantTx,
  search: Search,
  sought: readonly Sought[],
  { ids, words }: { ids: readonly string[]; words: number },
): Promise<Matches<Row>> {
  return of(
    await run<Row & { matched: number }>(tx, search, 'match_among', (add) => ({
      matches: scored(search, sought, `${add(ids)}::uuid[]`, words, add),
    })),
  );
}

/**
 * The same of the subjects that have every facet. `isAll` says whether these are no more than are looked at; it is unknown,
 * and false, where nothing was found.
 */
export async function matchFacetted<Row>(
  tx: TenantTx,
  search: Search,
  sought: readonly Sought[],
  { facets, words, walked }: { facets: readonly string[]; words: number; walked: number },
): Promise<Matches<Row> & { isAll: boolean }> {
  const rows = await run<Row & { matched: number; looked: number }>(tx, search, 'match_facetted', (add) => ({
    before: `facetted AS MATERIALIZED (${facetted(facets, walked, add)}), `,
    matches: scored(
      search,
      sought,
      `ARRAY(SELECT f.subject_id FROM facetted f WHERE true ${alone(search, 'f.subject_id', add)})`,
      words,
      add,
    ),
    counted: '(SELECT count(*) FROM facetted) AS looked,',
  }));
  return { ...of(rows), isAll: (rows[0]?.looked ?? walked) < walked };
}

/** Subjects that have every facet, in no order, and `limit` of them at most. */
export async function withAllFacets(
  tx: TenantTx,
  kind: Kind,
  facets: readonly string[],
  limit: number,
): Promise<string[]> {
  const values: unknown[] = [tx.tenantId, kind];
  const text = facetted(facets, limit, (value) => `$${values.push(value)}`);
  const rows = await tx.sql<{ subject_id: string }>(text, values, 'with_all_search_facets');
  return rows.map(({ subject_id }) => subject_id);
}
