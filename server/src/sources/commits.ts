import type { TenantTx } from '../db/tenancy.ts';
import { countCommits } from './commit_counts.ts';
import {
  addShares,
  type CommitRow,
  changeState,
  incompleteCommits,
  insertCommits,
  knownCommits,
  takeShares,
  type Where,
} from './commit_queries.ts';
import { type FileChange, FileHistory } from './file_history.ts';
import { renewFiles } from './file_rows.ts';
import { type Identity, keysOf, resolvePeople } from './people.ts';

/** A commit as a source tells of it. */
export interface Commit extends Omit<CommitRow, 'person'> {
  readonly author: Identity;
  /** By the history alone: what it did to each file. */
  readonly changes?: readonly FileChange[];
}

/** A commit of more files than this (it formats or moves them) makes nobody know them. */
const countedFilesMax = 500;

/** From as many commits on, planning statements for them costs nothing beside what a wrong plan does. */
const plannedFrom = 100;

/**
 * Records commits of a repository, oldest first; those that are recorded already change nothing. `complete`: they were read
 * from the history itself, with the size of their changes. To be called in turn (see `takeTurn`). Gives how many were new,
 * or were completed.
 */
export async function recordCommits(
  tx: TenantTx,
  where: Where,
  given: readonly Commit[],
  complete: boolean,
): Promise<number> {
  // A first sync meets empty tables, and plans made then go through all commits and files with each further batch.
  if (given.length >= plannedFrom) await tx.sql('SET LOCAL plan_cache_mode = force_custom_plan');
  const bySha = new Map(given.map((commit) => [commit.sha, commit]));
  const known = await knownCommits(tx, where, [...bySha.keys()], complete);
  const commits = [...bySha.values()].filter(({ sha }) => !known.has(sha));
  if (commits.length === 0) return 0;
  const persons = await resolvePeople(
    tx,
    where.project,
    commits.map(({ author }) => author),
  );
  const history = new FileHistory();
  const rows = commits.map(({ author, changes = [], ...commit }): CommitRow => {
    const person = persons.get(keysOf(author)[0] as string) as string;
    if (!commit.isMerge) history.add(changes, person, Date.parse(commit.committedAt), commit.files <= countedFilesMax);
    return { ...commit, person };
  });
  // After people were found, for two of them may have turned out to be one.
  const shas = rows.map(({ sha }) => sha);
  const before = complete ? await incompleteCommits(tx, where, shas) : [];
  await insertCommits(tx, where, rows, complete);
  await countCommits(tx, where, before, rows);
  if (complete) {
    const removed = history.removed();
    const shares = history.shares(await takeShares(tx, where, removed));
    await addShares(tx, where, shares);
    const placesOf = (paths: Iterable<string>) =>
      [...new Set(paths)].map((path) => ({ repository: where.repository, path }));
    await renewFiles(tx, where.project, placesOf(shares.map(({ path }) => path)), placesOf(removed));
    await changeState(tx, where.project);
  }
  return rows.length;
}
