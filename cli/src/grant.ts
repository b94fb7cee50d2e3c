import type { CommandGroup } from './context.ts';
import { exitCodes, Failure } from './failure.ts';
import { gather, inTenant, thing } from './options.ts';
import { minute } from './output.ts';
import { accountNamed, memberNamed } from './people.ts';
import { ownPlaceIn, type Place } from './place.ts';

interface Grant {
  id: string;
  subject: { kind: string; id: string };
  resource: { kind: string; id: string };
  role: string | null;
  permissions: string[];
  created_at: string;
}

interface Options {
  tenant: string;
  json?: true;
}
interface Subject {
  user?: string;
  serviceAccount?: string;
}

async function subjectOf(place: Place, { user, serviceAccount }: Subject): Promise<Grant['subject'] | undefined> {
  if (serviceAccount !== undefined)
    return { kind: 'service_account', id: (await accountNamed(place, serviceAccount)).id };
  if (user === undefined) return undefined;
  const member = await memberNamed(place, user);
  if (!member) throw new Failure(`Member '${user}' not found.`);
  return { kind: 'user', id: member.user_id };
}

export const grantCommands: CommandGroup = (program, { output, api }) => {
  const group = program
    .command('grant')
    .description('permissions on one experiment, project or model, beyond what a role allows');
  const place = async ({ tenant }: Options) => ownPlaceIn(await api(), tenant);

  group
    .command('create')
    .description('let a member or service account do more with one thing')
    .argument('<thing>', 'experiment:7, project:… or model:…', thing)
    .requiredOption(...inTenant)
    .option('--user <who>', 'a member: e-mail address or id')
    .option('--service-account <name>', 'or a service account')
    .option('--role <role>', 'what the role allows')
    .option('--permission <permissions>', 'or these, such as run:write; repeat, or separate by commas', gather)
    .option('--json', 'print the grant')
    .action(
      async (resource: Grant['resource'], options: Options & Subject & { role?: string; permission?: string[] }) => {
        if ((options.user === undefined) === (options.serviceAccount === undefined)) {
          throw new Failure('Give either --user or --service-account.', exitCodes.usage);
        }
        if ((options.role === undefined) === (options.permission === undefined)) {
          throw new Failure('Give either --role or --permission.', exitCodes.usage);
        }
        const client = await place(options);
        const body = {
          subject: await subjectOf(client, options),
          resource,
          ...(options.role === undefined ? { permissions: options.permission } : { role: options.role }),
        };
        const grant = await client.call<Grant>('POST', '/grants', body);
        if (options.json) output.json(grant);
        else output.line(`Made grant ${grant.id} on ${resource.kind} ${resource.id}.`);
      },
    );

  group
    .command('list')
    .description('list what is granted in a tenant, the newest first')
    .requiredOption(...inTenant)
    .option('--user <who>', 'to a member: e-mail address or id')
    .option('--service-account <name>', 'to a service account')
    .option('--on <thing>', 'on one thing, such as experiment:7', thing)
    .option('--json', 'print an array')
    .action(async (options: Options & Subject & { on?: Grant['resource'] }) => {
      const client = await place(options);
      const subject = await subjectOf(client, options);
      const grants = await client.all<Grant>('/grants', {
        ...(subject ? { subject_id: subject.id } : {}),
        ...(options.on ? { resource_kind: options.on.kind, resource_id: options.on.id } : {}),
      });
      if (options.json) return output.json(grants);
      const rows = grants.map((grant) => [
        `${grant.subject.kind} ${grant.subject.id}`,
        `${grant.resource.kind} ${grant.resource.id}`,
        grant.role ?? grant.permissions.join(','),
        minute(grant.created_at),
        grant.id,
      ]);
      output.table(['TO', 'ON', 'ROLE OR PERMISSIONS', 'CREATED (UTC)', 'ID'], rows, 'No grants.');
    });

  group
    .command('delete')
    .description('take a grant back, from the next request on')
    .argument('<id>')
    .requiredOption(...inTenant)
    .option('--json', 'print {"id"}')
    .action(async (id: string, options: Options) => {
      await (await place(options)).call('DELETE', `/grants/${encodeURIComponent(id)}`);
      if (options.json) output.json({ id });
      else output.line(`Deleted grant ${id}.`);
    });
};
