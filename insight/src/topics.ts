import { brief, dot, randomOf, type Vector } from './numbers.ts';
import { type Counts, countsOf, wordsIn } from './text_words.ts';

/** One direction in which texts differ: a weight for each of the words that count. Plain JSON. */
export interface Topic {
  readonly words: readonly string[];
  /** How rare each word is: the logarithm of projects for each project with it. */
  readonly rarity: readonly number[];
  readonly weights: readonly number[];
}

/** A word of fewer projects than these tells nothing of others, and one of more than this share tells nothing at all. */
const fewestOfWord = 3;
const mostOfWord = 0.6;
const mostWords = 100;

/** A topic for so many projects, up to so many. */
const projectsOfTopic = 15;
const mostTopics = 4;

const rounds = 30;

/** Words of texts that were asked of lately: an estimate asks for those of one text a hundred times. */
const lately = new Map<string, Counts>();
const mostLately = 300;

function countsIn(text: string): Counts {
  const known = lately.get(text);
  if (known) return known;
  if (lately.size >= mostLately) lately.clear();
  const counts = countsOf(wordsIn(text));
  lately.set(text, counts);
  return counts;
}

/** TF-IDF of a text (Salton and Buckley 1988), of length 1, or 0 where it has none of the words. */
function weighed(text: string, { words, rarity }: Pick<Topic, 'words' | 'rarity'>): Vector {
  const counts = countsIn(text);
  const vector = Float64Array.from(words, (word, place) => Math.log1p(counts.get(word) ?? 0) * rarity[place]!);
  const length = Math.sqrt(dot(vector, vector));
  return length > 0 ? vector.map((value) => value / length) : vector;
}

/**
 * The directions in which the texts differ most (latent semantic analysis: Deerwester et al. 1990): the first principal
 * components of their TF-IDF, by orthogonal iteration. None where texts share no words, or projects are too few.
 */
export function learnTopics(texts: readonly string[]): Topic[] {
  const count = Math.min(mostTopics, Math.floor(texts.length / projectsOfTopic));
  const seen = new Map<string, number>();
  for (const text of texts) for (const word of countsIn(text).keys()) seen.set(word, (seen.get(word) ?? 0) + 1);
  const chosen = [...seen]
    .filter(([, projects]) => projects >= fewestOfWord && projects <= mostOfWord * texts.length)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, mostWords);
  if (count === 0 || chosen.length < 2 * count) return [];
  const words = chosen.map(([word]) => word);
  const rarity = brief(chosen.map(([, projects]) => Math.log(texts.length / projects)));
  const vectors = texts.map((text) => weighed(text, { words, rarity }));
  const middle = words.map((_, place) => vectors.reduce((sum, vector) => sum + vector[place]!, 0) / vectors.length);
  const centred = vectors.map((vector) => vector.map((value, place) => value - middle[place]!));
  return principal(centred, count).map((weights) => ({ words, rarity, weights: brief(weights) }));
}

function principal(rows: readonly Vector[], count: number): Vector[] {
  const size = rows[0]!.length;
  const random = randomOf(1);
  let axes = Array.from({ length: count }, () => Float64Array.from({ length: size }, () => random() - 0.5));
  for (let round = 0; round < rounds; round++) {
    axes = axes.map((axis) => {
      const next = new Float64Array(size);
      for (const row of rows) {
        const along = dot(row, axis);
        for (let j = 0; j < size; j++) next[j]! += along * row[j]!;
      }
      return next;
    });
    for (const [place, axis] of axes.entries()) {
      for (const other of axes.slice(0, place)) {
        const along = dot(other, axis);
        for (let j = 0; j < size; j++) axis[j]! -= along * other[j]!;
      }
      const length = Math.sqrt(dot(axis, axis));
      for (let j = 0; j < size; j++) axis[j]! /= Math.max(length, 1e-300);
    }
  }
  return axes;
}

/** How far a text lies along a topic. */
export const alongTopic = (topic: Topic, text: string): number => dot(weighed(text, topic), topic.weights);
