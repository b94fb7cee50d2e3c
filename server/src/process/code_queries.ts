import type { TenantTx } from '../db/tenancy.ts';
import type { KnownFiles } from './bus_factor.ts';
import { partColumns, partsOf, type Span } from './periods.ts';
import { personCellsText, personUnits } from './person_queries.ts';

interface TeamCounts {
  /** Who committed; merges aside. */
  readonly people: number;
  readonly commits: number;
  readonly merges: number;
  readonly additions: number;
  readonly deletions: number;
  /** Changes that were opened in the span. */
  readonly opened: number;
  readonly merged: number;
  readonly merged_after_review: number;
  /** Who opened any of the changes that were opened or merged in the span. */
  readonly people_of_changes: number;
}

/** Commits of a span by their time of commit, merges counted apart; changes that were opened, and those that were merged in it. */
export async function teamCounts(tx: TenantTx, project: string, span: Span): Promise<TeamCounts> {
  const total = (count: string) => `coalesce(sum(s.${count}), 0)::bigint AS ${count}`;
  const counts = ['commits', 'merges', 'additions', 'deletions', 'opened', 'merged', 'reviewed'];
  const [row] = await tx.sql<TeamCounts>(
    `SELECT count(*) FILTER (WHERE s.commits > 0) AS people,
            count(*) FILTER (WHERE s.opened > 0 OR s.merged > 0) AS people_of_changes,
            ${counts.slice(0, -1).map(total).join(', ')}, coalesce(sum(s.reviewed), 0)::bigint AS merged_after_review
       FROM (SELECT c.person_id, ${counts.map((count) => `sum(c.${count}) AS ${count}`).join(', ')}
               FROM ${personCellsText} GROUP BY c.person_id) s`,
    [tx.tenantId, project, ...partColumns(partsOf(span, personUnits))],
    'code_team_counts',
  );
  return row as TeamCounts;
}

/** What differs whenever something else may be known of who changed which file. */
export async function knownFilesState(tx: TenantTx, project: string): Promise<string> {
  const [row] = await tx.sql<{ state: string }>(
    `SELECT concat_ws(' ', (SELECT s.state FROM maestro.code_states s WHERE s.tenant_id = $1 AND s.project_id = $2),
                      count(*), sum(hashtextextended(p.person_id || ' ' || p.is_left_out, 0)::numeric)) AS state
       FROM maestro.code_people p WHERE p.tenant_id = $1 AND p.project_id = $2`,
    [tx.tenantId, project],
    'known_files_state',
  );
  return row!.state;
}

/** Who are authors of the files of the code as it is now, each set of them once. */
export async function knownFiles(tx: TenantTx, project: string): Promise<KnownFiles[]> {
  const rows = await tx.sql<{ authors: string; files: number }>(
    `SELECT array_to_string(f.authors, ',') AS authors, count(*) AS files FROM maestro.code_files f
      WHERE f.tenant_id = $1 AND f.project_id = $2 GROUP BY f.authors`,
    [tx.tenantId, project],
    'code_known_files',
  );
  return rows.map(({ authors, files }) => ({ authors: authors === '' ? [] : authors.split(','), files }));
}
