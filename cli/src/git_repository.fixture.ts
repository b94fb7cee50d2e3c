import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface FakeCommit {
  /** `Name <address>`. */
  readonly author: string;
  /** Seconds since 1970. */
  readonly at: number;
  /** As in +0130; +0000 unless said otherwise. */
  readonly offset?: string;
  /** Lines of git fast-import: what is changed in the tree. */
  readonly tree: readonly string[];
  /** Marks of commits, from 1 on; the one before unless said otherwise. */
  readonly parents?: readonly number[];
}

/** A file with a content, in the form of git fast-import. */
export const file = (path: string, content: string): string =>
  `M 100644 inline ${JSON.stringify(path)}\ndata ${Buffer.byteLength(content)}\n${content}`;

export interface Repository {
  readonly path: string;
  git(...words: string[]): Promise<string>;
  /** Adds commits to the branch main; marks count on. */
  add(commits: Iterable<FakeCommit>): Promise<void>;
  mailmap(lines: string): Promise<void>;
  remove(): Promise<void>;
}

const environment = {
  PATH: process.env.PATH,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

async function run(cwd: string, words: readonly string[], input: Iterable<string> = []): Promise<string> {
  const child = spawn('git', words, { cwd, env: environment });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  for (const piece of input) {
    if (!child.stdin.write(piece)) await new Promise((resolve) => child.stdin.once('drain', resolve));
  }
  child.stdin.end();
  const [stdout, stderr] = await said;
  if ((await ended) !== 0) throw new Error(`git ${words.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** A repository made by the real git, without a work tree's files; it has a branch main. */
export async function makeRepository(): Promise<Repository> {
  const path = await mkdtemp(join(tmpdir(), 'maestro-git-'));
  await run(path, ['init', '--quiet', '--initial-branch=main']);
  const marks = join(path, '.git', 'marks');
  let mark = 0;
  return {
    path,
    git: (...words) => run(path, words),
    async add(commits) {
      function* script(): Generator<string> {
        for (const { author, at, offset = '+0000', tree, parents = mark === 0 ? [] : [mark] } of commits) {
          mark += 1;
          const [from, ...merged] = parents;
          yield `commit refs/heads/main\nmark :${mark}\nauthor ${author} ${at} ${offset}\n`;
          yield `committer ${author} ${at} ${offset}\ndata 1\nm\n`;
          if (from !== undefined) yield `from :${from}\n`;
          yield merged.map((each) => `merge :${each}\n`).join('');
          yield `${[...tree, ''].join('\n')}\n`;
        }
      }
      const options = ['--quiet', '--force', `--import-marks-if-exists=${marks}`, `--export-marks=${marks}`];
      await run(path, ['fast-import', ...options], script());
    },
    mailmap: (lines) => writeFile(join(path, '.mailmap'), lines),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
