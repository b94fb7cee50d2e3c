import { type Command, Option } from 'commander';
import type { Api } from './api.ts';
import type { CommandGroup, Context } from './context.ts';
import { exitCodes, Failure } from './failure.ts';
import { moment, wholeNumber } from './options.ts';
import { minute } from './output.ts';
import { ownPlaceIn } from './place.ts';
import { saveWhole } from './save.ts';

interface Event {
  seq: number;
  at: string;
  actor: { kind: string; id: string };
  action: string;
  target: string;
  outcome: string;
  address: string;
}

interface Verification {
  ok: boolean;
  checked: number;
  last_seq: number | null;
  head_hash: string;
  anchor: { seq: number } | null;
  fault?: { seq: number; reason: string };
}

/** How many rows are listed where nobody says. */
const defaultLimit = 100;

/** Which log is meant: a tenant's own, or the operators'. */
interface LogOptions {
  tenant?: string;
  operators?: true;
  json?: true;
}
interface FilterOptions {
  actor?: string;
  action?: string;
  target?: string;
  outcome?: string;
  since?: string;
  until?: string;
}

const filterOf = (options: FilterOptions): Record<string, string> => {
  const { actor, action, target, outcome, since, until } = options;
  const given = Object.entries({ actor, action, target, outcome, since, until });
  return Object.fromEntries(given.filter((pair): pair is [string, string] => pair[1] !== undefined));
};

/** The path of the log that is meant, and the tenant that it is read in. */
function logOf(api: Api, { tenant, operators }: LogOptions): { path: string; tenant?: string } {
  if ((tenant === undefined) === (operators === undefined)) {
    throw new Failure('Give either --tenant, or --operators for the log of tenants and users.', exitCodes.usage);
  }
  if (tenant === undefined) return { path: '/operator-audit' };
  ownPlaceIn(api, tenant);
  return { path: '/audit', tenant };
}

const ofLog = (command: Command): Command =>
  command
    .option('--tenant <slug>', 'the log of this tenant, for its administrators')
    .option('--operators', 'the log of what happened to tenants and users, for operators');

const filtered = (command: Command): Command =>
  ofLog(command)
    .option('--actor <id>', 'who acted: the id of a user or service account')
    .option('--action <prefix>', 'what was done, or how it begins: auth, key.create')
    .option('--target <id>', 'what was acted on')
    .addOption(new Option('--outcome <outcome>', 'how it ended').choices(['success', 'refused']))
    .option('--since <time>', 'from this date or time on, in UTC', moment)
    .option('--until <time>', 'before this date or time, in UTC', moment);

async function exportTo(context: Context, options: LogOptions & FilterOptions & { format: string; output?: string }) {
  const { output, api } = context;
  const client = await api();
  const { path, ...place } = logOf(client, options);
  const pieces = client.download(`${path}/export`, {
    query: { format: options.format, ...filterOf(options) },
    ...place,
  });
  if (options.output === undefined) {
    for await (const piece of pieces) await output.raw(piece);
    return;
  }
  await saveWhole(pieces, options.output);
}

export const auditCommands: CommandGroup = (program, context) => {
  const { output, note, api } = context;
  const group = program.command('audit').description('audit logs: who did what, and whether the log is whole');

  const show = async (options: LogOptions & FilterOptions & { limit?: number }) => {
    const client = await api();
    const { path, ...place } = logOf(client, options);
    const found = await client.all<Event>(
      path,
      { query: filterOf(options), ...place },
      options.limit ?? defaultLimit + 1,
    );
    const events = found.slice(0, options.limit ?? defaultLimit);
    // Nobody asked for fewer: whoever takes the list for all that there is would miss the rest.
    if (events.length < found.length) {
      note(`There are more: these are the newest ${defaultLimit}. See --limit, and maestro audit export.`);
    }
    if (options.json) return output.json(events);
    const rows = events.map((event) => [
      String(event.seq),
      minute(event.at),
      event.outcome,
      event.action,
      event.target || null,
      `${event.actor.kind} ${event.actor.id}`.trim(),
      event.address || null,
    ]);
    output.table(['NO', 'AT (UTC)', 'OUTCOME', 'ACTION', 'TARGET', 'BY', 'FROM'], rows, 'Nothing is recorded.');
  };
  const limited = (command: Command): Command =>
    command
      .option('--limit <count>', `how many at most (default: ${defaultLimit})`, wholeNumber('a whole number'))
      .option('--json', 'print an array')
      .action(show);

  limited(ofLog(group.command('list').description('list the latest rows of a log, the newest first')));
  limited(filtered(group.command('search').description('list the rows that fit all of what is given')));

  filtered(group.command('export'))
    .description('write the rows of a log, the oldest first, to standard output or a file')
    .addOption(new Option('--format <format>', 'JSON Lines or CSV').choices(['jsonl', 'csv']).default('jsonl'))
    .option('--output <file>', 'write to this file, which is there only once it is whole')
    .action((options: LogOptions & FilterOptions & { format: string; output?: string }) => exportTo(context, options));

  ofLog(group.command('verify'))
    .description('compute the hash chain of a log anew; ends with 1 where a row was changed, added or taken out')
    .option('--json', 'print an object')
    .action(async (options: LogOptions) => {
      const client = await api();
      const { path, ...place } = logOf(client, options);
      const found = await client.call<Verification>('GET', `${path}/verify`, place);
      if (options.json) output.json(found);
      if (found.fault) throw new Failure(`The log does not verify: row ${found.fault.seq}: ${found.fault.reason}`);
      if (options.json) return;
      const removed = found.anchor ? ` Rows up to ${found.anchor.seq} were removed, as a signed anchor says.` : '';
      output.line(`The log is whole: ${found.checked} rows.${removed}`);
      output.line(`Its end, to be kept elsewhere and compared: row ${found.last_seq ?? 0}, ${found.head_hash}`);
    });

  group
    .command('retention')
    .description('remove the oldest rows of every log and leave a signed anchor; for operators')
    .requiredOption('--before <time>', 'rows before this date or time, in UTC; at least 30 days ago', moment)
    .option('--json', 'print an object')
    .action(async (options: { before: string; json?: true }) => {
      const { call } = await api();
      const body = { before: options.before };
      const done = await call<{ removed: number; faults: { chain: string; fault: string }[] }>(
        'POST',
        '/audit/retention',
        { body },
      );
      if (options.json) output.json(done);
      else output.line(`Removed ${done.removed} ${done.removed === 1 ? 'row' : 'rows'}.`);
      const [first] = done.faults;
      if (first) throw new Failure(`Rows of ${done.faults.length} logs were kept: ${first.chain}: ${first.fault}`);
    });
};
