import type { Command } from 'commander';
import { confirm } from './confirm.ts';
import type { CommandGroup } from './context.ts';
import { exitCodes, Failure } from './failure.ts';
import { limit, wholeNumber, yes } from './options.ts';
import { minute } from './output.ts';
import { ownPlaceIn } from './place.ts';

interface Tenant {
  id: string;
  slug: string;
  name: string;
  is_active: boolean;
  max_users: number;
  max_projects: number;
  max_artifacts: number;
  max_storage_bytes: number | null;
  requests_per_second: number | null;
  requires_factor: boolean;
  session_days: number | null;
  session_idle_minutes: number | null;
  created_at: string;
}

interface Use {
  used: number;
  max: number | null;
}

const path = (slug: string) => `/tenants/${encodeURIComponent(slug)}`;

type Limit = ReturnType<typeof limit>;

const numberOf = (given: Limit | undefined): number | null | undefined => (given === 'none' ? null : given);

interface SettingOptions {
  name?: string;
  requireFactor?: boolean;
  json?: true;
}

interface ChangeOptions extends SettingOptions {
  maxUsers?: number;
  maxProjects?: number;
  maxArtifacts?: number;
  maxStorageBytes?: Limit;
  requestsPerSecond?: Limit;
  sessionDays?: Limit;
  sessionIdleMinutes?: Limit;
  close?: true;
  open?: true;
}

const given = (changes: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));

const settingsOf = ({ name, requireFactor }: SettingOptions): Record<string, unknown> =>
  given({ name, requires_factor: requireFactor });

function changesOf(options: ChangeOptions): Record<string, unknown> {
  if (options.close && options.open) throw new Failure('Give --close or --open, not both.', exitCodes.usage);
  return given({
    ...settingsOf(options),
    max_users: options.maxUsers,
    max_projects: options.maxProjects,
    max_artifacts: options.maxArtifacts,
    max_storage_bytes: numberOf(options.maxStorageBytes),
    requests_per_second: numberOf(options.requestsPerSecond),
    session_days: numberOf(options.sessionDays),
    session_idle_minutes: numberOf(options.sessionIdleMinutes),
    is_active: options.close ? false : options.open,
  });
}

const numberOr = (value: number | null, otherwise: string): string => (value === null ? otherwise : String(value));

export const tenantCommands: CommandGroup = (program, context) => {
  const { output, api } = context;
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
    .command('show')
    .description('show a tenant with its limits')
    .argument('<slug>')
    .option('--json', 'print an object')
    .action(async (slug: string, options: { json?: true }) => {
      const { call } = await api();
      const tenant = await call<Tenant>('GET', path(slug));
      if (options.json) return output.json(tenant);
      output.fields([
        ['Slug', tenant.slug],
        ['Name', tenant.name],
        ['Id', tenant.id],
        ['Active', tenant.is_active ? 'yes' : 'no'],
        ['Users at most', String(tenant.max_users)],
        ['Projects at most', String(tenant.max_projects)],
        ['Artifacts at most', String(tenant.max_artifacts)],
        ['Bytes of files at most', numberOr(tenant.max_storage_bytes, 'no limit')],
        ['Requests a second at most', numberOr(tenant.requests_per_second, 'as the server is set')],
        ['Second factor required', tenant.requires_factor ? 'yes' : 'no'],
        ['Days of a session', numberOr(tenant.session_days, 'as the server is set')],
        ['Idle minutes of a session', numberOr(tenant.session_idle_minutes, 'as the server is set')],
        ['Created (UTC)', minute(tenant.created_at)],
      ]);
    });

  const withSettings = (command: Command): Command =>
    command
      .argument('<slug>')
      .option('--name <name>', 'its name for people')
      .option('--require-factor', 'close it to sessions without a second factor')
      .option('--no-require-factor', 'open it to them')
      .option('--json', 'print an object');

  const whole = wholeNumber('a whole number');
  withSettings(group.command('change'))
    .description('change a tenant’s settings and limits, or close and open it; for operators')
    .option('--max-users <count>', 'how many members it may have', whole)
    .option('--max-projects <count>', 'how many projects', whole)
    .option('--max-artifacts <count>', 'how many artifacts', whole)
    .option('--max-storage-bytes <bytes>', "what its files may take up, or 'none'", limit)
    .option('--requests-per-second <count>', "how many requests are served, or 'none' for the server's limit", limit)
    .option('--session-days <days>', "how long its sessions last, or 'none' for as long as the server's", limit)
    .option('--session-idle-minutes <minutes>', "when unused ones end, or 'none' for as the server's do", limit)
    .option('--close', 'refuse everybody in it from the next request on')
    .option('--open', 'let its members in again')
    .action(async (slug: string, options: ChangeOptions) => {
      const body = changesOf(options);
      if (Object.keys(body).length === 0) throw new Failure('Nothing to change: give an option.', exitCodes.usage);
      const { call } = await api();
      const tenant = await call<Tenant>('PATCH', path(slug), { body });
      if (options.json) output.json(tenant);
      else output.line(`Changed tenant ${slug}.`);
    });

  withSettings(group.command('settings'))
    .description('show or change what a tenant’s own administrators set')
    .action(async (slug: string, options: SettingOptions) => {
      const body = settingsOf(options);
      const place = ownPlaceIn(await api(), slug);
      const tenant = await (Object.keys(body).length > 0
        ? place.call<Tenant>('PATCH', '/tenant', body)
        : place.call<Tenant>('GET', '/tenant'));
      if (options.json) return output.json(tenant);
      output.fields([
        ['Slug', tenant.slug],
        ['Name', tenant.name],
        ['Second factor required', tenant.requires_factor ? 'yes' : 'no'],
      ]);
    });

  group
    .command('recount-storage')
    .description('count a tenant’s files anew; for operators')
    .argument('<slug>')
    .option('--json', 'print {"storage_bytes"}')
    .action(async (slug: string, options: { json?: true }) => {
      const counted = await (await api()).call<{ storage_bytes: number }>('POST', `${path(slug)}/recount-storage`);
      if (options.json) output.json(counted);
      else output.line(`The files of tenant ${slug} take up ${counted.storage_bytes} bytes.`);
    });

  group
    .command('usage')
    .description('show what a tenant uses of what it may, for its members')
    .argument('<slug>')
    .option('--json', 'print an object')
    .action(async (slug: string, options: { json?: true }) => {
      const usage = await ownPlaceIn(await api(), slug).call<Record<string, Use>>('GET', '/tenant/usage');
      if (options.json) return output.json(usage);
      const rows = Object.entries(usage).map(([name, { used, max }]) => [
        name,
        String(used),
        numberOr(max, 'no limit'),
      ]);
      output.table(['WHAT', 'USED', 'AT MOST'], rows, 'Nothing is counted.');
    });

  group
    .command('delete')
    .description('delete a tenant with everything in it: experiments, runs, files, keys')
    .argument('<slug>')
    .addOption(yes)
    .option('--json', 'print {"id", "slug"}')
    .action(async (slug: string, options: { yes?: true; json?: true }) => {
      const { call } = await api();
      const tenant = await call<Tenant>('GET', path(slug));
      await confirm(context, options, `deletes everything of tenant ${slug}`, slug);
      await call('DELETE', path(slug));
      if (options.json) output.json({ id: tenant.id, slug });
      else output.line(`Deleted tenant ${slug}.`);
    });
};
