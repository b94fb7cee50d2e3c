import { folded } from '@maestro/insight/text-words';

const wordMax = 64;
/** Words of one text that are looked at. */
const wordsMax = 1_000;

/** The words of a text, in order: runs of letters and digits, in lower case. */
export function wordsOf(text: string): string[] {
  const found =
    folded(text)
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  return found.slice(0, wordsMax).map((word) => word.slice(0, wordMax));
}

/** Whether somebody may mean the word and misspell it: numbers and ids are typed right or not at all. */
export const isSpelt = (word: string): boolean => /^[\p{L}\p{M}]{3,32}$/u.test(word);

/** The trigrams of a word as PostgreSQL's pg_trgm has them: of the word with two blanks before it and one behind. */
export function trigramsOf(word: string): Set<string> {
  const padded = [...`  ${word} `];
  return new Set(padded.slice(2).map((_, at) => padded.slice(at, at + 3).join('')));
}

/** pg_trgm's similarity of two words: the trigrams they share among those that either has, from 0 to 1. */
export function similarityOf(one: string, other: string): number {
  const [a, b] = [trigramsOf(one), trigramsOf(other)];
  const shared = a.intersection(b).size;
  return shared / (a.size + b.size - shared);
}

/**
 * The slips that lead from one word to another: letters left out, added or exchanged, and neighbours swapped (the optimal
 * string alignment distance; Damerau 1964 found four in five misspellings to be one of these).
 */
export function slipsBetween(one: string, other: string): number {
  const [a, b] = [[...one], [...other]];
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (above[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min((above[j] as number) + 1, (row[j - 1] as number) + 1, change);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) least = Math.min(least, (before[j - 2] as number) + 1);
      row.push(least);
    }
    [before, above] = [above, row];
  }
  return above[b.length] as number;
}

/** How well a word may be what a misspelt one means, from 0 to 1; 0 where it is not to be taken for it. */
export function likenessOf(misspelt: string, word: string): number {
  const similarity = similarityOf(misspelt, word);
  const slips = slipsBetween(misspelt, word);
  // pg_trgm alone finds no swap of neighbours in a short word: `chrun` and `churn` share 2 trigrams of 10.
  if (similarity < 0.5 && slips > (misspelt.length < 8 ? 1 : 2)) return 0;
  return Math.max(similarity, 1 - slips / Math.max(misspelt.length, word.length));
}
