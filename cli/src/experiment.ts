import { type Command, Option } from 'commander';
import { inTenantOf } from './client.ts';
import type { CommandGroup } from './context.ts';
import { inOwnTenant, wholeNumber } from './options.ts';
import { minute } from './output.ts';

interface Options {
  tenant?: string;
  json?: true;
}
type View = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

export const views = { active: 'ACTIVE_ONLY', deleted: 'DELETED_ONLY', all: 'ALL' } as const satisfies Record<
  string,
  View
>;
export const viewOption = () =>
  new Option('--view <which>', 'which ones').choices(Object.keys(views)).default('active');

/** Milliseconds since 1970, to the minute in UTC. */
export const minuteOf = (time: number | null): string | null =>
  time === null ? null : minute(new Date(time).toISOString());

const id = ['<id>', 'its number', wholeNumber('the number of an experiment')] as const;

export const experimentCommands: CommandGroup = (program, { output, api }) => {
  const group = program.command('experiment').description('experiments of a tenant: what its runs belong to');
  const one = (command: Command): Command => command.argument(...id).option(...inOwnTenant);
  const at = (experiment_id: number) => ({ params: { path: { experiment_id } } });

  group
    .command('list')
    .description('list experiments')
    .option(...inOwnTenant)
    .option('--filter <expression>', 'as in MLflow, such as "name LIKE \'churn%\'"')
    .addOption(viewOption())
    .option('--limit <count>', 'how many at most (default: 100)', wholeNumber('a whole number'))
    .option('--json', 'print an array')
    .action(async (options: Options & { filter?: string; view: keyof typeof views; limit?: number }) => {
      const { tenant, filter, view, limit = 100 } = options;
      const query = { view: views[view], limit: Math.min(limit, 1000), ...(filter === undefined ? {} : { filter }) };
      const items = await inTenantOf(await api(), tenant, (maestro) =>
        first(limit, maestro.pages('/experiments', { params: { query } })),
      );
      if (options.json) return output.json(items);
      const rows = items.map((each) => [
        String(each.experiment_id),
        each.name,
        each.lifecycle_stage,
        minuteOf(each.last_update_time),
      ]);
      output.table(['ID', 'NAME', 'STAGE', 'CHANGED (UTC)'], rows, 'No experiments.');
    });

  one(group.command('show'))
    .description('show an experiment with its tags')
    .option('--json', 'print the experiment')
    .action(async (experiment: number, options: Options) => {
      const { data } = await inTenantOf(await api(), options.tenant, (maestro) =>
        maestro.GET('/experiments/{experiment_id}', at(experiment)),
      );
      if (options.json) return output.json(data);
      output.fields([
        ['ID', String(data.experiment_id)],
        ['Name', data.name],
        ['Stage', data.lifecycle_stage],
        ['Files', data.artifact_location],
        ['Made', minuteOf(data.creation_time)],
        ['Changed', minuteOf(data.last_update_time)],
        ...Object.entries(data.tags).map(([key, value]) => [`Tag ${key}`, value] as const),
      ]);
    });

  group
    .command('create')
    .description('make an experiment')
    .argument('<name>')
    .option(...inOwnTenant)
    .option('--json', 'print the experiment')
    .action(async (name: string, options: Options) => {
      const { data } = await inTenantOf(await api(), options.tenant, (maestro) =>
        maestro.POST('/experiments', { body: { name } }),
      );
      if (options.json) output.json(data);
      else output.line(`Made experiment ${data.experiment_id}, ${data.name}.`);
    });

  one(group.command('delete'))
    .description('delete an experiment with its runs; it can be restored')
    .option('--json', 'print {"experiment_id"}')
    .action(async (experiment: number, options: Options) => {
      await inTenantOf(await api(), options.tenant, (maestro) =>
        maestro.DELETE('/experiments/{experiment_id}', at(experiment)),
      );
      if (options.json) output.json({ experiment_id: experiment });
      else output.line(`Deleted experiment ${experiment}; maestro experiment restore brings it back.`);
    });

  one(group.command('restore'))
    .description('bring back a deleted experiment with its runs')
    .option('--json', 'print {"experiment_id"}')
    .action(async (experiment: number, options: Options) => {
      await inTenantOf(await api(), options.tenant, (maestro) =>
        maestro.POST('/experiments/{experiment_id}/restore', at(experiment)),
      );
      if (options.json) output.json({ experiment_id: experiment });
      else output.line(`Restored experiment ${experiment}.`);
    });
};

/** The first items of a list: no more pages are asked for. */
export async function first<Item>(count: number, items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  if (count === 0) return found;
  for await (const item of items) {
    found.push(item);
    if (found.length === count) break;
  }
  return found;
}
