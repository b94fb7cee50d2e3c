import { type Section, sectionsOf } from './text_sections.ts';
import { tellingWords, weightOf } from './text_similarity.ts';
import { type Counts, countsOf, wordsIn } from './text_words.ts';

/** A section with its words, those of its heading too. */
export interface Part extends Section {
  readonly counts: Counts;
}

/** The sections of a document that have words. */
export const partsOf = (document: string): Part[] =>
  sectionsOf(document)
    .map((section) => ({ ...section, counts: countsOf(wordsIn(`${section.title}\n${section.text}`)) }))
    .filter(({ counts }) => counts.size > 0);

/** A document that may cover sections of another. */
export interface Coverer {
  readonly id: string;
  readonly parts: readonly Part[];
}

export interface Cover {
  readonly id: string;
  /** Which of its sections covers best. */
  readonly part: Part;
  /**
   * The share of the section's words that are there, each counted by how much it tells, 0 to 1: containment (Broder 1997),
   * weighted. A long document covers no more than its best section does, or it would cover everything by chance.
   */
  readonly degree: number;
  /** The most telling words in common. */
  readonly shared: readonly string[];
}

export interface Covered {
  readonly part: Part;
  /** Those that cover it, best first. */
  readonly by: readonly Cover[];
  /** Of the best one; 0 where none shares a word. */
  readonly degree: number;
  /** Its most telling words that no coverer's best section has. */
  readonly left: readonly string[];
}

export interface Overlap {
  readonly sections: readonly Covered[];
  /** Of the whole document: the mean of its sections' degrees, each section by its number of words. */
  readonly share: number;
}

/** A section that is covered less has little in common with what there is: it is new. */
export const coveredMin = 0.4;

interface Bounds {
  /** Coverers of a section that are named. */
  readonly coverers: number;
  /** Words that are shown. */
  readonly words: number;
}

/** What share of the telling words of one text another has. */
export function containment(text: Counts, other: Counts, telling: (word: string) => number): number {
  let all = 0;
  let common = 0;
  for (const [word, count] of text) {
    const weight = weightOf(count, telling(word));
    all += weight;
    if (other.has(word)) common += weight;
  }
  return all === 0 ? 0 : common / all;
}

/** What each part shares with a text, found by way of the words: 200 sections and 4,000 parts take a fraction of a second. */
class PartIndex {
  readonly #having = new Map<string, number[]>();
  readonly #parts: { readonly coverer: Coverer; readonly part: Part }[] = [];

  constructor(coverers: readonly Coverer[]) {
    for (const coverer of coverers) {
      for (const part of coverer.parts) {
        const at = this.#parts.push({ coverer, part }) - 1;
        for (const word of part.counts.keys()) {
          const others = this.#having.get(word);
          if (others) others.push(at);
          else this.#having.set(word, [at]);
        }
      }
    }
  }

  /** Of each coverer that shares a word with the text, the part that covers it best. */
  best(text: Counts, telling: (word: string) => number): { id: string; part: Part; degree: number }[] {
    let all = 0;
    const common = new Map<number, number>();
    for (const [word, count] of text) {
      const weight = weightOf(count, telling(word));
      all += weight;
      for (const at of this.#having.get(word) ?? []) common.set(at, (common.get(at) ?? 0) + weight);
    }
    const found = new Map<Coverer, { id: string; part: Part; degree: number }>();
    for (const [at, weight] of common) {
      const { coverer, part } = this.#parts[at] as { coverer: Coverer; part: Part };
      const degree = Math.min(1, weight / all);
      if (degree > (found.get(coverer)?.degree ?? 0)) found.set(coverer, { id: coverer.id, part, degree });
    }
    return [...found.values()];
  }
}

/** Which sections of a document are covered by which others, and to what degree. `telling`: see `tellingOf`. */
export function overlapOf(
  document: readonly Part[],
  coverers: readonly Coverer[],
  telling: (word: string) => number,
  bounds: Bounds,
): Overlap {
  const index = new PartIndex(coverers);
  let words = 0;
  let covered = 0;
  const sections = document.map((part): Covered => {
    const by = index
      .best(part.counts, telling)
      .sort((a, b) => b.degree - a.degree || (a.id < b.id ? -1 : 1))
      .slice(0, bounds.coverers)
      .map((cover): Cover => {
        const { counts } = cover.part;
        return { ...cover, shared: tellingWords(part.counts, telling, bounds.words, (word) => counts.has(word)) };
      });
    const degree = by[0]?.degree ?? 0;
    const isLeft = (word: string): boolean => !by.some((cover) => cover.part.counts.has(word));
    const size = part.counts.values().reduce((sum, count) => sum + count, 0);
    words += size;
    covered += size * degree;
    return { part, by, degree, left: tellingWords(part.counts, telling, bounds.words, isLeft) };
  });
  return { sections, share: words === 0 ? 0 : covered / words };
}
