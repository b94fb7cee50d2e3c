import type { TenantTx } from '../db/tenancy.ts';

/** A spec as it is compared: `words` are parallel to `counts`. */
export interface SpecRow {
  project_id: string;
  words: string[];
  counts: number[];
  length: number;
}

export interface NewSpec extends SpecRow {
  text: string;
  /** From 1 to 1000, parallel to `words`. */
  weights: number[];
  /** With the name of the model that made it. */
  embedding: { readonly model: string; readonly vector: Buffer } | undefined;
}

/** Keeps projects from being deleted to the end of the transaction, in one order; gives those that are there. */
export async function holdProjects(tx: TenantTx, ids: readonly string[]): Promise<Set<string>> {
  const rows = await tx.sql<{ project_id: string }>(
    `SELECT project_id FROM maestro.projects WHERE tenant_id = $1 AND project_id = ANY ($2::uuid[])
      ORDER BY project_id FOR NO KEY UPDATE`,
    [tx.tenantId, ids],
    'hold_projects_of_specs',
  );
  return new Set(rows.map(({ project_id }) => project_id));
}

/** A change of how many specs have a word, and of how often they have it together. */
export type WordChanges = ReadonlyMap<string, { readonly documents: number; readonly occurrences: number }>;

/** Rows that one statement writes: it has to end within a request's bound on a statement, also on a busy machine. */
const rowsAtOnce = 10_000;

/** Takes a spec away with where its words are, and gives what had been counted of it; undefined where there is none. */
export async function deleteSpec(
  tx: TenantTx,
  project: string,
): Promise<{ words: string[]; counts: number[]; length: number } | undefined> {
  const [row] = await tx.sql<{ words: string; counts: string; length: number }>(
    `WITH gone AS (
       DELETE FROM maestro.project_specs s WHERE s.tenant_id = $1 AND s.project_id = $2
       RETURNING s.project_id, s.words, s.counts, s.weights, s.length),
     terms AS (
       DELETE FROM maestro.spec_terms t USING gone g, unnest(g.words, g.weights) AS u(word, weight)
        WHERE t.tenant_id = $1 AND t.term = u.word AND t.weight = u.weight AND t.project_id = g.project_id)
     SELECT array_to_string(words, ' ') AS words, array_to_string(counts, ' ') AS counts, length FROM gone`,
    [tx.tenantId, project],
    'delete_spec',
  );
  return row && readWords(row);
}

/** The driver reads arrays letter by letter; words hold no blanks. */
function readWords<Row extends { words: string; counts: string }>(
  row: Row,
): Row & { words: string[]; counts: number[] };
function readWords({ words, counts, ...rest }: { words: string; counts: string }): object {
  const split = (text: string): string[] => (text === '' ? [] : text.split(' '));
  return { ...rest, words: split(words), counts: split(counts).map(Number) };
}

/** Stores specs of projects that have none. */
export async function insertSpecs(tx: TenantTx, specs: readonly NewSpec[]): Promise<void> {
  const words = specs.flatMap((spec) => spec.words);
  const ids = specs.flatMap(({ project_id, words: own }) => own.map(() => project_id));
  // One statement each, for arrays of arrays must all be of one length; they are sent together.
  await Promise.all(
    specs.map((spec) =>
      tx.sql(
        `INSERT INTO maestro.project_specs (tenant_id, project_id, text, words, counts, weights, length, model, vector)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          tx.tenantId,
          spec.project_id,
          spec.text,
          spec.words,
          spec.counts,
          spec.weights,
          spec.length,
          spec.embedding?.model ?? null,
          spec.embedding?.vector ?? null,
        ],
        'insert_spec',
      ),
    ),
  );
  const weights = specs.flatMap((spec) => spec.weights);
  for (let from = 0; from < words.length; from += rowsAtOnce) {
    const part = <Value>(values: readonly Value[]): Value[] => values.slice(from, from + rowsAtOnce);
    await tx.sql(
      `INSERT INTO maestro.spec_terms (tenant_id, term, weight, project_id)
       SELECT $1, unnest($2::text[]), unnest($3::smallint[]), unnest($4::uuid[]) ON CONFLICT DO NOTHING`,
      [tx.tenantId, part(words), part(weights), part(ids)],
      'insert_spec_terms',
    );
  }
}

/**
 * Counts words, at the end of the transaction and in one order: those that store specs at once wait for one another no
 * longer than that, and never in a circle. A word that no spec has any more leaves no trace.
 */
export function countWords(tx: TenantTx, changes: WordChanges): void {
  const all = [...changes.keys()].sort();
  for (let from = 0; from < all.length; from += rowsAtOnce) count(tx, all.slice(from, from + rowsAtOnce), changes);
}

function count(tx: TenantTx, terms: readonly string[], changes: WordChanges): void {
  const of = (what: 'documents' | 'occurrences'): number[] => terms.map((term) => changes.get(term)?.[what] ?? 0);
  tx.atCommit(
    `INSERT INTO maestro.spec_words AS w (tenant_id, term, documents, occurrences)
     SELECT $1, term, documents, occurrences
       FROM unnest($2::text[], $3::int[], $4::bigint[]) AS given(term, documents, occurrences) ORDER BY term COLLATE "C"
     ON CONFLICT (tenant_id, term) DO UPDATE
       SET documents = w.documents + excluded.documents, occurrences = w.occurrences + excluded.occurrences`,
    [tx.tenantId, terms, of('documents'), of('occurrences')],
    'count_spec_words',
  );
  tx.atCommit(
    'DELETE FROM maestro.spec_words WHERE tenant_id = $1 AND term = ANY ($2::text[]) AND documents <= 0',
    [tx.tenantId, terms],
    'drop_spec_words',
  );
}

/** In how many specs words are. */
export async function documentsWith(
  tx: TenantTx,
  words: readonly string[],
): Promise<Map<string, { documents: number; occurrences: number }>> {
  const rows = await tx.sql<{ term: string; documents: number; occurrences: number }>(
    'SELECT term, documents, occurrences FROM maestro.spec_words WHERE tenant_id = $1 AND term = ANY ($2::text[])',
    [tx.tenantId, words],
    'spec_words',
  );
  return new Map(rows.map(({ term, ...counted }) => [term, counted]));
}

/** A word that is looked for, on behalf of which text, and how much it tells. */
export interface Sought {
  readonly at: number;
  readonly word: string;
  readonly telling: number;
}

export interface Walked {
  at: number;
  id: string;
}

interface Bounds {
  /** Places of a word that are looked at, those of which it says most. */
  readonly each: number;
  /** Of those found for one text, so many with the greatest sums. */
  readonly best: number;
}

const given = (sought: readonly Sought[]) => [
  sought.map(({ at }) => at),
  sought.map(({ word }) => word),
  sought.map(({ telling }) => telling),
];

/** The best by the sum of what the words found say of them, for each text. */
const best = (found: string, bound: string): string => `
  SELECT at, id FROM (
    SELECT at, id, row_number() OVER (PARTITION BY at ORDER BY sum(score) DESC, id) AS place FROM (${found}) f
     GROUP BY at, id) ranked
   WHERE place <= ${bound} ORDER BY at, place`;

/** Projects whose specs have the words. */
export function walkSpecs(tx: TenantTx, sought: readonly Sought[], bounds: Bounds): Promise<Walked[]> {
  return tx.sql<Walked>(
    best(
      `SELECT g.at, c.project_id AS id, c.weight * g.telling AS score
         FROM unnest($2::int[], $3::text[], $4::float8[]) AS g(at, word, telling), LATERAL (
           SELECT t.project_id, t.weight FROM maestro.spec_terms t WHERE t.tenant_id = $1 AND t.term = g.word
            ORDER BY t.weight DESC, t.project_id DESC LIMIT $5) c`,
      '$6',
    ),
    [tx.tenantId, ...given(sought), bounds.each, bounds.best],
    'walk_specs',
  );
}

/** Artifacts, or projects, whose names, tags and descriptions have the words: search_terms has their stems. */
export function walkNamed(
  tx: TenantTx,
  kind: 'artifact' | 'project',
  sought: readonly Sought[],
  bounds: Bounds,
): Promise<Walked[]> {
  return tx.sql<Walked>(
    best(
      `SELECT g.at, c.subject_id AS id, c.weight * g.telling AS score
         FROM unnest($3::int[], $4::text[], $5::float8[]) AS g(at, word, telling),
              unnest(ts_lexize('english_stem', g.word)) AS stem, LATERAL (
           SELECT t.subject_id, t.weight FROM maestro.search_terms t
            WHERE t.tenant_id = $1 AND t.kind = $2 AND t.term = stem COLLATE "C"
            ORDER BY t.weight DESC, t.subject_id DESC LIMIT $6) c`,
      '$7',
    ),
    [tx.tenantId, kind, ...given(sought), bounds.each, bounds.best],
    'walk_named',
  );
}

/** How many projects are found by each word, counted up to `max`. */
export async function namedWith(tx: TenantTx, words: readonly string[], max: number): Promise<Map<string, number>> {
  const rows = await tx.sql<{ word: string; found: number }>(
    `SELECT g.word, (SELECT count(*) FROM (
              SELECT 1 FROM unnest(ts_lexize('english_stem', g.word)) AS stem, LATERAL (
                SELECT 1 FROM maestro.search_terms t
                 WHERE t.tenant_id = $1 AND t.kind = 'project' AND t.term = stem COLLATE "C" LIMIT $3) f) c) AS found
       FROM unnest($2::text[]) AS g(word)`,
    [tx.tenantId, words, max],
    'projects_named_with',
  );
  return new Map(rows.map(({ word, found }) => [word, found]));
}

/** The specs of projects, of those that have one. */
export async function findSpecs(tx: TenantTx, ids: readonly string[]): Promise<SpecRow[]> {
  const rows = await tx.sql<{ project_id: string; words: string; counts: string; length: number }>(
    `SELECT project_id, array_to_string(words, ' ') AS words, array_to_string(counts, ' ') AS counts, length
       FROM maestro.project_specs WHERE tenant_id = $1 AND project_id = ANY ($2::uuid[])`,
    [tx.tenantId, ids],
    'specs',
  );
  return rows.map(readWords);
}

/** The texts of specs, by project. */
export async function specTexts(tx: TenantTx, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.sql<{ project_id: string; text: string }>(
    'SELECT project_id, text FROM maestro.project_specs WHERE tenant_id = $1 AND project_id = ANY ($2::uuid[])',
    [tx.tenantId, ids],
    'spec_texts',
  );
  return new Map(rows.map(({ project_id, text }) => [project_id, text]));
}

export interface VectorRow {
  project_id: string;
  vector: Buffer;
}

/**
 * Embeddings by a model: of the projects `ids`, and of the `newest` that were stored last, within `only` where it is given.
 */
export function findVectors(
  tx: TenantTx,
  model: string,
  { ids, newest, only }: { ids: readonly string[]; newest: number; only: readonly string[] | null },
): Promise<VectorRow[]> {
  return tx.sql<VectorRow>(
    `SELECT s.project_id, s.vector FROM maestro.project_specs s
      WHERE s.tenant_id = $1 AND s.model = $2 AND ($5::uuid[] IS NULL OR s.project_id = ANY ($5))
        AND s.project_id = ANY ($3::uuid[] || ARRAY(
          SELECT n.project_id FROM maestro.project_specs n
           WHERE n.tenant_id = $1 AND n.model = $2 AND ($5::uuid[] IS NULL OR n.project_id = ANY ($5))
           ORDER BY n.updated_at DESC, n.project_id DESC LIMIT $4))`,
    [tx.tenantId, model, ids, newest, only],
    'spec_vectors',
  );
}
