import type { Command } from 'commander';
import type { Context } from './context.ts';
import { given, type Statistics, shown } from './metrics.ts';
import { ofProject } from './options.ts';
import { ownPlaceIn } from './place.ts';
import { projectIdOf } from './project_named.ts';

interface GitMetrics {
  people: number | null;
  commits: number | null;
  merges: number | null;
  additions: number | null;
  deletions: number | null;
  changes: {
    opened: number;
    merged: number;
    reviewed_share: number | null;
    hours_to_open: Statistics;
    hours_to_first_review: Statistics;
    hours_to_merge: Statistics;
  } | null;
  bus_factor: number;
  files: number;
  files_without_author: number;
}
interface CicdMetrics {
  builds: {
    success: number;
    failure: number;
    cancelled: number;
    success_rate: number | null;
    tests: number;
    tests_failed: number;
  };
  environment: string;
  environments: { environment: string; deployments: number }[];
  counted: 'deployments' | 'releases';
  dora: {
    deployments: number;
    per_week: number;
    lead_time_hours: Statistics;
    failed: number;
    change_failure_rate: number | null;
    hours_to_restore: Statistics;
    unrestored: number;
  };
}
interface Collaboration {
  people: number | null;
  graph: Record<
    | 'ties'
    | 'density'
    | 'components'
    | 'degree_centralization'
    | 'betweenness_centralization'
    | 'largest_component_share'
    | 'transitivity',
    number | null
  > | null;
  working_pattern: { night_share: number; weekend_share: number; long_stretch_share: number } | null;
}

interface Options {
  tenant?: string;
  project: string;
  from?: string;
  to?: string;
  environment?: string;
  json?: true;
}
type Fields = (readonly [name: string, value: string | null])[];

const percent = (share: number | null): string | null => (share === null ? null : `${shown(share * 100)} %`);
const hours = ({ count, p50, p90 }: Statistics): string | null =>
  count === 0 ? null : `${shown(p50)} h median, ${shown(p90)} h for 90 % (of ${count})`;

const few = 'fewer than three people: nothing is said of them';

const ofChanges = (changes: GitMetrics['changes']): Fields =>
  changes === null
    ? [['Changes', few]]
    : [
        ['Changes opened', String(changes.opened)],
        ['Changes merged', String(changes.merged)],
        ['Reviewed before merge', percent(changes.reviewed_share)],
        ['First commit to opening', hours(changes.hours_to_open)],
        ['To first review', hours(changes.hours_to_first_review)],
        ['To merge', hours(changes.hours_to_merge)],
      ];

const ofGit = ({ people, commits, merges, additions, deletions, changes, ...files }: GitMetrics): Fields => [
  ...(people === null
    ? ([['Commits', few]] as const)
    : ([
        ['People', String(people)],
        ['Commits', `${commits}, and ${merges} merges`],
        ['Lines', `+${additions} -${deletions}`],
      ] as const)),
  ...ofChanges(changes),
  ['Bus factor', `${files.bus_factor}, of ${files.files} files (${files.files_without_author} without an author)`],
];

const ofCicd = ({ builds, dora, environment, environments, counted }: CicdMetrics): Fields => [
  ['Builds', `${builds.success} succeeded, ${builds.failure} failed, ${builds.cancelled} cancelled`],
  ['Build success', percent(builds.success_rate)],
  ['Tests', `${builds.tests}, of which ${builds.tests_failed} failed`],
  ['Counted', counted === 'releases' ? 'releases' : `deployments to ${environment}`],
  ['Deployment frequency', `${dora.deployments}, ${shown(dora.per_week)} a week`],
  ['Lead time for changes', hours(dora.lead_time_hours)],
  ['Change failure rate', percent(dora.change_failure_rate)],
  ['Time to restore', hours(dora.hours_to_restore)],
  ['Not restored yet', String(dora.unrestored)],
  ['Environments', environments.map((each) => `${each.environment} (${each.deployments})`).join(', ') || null],
];

function ofCollaboration({ people, graph, working_pattern: pattern }: Collaboration): Fields {
  if (people === null || !graph) return [['People', 'fewer than three: nothing is said of them']];
  return [
    ['People', String(people)],
    ['Ties', `${graph.ties}, ${percent(graph.density)} of all pairs`],
    ['Components', `${graph.components}, ${percent(graph.largest_component_share)} of the people in the largest`],
    ['Centralization', `${shown(graph.degree_centralization)} by ties`],
    ['', `${shown(graph.betweenness_centralization)} by ways that lead through one`],
    ['Transitivity', shown(graph.transitivity)],
    ['Commits at night', percent(pattern?.night_share ?? null)],
    ['Commits at weekends', percent(pattern?.weekend_share ?? null)],
    ['Days in long stretches', percent(pattern?.long_stretch_share ?? null)],
  ];
}

/** Adds what can be seen of a team as a whole to the commands about it. */
export function addTeamAnalytics(group: Command, { output, api }: Context): void {
  const command = <Answer>(name: string, path: string, description: string, fieldsOf: (told: Answer) => Fields) =>
    ofProject(group.command(name).description(description))
      .option('--from <day>', 'the first day (UTC); 90 days up to the last unless given')
      .option('--to <day>', 'the last day; today unless given')
      .option('--json', 'print what the server answers')
      .action(async (options: Options) => {
        const place = ownPlaceIn(await api(), options.tenant);
        const { from, to, environment } = options;
        const project = await projectIdOf(place, options.project);
        const told = await place.call<Answer>('GET', `/teams/${project}/${path}${given({ from, to, environment })}`);
        if (options.json) output.json(told);
        else output.fields(fieldsOf(told));
      });

  command('git', 'git-metrics', 'show commits, reviews and the bus factor', ofGit);
  command('ci', 'cicd-metrics', 'show builds, and DORA’s four keys', ofCicd).option(
    '--environment <name>',
    'where users are; production unless given',
  );
  command(
    'collaboration',
    'collaboration-analytics',
    'show who works together, and when, as a whole: nobody is named',
    ofCollaboration,
  );
}
