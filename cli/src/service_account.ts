import type { Command } from 'commander';
import { confirm } from './confirm.ts';
import type { CommandGroup } from './context.ts';
import { exitCodes, Failure } from './failure.ts';
import { inTenant, yes } from './options.ts';
import { minute } from './output.ts';
import { type Account, accountNamed } from './people.ts';
import { placeIn } from './place.ts';

interface Options {
  tenant: string;
  json?: true;
}

const stateOf = (account: Account): string =>
  account.is_active ? (account.is_orphaned ? 'orphaned' : 'active') : 'closed';

export const serviceAccountCommands: CommandGroup = (program, context) => {
  const { output, api } = context;
  const group = program
    .command('service-account')
    .description('what is no person and has keys: a CI, a training job')
    .addHelpText(
      'after',
      '\nAn account may no more than whoever made it. When they leave the tenant, its keys are refused (STATE orphaned)\nuntil an administrator takes it over with adopt.',
    );
  const place = async ({ tenant }: Options) => placeIn(await api(), tenant);
  const one = (command: Command): Command => command.argument('<name>', 'its name or id').requiredOption(...inTenant);

  group
    .command('create')
    .description('make a service account')
    .argument('<name>')
    .requiredOption(...inTenant)
    .option('--role <role>', 'what it may do (default: ml_engineer)')
    .option('--json', 'print {"id", "name", "role"}')
    .action(async (name: string, options: Options & { role?: string }) => {
      const body = { name, ...(options.role === undefined ? {} : { role: options.role }) };
      const { id, role } = await (await place(options)).call<Account>('POST', '/service-accounts', body);
      if (options.json) output.json({ id, name, role });
      else output.line(`Made service account ${name} (${id}), role ${role}.`);
    });

  group
    .command('list')
    .description('list the service accounts of a tenant')
    .requiredOption(...inTenant)
    .option('--json', 'print an array')
    .action(async (options: Options) => {
      const accounts = await (await place(options)).all<Account>('/service-accounts');
      if (options.json) return output.json(accounts);
      const rows = accounts.map((account) => [
        account.name,
        account.role,
        stateOf(account),
        account.created_by,
        minute(account.created_at),
        account.id,
      ]);
      const headings = ['NAME', 'ROLE', 'STATE', 'CREATED BY', 'CREATED (UTC)', 'ID'];
      output.table(headings, rows, `No service accounts in tenant ${options.tenant}.`);
    });

  one(group.command('show'))
    .description('show a service account')
    .option('--json', 'print an object')
    .action(async (which: string, options: Options) => {
      const account = await accountNamed(await place(options), which);
      if (options.json) return output.json(account);
      output.fields([
        ['Name', account.name],
        ['Id', account.id],
        ['Role', account.role],
        ['State', stateOf(account)],
        ['Created by', account.created_by],
        ['Created (UTC)', minute(account.created_at)],
      ]);
    });

  const change = (
    command: Command,
    description: string,
    bodyOf: (options: Record<string, string | undefined>) => Record<string, unknown>,
    said: string,
  ) =>
    one(command)
      .description(description)
      .option('--json', 'print {"id", "name", "role"}')
      .action(async (which: string, options: Options & Record<string, string | undefined>) => {
        const body = bodyOf(options);
        if (Object.keys(body).length === 0) throw new Failure('Nothing to change: give an option.', exitCodes.usage);
        const client = await place(options);
        const { id } = await accountNamed(client, which);
        const { name, role } = await client.call<Account>('PATCH', `/service-accounts/${id}`, body);
        if (options.json) output.json({ id, name, role });
        else output.line(`${said} service account ${name} (${id}).`);
      });

  const changing = group
    .command('change')
    .option('--name <name>', 'another name')
    .option('--role <role>', 'another role, from the next request on');
  const changesOf = ({ name, role }: Record<string, string | undefined>) => ({
    ...(name === undefined ? {} : { name }),
    ...(role === undefined ? {} : { role }),
  });
  change(changing, 'change a name or a role', changesOf, 'Changed');
  change(group.command('disable'), 'refuse all its keys', () => ({ is_active: false }), 'Closed');
  change(group.command('enable'), 'let its keys hold again', () => ({ is_active: true }), 'Opened');
  change(
    group.command('adopt'),
    'take it over from whoever made it: its keys are bound to you from then on',
    () => ({ adopt: true }),
    'Took over',
  );

  one(group.command('delete'))
    .description('delete a service account with its keys')
    .addOption(yes)
    .option('--json', 'print {"id", "name"}')
    .action(async (which: string, options: Options & { yes?: true }) => {
      const client = await place(options);
      const { id, name } = await accountNamed(client, which);
      await confirm(context, options, `deletes the service account ${name} and its keys`, name);
      await client.call('DELETE', `/service-accounts/${id}`);
      if (options.json) output.json({ id, name });
      else output.line(`Deleted service account ${name}.`);
    });
};
