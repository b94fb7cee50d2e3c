import type { TenantTx } from '../db/tenancy.ts';
import { startOf } from '../process/periods.ts';

const counts = [
  'commits',
  'merges',
  'additions',
  'deletions',
  'at_night',
  'at_weekend',
  'opened',
  'merged',
  'reviewed',
  'reviews',
] as const;
type Counts = { readonly [count in (typeof counts)[number]]: number };

/** What somebody did on a day (UTC), as `code_person_cells` has it; what was told otherwise before is negative. */
export type PersonDay = Partial<Counts> & {
  readonly person: string;
  readonly day: string;
  /** Days since 1970 by the author's own clock. */
  readonly authoredDays?: readonly number[];
};

const periods = ['day', 'month', 'year'] as const;

interface Cell {
  readonly period: string;
  readonly start: string;
  readonly person: string;
  readonly counts: Record<string, number>;
  readonly days: Set<number>;
}

function cellsOf(given: readonly PersonDay[]): Cell[] {
  const cells = new Map<string, Cell>();
  for (const period of periods) {
    for (const { person, day, authoredDays = [], ...added } of given) {
      const start = startOf(day, period);
      const key = `${period} ${start} ${person}`;
      const cell = cells.get(key) ?? { period, start, person, counts: {}, days: new Set() };
      cells.set(key, cell);
      for (const count of counts) cell.counts[count] = (cell.counts[count] ?? 0) + (added[count] ?? 0);
      for (const authored of authoredDays) cell.days.add(authored);
    }
  }
  const isSomething = ({ counts: of, days }: Cell) => days.size > 0 || Object.values(of).some((count) => count !== 0);
  return [...cells.values()].filter(isSomething);
}

/** Adds `excluded` to a cell `c`. Each day stands in it once, in order. */
const addedText = `
  ${counts.map((count) => `${count} = c.${count} + excluded.${count}`).join(', ')},
  authored_days = CASE WHEN c.authored_days @> excluded.authored_days THEN c.authored_days
                       ELSE ARRAY(SELECT DISTINCT u.day FROM unnest(c.authored_days || excluded.authored_days) AS u(day)
                                   ORDER BY 1) END`;

/** Adds to what people did, and to the commits a day of those who are not left out. */
export async function addPersonDays(tx: TenantTx, project: string, given: readonly PersonDay[]): Promise<void> {
  const cells = cellsOf(given);
  if (cells.length === 0) return;
  await tx.sql(
    `INSERT INTO maestro.code_person_cells AS c
       (tenant_id, project_id, period, start, person_id, authored_days, ${counts.join(', ')})
     SELECT $1, $2, n.period, n.start, n.person_id, n.days::integer[], ${counts.map((count) => `n.${count}`).join(', ')}
       FROM unnest($3::text[], $4::date[], $5::uuid[], $6::text[],
                   ${counts.map((_, place) => `$${place + 7}::bigint[]`).join(', ')})
         AS n(period, start, person_id, days, ${counts.join(', ')})
      ORDER BY n.period, n.start, n.person_id
     ON CONFLICT (tenant_id, project_id, period, start, person_id) DO UPDATE SET ${addedText}`,
    [
      ...[tx.tenantId, project, cells.map(({ period }) => period), cells.map(({ start }) => start)],
      ...[cells.map(({ person }) => person), cells.map(({ days }) => `{${[...days].sort((a, b) => a - b).join()}}`)],
      ...counts.map((count) => cells.map((cell) => cell.counts[count])),
    ],
    'add_person_cells',
  );
  const days = cells.filter(({ period, counts: of }) => period === 'day' && of.commits !== 0);
  if (days.length === 0) return;
  await tx.sql(
    `INSERT INTO maestro.code_days AS d (tenant_id, project_id, day, commits)
     SELECT $1, $2, n.day, sum(n.commits) FROM unnest($3::uuid[], $4::date[], $5::integer[]) AS n(person_id, day, commits)
       JOIN maestro.code_people p ON p.tenant_id = $1 AND p.project_id = $2 AND p.person_id = n.person_id
        AND NOT p.is_left_out
      GROUP BY n.day ORDER BY n.day
     ON CONFLICT (tenant_id, project_id, day) DO UPDATE SET commits = d.commits + excluded.commits`,
    [
      ...[tx.tenantId, project, days.map(({ person }) => person), days.map(({ start }) => start)],
      days.map(({ counts: of }) => of.commits),
    ],
    'add_code_days',
  );
}

/** Reads anew when people wrote what they committed in the times that some days are in: a commit may be told otherwise. */
export async function rereadAuthoredDays(tx: TenantTx, project: string, given: readonly PersonDay[]): Promise<void> {
  await tx.sql(
    `UPDATE maestro.code_person_cells c
        SET authored_days = ARRAY(
          SELECT DISTINCT ((o.authored_at AT TIME ZONE 'UTC') + make_interval(mins => o.authored_offset))::date
                          - date '1970-01-01'
            FROM maestro.code_commits o
           WHERE o.tenant_id = $1 AND o.project_id = $2 AND o.person_id = c.person_id AND NOT o.is_merge
             AND o.committed_at >= c.start::timestamp AT TIME ZONE 'UTC'
             AND o.committed_at < (c.start + ('1 ' || c.period)::interval) AT TIME ZONE 'UTC' ORDER BY 1)
       FROM (SELECT DISTINCT g.person_id, p.period, date_trunc(p.period, g.day::timestamp)::date AS start
               FROM unnest($3::uuid[], $4::date[]) AS g(person_id, day), unnest($5::text[]) AS p(period)) t
      WHERE c.tenant_id = $1 AND c.project_id = $2 AND c.person_id = t.person_id AND c.period = t.period
        AND c.start = t.start`,
    [tx.tenantId, project, given.map(({ person }) => person), given.map(({ day }) => day), periods],
    'reread_authored_days',
  );
}

/** Takes the commits of people who are to be left out from the days. */
export async function takeFromDays(tx: TenantTx, project: string, persons: readonly string[]): Promise<void> {
  await tx.sql(
    `UPDATE maestro.code_days d SET commits = d.commits - c.commits
       FROM (SELECT o.start, sum(o.commits) AS commits
               FROM maestro.code_person_cells o JOIN maestro.code_people p
                 ON p.tenant_id = $1 AND p.project_id = $2 AND p.person_id = o.person_id AND NOT p.is_left_out
              WHERE o.tenant_id = $1 AND o.project_id = $2 AND o.person_id = ANY ($3::uuid[]) AND o.period = 'day'
              GROUP BY o.start) c
      WHERE d.tenant_id = $1 AND d.project_id = $2 AND d.day = c.start`,
    [tx.tenantId, project, persons],
  );
}

/** Adds what one person did to what another did, and whom they reviewed or were reviewed by; the first one's stays. */
export async function joinPersonCells(tx: TenantTx, project: string, from: string, into: string): Promise<void> {
  const values = [tx.tenantId, project, from, into];
  await tx.sql(
    `INSERT INTO maestro.code_person_cells AS c
       (tenant_id, project_id, period, start, person_id, authored_days, ${counts.join(', ')})
     SELECT $1, $2, o.period, o.start, $4, o.authored_days, ${counts.map((count) => `o.${count}`).join(', ')}
       FROM maestro.code_person_cells o WHERE o.tenant_id = $1 AND o.project_id = $2 AND o.person_id = $3
      ORDER BY o.period, o.start
     ON CONFLICT (tenant_id, project_id, period, start, person_id) DO UPDATE SET ${addedText}`,
    values,
  );
  for (const [own, other] of [
    ['reviewer_id', 'author_id'],
    ['author_id', 'reviewer_id'],
  ]) {
    await tx.sql(
      `INSERT INTO maestro.code_review_ties (tenant_id, project_id, period, start, ${own}, ${other})
       SELECT $1, $2, o.period, o.start, $4, o.${other} FROM maestro.code_review_ties o
        WHERE o.tenant_id = $1 AND o.project_id = $2 AND o.${own} = $3 AND o.${other} <> $4
       ON CONFLICT DO NOTHING`,
      values,
    );
  }
}

/** Says that somebody reviewed a change of somebody else on a day. */
export async function addReviewTie(
  tx: TenantTx,
  project: string,
  { reviewer, author, day }: { reviewer: string; author: string; day: string },
): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.code_review_ties (tenant_id, project_id, period, start, reviewer_id, author_id)
     SELECT $1, $2, p.period, date_trunc(p.period, $5::date::timestamp)::date, $3, $4 FROM unnest($6::text[]) AS p(period)
     ON CONFLICT DO NOTHING`,
    [tx.tenantId, project, reviewer, author, day, periods],
    'add_review_tie',
  );
}
