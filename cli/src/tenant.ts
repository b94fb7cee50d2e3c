import type { CommandGroup } from './context.ts';
import { exitCodes, Failure } from './failure.ts';
import { minute } from './output.ts';

interface Tenant {
  id: string;
  slug: string;
  name: string;
  is_active: boolean;
  max_users: number;
  max_projects: number;
  max_artifacts: number;
  created_at: string;
}

const path = (slug: string) => `/tenants/${encodeURIComponent(slug)}`;

export const tenantCommands: CommandGroup = (program, { output, api, ask }) => {
  const group = program
    .command('tenant')
    .description('tenants: the teams that share a Maestro and see nothing of each other');

  group
    .command('create')
    .description('make a tenant')
    .argument('<slug>', 'its name in addresses: lower-case letters, digits, inner hyphens')
    .option('--name <name>', 'its name for people')
    .option('--json', 'print {"id", "slug"}')
    .action(async (slug: string, options: { name?: string; json?: true }) => {
      const { call } = await api();
      const body = { slug, ...(options.name === undefined ? {} : { name: options.name }) };
      const tenant = await call<Tenant>('POST', '/tenants', { body });
      if (options.json) output.json({ id: tenant.id, slug: tenant.slug });
      else output.line(`Made tenant ${tenant.slug} (${tenant.id}).`);
    });

  group
    .command('list')
    .description('list all tenants')
    .option('--json', 'print an array')
    .action(async (options: { json?: true }) => {
      const tenants = await (await api()).all<Tenant>('/tenants');
      if (options.json) return output.json(tenants);
      const rows = tenants.map((tenant) => [
        tenant.slug,
        tenant.name,
        tenant.is_active ? 'yes' : 'no',
        String(tenant.max_users),
        minute(tenant.created_at),
        tenant.id,
      ]);
      output.table(['SLUG', 'NAME', 'ACTIVE', 'MAX USERS', 'CREATED (UTC)', 'ID'], rows, 'No tenants.');
    });

  group
    .command('delete')
    .description('delete a tenant with everything in it: experiments, runs, files, keys')
    .argument('<slug>')
    .option('--yes', 'do not ask')
    .option('--json', 'print {"id", "slug"}')
    .action(async (slug: string, options: { yes?: true; json?: true }) => {
      const { call } = await api();
      const tenant = await call<Tenant>('GET', path(slug));
      if (!options.yes) {
        const answer = await ask(`This deletes everything of tenant ${slug}, for good. Type its slug to go on: `);
        if (answer === undefined) throw new Failure('Nobody is there to ask; add --yes.', exitCodes.usage);
        if (answer !== slug) throw new Failure('Nothing was deleted.');
      }
      await call('DELETE', path(slug));
      if (options.json) output.json({ id: tenant.id, slug });
      else output.line(`Deleted tenant ${slug}.`);
    });
};
