import type { Command } from 'commander';
import type { CommandGroup } from './context.ts';
import { exitCodes, Failure } from './failure.ts';
import { gather, inTenant, thing } from './options.ts';
import { accountNamed, type Member, memberNamed } from './people.ts';
import { ownPlaceIn, type Place } from './place.ts';

interface Role {
  name: string;
  description: string;
  built_in: boolean;
  inherits: string[];
  permissions: string[];
  effective_permissions: string[];
}

interface Explanation {
  subject: { kind: string; id: string; name: string };
  is_active: boolean;
  role: string | null;
  permissions: {
    permission: string;
    from: { kind: string; via: string[]; resource?: { kind: string; id: string } }[];
  }[];
  answer?: { permission: string; allowed: boolean; reason: string };
}

interface Options {
  tenant: string;
  json?: true;
}
interface Content {
  description?: string;
  inherits?: string[];
  permission?: string[];
}

const contentOf = ({ description, inherits, permission }: Content): Record<string, unknown> => ({
  ...(description === undefined ? {} : { description }),
  ...(inherits === undefined ? {} : { inherits }),
  ...(permission === undefined ? {} : { permissions: permission }),
});

const path = (name: string): string => `/roles/${encodeURIComponent(name)}`;

/** Where a permission comes from, in a few words. */
function sourceOf({ kind, via, resource }: Explanation['permissions'][number]['from'][number]): string {
  const through = via.join(' > ');
  if (kind === 'grant') return `grant on ${resource?.kind} ${resource?.id}${through && ` (${through})`}`;
  return kind === 'operator_switch' ? `operator's stay (${through})` : through;
}

async function subjectOf(
  place: Place,
  who: string | undefined,
  account: string | undefined,
): Promise<Record<string, string>> {
  if (account !== undefined) return { service_account_id: (await accountNamed(place, account)).id };
  if (who === undefined) return {};
  return { user_id: (await existingMember(place, who)).user_id };
}

async function existingMember(place: Place, who: string): Promise<Member> {
  const member = await memberNamed(place, who);
  if (!member) throw new Failure(`Member '${who}' not found.`);
  return member;
}

export const roleCommands: CommandGroup = (program, { output, api }) => {
  const group = program.command('role').description('roles of a tenant: what its members and service accounts may do');
  const place = async ({ tenant }: Options) => ownPlaceIn(await api(), tenant);
  const withContent = (command: Command): Command =>
    command
      .requiredOption(...inTenant)
      .option('--description <text>', 'what it is for')
      .option('--inherits <roles>', 'roles whose permissions it has too; repeat, or separate by commas', gather)
      .option('--permission <permissions>', 'such as run:write; repeat, or separate by commas', gather)
      .option('--json', 'print the role');

  group
    .command('list')
    .description('list the roles of a tenant')
    .requiredOption(...inTenant)
    .option('--json', 'print an array')
    .action(async (options: Options) => {
      const { items } = await (await place(options)).call<{ items: Role[] }>('GET', '/roles');
      if (options.json) return output.json(items);
      const rows = items.map((role) => [
        role.name,
        role.built_in ? 'yes' : 'no',
        role.inherits.join(',') || null,
        String(role.effective_permissions.length),
        role.description || null,
      ]);
      output.table(['NAME', 'OF EVERY TENANT', 'INHERITS', 'PERMISSIONS', 'DESCRIPTION'], rows, 'No roles.');
    });

  group
    .command('show')
    .description('show a role with all that it allows')
    .argument('<name>')
    .requiredOption(...inTenant)
    .option('--json', 'print the role')
    .action(async (name: string, options: Options) => {
      const role = await (await place(options)).call<Role>('GET', path(name));
      if (options.json) return output.json(role);
      output.fields([
        ['Name', role.name],
        ['Description', role.description || null],
        ['Inherits', role.inherits.join(', ') || null],
        ['Permissions', role.permissions.join(', ') || null],
        ['Allows', role.effective_permissions.join(', ') || null],
      ]);
    });

  withContent(group.command('create').argument('<name>'))
    .description('make a role of the tenant’s own; it includes no more than you hold')
    .action(async (name: string, options: Options & Content) => {
      const role = await (await place(options)).call<Role>('POST', '/roles', { name, ...contentOf(options) });
      if (options.json) output.json(role);
      else output.line(`Made role ${role.name}, which allows ${role.effective_permissions.join(', ') || 'nothing'}.`);
    });

  withContent(group.command('change').argument('<name>'))
    .description('change a role for all who have it, from their next request on')
    .action(async (name: string, options: Options & Content) => {
      const body = contentOf(options);
      if (Object.keys(body).length === 0) throw new Failure('Nothing to change: give an option.', exitCodes.usage);
      const role = await (await place(options)).call<Role>('PATCH', path(name), body);
      if (options.json) output.json(role);
      else
        output.line(`Changed role ${role.name}, which allows ${role.effective_permissions.join(', ') || 'nothing'}.`);
    });

  group
    .command('delete')
    .description('delete a role that nobody has')
    .argument('<name>')
    .requiredOption(...inTenant)
    .option('--json', 'print {"name"}')
    .action(async (name: string, options: Options) => {
      await (await place(options)).call('DELETE', path(name));
      if (options.json) output.json({ name });
      else output.line(`Deleted role ${name}.`);
    });

  group
    .command('assign')
    .description('give a user a role in the tenant, from the next request on; who is no member becomes one')
    .argument('<role>')
    .argument('<who>', 'the e-mail address of a user, or a member’s id')
    .requiredOption(...inTenant)
    .option('--json', 'print {"user_id", "email", "role"}')
    .action(async (role: string, who: string, options: Options) => {
      const client = await place(options);
      const member = await memberNamed(client, who);
      const { user_id, email } = member
        ? await client.call<Member>('PATCH', `/members/${member.user_id}`, { role })
        : await client.call<Member>('POST', '/members', { email: who, role });
      if (options.json) output.json({ user_id, email, role });
      else output.line(`${email} has the role ${role} in tenant ${options.tenant}.`);
    });

  group
    .command('unassign')
    .description('take a member’s place in the tenant, with their grants and keys there, from the next request on')
    .argument('<who>', 'a member: e-mail address or id')
    .requiredOption(...inTenant)
    .option('--json', 'print {"user_id", "email"}')
    .action(async (who: string, options: Options) => {
      const client = await place(options);
      const { user_id, email } = await existingMember(client, who);
      await client.call('DELETE', `/members/${user_id}`);
      if (options.json) output.json({ user_id, email });
      else output.line(`${email} is no member of tenant ${options.tenant} any more.`);
    });

  group
    .command('why')
    .description('explain what somebody may do in the tenant, and by what; you, unless said otherwise')
    .argument('[who]', 'a member: e-mail address or id')
    .requiredOption(...inTenant)
    .option('--service-account <name>', 'explain a service account instead')
    .option('--permission <permission>', 'whether they hold this one')
    .option('--on <thing>', 'on one thing: experiment:7, run:…, model:…', thing)
    .option('--json', 'print the explanation')
    .action(
      async (
        who: string | undefined,
        options: Options & { serviceAccount?: string; permission?: string; on?: { kind: string; id: string } },
      ) => {
        if (options.on && options.permission === undefined) {
          throw new Failure('--on needs --permission.', exitCodes.usage);
        }
        const client = await place(options);
        const query = new URLSearchParams({
          ...(await subjectOf(client, who, options.serviceAccount)),
          ...(options.permission === undefined ? {} : { permission: options.permission }),
          ...(options.on ? { resource_kind: options.on.kind, resource_id: options.on.id } : {}),
        });
        const told = await client.call<Explanation>('GET', `/access/why?${query}`);
        if (options.json) return output.json(told);
        if (told.answer) return output.line(`${told.answer.allowed ? 'Yes' : 'No'}: ${told.answer.reason}`);
        output.line(`${told.subject.name}, role ${told.role ?? 'none'}:`);
        const rows = told.permissions.map(({ permission, from }) => [permission, from.map(sourceOf).join('; ')]);
        output.table(['PERMISSION', 'BY'], rows, 'No permissions.');
      },
    );
};
