import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, chown, cp, lchown, mkdir, opendir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresBinaries } from './postgres_binaries.ts';

const run = promisify(execFile);

/** As whom PostgreSQL runs; it refuses to run as root. */
export type Account =
  | { readonly kind: 'self' }
  /** Root outside, nobody within a user namespace: files stay root's, and root's directories can be entered. */
  | { readonly kind: 'namespace' }
  /** Really another user, for where user namespaces are forbidden. */
  | { readonly kind: 'dropped'; readonly uid: number; readonly gid: number };

/** Where and as whom the embedded PostgreSQL runs. */
export type Quarters = {
  readonly account: Account;
  /** The folder that holds `postgres` (its data) and `socket`. */
  readonly place: string;
  readonly binaries: PostgresBinaries;
  /** Linux: PostgreSQL gets SIGINT when this process dies, so that a killed Maestro leaves no orphan. */
  readonly deadManSwitch: boolean;
};

export type Command = {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: { readonly uid?: number; readonly gid?: number };
};

const nobody = 65_534;

/** How to run `program` as the account of `quarters`, with its dead man's switch if `dies` is true. */
export function commandIn(
  { account, deadManSwitch }: Pick<Quarters, 'account' | 'deadManSwitch'>,
  program: string,
  args: readonly string[],
): Command {
  // Within the namespace: entering one clears the parent-death signal.
  const inner = deadManSwitch ? ['setpriv', '--pdeathsig', 'INT', program, ...args] : [program, ...args];
  const words =
    account.kind === 'namespace'
      ? ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`, '--', ...inner]
      : inner;
  const options = account.kind === 'dropped' ? { uid: account.uid, gid: account.gid } : {};
  return { file: words[0]!, args: words.slice(1), options };
}

/** Which accounts may be tried as root, in this order. */
export type AccountKinds = readonly ('namespace' | 'dropped')[];

/**
 * Chooses as whom and where PostgreSQL runs. Not root: as this user, in the data directory. Root: the first account
 * and place that a trial shows to work; where the data directory or the program cannot be reached by the account (they
 * lie below another user's closed home), a place of its own under /var/lib.
 */
export async function chooseQuarters(
  dataDir: string,
  binaries: PostgresBinaries,
  accountKinds: AccountKinds = ['namespace', 'dropped'],
): Promise<Quarters> {
  if (process.getuid?.() !== 0) {
    return { account: { kind: 'self' }, place: dataDir, binaries, deadManSwitch: await hasDeadManSwitch() };
  }
  const deadManSwitch = await hasDeadManSwitch();
  const elsewhere = join('/var/lib/maestro', createHash('sha256').update(dataDir).digest('hex').slice(0, 16));
  const accounts: Account[] = accountKinds.map((kind) =>
    kind === 'namespace' ? { kind } : { kind, uid: nobody, gid: nobody },
  );
  const faults: string[] = [];
  for (const account of accounts) {
    for (const place of [dataDir, elsewhere]) {
      if (place === elsewhere && (await exists(join(dataDir, 'postgres')))) continue;
      if (place === dataDir && (await exists(join(elsewhere, 'postgres')))) continue;
      try {
        return await tryQuarters({ account, place, binaries, deadManSwitch }, place === elsewhere);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : String(error);
        faults.push(`${account.kind === 'namespace' ? 'in a user namespace' : 'as nobody'} in ${place}: ${code}`);
      }
    }
  }
  throw new Error(
    `PostgreSQL refuses to run as root, and Maestro can run it neither in a user namespace nor as the user nobody here (${faults.join('; ')}): start Maestro as an ordinary user, or give DATABASE_URL.`,
  );
}

async function tryQuarters(wanted: Quarters, isElsewhere: boolean): Promise<Quarters> {
  const { account, place } = wanted;
  if (isElsewhere) await mkdir(place, { recursive: true, mode: 0o755 });
  // PostgreSQL's own user passes through the data directory to its folder; what else is there stays closed.
  else if (account.kind === 'dropped') await chmod(place, 0o711);
  const data = join(place, 'postgres');
  const trial = (await exists(data)) ? data : join(place, 'trial');
  try {
    await mkdir(trial, { recursive: true, mode: 0o700 });
    await giveTo(account, trial);
    const quarters = isElsewhere ? { ...wanted, binaries: await binariesFor(wanted) } : wanted;
    await runTrial(quarters, trial);
    return quarters;
  } finally {
    if (trial !== data) await rm(trial, { recursive: true, force: true });
  }
}

async function runTrial(quarters: Quarters, directory: string): Promise<void> {
  const script = 'cd "$1" && test -w . && exec "$2" --version';
  const command = commandIn(quarters, 'sh', ['-c', script, 'sh', directory, quarters.binaries.postgres]);
  await run(command.file, command.args, { ...command.options, cwd: '/' });
}

/** The binaries themselves where the account can run them, else a copy of them in `place`. */
async function binariesFor(quarters: Quarters): Promise<PostgresBinaries> {
  const { place, binaries } = quarters;
  try {
    await runTrial(quarters, '/tmp');
    return binaries;
  } catch {
    const native = join(place, `native-${binaries.version}`);
    if (!(await exists(native))) {
      await rm(`${native}.draft`, { recursive: true, force: true });
      await cp(binaries.native, `${native}.draft`, {
        recursive: true,
        verbatimSymlinks: true,
        filter: (source) => !source.endsWith('.a'),
      });
      await rename(`${native}.draft`, native);
    }
    return { ...binaries, native, postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb') };
  }
}

/** Makes `path`, and everything below it, the account's. Looks at `path` only when it is already. */
export async function giveTo(account: Account, path: string): Promise<void> {
  if (account.kind === 'self') return;
  const { uid, gid } = account.kind === 'dropped' ? account : { uid: 0, gid: 0 };
  const now = await stat(path);
  if (now.uid === uid && now.gid === gid) return;
  if (now.isDirectory()) {
    for await (const entry of await opendir(path, { recursive: true })) {
      await lchown(join(entry.parentPath, entry.name), uid, gid);
    }
  }
  // Last, so that an interruption is noticed and repeated by the next start.
  await chown(path, uid, gid);
}

let deadManSwitchFound: Promise<boolean> | undefined;

function hasDeadManSwitch(): Promise<boolean> {
  deadManSwitchFound ??=
    process.platform === 'linux'
      ? run('setpriv', ['--pdeathsig', 'INT', 'true']).then(
          () => true,
          () => false,
        )
      : Promise.resolve(false);
  return deadManSwitchFound;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
