import { figure } from '@maestro/sdk/prediction-answer';
import { type Command, InvalidArgumentError } from 'commander';
import type { Context } from './context.ts';
import { inOwnTenant, wholeNumber } from './options.ts';
import { minute } from './output.ts';
import { ownPlaceIn } from './place.ts';
import { projectIdOf } from './project_named.ts';

interface Errors {
  n: number;
  mae: number;
  md_mre: number | null;
  pred_25: number | null;
  sa: number | null;
}
interface Intervals {
  nominal: number;
  coverage: number;
  relative_width: number | null;
}
interface OutcomeModel {
  outcome: string;
  kind: 'amount' | 'score' | 'success';
  rows: number;
  is_thin: boolean;
  warnings: string[];
  errors: Errors | null;
  intervals: Intervals | null;
  probabilities: { brier: number; base_rate_brier: number; calibration_error: number } | null;
  importances: { label: string; importance: number }[];
  drift: { projects: number; features: { label: string; psi: number; has_drifted: boolean }[] };
  scored: { predictions: number; mae: number; md_mre: number | null; coverage: number | null } | null;
}
interface Model {
  version: number | null;
  trained_at: string | null;
  outcomes: OutcomeModel[];
}
interface Version {
  version: number;
  trained_at: string;
  outcomes: Pick<OutcomeModel, 'outcome' | 'rows' | 'errors' | 'intervals'>[];
}
interface Kept {
  prediction_id: string;
  name: string | null;
  is_what_if: boolean;
  created_at: string;
  predicted_success_score: number | null;
  predicted_duration_days: number | null;
  predicted_cost: number | null;
  score: Record<string, { actual: number; within_interval: boolean | null } | null> | null;
}

interface Options {
  tenant?: string;
  json?: true;
}

const names: Readonly<Record<string, string>> = {
  success_score: 'success score',
  duration_days: 'duration in days',
  cost: 'cost',
};

const percent = (share: number | null | undefined): string | null =>
  share === null || share === undefined ? null : `${Math.round(share * 1000) / 10} %`;
const round = (value: number | null | undefined): string | null =>
  value === null || value === undefined ? null : figure(value);
/** A share or a ratio: what is less than a thousandth is nought. */
const ratio = (value: number | null | undefined): string | null =>
  round(typeof value === 'number' ? Number(value.toFixed(3)) : value);
/** What is shown as 0 % is no reason. */
const isReason = ({ importance }: { importance: number }): boolean => importance >= 0.0005;

/** What is behind an outcome's estimates, in a few lines. */
function printOutcome({ output }: Context, model: OutcomeModel): void {
  const { outcome, rows, is_thin: isThin, importances, drift, scored, probabilities } = model;
  const name = names[outcome] ?? outcome;
  output.line('');
  if (isThin) output.line(`The ${name} is the median of ${rows}: from about 10 finished projects on, features count.`);
  for (const warning of model.warnings) output.line(`The ${name}: ${warning}`);
  const important = importances
    .filter(isReason)
    .slice(0, 5)
    .map(({ label, importance }) => `${label} ${percent(importance)}`);
  const drifted = drift.features.filter(({ has_drifted: has }) => has);
  const newProjects = `${drift.projects} ${drift.projects === 1 ? 'project' : 'projects'} since or under way`;
  output.fields([
    [`The ${name} depends on`, important.join(', ') || null],
    ...(probabilities
      ? ([
          [
            'Brier score',
            `${ratio(probabilities.brier)}; by the share of successes alone ${ratio(probabilities.base_rate_brier)}`,
          ],
        ] as const)
      : []),
    [
      'Drift',
      drifted.length > 0
        ? `${newProjects}, unlike in ${drifted.map(({ label, psi }) => `${label} (PSI ${ratio(psi)})`).join(', ')}`
        : newProjects,
    ],
    [
      'Predictions met',
      scored &&
        `${scored.predictions}, on average ${round(scored.mae)} off${scored.coverage === null ? '' : `, ${percent(scored.coverage)} within their interval`}`,
    ],
  ]);
}

function print(context: Context, { version, trained_at, outcomes }: Model): void {
  const { output } = context;
  if (version === null) {
    output.line('Nothing was learned yet: finished projects teach, with their dates, scores and costs.');
    return;
  }
  output.line(`Model ${version}, learned on ${minute(trained_at as string)} (UTC).`);
  const rows = outcomes.map(({ outcome, rows: projects, errors, intervals }) => [
    names[outcome] ?? outcome,
    String(projects),
    percent(errors?.sa),
    round(errors?.mae),
    percent(errors?.md_mre),
    percent(errors?.pred_25),
    percent(intervals?.coverage),
    ratio(intervals?.relative_width),
  ]);
  output.table(['OUTCOME', 'PROJECTS', 'SA', 'MAE', 'MDMRE', 'PRED(25)', 'WITHIN 80 %', 'WIDTH/MEDIAN'], rows, '');
  for (const each of outcomes) printOutcome(context, each);
}

function yesOrNo(text: string): string {
  if (text !== 'yes' && text !== 'no') throw new InvalidArgumentError("expected 'yes' or 'no'.");
  return String(text === 'yes');
}

/** The commands of `maestro insight` about what a server has learned. */
export function addInsightModel(group: Command, context: Context): void {
  const { output, api } = context;
  const place = async ({ tenant }: Options) => ownPlaceIn(await api(), tenant);

  group
    .command('model')
    .description('what was learned from a tenant’s finished projects, how good it is, and whether it still fits')
    .option(...inOwnTenant)
    .option('--json', 'print the model’s report')
    .action(async (options: Options) => {
      const model = await (await place(options)).call<Model>('GET', '/insight/model');
      if (options.json) output.json(model);
      else print(context, model);
    });

  group
    .command('models')
    .description('the versions that are kept of what was learned, the newest first')
    .option(...inOwnTenant)
    .option('--json', 'print an array')
    .action(async (options: Options) => {
      const versions = await (await place(options)).all<Version>('/insight/models');
      if (options.json) return output.json(versions);
      const rows = versions.flatMap(({ version, trained_at, outcomes }) =>
        outcomes.map(({ outcome, rows: projects, errors, intervals }) => [
          String(version),
          minute(trained_at),
          names[outcome] ?? outcome,
          String(projects),
          round(errors?.mae),
          percent(intervals?.coverage),
        ]),
      );
      const headings = ['VERSION', 'LEARNED (UTC)', 'OUTCOME', 'PROJECTS', 'MAE', 'WITHIN 80 %'];
      output.table(headings, rows, 'Nothing was learned yet.');
    });

  group
    .command('train')
    .description('learn from the finished projects now; they teach by themselves, too, soon after an outcome')
    .option(...inOwnTenant)
    .option('--json', 'print {"version", "is_new"}')
    .action(async (options: Options) => {
      const body = {};
      const trained = await (await place(options)).call<{ version: number | null; is_new: boolean }>(
        'POST',
        '/insight/train',
        body,
      );
      if (options.json) return output.json(trained);
      const { version, is_new: isNew } = trained;
      if (version === null) output.line('There is nothing to learn from: no project has ended.');
      else output.line(isNew ? `Learned model ${version}.` : `Model ${version} has learned from these data already.`);
    });

  group
    .command('predictions')
    .description('predictions that were kept, the newest first, with what came')
    .option(...inOwnTenant)
    .option('--project <project>', 'of one project: its name or id')
    .option('--scored <yes|no>', 'only those whose project has ended since, or only others', yesOrNo)
    .option('--limit <count>', 'how many at most', wholeNumber('a whole number'), 100)
    .option('--json', 'print an array')
    .action(async (options: Options & { project?: string; scored?: string; limit: number }) => {
      const client = await api();
      const where = ownPlaceIn(client, options.tenant);
      const { tenant, project, scored, limit } = options;
      const query = {
        ...(project === undefined ? {} : { project_id: await projectIdOf(where, project) }),
        ...(scored === undefined ? {} : { scored }),
      };
      const items = await client.all<Kept>('/predictions', { tenant, query }, limit);
      if (options.json) return output.json(items);
      const withActual = (item: Kept, outcome: string, value: number | null): string | null => {
        const met = item.score?.[outcome];
        if (value === null) return null;
        return met
          ? `${round(value)} (was ${round(met.actual)}${met.within_interval === false ? ', outside' : ''})`
          : round(value);
      };
      const rows = items.map((item) => [
        item.name === null ? null : `${item.name}${item.is_what_if ? ', changed' : ''}`,
        minute(item.created_at),
        withActual(item, 'success_score', item.predicted_success_score),
        withActual(item, 'duration_days', item.predicted_duration_days),
        withActual(item, 'cost', item.predicted_cost),
        item.prediction_id,
      ]);
      output.table(['PROJECT', 'PREDICTED (UTC)', 'SUCCESS', 'DAYS', 'COST', 'ID'], rows, 'No predictions.');
    });
}
