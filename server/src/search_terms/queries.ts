import type { TenantTx } from '../db/tenancy.ts';

/** What is found by search: apart, what is deprecated. */
export type Kind = 'artifact' | 'deprecated_artifact' | 'project';

/** Rows to be: what of parallel arrays stands at one place belongs together. */
export interface Words {
  ids: string[];
  words: string[];
  weights: number[];
}

/**
 * Adds words with their stems. PostgreSQL's English stemmer takes the endings off and drops the words that say nothing
 * (`the`, `of`).
 */
export async function insertWords(tx: TenantTx, kind: Kind, { ids, words, weights }: Words): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.search_terms (tenant_id, kind, term, weight, subject_id)
     SELECT $1, $2, term, max(weight), subject_id
       FROM (SELECT unnest($3::uuid[]) AS subject_id, unnest($4::text[]) AS word, unnest($5::smallint[]) AS weight) given
       JOIN (SELECT word AS stemmed, ts_lexize('english_stem', word) AS stems
               FROM (SELECT DISTINCT unnest($4::text[]) AS word) distinct_words) s
         ON s.stemmed = given.word AND s.stems <> '{}',
       unnest(ARRAY[given.word] || s.stems) AS term
      GROUP BY subject_id, term
     ON CONFLICT DO NOTHING`,
    [tx.tenantId, kind, ids, words, weights],
    'insert_search_words',
  );
}

export async function insertFacets(tx: TenantTx, kind: Kind, ids: string[], facets: string[]): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.search_terms (tenant_id, kind, term, weight, subject_id)
     SELECT $1, $2, unnest($4::text[]), 1, unnest($3::uuid[]) ON CONFLICT DO NOTHING`,
    [tx.tenantId, kind, ids, facets],
    'insert_search_facets',
  );
}

export async function deleteTerms(tx: TenantTx, kind: Kind, ids: readonly string[]): Promise<void> {
  await tx.sql(
    'DELETE FROM maestro.search_terms WHERE tenant_id = $1 AND kind = $2 AND subject_id = ANY ($3::uuid[])',
    [tx.tenantId, kind, ids],
    'delete_search_terms',
  );
}

/** Lets a thing be found as another kind. */
export async function moveTerms(tx: TenantTx, from: Kind, to: Kind, id: string): Promise<void> {
  await tx.sql(
    'UPDATE maestro.search_terms SET kind = $3 WHERE tenant_id = $1 AND kind = $2 AND subject_id = $4',
    [tx.tenantId, from, to, id],
    'move_search_terms',
  );
}

/** Notes words for those that misspell them: at the end, for two that bring the same new word wait for one another. */
export function noteWords(tx: TenantTx, words: readonly string[]): void {
  tx.atCommit(
    `WITH new AS (
       INSERT INTO maestro.search_words (tenant_id, word)
       SELECT $1, word FROM unnest($2::text[]) AS word ORDER BY word ON CONFLICT DO NOTHING RETURNING word)
     INSERT INTO maestro.search_trigrams (tenant_id, trigram, word)
     SELECT DISTINCT $1::uuid, substr('  ' || word || ' ', at, 3), word FROM new, generate_series(1, length(word) + 1) AS at
     ON CONFLICT DO NOTHING`,
    [tx.tenantId, words],
    'note_search_words',
  );
}

/** A term that a word of a query stands for. */
export interface Expansion {
  /** Which of the query's words, from 0. */
  at: number;
  term: string;
  kind: 'stem' | 'beginning';
}

/** Sorts behind every term that begins as it does, in byte order. */
export const lastOf = (beginning: string): string => `${beginning}\u{10ffff}`;

/** The stems of words, and up to `max` terms for each that begin with it: one step of the index each. */
export function expandWords(tx: TenantTx, kind: Kind, words: readonly string[], max: number): Promise<Expansion[]> {
  return tx.sql<Expansion>(
    `WITH RECURSIVE given AS (
       SELECT (at - 1)::int AS at, word COLLATE "C" AS word, last COLLATE "C" AS last
         FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS g(word, last, at)),
     longer AS (
       SELECT g.at, g.last, f.term, 1 AS place FROM given g, LATERAL (
         SELECT t.term FROM maestro.search_terms t
          WHERE t.tenant_id = $1 AND t.kind = $2 AND t.term >= g.word AND t.term < g.last ORDER BY t.term LIMIT 1) f
       UNION ALL
       SELECT l.at, l.last, f.term, l.place + 1 FROM longer l, LATERAL (
         SELECT t.term FROM maestro.search_terms t
          WHERE t.tenant_id = $1 AND t.kind = $2 AND t.term > l.term AND t.term < l.last ORDER BY t.term LIMIT 1) f
        WHERE l.place < $5)
     SELECT at, term, 'beginning' AS kind FROM longer
     UNION ALL SELECT at, unnest(ts_lexize('english_stem', word)), 'stem' FROM given`,
    [tx.tenantId, kind, words, words.map(lastOf), max],
    'expand_search_words',
  );
}

/** Words that have at least one of the trigrams, those with most of them first. */
export async function similarWords(tx: TenantTx, trigrams: readonly string[], max: number): Promise<string[]> {
  const rows = await tx.sql<{ word: string }>(
    `SELECT word FROM maestro.search_trigrams WHERE tenant_id = $1 AND trigram = ANY ($2::text[])
      GROUP BY word ORDER BY count(*) DESC, word LIMIT $3`,
    [tx.tenantId, trigrams, max],
    'similar_search_words',
  );
  return rows.map(({ word }) => word);
}

/** How many subjects each group of terms has, counted up to `max`. */
export async function countSubjects(
  tx: TenantTx,
  kind: Kind,
  groups: readonly { at: number; term: string }[],
  max: number,
): Promise<number[]> {
  const rows = await tx.sql<{ at: number; subjects: number }>(
    `SELECT g.at, (SELECT count(*) FROM (
              SELECT 1 FROM unnest(g.terms) AS x(term), LATERAL (
                SELECT 1 FROM maestro.search_terms t
                 WHERE t.tenant_id = $1 AND t.kind = $2 AND t.term = x.term LIMIT $5) f LIMIT $5) c) AS subjects
       FROM (SELECT at, array_agg(term) AS terms FROM unnest($3::int[], $4::text[]) AS u(at, term) GROUP BY at) g
      ORDER BY g.at`,
    [tx.tenantId, kind, groups.map(({ at }) => at), groups.map(({ term }) => term), max],
    'count_search_subjects',
  );
  return rows.map(({ subjects }) => subjects);
}

export interface Match {
  id: string;
  /** 0 to 1 for each word of the query, added. */
  relevance: number;
}

/** A term that is looked for, for which word of the query, and how well it fits that word (0: it only must be there). */
export interface Sought {
  readonly at: number;
  readonly term: string;
  readonly fit: number;
}

/** The subjects that terms lead to: of each term those of which it says most, in the order of the terms. */
const walk = (terms: string, each: string, all: string): string => `
  SELECT c.subject_id, c.weight * l.fit AS score
    FROM unnest(${terms}) AS l(term, fit), LATERAL (
      SELECT t.subject_id, t.weight FROM maestro.search_terms t
       WHERE t.tenant_id = $1 AND t.kind = $2 AND t.term = l.term
       ORDER BY t.weight DESC, t.subject_id DESC LIMIT ${each}) c
   LIMIT ${all}`;

const columns = (sought: readonly Sought[]) => [sought.map(({ term }) => term), sought.map(({ fit }) => fit)];

/** Subjects that have one of the terms of a single word, the best first. */
export function matchWord(
  tx: TenantTx,
  kind: Kind,
  sought: readonly Sought[],
  { walked, limit }: { walked: number; limit: number },
): Promise<Match[]> {
  return tx.sql<Match>(
    `SELECT subject_id AS id, max(score) / 1000 AS relevance
       FROM (${walk('$3::text[], $4::float8[]', '$6', '$5')}) c
      GROUP BY subject_id ORDER BY max(score) DESC, subject_id DESC LIMIT $6`,
    [tx.tenantId, kind, ...columns(sought), walked, limit],
    'match_search_word',
  );
}

/** The columns `terms` and the rest of what is looked for, as `$3` to `$7`, in those subjects that `candidates` gives. */
const scored = (candidates: string): string => `
  SELECT subject_id AS id, sum(best) / 1000 AS relevance
    FROM (SELECT t.subject_id, s.at, max(t.weight * s.fit) AS best
            FROM unnest($3::int[], $4::text[], $5::float8[]) AS s(at, term, fit), LATERAL (
              SELECT o.subject_id, o.weight FROM maestro.search_terms o
               WHERE o.tenant_id = $1 AND o.kind = $2 AND o.term = s.term AND o.subject_id = ANY (${candidates}) OFFSET 0) t
           GROUP BY t.subject_id, s.at) each
   GROUP BY subject_id HAVING count(*) = $6
   ORDER BY sum(best) DESC, subject_id DESC LIMIT $7`;

interface Looked {
  /** How many words and facets are looked for: each has to be there. */
  readonly words: number;
  readonly limit: number;
}

/**
 * Of the subjects that the terms `leading` lead to (`each` of one at most, `walked` in all), those that have a term of each
 * of the `words`, the best first.
 */
export function matchWords(
  tx: TenantTx,
  kind: Kind,
  sought: readonly Sought[],
  from: Looked & { leading: readonly Sought[]; each: number; walked: number },
): Promise<Match[]> {
  const { leading, each, walked, words, limit } = from;
  return tx.sql<Match>(
    scored(`ARRAY(SELECT DISTINCT subject_id FROM (${walk('$8::text[], $9::float8[]', '$10', '$11')}) c)`),
    [
      tx.tenantId,
      kind,
      sought.map(({ at }) => at),
      ...columns(sought),
      words,
      limit,
      ...columns(leading),
      each,
      walked,
    ],
    'match_search_words',
  );
}

/** Of some subjects, those that have a term of each of the `words`, the best first. */
export function matchAmong(
  tx: TenantTx,
  kind: Kind,
  sought: readonly Sought[],
  { ids, words, limit }: Looked & { ids: readonly string[] },
): Promise<Match[]> {
  return tx.sql<Match>(
    scored('$8::uuid[]'),
    [tx.tenantId, kind, sought.map(({ at }) => at), ...columns(sought), words, limit, ids],
    'match_search_words_among',
  );
}

/**
 * Subjects that have every facet, in no order, and `limit` of them at most: looks for the others in all that the first one
 * has.
 */
export async function withAllFacets(
  tx: TenantTx,
  kind: Kind,
  [first, ...others]: readonly string[],
  limit: number,
): Promise<string[]> {
  const rows = await tx.sql<{ id: string }>(
    `SELECT t.subject_id AS id FROM unnest($4::text[]) AS s(term), LATERAL (
       SELECT o.subject_id FROM maestro.search_terms o
        WHERE o.tenant_id = $1 AND o.kind = $2 AND o.term = s.term AND o.subject_id = ANY (ARRAY(
          SELECT f.subject_id FROM maestro.search_terms f WHERE f.tenant_id = $1 AND f.kind = $2 AND f.term = $3))
       OFFSET 0) t
      GROUP BY t.subject_id HAVING count(*) = cardinality($4::text[]) LIMIT $5`,
    [tx.tenantId, kind, first, others.length > 0 ? others : [first], limit],
    'with_all_search_facets',
  );
  return rows.map(({ id }) => id);
}
