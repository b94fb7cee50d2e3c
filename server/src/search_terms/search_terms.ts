import type { TenantTx } from '../db/tenancy.ts';
import type { Match, Part } from './match_queries.ts';
import * as matches from './match_queries.ts';
import * as queries from './queries.ts';
import { isSpelt, likenessOf, trigramsOf, wordsOf } from './words.ts';

/** What a thing is found by. */
export interface Parts {
  readonly name: string;
  readonly tags?: readonly string[];
  readonly description?: string;
  /** Exact values that a search may ask for beside its words, such as `type:notebook`. */
  readonly facets?: readonly string[];
}

interface Subject {
  readonly kind: queries.Kind;
  readonly id: string;
}

/** As PostgreSQL's ts_rank weighs classes A, B and D. */
const weights = { name: 1, tags: 0.4, description: 0.1 } as const;
/** A word's weight where it is all that a name has. */
const weightMax = 1_000;

const facetTerm = (facet: string): string => `=${facet}`;

/** How much each word of a thing says of it. A word among many says less, as ts_rank's normalization 1 has it. */
function weighed(parts: Parts): Map<string, number> {
  const found = new Map<string, number>();
  const add = (text: string, weight: number): void => {
    const words = wordsOf(text);
    const each = Math.max(1, Math.round((weightMax * weight) / (1 + Math.log(words.length || 1))));
    for (const word of words) found.set(word, Math.max(found.get(word) ?? 0, each));
  };
  add(parts.name, weights.name);
  add(parts.tags?.join(' ') ?? '', weights.tags);
  add(parts.description ?? '', weights.description);
  return found;
}

/** Words written by one statement: it has to end within a request's bound on a statement, also on a busy machine. */
const rowsAtOnce = 20_000;

/**
 * Indexes things that are not indexed yet; what is found by text must be removed before it is indexed anew. Whoever calls
 * holds the lock of each thing's own row.
 */
export async function indexNew(
  tx: TenantTx,
  kind: queries.Kind,
  entries: readonly { id: string; parts: Parts }[],
): Promise<void> {
  const rows: queries.Words = { ids: [], words: [], weights: [] };
  const facets: { ids: string[]; terms: string[] } = { ids: [], terms: [] };
  for (const { id, parts } of entries) {
    for (const [word, weight] of weighed(parts)) {
      rows.ids.push(id);
      rows.words.push(word);
      rows.weights.push(weight);
    }
    for (const facet of parts.facets ?? []) {
      facets.ids.push(id);
      facets.terms.push(facetTerm(facet));
    }
  }
  for (let from = 0; from < rows.ids.length; from += rowsAtOnce) {
    const part = <Value>(values: readonly Value[]): Value[] => values.slice(from, from + rowsAtOnce);
    await queries.insertWords(tx, kind, {
      ids: part(rows.ids),
      words: part(rows.words),
      weights: part(rows.weights),
    });
  }
  if (facets.ids.length > 0) await queries.insertFacets(tx, kind, facets.ids, facets.terms);
  const spelt = [...new Set(rows.words)].filter(isSpelt);
  if (spelt.length > 0) queries.noteWords(tx, spelt);
}

/** Indexes a thing, in place of what it was found by before. Whoever calls holds the lock of the thing's own row. */
export async function indexText(tx: TenantTx, { kind, id }: Subject, parts: Parts): Promise<void> {
  await queries.deleteTerms(tx, kind, [id]);
  await indexNew(tx, kind, [{ id, parts }]);
}

export const removeText = (tx: TenantTx, { kind, id }: Subject): Promise<void> => queries.deleteTerms(tx, kind, [id]);

/** Lets a thing be found as `to` from now on. Whoever calls holds the lock of its own row. */
export const moveText = (tx: TenantTx, { kind, id }: Subject, to: queries.Kind): Promise<void> =>
  queries.moveTerms(tx, kind, to, id);

/** Words of a query that count; the rest is passed over. */
const queryWordsMax = 8;
/** Terms that a word may be the beginning of. */
const beginningsMax = 12;
/** Words that are compared with a misspelt one, and those it is taken for. */
const similarMax = 100;
const meantMax = 5;
/**
 * Subjects that are looked at (2,000 take some 16 ms). A word or facet of fewer leads to all that match; where each has
 * more, the best of every word are looked at.
 */
export const walkedMax = 2_000;
/** Where each has more, fewer are looked at first, and do if they give a page: the best of each word come first. */
const walkedFirst = 800;
const plenty = 50;

/** How well terms fit a word: as it stands, by its stem, as a beginning, misspelt. */
const fits = { same: 1, stem: 0.9, beginning: 0.7, meant: 0.5 } as const;

/**
 * The terms that each word of a query may stand for; none where a word is unknown. Of several, those that say nothing
 * (`the`, `of`) are passed over: nothing is indexed by them, and a query that asked for them would find nothing.
 */
async function termsOf(tx: TenantTx, kind: queries.Kind, given: readonly string[]): Promise<Map<string, number>[]> {
  const expansions = await queries.expandWords(tx, kind, given, beginningsMax);
  const hasStem = new Set(expansions.filter((found) => found.kind === 'stem').map(({ at }) => at));
  const telling = [...given.keys()].filter((at) => hasStem.has(at));
  const counting = telling.length > 0 ? telling : [...given.keys()];
  const words = counting.map((at) => given[at] as string);
  const terms = words.map((word) => new Map([[word, fits.same as number]]));
  const add = (at: number, term: string, fit: number): void => {
    const known = terms[at];
    known?.set(term, Math.max(known.get(term) ?? 0, fit));
  };
  const found = new Set<number>();
  for (const { at: place, term, kind: how } of expansions) {
    const at = counting.indexOf(place);
    if (at < 0) continue;
    const word = words[at] as string;
    if (how === 'stem') add(at, term, fits.stem);
    else add(at, term, (fits.beginning * word.length) / term.length);
    if (how === 'beginning') found.add(at);
  }
  // A word whose stem is there is spelt right, whether or not anything begins with it.
  for (const [at, word] of words.entries()) {
    if (found.has(at) || !isSpelt(word)) continue;
    const [known] = await queries.countSubjects(
      tx,
      kind,
      [...(terms[at]?.keys() ?? [])].map((term) => ({ at, term })),
      1,
    );
    if (known) continue;
    // The first trigram says with which letter a word begins: that many share it.
    const trigrams = [...trigramsOf(word)].filter((trigram) => !trigram.startsWith('  '));
    const likely = (await queries.similarWords(tx, trigrams, similarMax))
      .map((candidate) => ({ candidate, likeness: likenessOf(word, candidate) }))
      .filter(({ likeness }) => likeness > 0)
      .sort((a, b) => b.likeness - a.likeness);
    for (const { candidate, likeness } of likely.slice(0, meantMax)) add(at, candidate, fits.meant * likeness);
  }
  return terms;
}

/** What is looked for. */
export interface Asked {
  readonly kind: queries.Kind;
  /** Its words: of a thing, each must match. */
  readonly query: string;
  /** Exact values that a thing must have. */
  readonly facets?: readonly string[];
  /** How many matches there are at most, the most relevant. */
  readonly limit: number;
  /** These alone may match, some thousands at most; all of them are looked at. */
  readonly ids?: readonly string[] | undefined;
  /** These alone may match: a condition on the column of ids that it is given, for when they are many. */
  readonly only?: Part | undefined;
}

/**
 * What `shown` makes of the things that match every word of a query and have every facet. A word matches as it stands, by
 * its stem, as the beginning of a word, and where it is none of these, as a misspelling. One statement finds, ranks and cuts:
 * a thousand matches are not carried to and fro.
 */
export async function matchShown<Row>(tx: TenantTx, asked: Asked, shown: Part): Promise<Row[]> {
  const { kind, facets = [], limit, ids, only } = asked;
  const words = [...new Set(wordsOf(asked.query))].slice(0, queryWordsMax);
  if (words.length + facets.length === 0) return [];
  const search: matches.Search = { kind, limit, only, shown };
  const meanings = words.length > 0 ? await termsOf(tx, kind, words) : [];
  const named: matches.Sought[] = meanings
    .flatMap((terms, at) => [...terms].map(([term, fit]) => ({ at, term, fit })))
    .sort((a, b) => b.fit - a.fit);
  const exact = facets.map((facet, place) => ({ at: meanings.length + place, term: facetTerm(facet), fit: 0 }));
  const sought = [...named, ...exact];
  const groups = meanings.length + facets.length;
  if (ids) return (await matches.matchAmong<Row>(tx, search, sought, { ids, words: groups })).rows;
  if (named.length > 0 && facets.length > 0) {
    const { terms, fewest } = await rarestFirst(tx, kind, facets);
    if (canRead(terms, fewest)) {
      const among = { facets: terms, words: meanings.length, walked: walkedMax };
      const found = await matches.matchFacetted<Row>(tx, search, named, among);
      if (found.isAll || fewest < walkedMax) return found.rows;
    }
  }
  if (groups === 1) return (await matches.matchWord<Row>(tx, search, sought, walkedMax)).rows;
  const counts = await queries.countSubjects(tx, kind, sought, walkedMax);
  const fewest = Math.min(...counts);
  const rarest = counts.indexOf(fewest);
  const isRare = fewest < walkedMax;
  // Fagin's threshold algorithm, cut short: who is best of all is among the best of some word. Facets order nothing.
  const leading = sought.filter(({ at }) => at === rarest || (!isRare && at < meanings.length));
  const ways = new Set(leading.map(({ at }) => at)).size;
  const look = (all: number) => {
    const each = isRare ? all : Math.ceil(all / ways);
    return matches.matchWords<Row>(tx, search, sought, { leading, each, all, words: groups });
  };
  if (!isRare) {
    const { rows, matched } = await look(walkedFirst);
    if (matched >= plenty) return rows;
  }
  return (await look(walkedMax)).rows;
}

/** The things that match, the most relevant first. */
export const matchText = (tx: TenantTx, asked: Asked): Promise<Match[]> =>
  matchShown<Match>(tx, asked, matches.themselves);

/** A facet that more things have is not read as a whole (10,000 take some 25 ms). */
const facetMax = 10_000;

/** The terms of facets, that of the fewest things first, and how many things have it, counted up to `facetMax`. */
async function rarestFirst(
  tx: TenantTx,
  kind: queries.Kind,
  facets: readonly string[],
): Promise<{ terms: string[]; fewest: number }> {
  const terms = facets.map(facetTerm);
  const counts = await queries.countSubjects(
    tx,
    kind,
    terms.map((term, at) => ({ at, term })),
    facetMax,
  );
  const countOf = new Map(terms.map((term, at) => [term, counts[at] as number]));
  terms.sort((a, b) => (countOf.get(a) as number) - (countOf.get(b) as number));
  return { terms, fewest: countOf.get(terms[0] as string) as number };
}

const canRead = (terms: readonly string[], fewest: number): boolean =>
  fewest < facetMax && (terms.length > 1 || fewest < walkedMax);

/**
 * All things that have every one of `facets`, in no order; undefined where they are more than are looked at, or where each
 * facet has more than are read.
 */
export async function withFacets(
  tx: TenantTx,
  kind: queries.Kind,
  facets: readonly string[],
): Promise<string[] | undefined> {
  const { terms, fewest } = await rarestFirst(tx, kind, facets);
  if (!canRead(terms, fewest)) return undefined;
  const ids = await matches.withAllFacets(tx, kind, terms, walkedMax);
  return ids.length < walkedMax ? ids : undefined;
}
