import Type, { type Static } from 'typebox';
import { invalid } from '../errors.ts';
import { id, orNull, strict, text } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { details } from '../projects/operations.ts';
import { effectSentence } from './reuse.ts';
import { similarTo } from './similar.ts';
import { fitting, libraryFor, wordsOfLibrary } from './spec_artifacts.ts';
import { projectsFor, readableProject } from './spec_context.ts';
import { wordsOf } from './spec_lookup.ts';
import { bestArtifacts, projectsOfClass, type UseRow, usesOf } from './spec_project_queries.ts';
import * as schemas from './spec_schemas.ts';

/** Similar projects, and projects of the class, whose uses count. */
const similarMax = 50;
const ofClassMax = 1_000;
const bestMax = 50;
/** Of the artifacts that projects use, those by most of them whose texts are read: each costs what its text does. */
const usedMax = 100;
/** A success score from which a project went well. */
const goodScore = 70;
/** Uses that one would expect of any artifact: few uses are drawn towards no more than that. */
const priorUses = 2;

const RecommendedSchema = Type.Object({
  artifact_id: id,
  name: Type.String(),
  type: Type.String(),
  score: Type.Number({ minimum: 0, maximum: 1, description: 'Orders the list; the evidence is beside it.' }),
  fit: Type.Number({ description: 'The share of what the artifact says of itself that the text asks for.' }),
  similar_users: Type.Integer({ description: `Among the ${similarMax} most similar projects.` }),
  similar_users_that_went_well: Type.Integer({
    description: `Of those, with a success score of at least ${goodScore}.`,
  }),
  class_users: Type.Integer({ description: 'Projects of the same class of problem that use it.' }),
  expected_effect: schemas.ImpactSchema,
  latest_version: orNull(Type.String()),
  explanation: Type.String(),
});
type Recommended = Static<typeof RecommendedSchema>;

function explain(
  one: Omit<Recommended, 'explanation' | 'score'>,
  similar: number,
  problemClass: string | null,
): string {
  const parts: string[] = [];
  if (one.similar_users > 0) {
    parts.push(
      `${one.similar_users} of the ${similar} most similar projects use it, ${one.similar_users_that_went_well} of them with a success score of ${goodScore} or more`,
    );
  }
  if (one.class_users > 0) parts.push(`${one.class_users} projects of the class ${problemClass} use it`);
  if (one.fit > 0) parts.push(`${Math.round(100 * one.fit)} % of what it says of itself is asked for`);
  parts.push(effectSentence({ impact: one.expected_effect }));
  const [first = '', ...rest] = parts;
  return `${[`${first.charAt(0).toUpperCase()}${first.slice(1)}`, ...rest].join('; ')}.`;
}

/** How much an impact that is judged harmful leaves of what else speaks for an artifact. */
const harmed = 0.2;

/**
 * How much evidence speaks for an artifact, 0 to 1. Impact counts by the lower end of its interval: what it adds for sure.
 * It weighs as much as what similar projects did.
 */
function scoreOf(one: Omit<Recommended, 'explanation' | 'score'>, nearness: number, bestLow: number): number {
  const users = one.class_users / (one.class_users + priorUses);
  const success = one.expected_effect?.success;
  const judged = success && bestLow > 0 ? Math.max(0, success.low) / bestLow : 0;
  const score = 0.3 * nearness + 0.3 * judged + 0.25 * one.fit + 0.15 * users;
  return Math.min(1, score) * (success && success.high < 0 ? harmed : 1);
}

export const recommend = defineOperation({
  name: 'recommendation.list',
  permission: 'artifact:read',
  input: Type.Object(
    {
      project_id: Type.Optional(Type.String({ ...id, description: 'What it uses already is left out.' })),
      text: Type.Optional(schemas.specText),
      name: Type.Optional(text(1, 200)),
      problem_class: Type.Optional(details.problem_class),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, description: '10 by default.' })),
    },
    strict,
  ),
  output: Type.Object({
    items: Type.Array(RecommendedSchema, { description: 'Artifacts worth reusing, the best first.' }),
    similar: Type.Array(Type.Object({ project_id: id, name: Type.String(), similarity: Type.Number() }), {
      description: 'The most similar projects.',
    }),
  }),
  async run(context, { project_id: without, limit = 10, ...said }) {
    const { tx, place } = context;
    const granted = projectsFor(place);
    if (without === undefined && said.text === undefined && said.name === undefined && !said.problem_class) {
      throw invalid('project_id: expected a project, or a text, name or problem_class of one to be', 'project_id');
    }
    const given = without === undefined ? undefined : await readableProject(context, without);
    const problemClass = said.problem_class ?? given?.project.problem_class ?? null;
    const document = [said.name, said.text ?? given?.text, problemClass].filter(Boolean).join('\n');
    const words = wordsOf(document);
    const found = await similarTo(tx, words, undefined, { granted, max: similarMax, without });
    const similar = new Map(found.ranked.map((one) => [one.project.project_id, one]));
    const ofClass = problemClass === null ? [] : await projectsOfClass(tx, problemClass, granted ?? null, ofClassMax);
    const asked = new Set([...similar.keys(), ...ofClass, ...(without === undefined ? [] : [without])]);
    const [uses, best] = await Promise.all([usesOf(tx, [...asked]), bestArtifacts(tx, bestMax)]);
    const own = new Set(uses.filter((use) => use.project_id === without).map((use) => use.artifact_id));
    const byArtifact = Map.groupBy<string, UseRow>(
      uses.filter((use) => use.project_id !== without),
      (use) => use.artifact_id,
    );
    // Similar projects that use one count first.
    const usedByMost = [...byArtifact]
      .filter(([artifact]) => !own.has(artifact))
      .map(([artifact, users]) => ({
        artifact,
        near: users.filter((use) => similar.has(use.project_id)).length,
        all: users.length,
      }))
      .sort((a, b) => b.near - a.near || b.all - a.all || (a.artifact < b.artifact ? -1 : 1))
      .slice(0, usedMax)
      .map(({ artifact }) => artifact);
    const library = await libraryFor(tx, [words.counts], found.lookup, [...usedByMost, ...best]);
    const { telling } = await found.lookup.including(wordsOfLibrary(library));
    const fits = new Map(
      fitting(words.counts, library, telling, { most: library.length, words: 0 }).map((one) => [
        one.artifact.artifact_id,
        one.fit,
      ]),
    );
    const classIds = new Set(ofClass);
    const bestLow = Math.max(0, ...library.map(({ artifact }) => artifact.impact?.success?.low ?? 0));
    const totalNearness = found.ranked.reduce((sum, { similarity }) => sum + similarity, 0);
    const items = library
      .filter(({ artifact }) => !own.has(artifact.artifact_id))
      .flatMap(({ artifact }): Recommended[] => {
        const users = byArtifact.get(artifact.artifact_id) ?? [];
        const near = users.filter((use) => similar.has(use.project_id));
        const evidence = {
          artifact_id: artifact.artifact_id,
          name: artifact.name,
          type: artifact.type,
          fit: fits.get(artifact.artifact_id) ?? 0,
          similar_users: near.length,
          similar_users_that_went_well: near.filter(({ success_score: score }) => (score ?? 0) >= goodScore).length,
          class_users: users.filter((use) => classIds.has(use.project_id)).length,
          expected_effect: artifact.impact,
          latest_version: artifact.latest_version,
        };
        // A project that failed with it speaks for it no more; one without a score half as much.
        const weight = ({ project_id, success_score: score }: UseRow): number =>
          (similar.get(project_id)?.similarity ?? 0) * (score === null ? 0.5 : score / 100);
        const nearness = totalNearness > 0 ? near.reduce((sum, use) => sum + weight(use), 0) / totalNearness : 0;
        const score = scoreOf(evidence, Math.min(1, 2 * nearness), bestLow);
        if (score <= 0) return [];
        return [{ ...evidence, score, explanation: explain(evidence, found.ranked.length, problemClass) }];
      })
      .sort((a, b) => b.score - a.score || (a.artifact_id < b.artifact_id ? -1 : 1))
      .slice(0, limit);
    return {
      items,
      similar: found.ranked
        .slice(0, 5)
        .map(({ project, similarity }) => ({ project_id: project.project_id, name: project.name, similarity })),
    };
  },
});
