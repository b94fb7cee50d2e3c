import type { CommandGroup } from './context.ts';

interface EncryptionKey {
  key_id: string;
  is_own: boolean;
  sealed: number;
  pending: number;
  older: { key_id: string; is_given: boolean; needed_by: number }[];
}

interface Pepper {
  pepper: string;
  is_own: boolean;
  passwords: number;
  older: { pepper: string | null; is_given: boolean; passwords: number; backup_codes: number }[];
}

interface Options {
  status?: true;
  json?: true;
}

const json = ['--json', 'print an object'] as const;
const statusOnly = ['--status', 'change nothing: show how far it is'] as const;

export const rotateCommands: CommandGroup = (program, { output, api }) => {
  const group = program
    .command('rotate')
    .description('secrets of the server and what still needs older ones; for operators (see also signing-key)');
  const keptBy = (isOwn: boolean): string => (isOwn ? 'the data directory' : 'who configures Maestro');

  function showKey({ key_id, is_own, sealed, pending, older }: EncryptionKey): void {
    output.fields([
      ['encryption key', key_id],
      ['kept by', keptBy(is_own)],
      ['sealed texts', `${sealed}, ${pending} of them to be sealed anew`],
    ]);
    for (const { key_id: id, is_given, needed_by } of older) {
      if (needed_by > 0) output.line(`The older key ${id} is ${is_given ? '' : 'missing and '}needed by ${needed_by}.`);
      else output.line(`Nothing needs the older key ${id}: it may be taken out of MAESTRO_ENCRYPTION_KEY_PREVIOUS.`);
    }
    if (older.length === 0) output.line('Nothing needs an older key.');
  }

  function showPepper({ pepper, is_own, passwords, older }: Pepper): void {
    output.fields([
      ['pepper', pepper],
      ['kept by', keptBy(is_own)],
      ['passwords', String(passwords)],
    ]);
    const rows = older.map((each) => [
      each.pepper ?? '(not noted)',
      each.is_given ? 'yes' : 'no',
      String(each.passwords),
      String(each.backup_codes),
    ]);
    output.table(['OLDER', 'GIVEN', 'PASSWORDS', 'BACKUP CODES'], rows, 'No hash needs an older pepper.');
    const isNeeded = older.some((each) => each.passwords + each.backup_codes > 0);
    if (older.length > 0 && !isNeeded) {
      output.line(
        is_own
          ? 'No hash needs an older pepper: maestro rotate pepper --drop-older forgets them.'
          : 'No hash needs an older pepper: take them out of MAESTRO_PASSWORD_PEPPER_PREVIOUS.',
      );
    }
  }

  group
    .command('encryption-key')
    .description('let a new encryption key seal what the database keeps, and seal all of it anew')
    .option(...statusOnly)
    .option(...json)
    .action(async (options: Options) => {
      const { call } = await api();
      const key = options.status
        ? await call<EncryptionKey>('GET', '/encryption-key')
        : await call<EncryptionKey>('POST', '/encryption-key/rotate');
      if (options.json) output.json(key);
      else showKey(key);
    });

  group
    .command('database-password')
    .description(
      "give every login of Maestro's own database another password; of others, take those that are given now",
    )
    .action(async () => {
      const { call } = await api();
      const { replaced } = await call<{ replaced: boolean }>('POST', '/database-password/rotate');
      if (replaced) output.line('Every login of the database has another password.');
      else output.line('Every Maestro uses the logins to the database that are given now.');
    });

  group
    .command('pepper')
    .description('let a new pepper go into the hashes of passwords; each takes it at the next sign-in')
    .option(...statusOnly)
    .option('--drop-older', 'forget older peppers, where no hash needs one')
    .option(...json)
    .action(async (options: Options & { dropOlder?: true }) => {
      const { call } = await api();
      const pepper = options.status
        ? await call<Pepper>('GET', '/password-pepper')
        : await call<Pepper>('POST', `/password-pepper/${options.dropOlder ? 'drop-older' : 'rotate'}`);
      if (options.json) output.json(pepper);
      else showPepper(pepper);
    });
};
