import { caveatsOf, figure, type PredictionAnswer } from '@maestro/sdk/prediction-answer';
import { estimateHeadings, outcomeRows, titleOf } from '@maestro/sdk/prediction-text';
import { type Command, InvalidArgumentError } from 'commander';
import { artifactNamed } from './artifact_named.ts';
import type { CommandGroup, Context } from './context.ts';
import { exitCodes, Failure } from './failure.ts';
import { gather, inOwnTenant } from './options.ts';
import { ownPlaceIn } from './place.ts';
import { projectIdOf } from './project_named.ts';
import { showsUtf8 } from './terminal_text.ts';

interface Options {
  tenant?: string;
  name?: string;
  set?: Record<string, unknown>;
  use?: string[];
  json?: true;
}

const numbers = ['complexity_score', 'team_size'];
const texts = ['problem_class', 'start_date'];

/** `key=value`: a field of the project, or else of its metadata; `key=` takes it away. */
function setting(text: string, before: Record<string, unknown> = {}): Record<string, unknown> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('expected KEY=VALUE, such as team_size=8.');
  const [key, given] = [text.slice(0, at), text.slice(at + 1)];
  const isNumber = given.trim() !== '' && Number.isFinite(Number(given));
  if (numbers.includes(key) && given !== '' && !isNumber)
    throw new InvalidArgumentError(`expected a number for ${key}.`);
  const value = given === '' ? null : isNumber && !texts.includes(key) ? Number(given) : given;
  if (numbers.includes(key) || texts.includes(key)) return { ...before, [key]: value };
  const metadata = { ...(before.metadata as object | undefined), [key.replace(/^metadata\./, '')]: value };
  return { ...before, metadata };
}

const shown = (value: number | null): string | null => (value === null ? null : figure(value));

function print({ output, environment, note }: Context, prediction: PredictionAnswer): void {
  const { recommendation, similar, prediction_id: kept } = prediction;
  output.line(`${titleOf(prediction)}:`);
  for (const caveat of caveatsOf(prediction)) output.line(caveat);
  output.table(estimateHeadings, outcomeRows(prediction, { utf8: showsUtf8(environment) }), '');
  output.line('');
  for (const sentence of recommendation) output.line(sentence);
  if (similar.length > 0) {
    output.line('');
    const rows = similar.map((each) => [
      each.name,
      `${Math.round(each.similarity * 100)} %`,
      shown(each.success_score),
      shown(each.duration_days),
      shown(each.cost),
    ]);
    output.table(['MOST LIKE IT', 'ALIKE', 'SUCCESS', 'DAYS', 'COST'], rows, '');
  }
  if (kept === null) note('This was not kept: you may read projects here, and not write them.');
}

const withWhat = (command: Command): Command =>
  command
    .argument('[project]', 'its name or id')
    .option(...inOwnTenant)
    .option('--name <name>', 'what to call a project that is not made')
    .option(
      '--set <key=value>',
      'what it is, or what to change: problem_class, complexity_score, team_size, start_date, or a field of its metadata; repeat for more',
      setting,
    )
    .option(
      '--use <artifacts>',
      'artifacts of the library that it would use too: names or ids; repeat, or separate by commas',
      gather,
    )
    .option('--json', 'print the prediction');

export const predictCommands: CommandGroup = (program, context) => {
  withWhat(program.command('predict'))
    .description('predict success, duration and cost of a project, of changes to one, or of one that is not made')
    .action(async (who: string | undefined, options: Options) => {
      const { name, set = {}, use, json } = options;
      if (who === undefined && name === undefined && Object.keys(set).length === 0) {
        throw new Failure('Name a project, or say with --name and --set what one would be like.', exitCodes.usage);
      }
      if (who !== undefined && name !== undefined) {
        throw new Failure('--name is for a project that is not made: leave one of the two away.', exitCodes.usage);
      }
      const place = ownPlaceIn(await context.api(), options.tenant);
      const project = who === undefined ? undefined : await projectIdOf(place, who);
      const artifacts =
        use && (await Promise.all(use.map(async (each) => (await artifactNamed(place, each)).artifact_id)));
      const isPlain = project !== undefined && Object.keys(set).length === 0 && !artifacts;
      const prediction = isPlain
        ? await place.call<PredictionAnswer>('POST', `/projects/${project}/predict`, {})
        : await place.call<PredictionAnswer>('POST', '/predictions', {
            ...(project === undefined ? {} : { project_id: project }),
            ...(name === undefined ? {} : { name }),
            ...set,
            ...(artifacts ? { artifacts } : {}),
          });
      if (json) context.output.json(prediction);
      else print(context, prediction);
    });
};
