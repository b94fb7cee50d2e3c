import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Api } from './api.ts';
import { confirm } from './confirm.ts';
import type { CommandGroup } from './context.ts';
import { exitCodes, Failure } from './failure.ts';
import { projectLineage } from './lineage.ts';
import { amount, inOwnTenant, wholeNumber, yes } from './options.ts';
import { minute } from './output.ts';
import { ownPlaceIn } from './place.ts';
import { importCommand } from './project_import.ts';
import { type Project, projectNamed } from './project_named.ts';

interface ProjectWithRuns extends Project {
  experiments: { experiment_id: number; name: string }[];
  runs: { total: number; by_status: Record<string, number> };
  best_metrics: Record<string, { max: { value: number; run_id: string }; min: { value: number; run_id: string } }>;
  compute_hours: number;
}

interface Options {
  tenant?: string;
  json?: true;
}
interface Details {
  name?: string;
  problemClass?: string;
  complexity?: number;
  teamSize?: number;
  start?: string;
  completed?: string;
  meta?: Record<string, unknown>;
}
interface Outcome {
  success?: number;
  performance?: number;
  computeCost?: number;
  impact?: number;
  completed?: string;
}
interface Filter {
  search?: string;
  problemClass?: string;
  state?: string;
  successMin?: number;
  successMax?: number;
  meta?: Record<string, unknown>;
  orderBy?: string;
  order?: string;
  limit?: number;
}

function day(text: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) throw new InvalidArgumentError('expected a day such as 2026-01-31.');
  return text;
}

/** `key=value`; what is a number becomes one. */
function pair(text: string, before: Record<string, unknown> = {}): Record<string, unknown> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('expected KEY=VALUE.');
  const value = text.slice(at + 1);
  const isNumber = /^-?\d+(?:\.\d+)?$/.test(value) && String(Number(value)) === value;
  return { ...before, [text.slice(0, at)]: isNumber ? Number(value) : value };
}

const whole = wholeNumber('a whole number');

const given = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const detailsOf = (options: Details): Record<string, unknown> =>
  given({
    problem_class: options.problemClass,
    complexity_score: options.complexity,
    team_size: options.teamSize,
    start_date: options.start,
    completion_date: options.completed,
  });

const outcomeOf = (options: Outcome): Record<string, unknown> =>
  given({
    success_score: options.success,
    model_performance: options.performance,
    compute_cost: options.computeCost,
    business_impact: options.impact,
    completion_date: options.completed,
  });

const withDetails = (command: Command): Command =>
  command
    .option('--problem-class <class>', 'such as classification, forecasting or ranking')
    .option('--complexity <score>', '1 to 100', whole)
    .option('--team-size <people>', 'how many work on it', whole)
    .option('--start <day>', 'when it began', day)
    .option('--completed <day>', 'when it was finished', day)
    .option('--meta <key=value>', 'a field of its metadata; repeat for more', pair);

const withOutcome = (command: Command): Command =>
  command
    .option('--success <score>', '0 to 100', amount)
    .option('--performance <value>', 'of the model, by the measure that counts for it', amount)
    .option('--compute-cost <amount>', 'what its compute cost', amount)
    .option('--impact <amount>', 'what it was worth to the business', amount);

const shown = (value: unknown): string | null => (value === null || value === undefined ? null : String(value));

const filterOf = (options: Filter): Record<string, string | string[]> => ({
  ...(given({
    q: options.search,
    problem_class: options.problemClass,
    state: options.state,
    success_min: options.successMin?.toString(),
    success_max: options.successMax?.toString(),
    order_by: options.orderBy,
    order: options.order,
  }) as Record<string, string>),
  metadata: Object.entries(options.meta ?? {}).map(([field, value]) => `${field}:${value}`),
});

async function list(api: Api, options: Options & Filter): Promise<Project[]> {
  return api.all<Project>('/projects', { tenant: options.tenant, query: filterOf(options) }, options.limit ?? 100);
}

export const projectCommands: CommandGroup = (program, context) => {
  const { output, api } = context;
  const group = program.command('project').description('projects: pieces of work of a tenant, with what came of them');
  const place = async ({ tenant }: Options) => ownPlaceIn(await api(), tenant);
  const inOne = (command: Command, what = 'print the project'): Command =>
    command.option(...inOwnTenant).option('--json', what);
  const named = (command: Command): Command => inOne(command.argument('<project>', 'its name or id'));

  inOne(group.command('list'), 'print an array')
    .description('list projects, the newest first')
    .option('--search <words>', 'words of the name, the class or the metadata; beginnings and misspellings find, too')
    .option('--problem-class <class>', 'those of one class')
    .addOption(new Option('--state <state>', 'those that go on, or are finished').choices(['active', 'finished']))
    .option('--success-min <score>', 'with at least this success score', amount)
    .option('--success-max <score>', 'with at most this success score', amount)
    .option('--meta <key=value>', 'with this in the metadata; repeat for more', pair)
    .option('--order-by <field>', 'such as name, success_score, start_date or compute_cost')
    .addOption(new Option('--order <direction>', 'of the field').choices(['asc', 'desc']))
    .option('--limit <count>', 'how many at most (default: 100)', whole)
    .action(async (options: Options & Filter) => {
      const client = await api();
      ownPlaceIn(client, options.tenant);
      const projects = await list(client, options);
      if (options.json) return output.json(projects);
      const rows = projects.map((project) => [
        project.name,
        project.problem_class,
        project.start_date,
        project.completion_date,
        shown(project.success_score),
        project.project_id,
      ]);
      output.table(['NAME', 'CLASS', 'START', 'COMPLETED', 'SUCCESS', 'ID'], rows, 'No projects.');
    });

  projectLineage(group, context);

  named(group.command('show'))
    .description('show a project with its experiments, runs and best metrics')
    .action(async (who: string, options: Options) => {
      const client = await place(options);
      const { project_id: id } = await projectNamed(client, who);
      const project = await client.call<ProjectWithRuns>('GET', `/projects/${id}`);
      if (options.json) return output.json(project);
      const statuses = Object.entries(project.runs.by_status).map(([status, runs]) => `${runs} ${status}`);
      output.fields([
        ['Name', project.name],
        ['Id', project.project_id],
        ['Problem class', project.problem_class],
        ['Complexity (1–100)', shown(project.complexity_score)],
        ['Team size', shown(project.team_size)],
        ['Start', project.start_date],
        ['Completed', project.completion_date],
        ['Success (0–100)', shown(project.success_score)],
        ['Model performance', shown(project.model_performance)],
        ['Compute cost', shown(project.compute_cost)],
        ['Business impact', shown(project.business_impact)],
        ...Object.entries(project.metadata).map(
          ([key, value]) => [`meta ${key}`, typeof value === 'string' ? value : JSON.stringify(value)] as const,
        ),
        [
          'Experiments',
          project.experiments.map(({ name, experiment_id }) => `${name} (${experiment_id})`).join(', ') || null,
        ],
        ['Runs', statuses.join(', ') || null],
        ['Compute hours', project.compute_hours.toFixed(2)],
        ['Created (UTC)', minute(project.created_at)],
      ]);
      const metrics = Object.entries(project.best_metrics);
      if (metrics.length === 0) return;
      const rows = metrics.map(([name, { max, min }]) => [
        name,
        String(max.value),
        max.run_id,
        String(min.value),
        min.run_id,
      ]);
      output.table(['METRIC', 'MOST', 'OF RUN', 'LEAST', 'OF RUN'], rows, '');
    });

  withOutcome(withDetails(inOne(group.command('create').argument('<name>'))))
    .description('record a project')
    .action(async (name: string, options: Options & Details & Outcome) => {
      const body = { name, ...detailsOf(options), ...outcomeOf(options), ...given({ metadata: options.meta }) };
      const project = await (await place(options)).call<Project>('POST', '/projects', body);
      if (options.json) output.json(project);
      else output.line(`Made project ${project.name} (${project.project_id}).`);
    });

  withDetails(named(group.command('update')).option('--name <name>', 'another name'))
    .description('change a project; fields of its metadata that are not named stay')
    .action(async (who: string, options: Options & Details) => {
      const changes = { ...given({ name: options.name }), ...detailsOf(options) };
      if (Object.keys(changes).length === 0 && !options.meta) {
        throw new Failure('Nothing to change: give an option.', exitCodes.usage);
      }
      const client = await place(options);
      const { project_id: id, metadata } = await projectNamed(client, who);
      const body = { ...changes, ...(options.meta ? { metadata: { ...metadata, ...options.meta } } : {}) };
      const project = await client.call<Project>('PATCH', `/projects/${id}`, body);
      if (options.json) output.json(project);
      else output.line(`Changed project ${project.name}.`);
    });

  withOutcome(named(group.command('success')))
    .description('record what came of a project')
    .option('--completed <day>', 'when it was finished', day)
    .action(async (who: string, options: Options & Outcome) => {
      const body = outcomeOf(options);
      if (Object.keys(body).length === 0) throw new Failure('Nothing to record: give an option.', exitCodes.usage);
      const client = await place(options);
      const { project_id: id } = await projectNamed(client, who);
      const project = await client.call<Project>('PATCH', `/projects/${id}/success`, body);
      if (options.json) output.json(project);
      else output.line(`Recorded the outcome of project ${project.name}.`);
    });

  inOne(group.command('delete').argument('<project>', 'its name or id'), 'print {"project_id"}')
    .description('delete a project; its experiments stay')
    .addOption(yes)
    .action(async (who: string, options: Options & { yes?: true }) => {
      const client = await place(options);
      const { project_id: id, name } = await projectNamed(client, who);
      await confirm(context, options, `deletes project ${name} with all that was recorded of it`, name);
      await client.call('DELETE', `/projects/${id}`);
      if (options.json) output.json({ project_id: id });
      else output.line(`Deleted project ${name}.`);
    });

  inOne(group.command('link').argument('<project>', 'its name or id'), 'print {"project_id", "experiment_id"}')
    .description('put an experiment into a project, or take it out')
    .argument('<experiment>', 'its id', whole)
    .option('--remove', 'take it out')
    .action(async (who: string, experiment: number, options: Options & { remove?: true }) => {
      const client = await place(options);
      const { project_id: id, name } = await projectNamed(client, who);
      await client.call(options.remove ? 'DELETE' : 'PUT', `/projects/${id}/experiments/${experiment}`);
      if (options.json) output.json({ project_id: id, experiment_id: experiment });
      else output.line(`Experiment ${experiment} is ${options.remove ? 'no more ' : ''}in project ${name}.`);
    });

  importCommand(group, context);
};
