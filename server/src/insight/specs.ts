import { shareOf } from '@maestro/insight/text-similarity';
import { countsOf, wordsIn } from '@maestro/insight/text-words';
import type { TenantTx } from '../db/tenancy.ts';
import * as queries from './spec_queries.ts';

/** Characters of a spec. */
export const specMax = 200_000;
/** Distinct words of a spec that are indexed: the most frequent ones. A requirements document has some hundreds. */
const wordsMax = 4_000;
/**
 * The length that weights are normalized by when they are stored. They choose which specs are looked at; those are then
 * compared by the mean length of the tenant's.
 */
const usualLength = 300;
const weightMax = 1_000;

/** A text as it is stored and compared. */
export function indexed(text: string): Omit<queries.NewSpec, 'project_id' | 'text' | 'embedding'> {
  const all = wordsIn(text);
  const counts = [...countsOf(all)].sort(([, a], [, b]) => b - a).slice(0, wordsMax);
  return {
    words: counts.map(([word]) => word),
    counts: counts.map(([, count]) => count),
    weights: counts.map(([, count]) => Math.max(1, Math.round(weightMax * shareOf(count, all.length, usualLength)))),
    length: all.length,
  };
}

type Counted = Pick<queries.SpecRow, 'words' | 'counts' | 'length'>;

/** How the counts of words change when specs go and come; the empty word counts specs and all their words. */
function changesOf(gone: readonly Counted[], come: readonly Counted[]): queries.WordChanges {
  const changes = new Map<string, { documents: number; occurrences: number }>();
  const add = (word: string, documents: number, occurrences: number): void => {
    const change = changes.get(word) ?? { documents: 0, occurrences: 0 };
    changes.set(word, { documents: change.documents + documents, occurrences: change.occurrences + occurrences });
  };
  for (const [sign, specs] of [[-1, gone] as const, [1, come] as const]) {
    for (const { words, counts, length } of specs) {
      add('', sign, sign * length);
      for (const [at, word] of words.entries()) add(word, sign, sign * (counts[at] as number));
    }
  }
  return changes;
}

/** A spec to be stored. */
export interface Given {
  readonly project_id: string;
  readonly text: string;
  readonly embedding: queries.NewSpec['embedding'];
}

/** Stores specs in place of those that their projects had. Whoever calls holds the projects. */
export async function storeSpecs(tx: TenantTx, given: readonly Given[]): Promise<void> {
  const specs = given.map((spec) => ({ ...spec, ...indexed(spec.text) }));
  const gone = [];
  for (const { project_id } of specs) {
    const spec = await queries.deleteSpec(tx, project_id);
    if (spec) gone.push(spec);
  }
  await queries.insertSpecs(tx, specs);
  queries.countWords(tx, changesOf(gone, specs));
}

/** Takes the spec of a project that is deleted, where it has one. Whoever calls has locked the project. */
export async function removeSpec(tx: TenantTx, project: string): Promise<void> {
  const gone = await queries.deleteSpec(tx, project);
  if (gone) queries.countWords(tx, changesOf([gone], []));
}
