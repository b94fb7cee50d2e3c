import { type Covered, coveredMin, type Overlap, overlapOf, type Part, partsOf } from '@maestro/insight/text-overlap';
import { tellingWords } from '@maestro/insight/text-similarity';
import { countsOf, wordsIn } from '@maestro/insight/text-words';
import Type from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import type { Place } from '../identity/caller.ts';
import { may } from '../identity/may.ts';
import { id, orNull, strict } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { foundBy } from '../projects/found_by.ts';
import { requireProject } from '../projects/required.ts';
import { shownWords } from './similar.ts';
import { type Fitting, fitting, type LibraryEntry, libraryFor, wordsOfLibrary } from './spec_artifacts.ts';
import { checkWithin } from './spec_context.ts';
import {
  type Among,
  type Candidate,
  type Lookup,
  lookUp,
  mostSimilar,
  soughtIn,
  textOf,
  wordsOf,
} from './spec_lookup.ts';
import { specTexts, walkSpecs } from './spec_queries.ts';
import * as schemas from './spec_schemas.ts';

/** Projects whose sections are compared. */
const comparedMax = 20;
/** Those that are named of each section. */
const namedMax = 3;

/** A document held against what there is. */
export interface Compared {
  readonly parts: readonly Part[];
  readonly overlap: Overlap;
  readonly projects: ReadonlyMap<string, Candidate>;
  readonly library: readonly LibraryEntry[];
  readonly lookup: Lookup;
  /** The artifacts that fit each section. */
  readonly artifacts: readonly (readonly Fitting[])[];
}

/** Sections as they would be of a project that has no requirements: one. */
function partsOfProject({ project }: Candidate, texts: ReadonlyMap<string, string>): Part[] {
  const text = texts.get(project.project_id);
  if (text !== undefined) return partsOf(text);
  const described = textOf(foundBy(project));
  return [{ title: project.name, text: described, line: 1, counts: countsOf(wordsIn(described)) }];
}

/** Holds a document against projects and, where the caller may read it, the library. */
export async function compare(
  tx: TenantTx,
  document: string,
  { place, without, ...among }: Among & { readonly place: Place; readonly without: string | undefined },
): Promise<Compared> {
  const parts = partsOf(document);
  const text = wordsOf(document);
  const counts = parts.map((part) => part.counts);
  const first = await lookUp(tx, text, { ...among, parts: counts });
  const library = may(place, 'artifact:read') ? await libraryFor(tx, [text.counts, ...counts], first) : [];
  const lookup = await first.including(wordsOfLibrary(library));
  const candidates = new Map(
    lookup.candidates
      .filter(({ project }) => project.project_id !== without)
      .map((candidate) => [candidate.project.project_id, candidate]),
  );
  const similar = mostSimilar(text, { ...lookup, candidates: [...candidates.values()] }, comparedMax);
  // A project that is like one section may be unlike the whole.
  const bySection =
    among.granted === undefined
      ? await walkSpecs(tx, soughtIn(counts, lookup, 8), { each: 60, best: 2 })
      : [...candidates.keys()].map((one) => ({ id: one }));
  const compared = new Set([...similar.map(({ project }) => project.project_id), ...bySection.map((one) => one.id)]);
  const chosen = [...compared].flatMap((one) => candidates.get(one) ?? []).slice(0, 3 * comparedMax);
  const texts = await specTexts(
    tx,
    chosen.map(({ project }) => project.project_id),
  );
  const coverers = chosen.map((one) => ({ id: one.project.project_id, parts: partsOfProject(one, texts) }));
  const bounds = { coverers: namedMax, words: shownWords };
  return {
    parts,
    overlap: overlapOf(parts, coverers, lookup.telling, bounds),
    projects: candidates,
    library,
    lookup,
    artifacts: parts.map((part) =>
      fitting(part.counts, library, lookup.telling, { most: namedMax, words: shownWords }),
    ),
  };
}

/** The telling words of a section that neither projects nor artifacts have. */
export function newWords(
  { part, by }: Covered,
  artifacts: readonly Fitting[],
  telling: (word: string) => number,
): string[] {
  const isThere = (word: string): boolean =>
    by.some((cover) => cover.part.counts.has(word)) || artifacts.some(({ counts }) => counts.has(word));
  return tellingWords(part.counts, telling, shownWords, (word) => !isThere(word));
}

const SectionSchema = Type.Object({
  title: Type.String(),
  line: Type.Integer({ minimum: 1, description: 'Where it begins in the text.' }),
  degree: schemas.degree,
  is_new: Type.Boolean({ description: `No project covers as much as ${coveredMin} of it.` }),
  projects: Type.Array(
    Type.Object({
      project_id: id,
      name: Type.String(),
      section: Type.String({ description: 'The section of its requirements that covers most.' }),
      degree: schemas.degree,
      shared_terms: schemas.words,
    }),
  ),
  artifacts: orNull(
    Type.Array(
      Type.Object({
        artifact_id: id,
        name: Type.String(),
        type: Type.String(),
        fit: Type.Number({
          minimum: 0,
          maximum: 1,
          description: 'The share of what the artifact says of itself that the section asks for.',
        }),
        degree: schemas.degree,
        shared_terms: schemas.words,
      }),
    ),
    'Null to who may not read the library.',
  ),
  new_terms: schemas.words,
});

export const analyzeOverlap = defineOperation({
  name: 'spec.analyze_overlap',
  permission: 'project:read',
  input: Type.Object(
    {
      text: schemas.specText,
      project_id: Type.Optional(Type.String({ ...id, description: 'The project it is of, which is left out.' })),
    },
    strict,
  ),
  narrows: true,
  output: Type.Object({
    overlap: Type.Number({ minimum: 0, maximum: 1, description: 'The mean degree of the sections, by their words.' }),
    sections: Type.Array(SectionSchema),
    new_sections: Type.Array(Type.String(), { description: 'Titles of those that are new.' }),
  }),
  async run({ tx, scope, place }, { text, project_id: without }) {
    if (without !== undefined) {
      checkWithin(scope, without);
      await requireProject(tx, without);
    }
    const { overlap, projects, artifacts, lookup } = await compare(tx, text, {
      granted: scope?.projects,
      place,
      without,
    });
    const readsLibrary = may(place, 'artifact:read');
    const sections = overlap.sections.map((section, at) => {
      const fits = artifacts[at] ?? [];
      return {
        title: section.part.title,
        line: section.part.line,
        degree: section.degree,
        is_new: section.degree < coveredMin,
        projects: section.by.map(({ id: project_id, part, degree, shared }) => ({
          project_id,
          name: projects.get(project_id)?.project.name ?? '',
          section: part.title,
          degree,
          shared_terms: [...shared],
        })),
        artifacts: readsLibrary
          ? fits.map(({ artifact, fit, degree, shared }) => ({
              artifact_id: artifact.artifact_id,
              name: artifact.name,
              type: artifact.type,
              fit,
              degree,
              shared_terms: [...shared],
            }))
          : null,
        new_terms: newWords(section, fits, lookup.telling),
      };
    });
    const new_sections = sections.filter(({ is_new }) => is_new).map(({ title }) => title);
    return { overlap: overlap.share, sections, new_sections };
  },
});
