import { InvalidArgumentError, Option } from 'commander';
import type { Api } from './api.ts';
import { type CommandGroup, roles } from './context.ts';
import { minute } from './output.ts';

interface Key {
  id: string;
  name: string;
  prefix: string;
  owner: { kind: string; id: string; name?: string; role?: string };
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}

interface CreateOptions {
  tenant: string;
  name: string;
  role?: string;
  serviceAccount?: string;
  expiresInDays?: number;
  json?: true;
}

/** The operator key names the tenant in the path; anybody else works in a tenant of their own. */
const placeOf = ({ server }: Api, tenant: string): { path: string; tenant?: string } =>
  server.isOperatorKey ? { path: `/tenants/${encodeURIComponent(tenant)}/keys` } : { path: '/keys', tenant };

function days(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('expected a whole number of days.');
  return Number(text);
}

const stateOf = (key: Key): string => {
  if (key.revoked_at !== null) return 'revoked';
  return key.expires_at !== null && Date.parse(key.expires_at) <= Date.now() ? 'expired' : 'live';
};

export const keyCommands: CommandGroup = (program, { output, api }) => {
  const group = program.command('key').description('API keys of service accounts: what programs sign in with');

  group
    .command('create')
    .description('make a key; it is shown this once')
    .requiredOption('--tenant <slug>', 'the tenant it opens')
    .requiredOption('--name <name>', 'what it is for')
    .option('--service-account <name>', 'whose key it is; made where there is none (default: the name of the key)')
    .addOption(new Option('--role <role>', 'role of a new service account (default: ml_engineer)').choices(roles))
    .option('--expires-in-days <days>', 'how long it holds (default: until revoked)', days)
    .option('--json', 'print {"id", "key"}')
    .action(async (options: CreateOptions) => {
      const client = await api();
      const { path, ...place } = placeOf(client, options.tenant);
      const body = {
        name: options.name,
        ...(options.role === undefined ? {} : { role: options.role }),
        ...(options.serviceAccount === undefined ? {} : { service_account: options.serviceAccount }),
        ...(options.expiresInDays === undefined ? {} : { expires_in_days: options.expiresInDays }),
      };
      const key = await client.call<Key & { key: string }>('POST', path, { body, ...place });
      if (options.json) return output.json({ id: key.id, key: key.key });
      output.line(`Made key ${key.name} (${key.id}) in tenant ${options.tenant}, role ${key.owner.role}.`);
      output.line(`Shown this once: ${key.key}`);
    });

  group
    .command('list')
    .description('list the keys of a tenant, the newest first')
    .requiredOption('--tenant <slug>')
    .option('--json', 'print an array')
    .action(async (options: { tenant: string; json?: true }) => {
      const client = await api();
      const { path, ...place } = placeOf(client, options.tenant);
      const keys = await client.all<Key>(path, place);
      if (options.json) return output.json(keys);
      const rows = keys.map((key) => [
        key.name,
        key.owner.name ?? key.owner.kind,
        key.owner.role ?? null,
        stateOf(key),
        minute(key.created_at),
        minute(key.last_used_at),
        minute(key.expires_at),
        key.id,
      ]);
      const headings = ['NAME', 'OWNER', 'ROLE', 'STATE', 'CREATED (UTC)', 'LAST USED', 'EXPIRES', 'ID'];
      output.table(headings, rows, `No keys in tenant ${options.tenant}.`);
    });

  group
    .command('revoke')
    .description('revoke a key: it is refused from the next request on')
    .argument('<id>')
    .requiredOption('--tenant <slug>')
    .option('--json', 'print {"id"}')
    .action(async (id: string, options: { tenant: string; json?: true }) => {
      const client = await api();
      const { path, ...place } = placeOf(client, options.tenant);
      await client.call('DELETE', `${path}/${encodeURIComponent(id)}`, place);
      if (options.json) output.json({ id });
      else output.line(`Revoked key ${id}.`);
    });
};
