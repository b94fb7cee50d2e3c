import { tellingWords, type Words } from '@maestro/insight/text-similarity';
import Type, { type Static } from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import { invalid } from '../errors.ts';
import { id, strict } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { projectWithText } from './spec_context.ts';
import { type Among, type Lookup, lookUp, mostSimilar, type Similar, wordsOf } from './spec_lookup.ts';
import { outcomeOf } from './spec_outcomes.ts';
import * as schemas from './spec_schemas.ts';
import { type Embedded, embed, likenessByVector } from './spec_vectors.ts';

/** Words in common that are shown. */
export const shownWords = 8;
/** Of a ranking: how much the first places count more than later ones (Cormack, Clarke & Büttcher, SIGIR 2009). */
const fusion = 60;

type Ranked = Similar & { readonly by: 'bm25' | 'embeddings' };

/** A similar project, as it is shown. */
export function shownSimilar(
  text: Words,
  { project, words, basis, similarity, by }: Ranked,
  { telling }: Pick<Lookup, 'telling'>,
): Static<typeof schemas.SimilarSchema> {
  return {
    project_id: project.project_id,
    name: project.name,
    similarity,
    by,
    basis,
    shared_terms: tellingWords(text.counts, telling, shownWords, (word) => words.counts.has(word)),
    ...outcomeOf(project),
  };
}

export interface Similars {
  readonly by: 'bm25' | 'embeddings';
  readonly ranked: readonly Ranked[];
  readonly lookup: Lookup;
}

/**
 * The projects most like a text. With its vector, those that words and those that vectors find are one ranking, by their
 * places in both (reciprocal rank fusion): what has no vector takes part by its words.
 */
export async function similarTo(
  tx: TenantTx,
  text: Words,
  embedded: Embedded | undefined,
  { max, without, ...among }: Among & { readonly max: number; readonly without: string | undefined },
): Promise<Similars> {
  const most = 2 * (max + 1);
  const first = await lookUp(tx, text, { ...among, most });
  const others = ({ project }: { project: { project_id: string } }): boolean => project.project_id !== without;
  const ids = first.candidates.map(({ project }) => project.project_id);
  const byVector = embedded ? await likenessByVector(tx, embedded, ids, among.granted) : new Map<string, number>();
  if (byVector.size === 0) {
    const byWords = mostSimilar(text, first, max + 1).filter(others);
    const ranked = byWords.slice(0, max).map((one) => ({ ...one, by: 'bm25' as const }));
    return { by: embedded ? 'embeddings' : 'bm25', ranked, lookup: first };
  }
  const missing = [...byVector.keys()].filter((found) => !ids.includes(found));
  const lookup = missing.length > 0 ? await lookUp(tx, text, { ...among, most, also: missing }) : first;
  const scores = new Map<string, number>();
  const rank = (ordered: readonly string[]): void => {
    for (const [place, one] of ordered.entries()) scores.set(one, (scores.get(one) ?? 0) + 1 / (fusion + place + 1));
  };
  const byWords = mostSimilar(text, lookup, lookup.candidates.length);
  rank(byWords.map(({ project }) => project.project_id));
  rank([...byVector].sort(([, a], [, b]) => b - a).map(([found]) => found));
  const cosines = new Map(byWords.map(({ project, similarity }) => [project.project_id, similarity]));
  const ranked = lookup.candidates
    .filter(others)
    .flatMap((candidate): (Ranked & { score: number })[] => {
      const { project_id: one } = candidate.project;
      const score = scores.get(one);
      if (score === undefined) return [];
      const likeness = byVector.get(one);
      const by = likeness === undefined ? 'bm25' : 'embeddings';
      return [{ ...candidate, similarity: likeness ?? cosines.get(one) ?? 0, by, score }];
    })
    .sort((a, b) => b.score - a.score || (a.project.project_id < b.project.project_id ? -1 : 1));
  return { by: 'embeddings', ranked: ranked.slice(0, max), lookup };
}

export const findSimilar = defineOperation({
  name: 'spec.find_similar',
  permission: 'project:read',
  transaction: 'own',
  input: Type.Object(
    {
      text: Type.Optional(schemas.specText),
      project_id: Type.Optional(Type.String({ ...id, description: 'Instead of a text: those like this project.' })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, description: '10 by default.' })),
    },
    strict,
  ),
  narrows: true,
  output: Type.Object({ by: schemas.by, items: Type.Array(schemas.SimilarSchema) }),
  async run({ ports, scope, inTenant }, { text: given, project_id: without, limit: max = 10 }) {
    if ((given === undefined) === (without === undefined)) {
      throw invalid('text: expected either a text or a project_id', 'text');
    }
    const text = given ?? (await inTenant((tx) => projectWithText(tx, scope, without as string))).text;
    const [embedded] = (await embed(ports, [text])) ?? [];
    const words = wordsOf(text);
    return inTenant(async (tx) => {
      const { by, ranked, lookup } = await similarTo(tx, words, embedded, { granted: scope?.projects, max, without });
      return { by, items: ranked.map((one) => shownSimilar(words, one, lookup)) };
    });
  },
});
