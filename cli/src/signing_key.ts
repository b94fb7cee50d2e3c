import type { CommandGroup } from './context.ts';
import { minute } from './output.ts';

interface SigningKey {
  kid: string;
  is_current: boolean;
  created_at: string;
  verify_until: string | null;
}

export const signingKeyCommands: CommandGroup = (program, { output, api }) => {
  const group = program.command('signing-key').description('keys that sign access tokens; for operators');
  const show = (items: readonly SigningKey[]): void => {
    const rows = items.map((key) => [
      key.kid,
      key.is_current ? 'signs' : 'verifies',
      minute(key.created_at),
      minute(key.verify_until),
    ]);
    output.table(['KEY', 'USE', 'CREATED (UTC)', 'VERIFIES UNTIL'], rows, 'No keys.');
  };

  group
    .command('list')
    .description('list the keys whose tokens hold')
    .option('--json', 'print an array')
    .action(async (options: { json?: true }) => {
      const { items } = await (await api()).call<{ items: SigningKey[] }>('GET', '/signing-keys');
      if (options.json) output.json(items);
      else show(items);
    });

  group
    .command('rotate')
    .description('let a new key sign; tokens of the one before hold until they end')
    .option('--compromised', 'refuse every token of the keys so far: whoever has one must sign in again')
    .option('--json', 'print an array')
    .action(async (options: { compromised?: true; json?: true }) => {
      const body = { compromised: options.compromised ?? false };
      const { items } = await (await api()).call<{ items: SigningKey[] }>('POST', '/signing-keys/rotate', { body });
      if (options.json) output.json(items);
      else show(items);
    });
};
