import { cpus, totalmem } from 'node:os';
import type { Figures } from './load.ts';

export interface Compared {
  readonly name: string;
  readonly items: number;
  readonly target: number | undefined;
  /** By the name of the server. */
  readonly figures: Record<string, Figures>;
}

export interface Results {
  readonly postgres: string;
  readonly servers: readonly { readonly name: string; readonly version: string }[];
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  /** The share of the machine, 0 to 1, that other programs took before the start. */
  readonly busyShare: number;
  readonly compared: Compared[];
  /** Sentences on what has nothing to be compared with. */
  readonly notes: string[];
}

/** A target that is missed by less than this share is the floor: honest, and not good enough. */
const floorShare = 0.7;

const perSecond = ({ items }: Compared, { requests, seconds }: Figures): number => (requests * items) / seconds;

/** Three digits that mean something. */
function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

function verdict(ratio: number, target: number | undefined): string {
  if (target === undefined) return '';
  if (ratio >= target) return 'pass';
  return ratio >= target * floorShare ? 'floor' : 'fail';
}

/** Rows of a Markdown table: a second's work of each server, the ratio, and how it stands to the target. */
export function renderTable(compared: readonly Compared[], withHead = true): string {
  const names = [...new Set(compared.flatMap(({ figures }) => Object.keys(figures)))];
  const ours = names.filter((name) => name !== 'mlflow');
  const head = ['scenario', ...names.map((name) => `${name} /s`), 'ratio', 'target', '', 'p50 / p99 ms', 'errors'];
  const rows = compared.map((entry) => {
    const rates = names.map((name) => {
      const figures = entry.figures[name];
      return figures ? perSecond(entry, figures) : Number.NaN;
    });
    const genuine = entry.figures.mlflow;
    const maestro = entry.figures.maestro;
    const ratio = genuine && maestro ? perSecond(entry, maestro) / perSecond(entry, genuine) : undefined;
    return [
      entry.items > 1 ? `${entry.name} (points)` : entry.name,
      ...rates.map(short),
      ratio === undefined ? '' : ratio.toFixed(1),
      entry.target === undefined ? '' : String(entry.target),
      ratio === undefined ? '' : verdict(ratio, entry.target),
      ours
        .map((name) => `${short(entry.figures[name]?.p50 ?? 0)} / ${short(entry.figures[name]?.p99 ?? 0)}`)
        .join(', '),
      names.map((name) => `${entry.figures[name]?.errors ?? 0}`).join(' / '),
    ];
  });
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const lines = [...(withHead ? [line(head), line(head.map(() => '---'))] : []), ...rows.map(line)];
  const faults = compared.flatMap(({ name, figures }) =>
    Object.entries(figures).flatMap(([server, { firstError }]) =>
      firstError
        ? [
            `${name} on ${server}, first error: ${firstError
              .replace(/<[^>]*>/g, '')
              .replace(/\s+/g, ' ')
              .slice(0, 120)}`,
          ]
        : [],
    ),
  );
  return [...lines, ...faults].join('\n');
}

/** PERFORMANCE_RESULTS.md. */
export function renderReport(results: Results): string {
  const { busyShare, compared, connections, notes, postgres, rounds, seconds, servers } = results;
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB`;
  const versions = servers.map(({ name, version }) => `${name} ${version}`).join(', ');
  return `# Performance

Written by \`npm run bench\`; run it for your own machine. It starts one PostgreSQL, the genuine MLflow server on it (four
workers, as it starts by default; no sign-in), and Maestro on it (API key, row-level security), and puts the same load
on them in turn, scenario by scenario. Every write is durable (fsync) before it is answered, in both. The load
generator shares the machine.

- ${new Date().toISOString().slice(0, 10)}; ${machine}; ${process.platform} ${process.arch}
- ${versions}; PostgreSQL ${postgres}; Node ${process.versions.node}
- ${connections} connections; ${rounds} stretches of ${seconds} s for each scenario and server; before the start other programs
  took ${Math.round(busyShare * 100)} % of the machine

What a second brings, and Maestro's ratio to MLflow. *pass*: the target is reached; *floor*: 70 % of it; *fail*: less.

${renderTable(compared)}

- create_run, log_metric, get_run: one each, over 400 runs. log_batch_100 and log_batch_1000: points of ten metrics.
- get_history: all 1,000 points of one metric. search_100: a filter on a metric and a param, ordered by a metric, 100
  whole runs.
- mixed: 40 % log_metric, 20 % log_batch_100, 20 % get_run, 10 % create_run, 10 % search_100.

${notes.map((note) => `- ${note}`).join('\n')}
`;
}
