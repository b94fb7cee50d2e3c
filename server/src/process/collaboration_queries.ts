import type { TenantTx } from '../db/tenancy.ts';
import { partColumns, partsOf, periodsText, type Span } from './periods.ts';
import { personCellsText, personUnits } from './person_queries.ts';

/** A file that more people change says nothing of who works with whom. */
const peopleOfFileMax = 50;

/** What somebody who is not left out did in a span. */
export interface PersonActivity {
  readonly person: string;
  /** Merges aside. */
  readonly commits: number;
  /** Changes opened, and reviews. */
  readonly others: number;
  /** Of the commits, by the author's own clock. A night is from 22:00 to 6:00. */
  readonly atNight: number;
  readonly atWeekend: number;
  /** Days since 1970 on which the commits were written, by the author's own clock; in order, each once. */
  readonly days: readonly number[];
}

/** What people did in a span. */
export async function activities(tx: TenantTx, project: string, span: Span): Promise<PersonActivity[]> {
  const rows = await tx.sql<{
    person: string;
    commits: number;
    others: number;
    at_night: number;
    at_weekend: number;
    days: string | null;
  }>(
    `SELECT c.person_id AS person, sum(c.commits) AS commits, sum(c.opened + c.reviews) AS others,
            sum(c.at_night) AS at_night, sum(c.at_weekend) AS at_weekend,
            string_agg(nullif(array_to_string(c.authored_days, ','), ''), ',') AS days
       FROM ${personCellsText} GROUP BY c.person_id`,
    [tx.tenantId, project, ...partColumns(partsOf(span, personUnits))],
    'people_activities',
  );
  return rows.map(({ at_night: atNight, at_weekend: atWeekend, days, ...row }) => ({
    ...row,
    ...{ atNight, atWeekend },
    days: days === null ? [] : [...new Set(JSON.parse(`[${days}]`) as number[])].sort((a, b) => a - b),
  }));
}

const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 86_400_000;

/** People who changed a file of the code as it is now, each set of them once, as far as it was changed within a span. */
export async function coEditors(tx: TenantTx, project: string, { from, to }: Span): Promise<string[][]> {
  const rows = await tx.sql<{ people: string }>(
    // Sets are told apart by their hashes first: PostgreSQL compares arrays slowly.
    `SELECT array_to_string(d.people, ',') AS people
       FROM (SELECT DISTINCT hash_array_extended(s.people, 0) AS hash, s.people
       FROM (SELECT CASE WHEN $3 <= ALL (f.last_days) AND $4 >= ALL (f.first_days) THEN f.people
                         ELSE ARRAY(SELECT u.person FROM unnest(f.people, f.first_days, f.last_days) AS u(person, first, last)
                                     WHERE u.last >= $3 AND u.first <= $4) END AS people
               FROM maestro.code_files f
              WHERE f.tenant_id = $1 AND f.project_id = $2 AND cardinality(f.people) > 1 AND $3 <= ANY (f.last_days)
             OFFSET 0) s
      WHERE cardinality(s.people) BETWEEN 2 AND ${peopleOfFileMax}) d`,
    [tx.tenantId, project, dayNumber(from), dayNumber(to)],
    'co_editors',
  );
  return rows.map(({ people }) => people.split(','));
}

/** Who reviewed changes of whom in a span. */
export async function reviewTies(tx: TenantTx, project: string, span: Span): Promise<[string, string][]> {
  const rows = await tx.sql<{ reviewer: string; author: string }>(
    `SELECT r.reviewer_id AS reviewer, r.author_id AS author
       FROM ${periodsText} CROSS JOIN LATERAL (
         SELECT o.reviewer_id, o.author_id FROM maestro.code_review_ties o
          WHERE o.tenant_id = $1 AND o.project_id = $2 AND o.period = t.period AND o.start >= t.first
            AND o.start < t.after OFFSET 0) r
       JOIN maestro.code_people p
         ON p.tenant_id = $1 AND p.project_id = $2 AND p.person_id = r.reviewer_id AND NOT p.is_left_out
      GROUP BY r.reviewer_id, r.author_id`,
    [tx.tenantId, project, ...partColumns(partsOf(span, personUnits))],
    'review_ties',
  );
  return rows.map(({ reviewer, author }) => [reviewer, author]);
}
