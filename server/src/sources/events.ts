import type { TenantTx } from '../db/tenancy.ts';
import * as branches from './branch_queries.ts';
import { buildFacts, countBuild } from './build_counts.ts';
import { changeFacts, countChanges } from './change_counts.ts';
import { knownCommits, type Where } from './commit_queries.ts';
import { type Commit, recordCommits } from './commits.ts';
import { changeRelease, recordDeployment } from './deliveries.ts';
import * as queries from './event_queries.ts';
import { type Identity, keysOf, resolvePeople } from './people.ts';
import { addPersonDays, addReviewTie } from './person_cells.ts';

type Change = Omit<queries.ChangeRow, 'person'> & { readonly author: Identity };

/** What was pushed to another branch than the default one. `isNew`: it was made by that. */
interface Pushed {
  readonly commits: readonly { readonly sha: string; readonly at: string }[];
  readonly isNew: boolean;
}
type Review = Omit<queries.ReviewRow, 'person' | 'change'> & { readonly by: Identity };

/** What a delivery of GitHub or GitLab tells, in the words of both. `repository` is as in `github.com/owner/name`. */
export type SourceEvent = { readonly repository: string } & (
  | { readonly kind: 'commits'; readonly commits: readonly Commit[] }
  | ({ readonly kind: 'branch'; readonly branch: string } & Pushed)
  | { readonly kind: 'branch_removed'; readonly branch: string }
  | { readonly kind: 'change'; readonly change: Change }
  | { readonly kind: 'review'; readonly change: Change; readonly review: Review }
  | { readonly kind: 'ci_run'; readonly run: queries.CiRunRow }
  | { readonly kind: 'deployment'; readonly deployment: queries.DeploymentRow }
  | { readonly kind: 'release'; readonly release: queries.ReleaseRow }
  | { readonly kind: 'release_removed'; readonly tag: string }
);

/** Records what was told; again, and in whatever order, it comes to the same. To be called in turn (see `takeTurn`). */
export async function recordEvent(tx: TenantTx, project: string, event: SourceEvent): Promise<void> {
  const where = { project, repository: event.repository };
  switch (event.kind) {
    case 'commits':
      await recordCommits(tx, where, event.commits, false);
      return;
    case 'branch': {
      // What a merge brings to it of the default branch is no work on it.
      const shas = event.commits.map(({ sha }) => sha);
      const known = await knownCommits(tx, where, shas, false);
      const times = event.commits.filter(({ sha }) => !known.has(sha)).map(({ at }) => at);
      const [first] = times.toSorted();
      if (first === undefined) return;
      const before = await changeFacts(tx, where, null, event.branch);
      await branches.putBranch(tx, where, event.branch, first, event.isNew);
      return countChanges(tx, project, before, await changeFacts(tx, where, null, event.branch));
    }
    case 'branch_removed':
      return branches.removeBranch(tx, where, event.branch);
    case 'change':
    case 'review': {
      const { author, ...change } = event.change;
      const by = event.kind === 'review' ? event.review.by : author;
      const persons = await resolvePeople(tx, project, [author, by]);
      const personOf = (identity: Identity): string => persons.get(keysOf(identity)[0] as string) as string;
      const before = await changeFacts(tx, where, change.key, change.branch);
      await queries.putChange(tx, where, { ...change, person: personOf(author) });
      if (change.branch !== null) await branches.noteFirstCommit(tx, where, change.branch);
      if (event.kind === 'review') await recordReview(tx, where, change.key, { ...event.review, person: personOf(by) });
      return countChanges(tx, project, before, await changeFacts(tx, where, change.key, change.branch));
    }
    case 'ci_run':
      return recordBuild(tx, where, event.run.key, () => queries.putCiRun(tx, where, event.run));
    case 'deployment':
      return recordDeployment(tx, where, event.deployment);
    case 'release':
      return changeRelease(tx, where, event.release.tag, () => queries.putRelease(tx, where, event.release));
    case 'release_removed':
      return changeRelease(tx, where, event.tag, () => queries.removeRelease(tx, where, event.tag));
  }
}

async function recordReview(
  tx: TenantTx,
  where: Where,
  change: string,
  { key, at, state, person }: Omit<queries.ReviewRow, 'change'>,
): Promise<void> {
  if (!(await queries.putReview(tx, where, { key, at, state, change, person }))) return;
  const day = at.slice(0, 10);
  const author = await queries.authorOf(tx, where, change);
  await addPersonDays(tx, where.project, [{ person, day, reviews: 1 }]);
  if (author !== person) await addReviewTie(tx, where.project, { reviewer: person, author, day });
}

/** Runs what changes a build, and counts it as it is then. */
export async function recordBuild(tx: TenantTx, where: Where, key: string, change: () => Promise<void>): Promise<void> {
  const [before, , after] = await Promise.all([buildFacts(tx, where, key), change(), buildFacts(tx, where, key)]);
  await countBuild(tx, where.project, before, after!);
}
