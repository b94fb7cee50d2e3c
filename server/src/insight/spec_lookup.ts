import {
  bm25,
  type Corpus,
  cosine,
  tellingOf,
  tellingWords,
  type Words,
  weightOf,
} from '@maestro/insight/text-similarity';
import { type Counts, countsOf, wordsIn } from '@maestro/insight/text-words';
import type { TenantTx } from '../db/tenancy.ts';
import { countedNow } from '../limits/counted.ts';
import { foundBy } from '../projects/found_by.ts';
import type { ProjectRow } from '../projects/queries.ts';
import type { Parts } from '../search_terms/search_terms.ts';
import { findProjects } from './spec_project_queries.ts';
import * as queries from './spec_queries.ts';

/** Words of a text that projects are looked for by, and those among which they are chosen. */
const soughtMax = 32;
const consideredMax = 256;
/** Places of a word that are looked at. */
const eachMax = 300;
/** Projects that are compared, of those with a spec and of those without. */
const specsMax = 200;
const namedMax = 40;
/** Projects that a word is found by are counted up to this; one with so many is taken for one in eight. */
const countMax = 500;
const isCommon = 8;
/** Words that projects are looked for by on behalf of one of several texts, and places of each that are looked at. */
const ofPartMax = 8;
const eachOfPartMax = 60;
/** Projects that are compared, unless more are asked for. */
const mostMax = 40;
/** The length of a document where there is none to tell. */
const usualLength = 100;

export const wordsOf = (text: string): Words => {
  const words = wordsIn(text);
  return { counts: countsOf(words), length: words.length };
};

/** The text of a thing that has no requirements: what it is found by. */
export const textOf = ({ name, tags = [], description = '' }: Parts): string => [name, ...tags, description].join('\n');

/** A project that may be like a text. */
export interface Candidate {
  readonly project: ProjectRow;
  readonly words: Words;
  /** What it is compared by: its requirements, or else its name, class of problem and metadata. */
  readonly basis: 'requirements' | 'description';
}

/** Projects that share telling words with a text, and how much words tell among those that the caller may read. */
export interface Lookup {
  readonly candidates: readonly Candidate[];
  readonly corpus: Corpus;
  readonly telling: (word: string) => number;
  /** The same with how much other words tell, too: those that no candidate has. */
  including(words: Iterable<string>): Promise<Lookup>;
}

export interface Among {
  /** What the caller may read; undefined: all projects of the tenant. */
  readonly granted: readonly string[] | undefined;
  /** Texts of their own that projects may be like, such as sections of the text. */
  readonly parts?: readonly Counts[];
  /** Projects that are compared in any case. */
  readonly also?: readonly string[];
  /** Of the others so many, the best by BM25: of each that is compared, all words are counted. */
  readonly most?: number;
}

const specWords = ({ words, counts, length }: queries.SpecRow): Words => ({
  counts: new Map(words.map((word, at) => [word, counts[at] as number])),
  length,
});

/** Projects with the words they are compared by; those in `specs` by these. */
function candidatesOf(projects: Iterable<ProjectRow>, specs: readonly queries.SpecRow[]): Candidate[] {
  const bySpec = new Map(specs.map((spec) => [spec.project_id, spec]));
  return [...projects].map((project): Candidate => {
    const spec = bySpec.get(project.project_id);
    if (spec) return { project, words: specWords(spec), basis: 'requirements' };
    return { project, words: wordsOf(textOf(foundBy(project))), basis: 'description' };
  });
}

/** How many documents have a word, as far as it has been counted. */
class Counter {
  readonly #known = new Map<string, number>();
  readonly #tx: TenantTx;
  specs = 0;
  occurrences = 0;
  projects = 0;

  constructor(tx: TenantTx) {
    this.#tx = tx;
  }

  async open(): Promise<void> {
    const [all, projects] = await Promise.all([
      queries.documentsWith(this.#tx, ['']),
      countedNow(this.#tx, 'projects'),
    ]);
    const { documents = 0, occurrences = 0 } = all.get('') ?? {};
    Object.assign(this, { specs: documents, occurrences, projects });
  }

  /** `named`: also among what projects without a spec are found by. */
  async count(words: Iterable<string>, named: Iterable<string>): Promise<void> {
    const asked = [...words];
    const askedNamed = this.projects > this.specs ? [...named] : [];
    const [found, byName] = await Promise.all([
      queries.documentsWith(this.#tx, asked),
      queries.namedWith(this.#tx, askedNamed, countMax),
    ]);
    for (const word of asked) this.#known.set(word, found.get(word)?.documents ?? 0);
    for (const [word, count] of byName) {
      const others = count < countMax ? count : Math.max(count, this.projects / isCommon);
      // A project with a spec is found by its name as well: it is one document.
      this.#known.set(word, Math.max(this.#known.get(word) ?? 0, others));
    }
  }

  unknown(words: Iterable<string>): string[] {
    return [...words].filter((word) => !this.#known.has(word));
  }

  get corpus(): Corpus {
    return {
      documents: Math.max(this.projects, this.specs),
      meanLength: this.occurrences > 0 ? this.occurrences / this.specs : usualLength,
      documentsWith: (word) => this.#known.get(word) ?? 0,
    };
  }
}

/** The words of each text that tell most and that are anywhere, at most `max` of each. */
export function soughtIn(
  texts: readonly Counts[],
  { corpus, telling }: Pick<Lookup, 'corpus' | 'telling'>,
  max: number,
): queries.Sought[] {
  return texts.flatMap((counts, at) =>
    tellingWords(counts, telling, max, (word) => corpus.documentsWith(word) > 0).map((word) => ({
      at,
      word,
      telling: weightOf(counts.get(word) as number, telling(word)),
    })),
  );
}

/** What walks over the indexes find for each of several texts: the ids of projects, best first. */
export async function walkProjects(
  tx: TenantTx,
  sought: readonly queries.Sought[],
  { each, specs, named }: { each: number; specs: number; named: number },
): Promise<queries.Walked[]> {
  if (sought.length === 0) return [];
  const [withSpec, byName] = await Promise.all([
    queries.walkSpecs(tx, sought, { each, best: specs }),
    queries.walkNamed(tx, 'project', sought, { each, best: named }),
  ]);
  return [...withSpec, ...byName];
}

/** Loads projects, and of those that are compared counts the words: the ones in `always`, and the best of the others. */
async function load(
  tx: TenantTx,
  text: Words,
  ids: readonly string[],
  counter: Counter,
  { always, most }: { always: ReadonlySet<string>; most: number },
): Promise<Candidate[]> {
  const [projects, specs] = await Promise.all([findProjects(tx, ids), queries.findSpecs(tx, ids)]);
  const loaded = candidatesOf(projects.values(), specs);
  const isAlways = ({ project }: Candidate): boolean => always.has(project.project_id);
  const { corpus } = counter;
  const telling = tellingOf(corpus);
  const best = loaded
    .filter((candidate) => !isAlways(candidate))
    .map((candidate) => ({ candidate, score: bm25(text, candidate.words, corpus, telling) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ candidate }) => candidate);
  const candidates = [...loaded.filter(isAlways), ...best];
  const all = new Set<string>();
  const named = new Set<string>();
  for (const { words, basis } of candidates) {
    for (const word of words.counts.keys()) {
      all.add(word);
      if (basis === 'description') named.add(word);
    }
  }
  await counter.count(counter.unknown(all), counter.unknown(named).slice(0, consideredMax));
  return candidates;
}

async function lookUpAll(tx: TenantTx, text: Words, { parts = [], also = [], most = mostMax }: Among): Promise<Lookup> {
  const counter = new Counter(tx);
  await counter.open();
  const frequent = [...text.counts].sort(([, a], [, b]) => b - a).map(([word]) => word);
  await counter.count(text.counts.keys(), frequent.slice(0, consideredMax));
  const seen = { corpus: counter.corpus, telling: tellingOf(counter.corpus) };
  const [whole, ofParts] = await Promise.all([
    walkProjects(tx, soughtIn([text.counts], seen, soughtMax), { each: eachMax, specs: specsMax, named: namedMax }),
    walkProjects(tx, soughtIn(parts, seen, ofPartMax), { each: eachOfPartMax, specs: 5, named: 3 }),
  ]);
  const always = new Set([...ofParts.map(({ id }) => id), ...also]);
  const ids = new Set([...whole.map(({ id }) => id), ...always]);
  const candidates = await load(tx, text, [...ids], counter, { always, most });
  const now = (): Lookup => ({
    candidates,
    corpus: counter.corpus,
    telling: tellingOf(counter.corpus),
    async including(words) {
      const fresh = counter.unknown(words);
      await counter.count(fresh, fresh.slice(0, consideredMax));
      return now();
    },
  });
  return now();
}

/**
 * Among the projects that a caller was granted, all of them: nobody has more than some hundred grants
 * (identity/grant_operations.ts). Nothing that is said depends on any other project.
 */
async function lookUpGranted(tx: TenantTx, ids: readonly string[]): Promise<Lookup> {
  const [projects, specs] = await Promise.all([findProjects(tx, ids), queries.findSpecs(tx, ids)]);
  const candidates = candidatesOf(projects.values(), specs);
  const having = new Map<string, number>();
  let length = 0;
  for (const { words } of candidates) {
    length += words.length;
    for (const word of words.counts.keys()) having.set(word, (having.get(word) ?? 0) + 1);
  }
  const corpus = {
    documents: candidates.length,
    meanLength: length > 0 ? length / candidates.length : usualLength,
    documentsWith: (word: string) => having.get(word) ?? 0,
  };
  const lookup: Lookup = { candidates, corpus, telling: tellingOf(corpus), including: async () => lookup };
  return lookup;
}

/** Projects that may be like a text. */
export const lookUp = (tx: TenantTx, text: Words, among: Among): Promise<Lookup> =>
  among.granted === undefined ? lookUpAll(tx, text, among) : lookUpGranted(tx, among.granted);

export interface Similar extends Candidate {
  /** Cosine of the two texts, 0 to 1. */
  readonly similarity: number;
}

/** The candidates that are most like a text: the best by BM25, in the order of their cosines. */
export function mostSimilar(text: Words, { candidates, corpus, telling }: Lookup, max: number): Similar[] {
  return candidates
    .map((candidate) => ({ candidate, score: bm25(text, candidate.words, corpus, telling) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, 2 * max)
    .map(({ candidate }) => ({ ...candidate, similarity: cosine(text.counts, candidate.words.counts, telling) }))
    .sort((a, b) => b.similarity - a.similarity || (a.project.project_id < b.project.project_id ? -1 : 1))
    .slice(0, max);
}
