import type { Counts } from './text_words.ts';

/** What a corpus says of its words. */
export interface Corpus {
  readonly documents: number;
  /** Mean number of words of a document, above 0. */
  readonly meanLength: number;
  /** In how many documents a word is. */
  readonly documentsWith: (word: string) => number;
}

/** A text, as it is compared. */
export interface Words {
  readonly counts: Counts;
  /** All words, with those that repeat. */
  readonly length: number;
}

/**
 * How much a word tells: the Robertson/Spärck Jones weight without relevance information, with 1 added within the logarithm
 * so that a word of most documents still tells something (as Lucene has it).
 */
export function tellingOf({ documents, documentsWith }: Corpus): (word: string) => number {
  const known = new Map<string, number>();
  return (word) => {
    let telling = known.get(word);
    if (telling === undefined) {
      const having = Math.min(documentsWith(word), documents);
      telling = Math.log(1 + (documents - having + 0.5) / (having + 0.5));
      known.set(word, telling);
    }
    return telling;
  };
}

/** Saturation and length normalization: usual values (Robertson & Zaragoza 2009, 3.5: 1.2 < k1 < 2, 0.5 < b < 0.8). */
export const saturation = 1.2;
export const normalization = 0.75;

/** How much of a word's weight a document gets that has it so often, 0 to 1: BM25's term, without its constant k1 + 1. */
export function shareOf(count: number, length: number, meanLength: number): number {
  return count / (count + saturation * (1 - normalization + (normalization * length) / meanLength));
}

/**
 * BM25 of a document for a text (Robertson & Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009). The
 * text's own repetitions count as often as they are (k3 unbounded), dampened as those of documents are: it is a document.
 */
export function bm25(text: Words, document: Words, corpus: Corpus, telling: (word: string) => number): number {
  let score = 0;
  for (const [word, count] of text.counts) {
    const found = document.counts.get(word);
    if (found === undefined) continue;
    score +=
      shareOf(count, text.length, corpus.meanLength) *
      shareOf(found, document.length, corpus.meanLength) *
      telling(word);
  }
  return score;
}

/** A word's weight in the vector of a text: (1 + ln tf) · idf (Salton & Buckley 1988). */
export const weightOf = (count: number, telling: number): number => (1 + Math.log(count)) * telling;

export function normOf(counts: Counts, telling: (word: string) => number): number {
  let sum = 0;
  for (const [word, count] of counts) sum += weightOf(count, telling(word)) ** 2;
  return Math.sqrt(sum);
}

/** Cosine of two texts' TF-IDF vectors, 0 (no word in common) to 1 (the same words, in the same proportions). */
export function cosine(one: Counts, other: Counts, telling: (word: string) => number): number {
  const [few, many] = one.size < other.size ? [one, other] : [other, one];
  let product = 0;
  for (const [word, count] of few) {
    const found = many.get(word);
    if (found !== undefined) product += weightOf(count, telling(word)) * weightOf(found, telling(word));
  }
  if (product === 0) return 0;
  return Math.min(1, product / (normOf(one, telling) * normOf(other, telling)));
}

/** The words of `text` that tell most of it and satisfy `isWanted`, the most telling first. */
export function tellingWords(
  text: Counts,
  telling: (word: string) => number,
  max: number,
  isWanted: (word: string) => boolean = () => true,
): string[] {
  return [...text]
    .filter(([word]) => isWanted(word))
    .map(([word, count]) => ({ word, weight: weightOf(count, telling(word)) }))
    .sort((a, b) => b.weight - a.weight || (a.word < b.word ? -1 : 1))
    .slice(0, max)
    .map(({ word }) => word);
}

/** The cosines of texts, of each with each: 500 texts of 200 words take some 50 ms. */
export function cosines(texts: readonly Counts[], telling: (word: string) => number): number[][] {
  const having = new Map<string, { text: number; weight: number }[]>();
  const weighed = texts.map((counts, text) => {
    const norm = normOf(counts, telling);
    return [...counts].map(([word, count]) => {
      const weight = norm > 0 ? weightOf(count, telling(word)) / norm : 0;
      const others = having.get(word);
      if (others) others.push({ text, weight });
      else having.set(word, [{ text, weight }]);
      return { word, weight };
    });
  });
  return weighed.map((words) => {
    const row = new Array<number>(texts.length).fill(0);
    for (const { word, weight } of words) {
      for (const other of having.get(word) ?? []) (row[other.text] as number) += weight * other.weight;
    }
    return row.map((sum) => Math.min(1, sum));
  });
}
