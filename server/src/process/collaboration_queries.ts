import type { TenantTx } from '../db/tenancy.ts';
import { byPeople } from './code_queries.ts';
import { during } from './during.ts';
import type { Span } from './periods.ts';

/** More would make the measures slow, which grow with people times ties. */
const peopleMax = 300;

/** A file that more people change says nothing of who works with whom. */
const peopleOfFileMax = 50;

/** Who committed, opened a change or reviewed in a span: the most active ones, in no telling order. */
export async function activePeople(tx: TenantTx, project: string, { from, to }: Span): Promise<string[]> {
  const rows = await tx.sql<{ person_id: string }>(
    `SELECT a.person_id FROM (
       SELECT c.person_id FROM ${byPeople('code_commits', 'c')}
        WHERE c.tenant_id = $1 AND c.project_id = $2 AND ${during('c.committed_at', '$3', '$4')} AND NOT c.is_merge
       UNION ALL
       SELECT o.person_id FROM ${byPeople('code_changes', 'o')}
        WHERE o.tenant_id = $1 AND o.project_id = $2 AND ${during('o.opened_at', '$3', '$4')}
       UNION ALL
       SELECT r.person_id FROM ${byPeople('code_reviews', 'r')}
        WHERE r.tenant_id = $1 AND r.project_id = $2 AND ${during('r.at', '$3', '$4')}
     ) a GROUP BY a.person_id ORDER BY count(*) DESC, a.person_id LIMIT ${peopleMax}`,
    [tx.tenantId, project, from, to],
    'active_people',
  );
  return rows.map(({ person_id }) => person_id);
}

/** People who changed a file of the code as it is now, each set of them once, as far as it was changed within a span. */
export async function coEditors(tx: TenantTx, project: string, { from, to }: Span): Promise<string[][]> {
  const rows = await tx.sql<{ people: string[] }>(
    `SELECT array_agg(f.person_id::text) AS people
       FROM ${byPeople('code_file_people', 'f')}
      WHERE f.tenant_id = $1 AND f.project_id = $2
        AND f.last_at >= ($3::date)::timestamp AT TIME ZONE 'UTC'
        AND f.first_at < ($4::date + 1)::timestamp AT TIME ZONE 'UTC'
      GROUP BY f.repository, f.path HAVING count(*) BETWEEN 2 AND ${peopleOfFileMax}`,
    [tx.tenantId, project, from, to],
    'co_editors',
  );
  // Put in order here: within the statement all rows would be sorted by their paths.
  return [...new Map(rows.map(({ people }) => [people.sort().join(), people])).values()];
}

/** Who reviewed changes of whom in a span. */
export async function reviewTies(tx: TenantTx, project: string, { from, to }: Span): Promise<[string, string][]> {
  const rows = await tx.sql<{ reviewer: string; author: string }>(
    `SELECT DISTINCT r.person_id AS reviewer, c.person_id AS author
       FROM ${byPeople('code_reviews', 'r')}
       JOIN maestro.code_changes c ON c.tenant_id = $1 AND c.project_id = r.project_id
        AND c.repository = r.repository AND c.change_key = r.change_key
      WHERE r.tenant_id = $1 AND r.project_id = $2 AND ${during('r.at', '$3', '$4')} AND r.person_id <> c.person_id`,
    [tx.tenantId, project, from, to],
    'review_ties',
  );
  return rows.map(({ reviewer, author }) => [reviewer, author]);
}

interface PatternRow {
  readonly people: number;
  readonly commits: number;
  readonly at_night: number;
  readonly at_weekend: number;
  readonly person_days: number;
  readonly in_long_stretches: number;
}

/** When commits of a span were written, by each author's own clock, merges aside. A night is from 22:00 to 6:00. */
export async function workingPattern(
  tx: TenantTx,
  project: string,
  { from, to }: Span,
  stretchDays: number,
): Promise<PatternRow> {
  const [row] = await tx.sql<PatternRow>(
    `WITH written AS (
       SELECT c.person_id, (c.authored_at AT TIME ZONE 'UTC') + make_interval(mins => c.authored_offset) AS at
         FROM ${byPeople('code_commits', 'c')}
        WHERE c.tenant_id = $1 AND c.project_id = $2 AND ${during('c.committed_at', '$3', '$4')} AND NOT c.is_merge
     ), days AS (
       SELECT w.person_id, w.at::date AS day, count(*) AS commits,
              count(*) FILTER (WHERE extract(hour FROM w.at) >= 22 OR extract(hour FROM w.at) < 6) AS at_night
         FROM written w GROUP BY 1, 2
     ), numbered AS (
       -- Days in a row less their numbers in order are one day.
       SELECT d.*, d.day - (row_number() OVER (PARTITION BY d.person_id ORDER BY d.day))::integer AS stretch FROM days d
     ), stretches AS (
       SELECT n.*, count(*) OVER (PARTITION BY n.person_id, n.stretch) AS length FROM numbered n
     )
     SELECT count(DISTINCT s.person_id) AS people, coalesce(sum(s.commits), 0)::bigint AS commits,
            coalesce(sum(s.at_night), 0)::bigint AS at_night,
            coalesce(sum(s.commits) FILTER (WHERE extract(isodow FROM s.day) >= 6), 0)::bigint AS at_weekend,
            count(*) AS person_days, count(*) FILTER (WHERE s.length >= $5) AS in_long_stretches
       FROM stretches s`,
    [tx.tenantId, project, from, to, stretchDays],
    'working_pattern',
  );
  return row as PatternRow;
}
