import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { type Command, Option } from 'commander';
import type { Context } from './context.ts';
import { exitCodes, Failure } from './failure.ts';
import { inOwnTenant } from './options.ts';
import { ownPlaceIn } from './place.ts';
import { openProgress } from './progress.ts';

interface Outcome {
  imported: number;
  good_rows: number;
  bad_rows: number;
  faults: { line: number; reason: string }[];
}

interface Options {
  tenant?: string;
  json?: true;
  map?: string[];
  unit?: string[];
  format?: string;
  delimiter?: string;
  dateFormat?: string;
  dryRun?: true;
  skipBadRows?: true;
}

/** Column names hold commas: one a time. */
const add = (text: string, before: readonly string[] = []): string[] => [...before, text];

const formats: Record<string, string> = { '.jsonl': 'jsonl', '.ndjson': 'jsonl' };

const queryOf = (file: string, options: Options): Record<string, string | string[]> => ({
  format: options.format ?? formats[extname(file).toLowerCase()] ?? 'csv',
  map: options.map ?? [],
  unit: options.unit ?? [],
  ...(options.delimiter === undefined ? {} : { delimiter: options.delimiter }),
  ...(options.dateFormat === undefined ? {} : { date_format: options.dateFormat }),
  ...(options.dryRun ? { dry_run: 'true' } : {}),
  ...(options.skipBadRows ? { skip_bad_rows: 'true' } : {}),
});

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

const importedText = ({ imported, bad_rows: bad }: Outcome): string =>
  `Imported ${counted(imported, 'project')}${bad === 0 ? '' : `, and skipped ${counted(bad, 'row')}`}.`;

export function importCommand(group: Command, context: Context): void {
  const { output, api } = context;
  group
    .command('import')
    .description('record a history of projects from CSV or JSON Lines')
    .argument('<file>')
    .option(...inOwnTenant)
    .option('--map <field:column>', 'which column a field is, such as name:Title; repeat for more', add)
    .option('--unit <field:unit>', 'such as duration_days:weeks, success_score:fraction, compute_cost:thousands', add)
    .option('--date-format <format>', 'such as DD.MM.YYYY (default: YYYY-MM-DD)')
    .option('--delimiter <character>', 'of CSV, such as ; (default: ,)')
    .addOption(new Option('--format <format>', 'unless the name of the file says it').choices(['csv', 'jsonl']))
    .addOption(new Option('--dry-run', 'list every row that is wrong, and import nothing').conflicts('skipBadRows'))
    .option('--skip-bad-rows', 'import the rows that are good, and list those that are wrong')
    .option('--json', 'print {"imported", "good_rows", "bad_rows", "faults"}')
    .action(async (file: string, options: Options) => {
      const found = await stat(file).catch(() => undefined);
      if (!found?.isFile()) throw new Failure(`There is no file ${file}.`, exitCodes.usage);
      const client = await api();
      ownPlaceIn(client, options.tenant);
      const progress = openProgress(context, { label: basename(file), total: found.size, unit: 'bytes' });
      async function* pieces(): AsyncGenerator<Uint8Array> {
        for await (const piece of createReadStream(file)) {
          yield piece as Uint8Array;
          progress.add((piece as Uint8Array).length);
        }
      }
      const outcome = await client
        .call<Outcome>('POST', '/projects/import', {
          file: pieces(),
          tenant: options.tenant,
          query: queryOf(file, options),
        })
        .finally(() => progress.done());
      if (options.json) output.json(outcome);
      else {
        const rows = outcome.faults.map(({ line, reason }) => [String(line), reason]);
        if (rows.length > 0) output.table(['LINE', 'WHAT IS WRONG'], rows, '');
        if (!options.dryRun) output.line(importedText(outcome));
        else if (rows.length === 0)
          output.line(`Nothing is wrong: ${counted(outcome.good_rows, 'project')} would be imported.`);
      }
      if (options.dryRun && outcome.bad_rows > 0)
        throw new Failure(`${counted(outcome.bad_rows, 'row')} of ${file} cannot be imported.`);
    });
}
