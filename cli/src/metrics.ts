import { type Command, Option } from 'commander';
import type { CommandGroup } from './context.ts';
import { amount, moment, ofProject } from './options.ts';
import { ownPlaceIn, type Place } from './place.ts';
import { projectIdOf } from './project_named.ts';

export interface Statistics {
  count: number;
  sum: number;
  mean: number | null;
  min: number | null;
  max: number | null;
  p50: number | null;
  p90: number | null;
  p95: number | null;
}
interface Summary {
  metrics: (Statistics & { metric_type: string; source: string; unit: string | null })[];
}
interface Velocity {
  metric_type: string;
  unit: string | null;
  bucket: string;
  measure: keyof Statistics;
  buckets: (Statistics & { start: string; is_complete: boolean })[];
  trend: {
    slope: number;
    interval: { low: number; high: number } | null;
    direction: string;
    points: number;
  } | null;
}

interface Options {
  tenant?: string;
  project: string;
  json?: true;
}
interface Span {
  from?: string;
  to?: string;
}
interface Measurement {
  value: number;
  at?: string;
  key?: string;
  source?: string;
}
interface Series extends Span {
  type?: string;
  bucket?: string;
  measure?: string;
}

/** Six digits say enough in a table; `--json` has them all. */
export const shown = (value: number | null): string | null =>
  value === null ? null : String(Number(value.toPrecision(6)));

export const given = (query: Record<string, string | undefined>): string => {
  const search = new URLSearchParams(
    Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return search.size > 0 ? `?${search}` : '';
};

function trendOf({ trend, bucket }: Velocity): string {
  if (!trend) return 'Too few complete buckets for a trend.';
  const range = trend.interval && `, 95 % interval ${shown(trend.interval.low)} to ${shown(trend.interval.high)}`;
  return `Trend: ${trend.direction}, ${shown(trend.slope)} a ${bucket}${range ?? ''} (${trend.points} ${bucket}s).`;
}

export const metricsCommands: CommandGroup = (program, { output, api }) => {
  const group = program.command('metrics').description('how a project is worked on, measured');
  const placeOf = async ({ tenant }: Options): Promise<Place> => ownPlaceIn(await api(), tenant);
  const withSpan = (command: Command): Command =>
    ofProject(command)
      .option('--from <day>', 'the first day (UTC), such as 2026-01-31')
      .option('--to <day>', 'the last day; today unless given')
      .option('--json', 'print what the server answers');

  ofProject(group.command('add').description('record a measurement').argument('<type>', 'such as review_hours'))
    .requiredOption('--value <number>', 'what was measured', amount)
    .option('--at <time>', 'when; now unless given', moment)
    .option('--key <key>', 'your name for it: sent again, it is recorded once')
    .option('--source <name>', 'what measured it')
    .action(async (type: string, options: Options & Measurement) => {
      const place = await placeOf(options);
      const { recorded } = await place.call<{ recorded: number }>('POST', '/metrics', {
        project_id: await projectIdOf(place, options.project),
        metric_type: type,
        value: options.value,
        source: options.source ?? 'command line',
        ...(options.at === undefined ? {} : { at: options.at }),
        ...(options.key === undefined ? {} : { external_key: options.key }),
      });
      output.line(recorded === 1 ? `Recorded ${type}.` : `${type} was recorded under this key before.`);
    });

  withSpan(group.command('summary').description('summarize every type of measurement')).action(
    async (options: Options & Span) => {
      const place = await placeOf(options);
      const project = await projectIdOf(place, options.project);
      const query = given({ from: options.from, to: options.to });
      const summary = await place.call<Summary>('GET', `/metrics/${project}/summary${query}`);
      if (options.json) return output.json(summary);
      const rows = summary.metrics.map(({ metric_type, unit, count, mean, p50, p90, p95 }) => [
        metric_type,
        String(count),
        shown(mean),
        shown(p50),
        shown(p90),
        shown(p95),
        unit,
      ]);
      output.table(['TYPE', 'COUNT', 'MEAN', 'P50', 'P90', 'P95', 'UNIT'], rows, 'Nothing is measured yet.');
    },
  );

  withSpan(group.command('velocity').description('show how one type moves over time'))
    .option('--type <type>', 'git_velocity unless given')
    .addOption(new Option('--bucket <bucket>', 'week unless given').choices(['day', 'week', 'month']))
    .option('--measure <measure>', 'what the trend is of, such as sum, mean or p50')
    .action(async (options: Options & Series) => {
      const place = await placeOf(options);
      const project = await projectIdOf(place, options.project);
      const { type: metric_type, bucket, measure, from, to } = options;
      const query = given({ metric_type, bucket, measure, from, to });
      const velocity = await place.call<Velocity>('GET', `/metrics/${project}/velocity${query}`);
      if (options.json) return output.json(velocity);
      const rows = velocity.buckets.map((each) => [
        each.is_complete ? each.start : `${each.start} (goes on)`,
        String(each.count),
        shown(each[velocity.measure]),
      ]);
      output.table(
        [
          velocity.bucket.toUpperCase(),
          'COUNT',
          velocity.measure.toUpperCase() + (velocity.unit === null ? '' : ` (${velocity.unit})`),
        ],
        rows,
        'Nothing is measured.',
      );
      if (rows.length > 0) output.line(trendOf(velocity));
    });
};
