import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { inTenantOf } from './client.ts';
import type { CommandGroup, Context } from './context.ts';
import { downloadTo } from './download.ts';
import { first, minuteOf, viewOption, views } from './experiment.ts';
import { exitCodes, Failure } from './failure.ts';
import { gather, inOwnTenant, wholeNumber } from './options.ts';
import { bytes, openTransfer } from './progress.ts';

interface Options {
  tenant?: string;
  json?: true;
}
interface SearchOptions extends Options {
  experiment: string[];
  filter?: string;
  orderBy?: string[];
  view: keyof typeof views;
  limit?: number;
}

const content = '/runs/{run_id}/files/content';

function experimentIds(texts: readonly string[]): number[] {
  return texts.map((text) => {
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new Failure(`--experiment: expected the numbers of experiments, not ${text}.`, exitCodes.usage);
  });
}

async function upload(context: Context, run: string, file: string, options: Options & { path?: string }) {
  const { output, api } = context;
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    throw new Failure(`${file} cannot be read (${error.code}).`);
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new Failure(`${file} is no file: give one file at a time.`, exitCodes.usage);
    const path = options.path ?? basename(file);
    const client = await api();
    const { onProgress, done } = openTransfer(context, path, stat.size);
    const params = { path: { run_id: run }, query: { path } };
    const sent = await inTenantOf(client, options.tenant, (maestro) =>
      maestro.upload(content, { params, content: handle, onProgress }),
    ).finally(done);
    const { file_size, path: stored } = sent.data;
    if (options.json) output.json({ path: stored, file_size, sha256: sent.sha256 });
    else output.line(`Uploaded ${stored}: ${bytes(file_size)}, SHA-256 ${sent.sha256}`);
  } finally {
    await handle.close();
  }
}

async function download(
  context: Context,
  run: string,
  path: string,
  options: Options & { output?: string; sha256?: string },
) {
  const { output } = context;
  const target = options.output ?? basename(path);
  const params = { path: { run_id: run }, query: { path } };
  await downloadTo(context, { tenant: options.tenant, target, label: path }, (maestro, onProgress) =>
    maestro.download(content, {
      params,
      onProgress,
      ...(options.sha256 === undefined ? {} : { sha256: options.sha256 }),
    }),
  );
  if (target === '-') return;
  if (options.json) output.json({ file: target, path });
  else output.line(`Wrote ${target}.`);
}

export const runCommands: CommandGroup = (program, context) => {
  const { output, api } = context;
  const group = program.command('run').description('runs of a tenant: what was tried, and its files');
  const one = (command: Command): Command => command.argument('<run>', 'its id').option(...inOwnTenant);

  const search = async (options: SearchOptions) => {
    const { tenant, experiment, filter, orderBy, view, limit = 100 } = options;
    const body = {
      experiment_ids: experimentIds(experiment),
      view: views[view],
      limit: Math.min(limit, 1000),
      ...(filter === undefined ? {} : { filter }),
      ...(orderBy === undefined ? {} : { order_by: orderBy }),
    };
    const runs = await inTenantOf(await api(), tenant, (maestro) =>
      first(limit, maestro.pages('/runs/search', { body })),
    );
    if (options.json) return output.json(runs);
    const rows = runs.map((run) => [
      run.run_id,
      String(run.experiment_id),
      run.name,
      run.status,
      minuteOf(run.start_time),
      Object.entries(run.metrics)
        .slice(0, 3)
        .map(([key, value]) => `${key}=${value}`)
        .join(' ') || null,
    ]);
    output.table(['RUN', 'EXPERIMENT', 'NAME', 'STATUS', 'STARTED (UTC)', 'METRICS'], rows, 'No runs.');
  };
  const listed = (command: Command): Command =>
    command
      .option(...inOwnTenant)
      .requiredOption('--experiment <ids>', 'of these experiments; repeat, or separate by commas', gather)
      .addOption(viewOption())
      .option('--limit <count>', 'how many at most (default: 100)', wholeNumber('a whole number'))
      .option('--json', 'print an array')
      .action(search);

  listed(group.command('list').description('list the runs of experiments, the newest first'));
  listed(
    group
      .command('search')
      .description('list the runs of experiments that fit an expression')
      .option('--filter <expression>', 'as in MLflow, such as "metrics.loss < 0.1 AND params.rate = \'0.01\'"')
      .option('--order-by <keys>', 'such as "metrics.loss ASC"; repeat, or separate by commas', gather),
  );

  one(group.command('show'))
    .description('show a run with its last metrics, params and tags')
    .option('--json', 'print the run')
    .action(async (run: string, options: Options) => {
      const { data } = await inTenantOf(await api(), options.tenant, (maestro) =>
        maestro.GET('/runs/{run_id}', { params: { path: { run_id: run } } }),
      );
      if (options.json) return output.json(data);
      const named = (kind: string, pairs: Record<string, string | number>) =>
        Object.entries(pairs).map(([key, value]) => [`${kind} ${key}`, String(value)] as const);
      output.fields([
        ['ID', data.run_id],
        ['Experiment', String(data.experiment_id)],
        ['Name', data.name],
        ['Status', data.status],
        ['Stage', data.lifecycle_stage],
        ['Started', minuteOf(data.start_time)],
        ['Ended', minuteOf(data.end_time)],
        ...named('Metric', data.metrics),
        ...named('Param', data.params),
        ...named('Tag', data.tags),
      ]);
    });

  one(group.command('files'))
    .description('list the files of a run, or of a directory of it')
    .argument('[directory]', 'from the root of the run')
    .option('--json', 'print an array')
    .action(async (run: string, directory: string | undefined, options: Options) => {
      const query = directory === undefined ? {} : { path: directory };
      const { data } = await inTenantOf(await api(), options.tenant, (maestro) =>
        maestro.GET('/runs/{run_id}/files', { params: { path: { run_id: run }, query } }),
      );
      if (options.json) return output.json(data.files);
      const rows = data.files.map((each) => [each.path, each.is_dir ? 'directory' : bytes(each.file_size)]);
      output.table(['PATH', 'SIZE'], rows, 'No files.');
    });

  one(group.command('download'))
    .description('write a file of a run to this machine; it is there only once it is whole')
    .argument('<path>', 'from the root of the run')
    .option('--output <file>', 'write to this file, or to standard output with -; its own name without it')
    .option('--sha256 <digest>', 'fail where the content has another one')
    .option('--json', 'print {"file", "path"}')
    .action((run: string, path: string, options: Options & { output?: string; sha256?: string }) =>
      download(context, run, path, options),
    );

  one(group.command('upload'))
    .description('upload a file to a run, replacing what was there')
    .argument('<file>', 'on this machine')
    .option('--path <path>', 'where to, from the root of the run; the name of the file without it')
    .option('--json', 'print {"path", "file_size", "sha256"}')
    .action((run: string, file: string, options: Options & { path?: string }) => upload(context, run, file, options));
};
