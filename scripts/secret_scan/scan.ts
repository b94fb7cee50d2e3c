import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Finding, findSecrets, rulesVersion } from './rules.ts';

export interface PlacedFinding extends Finding {
  readonly path: string;
  /** The abbreviated commit that brought it; undefined: it is in the working tree, and in no commit. */
  readonly commit: string | undefined;
}

export interface Scan {
  readonly findings: readonly PlacedFinding[];
  /** Versions of files that were looked at, now or at an earlier scan. */
  readonly blobs: number;
  /** A clone that does not have all of the history. */
  readonly isShallow: boolean;
}

/** What is found in each blob, by its id: a blob never changes. */
type Found = Record<string, readonly Finding[]>;

/** Blobs are read from git so many at a time. */
const batchSize = 200;
const cacheName = 'maestro-secret-scan.json';
const bufferMax = 2 ** 30;

/**
 * Looks for secrets in the working tree of a clone and in all of its history, also in what was removed again. What is
 * known of blobs is kept beside the clone's objects, so that only new ones are read.
 */
export async function scanRepository(directory: string): Promise<Scan> {
  const git = (args: readonly string[], input = ''): Buffer =>
    execFileSync('git', args, { cwd: directory, input, maxBuffer: bufferMax, stdio: ['pipe', 'pipe', 'pipe'] });
  const cacheFile = resolve(directory, git(['rev-parse', '--git-path', cacheName]).toString().trim());
  const found = readCache(cacheFile);
  const history = blobsOf(git);
  const unread = [...history.keys()].filter((id) => found[id] === undefined);
  for (let from = 0; from < unread.length; from += batchSize) {
    for (const { id, content } of contentsOf(git, unread.slice(from, from + batchSize))) {
      found[id] = await findingsIn(content);
    }
  }
  const tree = await scanTree(directory, git, found);
  writeCache(cacheFile, found);
  const isCommitted = ({ id }: { id: string }): boolean => history.has(id);
  return {
    findings: [
      ...[...history].flatMap(([id, path]) =>
        (found[id] ?? []).map((finding) => ({ ...finding, path, commit: commitOf(git, id) })),
      ),
      ...tree
        .filter((file) => !isCommitted(file))
        .flatMap(({ id, path }) => (found[id] ?? []).map((finding) => ({ ...finding, path, commit: undefined }))),
    ],
    blobs: new Set([...history.keys(), ...tree.map(({ id }) => id)]).size,
    isShallow: git(['rev-parse', '--is-shallow-repository']).toString().trim() === 'true',
  };
}

type Git = (args: readonly string[], input?: string) => Buffer;

/** The blobs that HEAD's history holds, by id, with a path of each. */
function blobsOf(git: Git): Map<string, string> {
  const objects = new Map<string, string>();
  for (const line of git(['rev-list', '--objects', 'HEAD']).toString().split('\n')) {
    const [id = '', ...path] = line.split(' ');
    if (path.length > 0) objects.set(id, path.join(' '));
  }
  const checked = git(['cat-file', '--batch-check=%(objecttype) %(objectname)'], `${[...objects.keys()].join('\n')}\n`);
  for (const line of checked.toString().split('\n')) {
    const [type, id = ''] = line.split(' ');
    if (type !== 'blob') objects.delete(id);
  }
  return objects;
}

/** `<id> blob <size>`, the content and a line feed, for each. */
function contentsOf(git: Git, ids: readonly string[]): { id: string; content: Buffer }[] {
  const answer = git(['cat-file', '--batch'], `${ids.join('\n')}\n`);
  let at = 0;
  return ids.map((id) => {
    const headEnd = answer.indexOf('\n', at);
    const size = Number(answer.subarray(at, headEnd).toString().split(' ')[2]);
    const content = answer.subarray(headEnd + 1, headEnd + 1 + size);
    at = headEnd + size + 2;
    return { id, content };
  });
}

/** The files of the working tree, by what their blobs would be; those that git ignores are no part of it. */
async function scanTree(directory: string, git: Git, found: Found): Promise<{ id: string; path: string }[]> {
  const paths = git(['ls-files', '-z', '--cached', '--others', '--exclude-standard']).toString().split('\0');
  const files: { id: string; path: string }[] = [];
  for (const path of new Set(paths.filter(Boolean))) {
    const file = join(directory, path);
    if (!existsSync(file) || !lstatSync(file).isFile()) continue;
    const content = readFileSync(file);
    const id = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
    found[id] ??= await findingsIn(content);
    files.push({ id, path });
  }
  return files;
}

/** None in what is no text. */
async function findingsIn(content: Buffer): Promise<readonly Finding[]> {
  return content.includes(0) ? [] : findSecrets(content.toString());
}

const commitOf = (git: Git, id: string): string =>
  git(['log', '--format=%h', '--reverse', `--find-object=${id}`, 'HEAD'])
    .toString()
    .split('\n')[0] ?? '';

function readCache(file: string): Found {
  try {
    const { version, found } = JSON.parse(readFileSync(file, 'utf8')) as { version: string; found: Found };
    return version === rulesVersion ? found : {};
  } catch {
    return {};
  }
}

function writeCache(file: string, found: Found): void {
  writeFileSync(file, JSON.stringify({ version: rulesVersion, found }));
}
