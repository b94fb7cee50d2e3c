import type { Command } from 'commander';
import type { CommandGroup } from './context.ts';
import { exitCodes, Failure } from './failure.ts';
import { gather, inTenant, lifetime, wholeNumber } from './options.ts';
import { minute } from './output.ts';
import { ownPlaceIn, placeIn } from './place.ts';

interface Key {
  id: string;
  name: string;
  prefix: string;
  owner: { kind: string; id: string; name?: string; role?: string };
  scopes: string[] | null;
  allowed_addresses: string[] | null;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  last_used_address: string | null;
  revoked_at: string | null;
  replaced_by: string | null;
}
type NewKey = Key & { key: string };

interface CreateOptions {
  tenant: string;
  name: string;
  role?: string;
  serviceAccount?: string;
  own?: true;
  scope?: string[];
  expires?: ReturnType<typeof lifetime>;
  expiresInDays?: number;
  allow?: string[];
  json?: true;
}

interface OneOptions {
  tenant: string;
  own?: true;
  json?: true;
}

const own = ['--own', 'your own key: it may what you may, and needs an access token in MAESTRO_TOKEN'] as const;

const stateOf = (key: Key): string => {
  if (key.revoked_at !== null) return 'revoked';
  if (key.expires_at !== null && Date.parse(key.expires_at) <= Date.now()) return 'expired';
  return key.replaced_by === null ? 'live' : 'rotated';
};

/** An access token may only be its user's own; the rest belongs to service accounts. */
const pathOf = ({ own: isOwn }: { own?: true }): string => (isOwn ? '/me/keys' : '/keys');

const settingsOf = (options: CreateOptions): Record<string, unknown> => ({
  name: options.name,
  ...(options.role === undefined ? {} : { role: options.role }),
  ...(options.serviceAccount === undefined ? {} : { service_account: options.serviceAccount }),
  ...(options.scope === undefined ? {} : { scopes: options.scope }),
  ...(options.allow === undefined ? {} : { allowed_addresses: options.allow }),
  ...(options.expiresInDays === undefined ? {} : { expires_in_days: options.expiresInDays }),
  ...options.expires,
});

export const keyCommands: CommandGroup = (program, { output, api }) => {
  const group = program
    .command('key')
    .description('API keys: what programs sign in with, in MLFLOW_TRACKING_TOKEN or as a bearer token');
  const place = async ({ tenant, own: isOwn }: OneOptions) => (isOwn ? ownPlaceIn : placeIn)(await api(), tenant);

  const showNew = (key: NewKey, json: true | undefined, what: string): void => {
    if (json) {
      output.json({ id: key.id, key: key.key });
      return;
    }
    output.line(
      `${what} key ${key.name} (${key.id}), ${key.expires_at ? `until ${minute(key.expires_at)} UTC` : 'without an end'}.`,
    );
    output.line(`Shown this once: ${key.key}`);
  };

  group
    .command('create')
    .description('make a key; it is shown this once')
    .requiredOption('--tenant <slug>', 'the tenant it opens')
    .requiredOption('--name <name>', 'what it is for')
    .option('--service-account <name>', 'whose key it is; made where there is none (default: the name of the key)')
    .option('--role <role>', 'role of a new service account (default: ml_engineer)')
    .option(...own)
    .option(
      '--scope <permissions>',
      'what it may be used for at most, such as run:write; repeat, or separate by commas',
      gather,
    )
    .option(
      '--expires <time>',
      'how long it holds: 90d, 12w or never (default: as the server is set, 90 days as a rule)',
      lifetime,
    )
    .option('--expires-in-days <days>', 'the same in days', wholeNumber('a whole number of days'))
    .option(
      '--allow <addresses>',
      'addresses and CIDR ranges from which alone it works; repeat, or separate by commas',
      gather,
    )
    .option('--json', 'print {"id", "key"}')
    .action(async (options: CreateOptions) => {
      if (options.own && (options.role !== undefined || options.serviceAccount !== undefined)) {
        throw new Failure(
          '--own is for a key of yours; --role and --service-account are for an account’s.',
          exitCodes.usage,
        );
      }
      const { call } = await place(options);
      showNew(await call<NewKey>('POST', pathOf(options), settingsOf(options)), options.json, 'Made');
    });

  group
    .command('list')
    .description('list the keys of a tenant, the newest first')
    .requiredOption(...inTenant)
    .option('--own', 'only your own')
    .option('--json', 'print an array')
    .action(async (options: OneOptions) => {
      const keys = await (await place(options)).all<Key>(pathOf(options));
      if (options.json) return output.json(keys);
      const rows = keys.map((key) => [
        key.name,
        key.owner.name ?? key.owner.kind,
        key.owner.role ?? null,
        stateOf(key),
        key.scopes?.join(',') ?? 'all',
        minute(key.created_at),
        minute(key.last_used_at),
        key.last_used_address,
        minute(key.expires_at),
        key.id,
      ]);
      const headings = [
        'NAME',
        'OWNER',
        'ROLE',
        'STATE',
        'SCOPES',
        'CREATED (UTC)',
        'LAST USED',
        'FROM',
        'EXPIRES',
        'ID',
      ];
      output.table(headings, rows, `No keys in tenant ${options.tenant}.`);
    });

  const one = (command: Command): Command =>
    command
      .argument('<id>')
      .requiredOption(...inTenant)
      .option(...own);

  one(group.command('update'))
    .description('change the name of a key, or the addresses from which it works; its secret stays')
    .option('--name <name>', 'what it is for')
    .option(
      '--allow <addresses>',
      'addresses and CIDR ranges from which alone it works; repeat, or separate by commas',
      gather,
    )
    .option('--allow-all', 'let it work from everywhere')
    .option('--json', 'print the key')
    .action(async (id: string, options: OneOptions & { name?: string; allow?: string[]; allowAll?: true }) => {
      const { name, allow, allowAll } = options;
      if (allow && allowAll) throw new Failure('Give --allow or --allow-all, not both.', exitCodes.usage);
      if (name === undefined && !allow && !allowAll) {
        throw new Failure('Nothing to change: give an option.', exitCodes.usage);
      }
      const { call } = await place(options);
      const key = await call<Key>('PATCH', `${pathOf(options)}/${encodeURIComponent(id)}`, {
        ...(name === undefined ? {} : { name }),
        ...(allow || allowAll ? { allowed_addresses: allow ?? null } : {}),
      });
      if (options.json) return output.json(key);
      const from = key.allowed_addresses?.join(', ') ?? 'everywhere';
      output.line(`Changed key ${key.name} (${key.id}): it works from ${from}.`);
    });

  one(group.command('rotate'))
    .description('make a new secret for a key, with the same settings; the old one holds for the overlap')
    .option(
      '--overlap <hours>',
      'how long both hold: 24 unless given, 0 to end the old one at once',
      wholeNumber('a whole number of hours'),
    )
    .option('--json', 'print {"id", "key"}')
    .action(async (id: string, options: OneOptions & { overlap?: number }) => {
      const { call } = await place(options);
      const body = options.overlap === undefined ? {} : { overlap_hours: options.overlap };
      const path = `${pathOf(options)}/${encodeURIComponent(id)}/rotate`;
      showNew(await call<NewKey>('POST', path, body), options.json, 'Rotated');
    });

  one(group.command('revoke'))
    .description('revoke a key: it is refused from the next request on')
    .option('--json', 'print {"id"}')
    .action(async (id: string, options: OneOptions) => {
      const { call } = await place(options);
      await call('DELETE', `${pathOf(options)}/${encodeURIComponent(id)}`);
      if (options.json) output.json({ id });
      else output.line(`Revoked key ${id}.`);
    });
};
