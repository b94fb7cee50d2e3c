import { execFile, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { Failure } from './failure.ts';

/** What a commit did to a file: changed or added it, deleted it, or renamed it. */
export type FileChange = ['C' | 'D', string] | ['R', string, string];

/** A commit as `POST /projects/{id}/code/commits` takes it. */
export interface Commit {
  sha: string;
  name: string;
  email: string;
  authored_at: string;
  committed_at: string;
  landed_at: string;
  additions: number;
  deletions: number;
  files: number;
  is_merge: boolean;
  changes: FileChange[];
}

/**
 * A repository may be anybody's, and its configuration names programs: for diffs, signatures, text of binary files. None
 * of them is run. What a user has configured for themselves does not change what is read, either.
 */
const asItIs = ['-c', 'core.fsmonitor=false', '-c', 'diff.renames=true', '-c', 'diff.renameLimit=1000'];
const logOptions = [
  ...['log', '--reverse', '--topo-order', '-z', '--raw', '--numstat', '--find-renames', '--use-mailmap'],
  ...[
    '--no-ext-diff',
    '--no-textconv',
    '--no-show-signature',
    '--no-color',
    '--no-notes',
    '--no-abbrev',
    '--encoding=UTF-8',
  ],
  ...['--diff-merges=off', '--no-relative', '-O/dev/null'],
  '--format=tformat:%x01%H%x00%P%x00%aN%x00%aE%x00%at%x00%aI%x00%ct',
];

const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  LC_ALL: 'C',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  // A partial clone fetches what it lacks, by the programs that its configuration names: nothing is fetched.
  GIT_ALLOW_PROTOCOL: 'none',
});

const failureOf = (said: string, code: unknown): Failure => {
  if (code === 'ENOENT')
    return new Failure("There is no program 'git' here, or no such directory: install git, or mend the path.");
  if (/^fatal: transport '.*' not allowed/m.test(said))
    return new Failure('This clone is partial, and what it lacks is not fetched: make a clone without --filter.');
  const sentence =
    said
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^fatal: /, '') || `it ended with ${code}`;
  return new Failure(`git cannot read the repository: ${sentence}.`.replace(/\.\.$/, '.'));
};

/** What git prints, without the end of its last line. */
export function git(path: string, ...words: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: path, env: environment(), maxBuffer: 1024 * 1024 };
    execFile('git', [...asItIs, ...words], options, (error, stdout, stderr) => {
      if (error) reject(failureOf(stderr, error.code));
      else resolve(stdout.trimEnd());
    });
  });
}

/** The same, undefined where git says no. */
export const gitOrNothing = (path: string, ...words: string[]): Promise<string | undefined> =>
  git(path, ...words).then(
    (said) => said,
    () => undefined,
  );

async function* tokensOf(pieces: AsyncIterable<Buffer>, end: string): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of pieces) {
    const tokens = (rest + decoder.decode(piece, { stream: true })).split(end);
    rest = tokens.pop() as string;
    yield tokens;
  }
  yield [rest + decoder.decode()];
}

const nameMax = 200;
const emailMax = 320;
const pathBytesMax = 1000;
/** Of one person. */
const addressesMax = 100;
/** Of one commit: beyond it nobody learns to know its files by it. */
const changesMax = 20_000;
const countMax = 2_147_483_647;
const newestSecond = 253_402_300_799;

/** A time of a commit is whatever its maker's clock, or a broken program, said. */
function timeOf(seconds: string): string {
  const at = Number(seconds);
  return new Date((at >= 0 && at <= newestSecond ? at : 0) * 1000).toISOString();
}

function authoredOf(seconds: string, written: string): string {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(written) ?? [];
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * (sign === '-' ? -1 : 1);
  const at = Date.parse(timeOf(seconds)) + offset * 60_000;
  if (offset === 0 || Math.abs(offset) >= 1440 || at < 0 || at > newestSecond * 1000) return timeOf(seconds);
  return `${new Date(at).toISOString().slice(0, 19)}${sign}${hours}:${minutes}`;
}

const headFields = 7;

/** Reads what `logOptions` makes git print. What stands at a place decides what it is: no path can pass for something else. */
class LogParser {
  readonly #landings: ReadonlyMap<string, string>;
  readonly #head: string[] = [];
  #commit: Commit | undefined;
  /** Of the entry that is under way: how many paths are to come, and what they are of. */
  #paths = 0;
  #entry: { status: string; from?: string } | undefined;

  constructor(landings: ReadonlyMap<string, string>) {
    this.#landings = landings;
  }

  /** A commit that is complete, if this token ends one. */
  take(token: string): Commit | undefined {
    if (this.#head.length > 0) {
      this.#head.push(token);
      if (this.#head.length === headFields) this.#begin();
      return undefined;
    }
    if (this.#paths > 0) {
      this.#path(token);
      return undefined;
    }
    if (token.startsWith('\x01')) {
      this.#head.push(token.slice(1));
      return this.end();
    }
    const entry = token.startsWith('\n') ? token.slice(1) : token;
    if (entry.startsWith(':')) this.#raw(entry);
    else if (entry !== '') this.#numbers(entry);
    return undefined;
  }

  end(): Commit | undefined {
    const done = this.#commit;
    this.#commit = undefined;
    return done;
  }

  #begin(): void {
    const [sha, parents, name, email, at, written, committed] = this.#head.splice(0) as [string, ...string[]];
    this.#commit = {
      sha,
      name: (name as string).slice(0, nameMax),
      email: (email as string).slice(0, emailMax),
      authored_at: authoredOf(at as string, written as string),
      committed_at: timeOf(committed as string),
      landed_at: this.#landings.get(sha) ?? timeOf(committed as string),
      additions: 0,
      deletions: 0,
      files: 0,
      is_merge: (parents as string).includes(' '),
      changes: [],
    };
  }

  #raw(entry: string): void {
    const status = (entry.split(' ').at(-1) as string).charAt(0);
    this.#entry = { status };
    this.#paths = status === 'R' || status === 'C' ? 2 : 1;
  }

  #numbers(entry: string): void {
    const [added = '', deleted = '', path] = entry.split('\t');
    const { additions, deletions, files } = this.#commit as Commit;
    Object.assign(this.#commit as Commit, {
      additions: Math.min(countMax, additions + (Number(added) || 0)),
      deletions: Math.min(countMax, deletions + (Number(deleted) || 0)),
      files: files + 1,
    });
    this.#entry = undefined;
    this.#paths = path === '' ? 2 : 0;
  }

  #path(path: string): void {
    this.#paths -= 1;
    if (!this.#entry) return;
    const { status, from } = this.#entry;
    if (this.#paths > 0) {
      this.#entry.from = path;
      return;
    }
    const { changes } = this.#commit as Commit;
    const add = (...change: FileChange): unknown => changes.length < changesMax && changes.push(change);
    const fits = Buffer.byteLength(path) <= pathBytesMax;
    if (status === 'R' && from !== undefined && Buffer.byteLength(from) <= pathBytesMax)
      fits ? add('R', from, path) : add('D', from);
    else if (fits) add(status === 'D' ? 'D' : 'C', path);
  }
}

/** What git prints, cut at `end`, some at a time. Throws where it fails. */
async function* printedBy(path: string, words: readonly string[], end: string): AsyncGenerator<string[]> {
  const child = spawn('git', [...asItIs, ...words], {
    cwd: path,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<unknown>((resolve) => {
    child.once('error', (error) => resolve('code' in error ? error.code : error.message));
    child.once('close', resolve);
  });
  const said = text(child.stderr);
  try {
    yield* tokensOf(child.stdout, end);
    const code = await ended;
    if (code !== 0) throw failureOf(await said, code);
  } finally {
    child.kill();
  }
}

/**
 * When each commit came to the branch that is read: with the first commit of its first parents, oldest first, that
 * descends from it. Only those that came with another commit have one. What `revisions` leave out was there before.
 */
async function landingsOf(path: string, revisions: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const landings = new Map<string, string>();
  const waiting = new Map<string, readonly string[]>();
  const mainline = new Set<string>();
  const land = (parents: readonly string[], at: string): void => {
    for (const open = [...parents]; open.length > 0; ) {
      const next = open.pop() as string;
      const before = waiting.get(next);
      if (!before) continue;
      waiting.delete(next);
      landings.set(next, at);
      open.push(...before);
    }
  };
  const revList = (...words: string[]) => printedBy(path, ['rev-list', ...words, ...revisions, '--'], '\n');
  for await (const shas of revList('--first-parent')) for (const sha of shas) mainline.add(sha);
  for await (const lines of revList('--reverse', '--topo-order', '--parents', '--timestamp')) {
    for (const line of lines) {
      const [committed = '', sha = '', ...parents] = line.split(' ');
      if (mainline.has(sha)) land(parents, timeOf(committed));
      else waiting.set(sha, parents);
    }
  }
  return landings;
}

/** The commits that `revisions` name, oldest first: none before those it descends from. Throws where git fails. */
export async function* commitsOf(path: string, revisions: readonly string[]): AsyncGenerator<Commit> {
  const parser = new LogParser(await landingsOf(path, revisions));
  for await (const tokens of printedBy(path, [...logOptions, ...revisions, '--'], '\0')) {
    for (const token of tokens) {
      const commit = parser.take(token);
      if (commit) yield commit;
    }
  }
  const last = parser.end();
  if (last) yield last;
}

/** Somebody who has several addresses, as `POST /projects/{id}/code/commits` takes it. */
export interface NamedPerson {
  readonly name: string;
  readonly email: string;
  readonly addresses: string[];
}

/**
 * Who committed under other addresses than the one that .mailmap says, in all that `revision` descends from. An address that
 * several people share, or that stands for somebody and is mapped itself, makes nobody one.
 */
export async function peopleOf(path: string, revision: string): Promise<NamedPerson[]> {
  const byRaw = new Map<string, Set<string>>();
  const names = new Map<string, string>();
  const words = ['log', '--use-mailmap', '--no-show-signature', '--encoding=UTF-8', '-z', '--format=%aN%x01%aE%x01%ae'];
  for await (const entries of printedBy(path, [...words, revision, '--'], '\0')) {
    for (const entry of entries) {
      const [name = '', email = '', raw = ''] = entry.split('\x01');
      const key = email.toLowerCase();
      if (email === '' || raw === '' || email.length > emailMax || raw.length > emailMax) continue;
      if (!names.has(key)) names.set(key, name.slice(0, nameMax));
      const known = byRaw.get(raw.toLowerCase());
      if (known) known.add(key);
      else byRaw.set(raw.toLowerCase(), new Set([key]));
    }
  }
  const people = new Map<string, string[]>();
  for (const [raw, [email = raw, ...others]] of byRaw) {
    const own = byRaw.get(email);
    if (email === raw || others.length > 0 || (own && !(own.size === 1 && own.has(email)))) continue;
    people.set(email, [...(people.get(email) ?? []), raw]);
  }
  return [...people].map(([email, addresses]) => ({
    name: names.get(email) as string,
    email,
    addresses: addresses.slice(0, addressesMax),
  }));
}
