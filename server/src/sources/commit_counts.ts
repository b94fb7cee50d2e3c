import type { TenantTx } from '../db/tenancy.ts';
import type { CountedCommit, Where } from './commit_queries.ts';
import { recountLeads } from './lead_cells.ts';
import { addPersonDays, type PersonDay, rereadAuthoredDays } from './person_cells.ts';

const dayMs = 86_400_000;

/** A night is from 22:00 to 6:00, by the author's own clock. */
function personDayOf(commit: CountedCommit, times: 1 | -1): PersonDay {
  const { person, committedAt, isMerge } = commit;
  const sizes = { additions: commit.additions * times, deletions: commit.deletions * times };
  const told = { person, day: committedAt.slice(0, 10), ...sizes };
  if (isMerge) return { ...told, merges: times };
  const own = new Date(Date.parse(commit.authoredAt) + commit.authoredOffset * 60_000);
  const [hour, weekday] = [own.getUTCHours(), own.getUTCDay()];
  return {
    ...told,
    commits: times,
    at_night: hour >= 22 || hour < 6 ? times : 0,
    at_weekend: weekday === 0 || weekday === 6 ? times : 0,
    authoredDays: times === 1 ? [Math.floor(own.getTime() / dayMs)] : [],
  };
}

/** Counts commits that are new, or that are otherwise than `before` says. */
export async function countCommits(
  tx: TenantTx,
  where: Where,
  before: readonly CountedCommit[],
  after: readonly CountedCommit[],
): Promise<void> {
  const gone = before.map((commit) => personDayOf(commit, -1));
  await addPersonDays(tx, where.project, [...gone, ...after.map((commit) => personDayOf(commit, 1))]);
  if (gone.length > 0) await rereadAuthoredDays(tx, where.project, gone);
  const landings = [...before, ...after].map(({ landedAt, committedAt }) => landedAt ?? committedAt).sort();
  const changed = { from: landings[0] as string, to: landings.at(-1) as string };
  await recountLeads(tx, where, { ...changed, shas: after.map(({ sha }) => sha) });
}
