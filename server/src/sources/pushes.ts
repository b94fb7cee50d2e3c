import type { Commit } from './commits.ts';
import type { SourceEvent } from './events.ts';
import type { Payload } from './payload.ts';

/** What a push to another branch than the default one tells; undefined where that is nothing. */
export function branchPushed(
  repository: string,
  branch: string,
  commits: readonly Payload[],
  { isNew, isGone }: { isNew: boolean; isGone: boolean },
): SourceEvent | undefined {
  if (isGone) return { kind: 'branch_removed', repository, branch };
  if (commits.length === 0) return undefined;
  const written = commits.map((commit) => ({ sha: commit.sha('id'), at: commit.time('timestamp') }));
  return { kind: 'branch', repository, branch, commits: written, isNew };
}

/** Commits of one push: all came to the branch at once, when the newest of them was committed. */
export function landed(commits: readonly Omit<Commit, 'landedAt'>[]): Commit[] {
  const [landedAt = null] = commits
    .map(({ committedAt }) => committedAt)
    .toSorted()
    .reverse();
  return commits.map((commit) => ({ ...commit, landedAt }));
}
