import { readFile } from 'node:fs/promises';
import { figure, type Outcome, outcomeNames } from '@maestro/sdk/prediction-answer';
import { estimateHeadings, estimateRows } from '@maestro/sdk/prediction-text';
import type { Command } from 'commander';
import type { CommandGroup, Context } from './context.ts';
import { Failure } from './failure.ts';
import { inOwnTenant, ofProject, wholeNumber } from './options.ts';
import { ownPlaceIn, type Place } from './place.ts';
import { projectIdOf } from './project_named.ts';
import { showsUtf8 } from './terminal_text.ts';

interface Similar {
  project_id: string;
  name: string;
  similarity: number;
  shared_terms: string[];
  duration_days: number | null;
  compute_cost: number | null;
  success_score: number | null;
}
interface Section {
  title: string;
  degree: number;
  is_new: boolean;
  projects: { name: string; section: string; degree: number }[];
  artifacts: { name: string }[] | null;
  new_terms: string[];
}
interface Amount {
  value: number;
  low: number;
  high: number;
  projects: number;
  is_thin: boolean;
}
interface Effort {
  duration_days: Amount | null;
  compute_cost: Amount | null;
  similar: Similar[];
  explanation: string[];
}
interface Strategy {
  summary: string;
  reuse: { name: string; artifact_id: string; explanation: string }[];
  ask: { title: string; name: string; degree: number }[];
  to_build: { title: string; terms: string[] }[];
  effort: Effort;
}
interface Recommended {
  artifact_id: string;
  name: string;
  type: string;
  score: number;
  explanation: string;
}

interface Options {
  tenant?: string;
  project?: string;
  limit?: number;
  json?: true;
}
interface Known {
  problemClass?: string;
  complexity?: number;
  teamSize?: number;
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** Requirements in a file; `-` is standard input. */
async function textIn(path: string, { stdin }: Context): Promise<string> {
  if (path === '-') return stdin();
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new Failure(`${path} cannot be read (${code}); - reads standard input.`);
  }
}

const knownIn = ({ problemClass, complexity, teamSize }: Known): Record<string, unknown> => ({
  ...(problemClass === undefined ? {} : { problem_class: problemClass }),
  ...(complexity === undefined ? {} : { complexity_score: complexity }),
  ...(teamSize === undefined ? {} : { team_size: teamSize }),
});

const withKnown = (command: Command): Command =>
  command
    .option('--problem-class <class>', 'such as classification or forecasting')
    .option('--complexity <score>', 'from 1 to 100', wholeNumber('a whole number from 1 to 100'))
    .option('--team-size <people>', 'how many work on it', wholeNumber('a whole number'));

const shown = (value: number | null): string | null => (value === null ? null : figure(value));

const similarRow = (one: Similar): (string | null)[] => [
  one.name,
  one.similarity.toFixed(2),
  shown(one.duration_days),
  shown(one.compute_cost),
  shown(one.success_score),
  one.shared_terms.join(',') || null,
];
const similarHeadings = ['PROJECT', 'SIMILARITY', 'DAYS', 'COST', 'SUCCESS', 'IN COMMON'];

function showEffort({ duration_days, compute_cost, explanation }: Effort, { output, environment }: Context): void {
  const drawing = { utf8: showsUtf8(environment) };
  const rowsOf = (outcome: Outcome, amount: Amount | null): string[][] =>
    amount ? estimateRows(outcome, [[outcomeNames[outcome], amount]], drawing) : [];
  const rows = [...rowsOf('duration_days', duration_days), ...rowsOf('cost', compute_cost)];
  if (rows.length > 0) output.table(estimateHeadings, rows, '');
  for (const sentence of explanation) output.line(sentence);
}

export const recommendCommands: CommandGroup = (program, context) => {
  const { output, api } = context;
  const group = program.command('recommend').description('what requirements have in common with projects so far');
  const placeOf = async ({ tenant }: Options): Promise<Place> => ownPlaceIn(await api(), tenant);
  const withFile = (command: Command): Command =>
    command
      .argument('<file>', 'the requirements, as Markdown or plain text; - reads standard input')
      .option('--project <project>', 'the project they are of, by name or id: it is left out')
      .option(...inOwnTenant)
      .option('--json', 'print what the server answers');
  const bodyOf = async (place: Place, file: string, { project }: Options): Promise<Record<string, unknown>> => ({
    text: await textIn(file, context),
    ...(project === undefined ? {} : { project_id: await projectIdOf(place, project) }),
  });

  ofProject(group.command('store').description('store the requirements of a project, in place of those it had'))
    .argument('<file>', 'Markdown or plain text; - reads standard input')
    .action(async (file: string, options: Options & { project: string }) => {
      const place = await placeOf(options);
      const text = await textIn(file, context);
      const project_id = await projectIdOf(place, options.project);
      await place.call('POST', '/ml/embed-specs', { specs: [{ project_id, text }] });
      output.line(`Stored the requirements of ${options.project}.`);
    });

  group
    .command('similar')
    .description('find the projects most like requirements, or like a project')
    .argument('[file]', 'the requirements; - reads standard input. Without it: --project')
    .option('--project <project>', 'instead of a file: name or id')
    .option('--limit <count>', '10 unless given', wholeNumber('a whole number from 1 to 50'))
    .option(...inOwnTenant)
    .option('--json', 'print what the server answers')
    .action(async (file: string | undefined, options: Options) => {
      if ((file === undefined) === (options.project === undefined)) {
        throw new Failure('Give either a file or --project.', 2);
      }
      const place = await placeOf(options);
      const of =
        file === undefined
          ? { project_id: await projectIdOf(place, options.project as string) }
          : { text: await textIn(file, context) };
      const limit = options.limit === undefined ? {} : { limit: options.limit };
      const found = await place.call<{ by: string; items: Similar[] }>('POST', '/ml/find-similar-projects', {
        ...of,
        ...limit,
      });
      if (options.json) return output.json(found);
      output.table(similarHeadings, found.items.map(similarRow), 'No project has anything in common with it.');
    });

  withFile(group.command('overlap').description('show by section what there is already, and what is new')).action(
    async (file: string, options: Options) => {
      const place = await placeOf(options);
      const found = await place.call<{ overlap: number; sections: Section[] }>(
        'POST',
        '/ml/analyze-overlap',
        await bodyOf(place, file, options),
      );
      if (options.json) return output.json(found);
      const rows = found.sections.map((section) => {
        const [best] = section.projects;
        return [
          section.title.length > 40 ? `${section.title.slice(0, 39)}…` : section.title,
          percent(section.degree),
          best ? `${best.name} › ${best.section}` : null,
          section.artifacts?.map(({ name }) => name).join(',') || null,
          section.new_terms.slice(0, 4).join(',') || null,
        ];
      });
      output.table(['SECTION', 'COVERED', 'BY', 'ARTIFACTS', 'NEW'], rows, 'The text has no words to compare.');
      output.line(`${percent(found.overlap)} of it is covered by projects so far.`);
    },
  );

  withKnown(withFile(group.command('effort').description('estimate what it would take, with an interval'))).action(
    async (file: string, options: Options & Known) => {
      const place = await placeOf(options);
      const body = { ...(await bodyOf(place, file, options)), ...knownIn(options) };
      const effort = await place.call<Effort>('POST', '/ml/estimate-effort', body);
      if (options.json) return output.json(effort);
      showEffort(effort, context);
      if (effort.similar.length > 0) output.table(similarHeadings, effort.similar.map(similarRow), '');
    },
  );

  withKnown(
    withFile(group.command('strategy').description('say what to reuse for which section, and what is left to build')),
  ).action(async (file: string, options: Options & Known) => {
    const place = await placeOf(options);
    const body = { ...(await bodyOf(place, file, options)), ...knownIn(options) };
    const strategy = await place.call<Strategy>('POST', '/ml/recommend-reuse-strategy', body);
    if (options.json) return output.json(strategy);
    output.line(strategy.summary);
    for (const one of strategy.reuse) output.line(`Reuse ${one.name}: ${one.explanation}`);
    for (const { title, name, degree } of strategy.ask) {
      output.line(`Ask the team of ${name}: it covers ${percent(degree)} of “${title}”.`);
    }
    for (const { title, terms } of strategy.to_build) {
      output.line(`Build “${title}”${terms.length > 0 ? `: ${terms.join(', ')}` : ''}.`);
    }
    showEffort(strategy.effort, context);
  });

  withKnown(group.command('artifacts').description('recommend artifacts worth reusing in a project'))
    .argument('[file]', 'the requirements of a project to be; - reads standard input')
    .option('--project <project>', 'name or id: what it uses already is left out')
    .option('--limit <count>', '10 unless given', wholeNumber('a whole number from 1 to 50'))
    .option(...inOwnTenant)
    .option('--json', 'print what the server answers')
    .action(async (file: string | undefined, options: Options & Known) => {
      if (file === undefined && options.project === undefined && options.problemClass === undefined) {
        throw new Failure('Give a file, --project or --problem-class.', 2);
      }
      const place = await placeOf(options);
      const found = await place.call<{ items: Recommended[] }>('POST', '/recommendations', {
        ...(file === undefined ? {} : { text: await textIn(file, context) }),
        ...(options.project === undefined ? {} : { project_id: await projectIdOf(place, options.project) }),
        ...(options.problemClass === undefined ? {} : { problem_class: options.problemClass }),
        ...(options.limit === undefined ? {} : { limit: options.limit }),
      });
      if (options.json) return output.json(found);
      const rows = found.items.map((one) => [one.name, one.type, one.score.toFixed(2), one.explanation]);
      output.table(['ARTIFACT', 'TYPE', 'SCORE', 'WHY'], rows, 'Nothing in the library speaks for itself here.');
    });
};
