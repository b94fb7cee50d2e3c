import { containment } from '@maestro/insight/text-overlap';
import { tellingWords } from '@maestro/insight/text-similarity';
import { type Counts, countsOf, wordsIn } from '@maestro/insight/text-words';
import type { TenantTx } from '../db/tenancy.ts';
import { type ArtifactRow, findArtifacts } from '../library/queries.ts';
import { type Lookup, soughtIn } from './spec_lookup.ts';
import { walkNamed } from './spec_queries.ts';

/** An artifact that is not deprecated, with its words. */
export interface LibraryEntry {
  readonly artifact: ArtifactRow;
  /** Of its name, tags and description. */
  readonly counts: Counts;
  /** Of its name and tags alone. */
  readonly title: Counts;
}

export interface Fitting extends LibraryEntry {
  /** The share of what the artifact says of itself that the text asks for, 0 to 1. */
  readonly fit: number;
  /** The share of the text that the artifact's words are, 0 to 1. */
  readonly degree: number;
  readonly shared: readonly string[];
}

const fitMin = 0.3;

/** The active artifacts that share telling words with texts. */
export async function libraryFor(
  tx: TenantTx,
  texts: readonly Counts[],
  lookup: Lookup,
  more: readonly string[] = [],
): Promise<LibraryEntry[]> {
  // Words of the library need not be those of projects: all are looked for, the most telling first.
  const anywhere = { ...lookup, corpus: { ...lookup.corpus, documentsWith: () => 1 } };
  const found = await walkNamed(tx, 'artifact', soughtIn(texts, anywhere, 16), { each: 60, best: 12 });
  const artifacts = await findArtifacts(tx, [...new Set([...found.map(({ id }) => id), ...more])]);
  return artifacts
    .filter(({ is_active: isActive }) => isActive)
    .map((artifact) => {
      const title = countsOf(wordsIn([artifact.name, ...artifact.tags].join('\n')));
      return {
        artifact,
        title,
        counts: countsOf(wordsIn([artifact.name, ...artifact.tags, artifact.description].join('\n'))),
      };
    });
}

/** The words of a library. */
export const wordsOfLibrary = (library: readonly LibraryEntry[]): Set<string> =>
  new Set(library.flatMap(({ counts }) => [...counts.keys()]));

/** The artifacts that fit a text, best first. */
export function fitting(
  text: Counts,
  library: readonly LibraryEntry[],
  telling: (word: string) => number,
  { most, words }: { most: number; words: number },
): Fitting[] {
  return library
    .map((entry): Fitting => {
      const { counts, title } = entry;
      // One word of a name is found in many texts: it takes two for the name alone to fit.
      const named = [...title.keys()].filter((word) => text.has(word)).length;
      const fit = Math.max(containment(counts, text, telling), named > 1 ? containment(title, text, telling) : 0);
      const degree = containment(text, counts, telling);
      return { ...entry, fit, degree, shared: tellingWords(text, telling, words, (word) => counts.has(word)) };
    })
    .filter(({ fit }) => fit >= fitMin)
    .sort((a, b) => b.fit * b.degree - a.fit * a.degree || (a.artifact.artifact_id < b.artifact.artifact_id ? -1 : 1))
    .slice(0, most);
}
