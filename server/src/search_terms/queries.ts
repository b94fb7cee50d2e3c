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
