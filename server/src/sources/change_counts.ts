import type { TenantTx } from '../db/tenancy.ts';
import type { Where } from './commit_queries.ts';
import { recountLeads } from './lead_cells.ts';
import { addPersonDays, type PersonDay } from './person_cells.ts';
import { addValues, type DayOfValue, recountDays } from './value_cells.ts';

/** What a change comes to in what is kept of all changes. Hours are null where they are not known, or do not count. */
export interface ChangeFacts {
  readonly repository: string;
  readonly change_key: string;
  readonly person_id: string;
  readonly opened_on: string;
  readonly merged_on: string | null;
  /** Somebody else reviewed it before it was merged. */
  readonly is_reviewed: boolean;
  readonly open_hours: number | null;
  readonly review_hours: number | null;
  readonly merge_hours: number | null;
  readonly merge_sha: string | null;
  readonly first_commit_at: Date | null;
}

const hours = (since: string, until: string): string =>
  `CASE WHEN NOT p.is_left_out AND c.${until} >= c.${since}
        THEN extract(epoch FROM c.${until} - c.${since})::double precision / 3600 END`;

const factsText = (where: string): string => `
  SELECT c.repository, c.change_key, c.person_id, (c.opened_at AT TIME ZONE 'UTC')::date AS opened_on,
         (c.merged_at AT TIME ZONE 'UTC')::date AS merged_on, coalesce(c.first_review_at <= c.merged_at, false) AS is_reviewed,
         ${hours('first_commit_at', 'opened_at')} AS open_hours, ${hours('opened_at', 'first_review_at')} AS review_hours,
         ${hours('opened_at', 'merged_at')} AS merge_hours, c.merge_sha, c.first_commit_at
    FROM maestro.code_changes c
    JOIN maestro.code_people p ON p.tenant_id = $1 AND p.project_id = $2 AND p.person_id = c.person_id
   WHERE c.tenant_id = $1 AND c.project_id = $2 AND ${where}`;

/** Of one change, if there is it, and of those of a branch, where one is given. */
export const changeFacts = (
  tx: TenantTx,
  { project, repository }: Where,
  key: string | null,
  branch: string | null,
): Promise<ChangeFacts[]> =>
  tx.sql<ChangeFacts>(
    factsText('c.repository = $3 AND (c.change_key = $4 OR c.branch = $5)'),
    [tx.tenantId, project, repository, key, branch],
    'change_facts',
  );

/** Of the changes that people opened or reviewed. */
export const changeFactsOf = (tx: TenantTx, project: string, persons: readonly string[]): Promise<ChangeFacts[]> =>
  tx.sql<ChangeFacts>(
    factsText(`(c.repository, c.change_key) IN (
      SELECT a.repository, a.change_key FROM maestro.code_changes a
       WHERE a.tenant_id = $1 AND a.project_id = $2 AND a.person_id = ANY ($3::uuid[])
      UNION
      SELECT o.repository, o.change_key FROM maestro.code_reviews o
       WHERE o.tenant_id = $1 AND o.project_id = $2 AND o.person_id = ANY ($3::uuid[]))`),
    [tx.tenantId, project, persons],
  );

const personDaysOf = (facts: ChangeFacts, times: 1 | -1): PersonDay[] => {
  const { person_id: person, opened_on, merged_on, is_reviewed } = facts;
  const opened = { person, day: opened_on, opened: times };
  if (merged_on === null) return [opened];
  return [opened, { person, day: merged_on, merged: times, reviewed: is_reviewed ? times : 0 }];
};

const valuesOf = (facts: ChangeFacts | undefined): (DayOfValue | undefined)[] => {
  const on = (series: DayOfValue['series'], day: string | null | undefined, value: number | null | undefined) =>
    day == null || value == null ? undefined : { series, day, value };
  return [
    on('open', facts?.opened_on, facts?.open_hours),
    on('review', facts?.opened_on, facts?.review_hours),
    on('merge', facts?.merged_on, facts?.merge_hours),
  ];
};

/** The commit that counts from the first one of the change that was squashed into it, and from when. */
const squashOf = (facts: ChangeFacts | undefined): string =>
  facts?.merge_sha && facts.first_commit_at ? `${facts.merge_sha} ${facts.first_commit_at.getTime()}` : '';

/** Counts changes as they are now, of which `before` says what was counted. The same ones, but for those that are new. */
export async function countChanges(
  tx: TenantTx,
  project: string,
  before: readonly ChangeFacts[],
  after: readonly ChangeFacts[],
): Promise<void> {
  const keyOf = ({ repository, change_key }: ChangeFacts) => `${repository}\0${change_key}`;
  const known = new Map(before.map((facts) => [keyOf(facts), facts]));
  const days: PersonDay[] = [];
  const added: DayOfValue[] = [];
  const others: DayOfValue[] = [];
  const squashed: { repository: string; shas: string[] }[] = [];
  for (const facts of after) {
    const old = known.get(keyOf(facts));
    days.push(...(old ? personDaysOf(old, -1) : []), ...personDaysOf(facts, 1));
    const values = valuesOf(facts);
    for (const [place, was] of valuesOf(old).entries()) {
      const is = values[place];
      if (was?.day === is?.day && was?.value === is?.value) continue;
      if (was) others.push(was, ...(is ? [is] : []));
      else if (is) added.push(is);
    }
    if (squashOf(old) !== squashOf(facts)) {
      const shas = [old?.merge_sha, facts.merge_sha].filter((sha) => typeof sha === 'string');
      squashed.push({ repository: facts.repository, shas });
    }
  }
  await addPersonDays(tx, project, days);
  // What is counted anew is not to be added, too.
  const isAnew = ({ series, day }: DayOfValue) => others.some((one) => one.series === series && one.day === day);
  await addValues(
    tx,
    project,
    added.filter((one) => !isAnew(one)),
  );
  await recountDays(tx, project, others);
  for (const { repository, shas } of squashed) await recountSquashed(tx, { project, repository }, shas);
}

/** Counts anew the lead times of commits that count from another moment now. */
async function recountSquashed(tx: TenantTx, where: Where, shas: readonly string[]): Promise<void> {
  const rows = await tx.sql<{ landed_at: Date }>(
    `SELECT landed_at FROM maestro.code_commits
      WHERE tenant_id = $1 AND project_id = $2 AND repository = $3 AND sha = ANY ($4::text[])`,
    [tx.tenantId, where.project, where.repository, shas],
    'squashed_landings',
  );
  for (const { landed_at } of rows) {
    const at = landed_at.toISOString();
    await recountLeads(tx, where, { from: at, to: at });
  }
}
