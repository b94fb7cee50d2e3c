import { containment, coveredMin } from '@maestro/insight/text-overlap';
import Type, { type Static } from 'typebox';
import { id, strict } from '../identity/schemas.ts';
import type { ArtifactRow } from '../library/queries.ts';
import { defineOperation } from '../operation.ts';
import { EffortSchema, effortFor, type Known, knownFields } from './effort.ts';
import { compare, newWords } from './overlap.ts';
import type { Fitting } from './spec_artifacts.ts';
import { projectsFor, readableProject } from './spec_context.ts';
import * as schemas from './spec_schemas.ts';

const artifactsMax = 20;
const percent = (share: number): string => `${Math.round(100 * share)} %`;

const ReusedSchema = Type.Object({
  artifact_id: id,
  name: Type.String(),
  type: Type.String(),
  sections: Type.Array(Type.Object({ title: Type.String(), fit: Type.Number(), degree: schemas.degree })),
  expected_effect: schemas.ImpactSchema,
  uses: Type.Integer({ minimum: 0 }),
  explanation: Type.String(),
});

const points = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;

/** What is known of an artifact's effect, in words. */
export function effectSentence({ impact }: Pick<ArtifactRow, 'impact'>): string {
  const success = impact?.success;
  if (!success) return 'its impact is not known';
  const { value, low, high, projects, evidence } = success;
  const range = `${points(value)} points of success, in 8 of 10 cases ${points(low)} to ${points(high)}`;
  return `its estimated impact is ${range}, from ${projects} ${projects === 1 ? 'project' : 'projects'}${evidence === 'thin' ? ' (thin evidence)' : ''}`;
}

interface Reused {
  readonly fits: { readonly title: string; readonly fitting: Fitting }[];
}

function shownReused({ fits }: Reused): Static<typeof ReusedSchema> {
  const { artifact } = (fits[0] as Reused['fits'][number]).fitting;
  const titles = fits.slice(0, 3).map(({ title }) => `“${title}”`);
  const more = fits.length > 3 ? ` and ${fits.length - 3} more` : '';
  const uses = `${artifact.uses === 1 ? '1 use' : `${artifact.uses} uses`} so far`;
  return {
    artifact_id: artifact.artifact_id,
    name: artifact.name,
    type: artifact.type,
    sections: fits.map(({ title, fitting }) => ({ title, fit: fitting.fit, degree: fitting.degree })),
    expected_effect: artifact.impact,
    uses: artifact.uses,
    explanation: `Fits ${titles.join(', ')}${more}; ${uses}; ${effectSentence(artifact)}.`,
  };
}

export const recommendReuseStrategy = defineOperation({
  name: 'spec.recommend_reuse_strategy',
  permission: 'artifact:read',
  input: Type.Object(
    {
      text: schemas.specText,
      project_id: Type.Optional(Type.String({ ...id, description: 'The project it is of, which is left out.' })),
      ...knownFields,
    },
    strict,
  ),
  output: Type.Object({
    overlap: Type.Number({ minimum: 0, maximum: 1, description: 'With the requirements of projects so far.' }),
    reuse: Type.Array(ReusedSchema, { description: 'Artifacts, those that fit most first.' }),
    ask: Type.Array(
      Type.Object({ title: Type.String(), project_id: id, name: Type.String(), degree: schemas.degree }),
      { description: 'Sections that a project has solved for which no artifact is in the library.' },
    ),
    to_build: Type.Array(Type.Object({ title: Type.String(), terms: schemas.words }), {
      description: 'Sections that neither an artifact nor a project covers, with what is new in each.',
    }),
    effort: EffortSchema,
    summary: Type.String(),
  }),
  async run(context, { text, project_id: without, ...known }) {
    const { tx, place } = context;
    const granted = projectsFor(place);
    const project = without === undefined ? {} : (await readableProject(context, without)).project;
    const { overlap, artifacts, projects, lookup } = await compare(tx, text, {
      granted,
      place,
      without,
    });
    const reused = new Map<string, Reused>();
    const ask: { title: string; project_id: string; name: string; degree: number }[] = [];
    const to_build: { title: string; terms: string[] }[] = [];
    for (const [at, section] of overlap.sections.entries()) {
      const { title, counts } = section.part;
      const fits = artifacts[at] ?? [];
      for (const fitting of fits) {
        const one = reused.get(fitting.artifact.artifact_id) ?? { fits: [] };
        one.fits.push({ title, fitting });
        reused.set(fitting.artifact.artifact_id, one);
      }
      const covered = fits.reduce((most, one) => Math.max(most, containment(counts, one.counts, lookup.telling)), 0);
      const [best] = section.by;
      if (covered >= coveredMin) continue;
      if (best && best.degree >= coveredMin) {
        const name = projects.get(best.id)?.project.name ?? '';
        ask.push({ title, project_id: best.id, name, degree: best.degree });
      } else to_build.push({ title, terms: newWords(section, fits, lookup.telling) });
    }
    const strength = ({ fits }: Reused): number => fits.reduce((sum, { fitting }) => sum + fitting.fit, 0);
    const reuse = [...reused.values()]
      .sort((a, b) => strength(b) - strength(a))
      .slice(0, artifactsMax)
      .map(shownReused);
    const { problem_class = null, complexity_score = null, team_size = null } = { ...project, ...known } as Known;
    const fields = { problem_class, complexity_score, team_size };
    const effort = await effortFor(tx, text, fields, { granted, without });
    const count = overlap.sections.length;
    const solved =
      ask.length === 0
        ? ''
        : `, and ${ask.length} ${ask.length === 1 ? 'was' : 'were'} solved by projects without an artifact in the library`;
    const summary =
      count === 0
        ? 'The text has no words to compare.'
        : `${reuse.length} ${reuse.length === 1 ? 'artifact fits' : 'artifacts fit'}; of ${count} ${count === 1 ? 'section' : 'sections'} ${to_build.length} ${to_build.length === 1 ? 'is' : 'are'} to be built${solved}. ${percent(overlap.share)} of the text is covered by projects so far.`;
    return { overlap: overlap.share, reuse, ask, to_build, effort, summary };
  },
});
