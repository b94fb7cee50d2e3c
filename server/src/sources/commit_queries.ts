import { randomUUID } from 'node:crypto';
import type { TenantTx } from '../db/tenancy.ts';
import type { FileShare } from './file_history.ts';

/** What is counted of a commit. */
export interface CountedCommit {
  readonly sha: string;
  readonly person: string;
  /** ISO 8601. */
  readonly authoredAt: string;
  /** Minutes ahead of UTC. */
  readonly authoredOffset: number;
  readonly committedAt: string;
  /** When it came to the branch whose history is read; null: when it was committed. */
  readonly landedAt: string | null;
  readonly additions: number;
  readonly deletions: number;
  readonly isMerge: boolean;
}

/** Of one repository of a project. */
export interface Where {
  readonly project: string;
  readonly repository: string;
}

export interface CommitRow extends CountedCommit {
  readonly files: number;
}

/** Those of some commits that are recorded; with `complete`, with the size of their changes. */
export async function knownCommits(
  tx: TenantTx,
  { project, repository }: Where,
  shas: readonly string[],
  complete: boolean,
): Promise<Set<string>> {
  const rows = await tx.sql<{ sha: string }>(
    `SELECT sha FROM maestro.code_commits WHERE tenant_id = $1 AND project_id = $2 AND repository = $3
       AND sha = ANY($4::text[]) AND (is_complete OR NOT $5)`,
    [tx.tenantId, project, repository, shas, complete],
    'known_commits',
  );
  return new Set(rows.map(({ sha }) => sha));
}

/** Of some commits, those that are recorded without the size of their changes, as they are. */
export async function incompleteCommits(
  tx: TenantTx,
  { project, repository }: Where,
  shas: readonly string[],
): Promise<CountedCommit[]> {
  const rows = await tx.sql<{
    sha: string;
    person_id: string;
    authored_at: Date;
    authored_offset: number;
    committed_at: Date;
    landed_at: Date;
    additions: number;
    deletions: number;
    is_merge: boolean;
  }>(
    `SELECT sha, person_id, authored_at, authored_offset, committed_at, landed_at, additions, deletions, is_merge
       FROM maestro.code_commits
      WHERE tenant_id = $1 AND project_id = $2 AND repository = $3 AND sha = ANY($4::text[]) AND NOT is_complete`,
    [tx.tenantId, project, repository, shas],
    'incomplete_commits',
  );
  return rows.map((row) => ({
    sha: row.sha,
    person: row.person_id,
    authoredAt: row.authored_at.toISOString(),
    authoredOffset: row.authored_offset,
    committedAt: row.committed_at.toISOString(),
    landedAt: row.landed_at.toISOString(),
    additions: row.additions,
    deletions: row.deletions,
    isMerge: row.is_merge,
  }));
}

/** Records commits, or completes those that were recorded without the size of their changes. */
export async function insertCommits(
  tx: TenantTx,
  { project, repository }: Where,
  commits: readonly CommitRow[],
  complete: boolean,
): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.code_commits AS c
       (tenant_id, project_id, repository, is_complete, sha, person_id, authored_at, authored_offset, committed_at,
        additions, deletions, files, is_merge, landed_at)
     SELECT $1, $2, $3, $4, n.sha, n.person_id, n.authored_at, n.authored_offset, n.committed_at, n.additions, n.deletions,
            n.files, n.is_merge, coalesce(n.landed_at, n.committed_at) FROM unnest($5::text[], $6::uuid[], $7::timestamptz[], $8::smallint[], $9::timestamptz[],
        $10::integer[], $11::integer[], $12::integer[], $13::boolean[], $14::timestamptz[])
         AS n(sha, person_id, authored_at, authored_offset, committed_at, additions, deletions, files, is_merge, landed_at)
     ON CONFLICT (tenant_id, project_id, repository, sha) DO UPDATE
        SET is_complete = true, person_id = EXCLUDED.person_id, authored_at = EXCLUDED.authored_at,
            authored_offset = EXCLUDED.authored_offset, committed_at = EXCLUDED.committed_at,
            additions = EXCLUDED.additions, deletions = EXCLUDED.deletions, files = EXCLUDED.files,
            is_merge = EXCLUDED.is_merge,
            landed_at = CASE WHEN EXCLUDED.landed_at = EXCLUDED.committed_at THEN c.landed_at ELSE EXCLUDED.landed_at END
      WHERE NOT c.is_complete AND EXCLUDED.is_complete`,
    [
      tx.tenantId,
      project,
      repository,
      complete,
      commits.map(({ sha }) => sha),
      commits.map(({ person }) => person),
      commits.map(({ authoredAt }) => authoredAt),
      commits.map(({ authoredOffset }) => authoredOffset),
      commits.map(({ committedAt }) => committedAt),
      commits.map(({ additions }) => additions),
      commits.map(({ deletions }) => deletions),
      commits.map(({ files }) => files),
      commits.map(({ isMerge }) => isMerge),
      commits.map(({ landedAt }) => landedAt),
    ],
    'insert_commits',
  );
}

/** Takes what is known of files at some paths, and gives it. */
export async function takeShares(
  tx: TenantTx,
  { project, repository }: Where,
  paths: readonly string[],
): Promise<FileShare[]> {
  const rows = await tx.sql<{ path: string; person_id: string; changes: number; first_at: Date; last_at: Date }>(
    `DELETE FROM maestro.code_file_people
      WHERE tenant_id = $1 AND project_id = $2 AND repository = $3 AND path = ANY($4::text[])
     RETURNING path, person_id, changes, first_at, last_at`,
    [tx.tenantId, project, repository, paths],
    'take_file_people',
  );
  return rows.map(({ path, person_id, changes, first_at, last_at }) => ({
    path,
    person: person_id,
    changes,
    firstAt: first_at.getTime(),
    lastAt: last_at.getTime(),
  }));
}

/** Adds to what is known of files. */
export async function addShares(
  tx: TenantTx,
  { project, repository }: Where,
  shares: readonly FileShare[],
): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.code_file_people AS f
       (tenant_id, project_id, repository, path, person_id, changes, first_at, last_at)
     SELECT $1, $2, $3, n.* FROM unnest($4::text[], $5::uuid[], $6::integer[], $7::timestamptz[], $8::timestamptz[]) AS n
     ON CONFLICT (tenant_id, project_id, repository, path, person_id) DO UPDATE
       SET changes = f.changes + EXCLUDED.changes, first_at = least(f.first_at, EXCLUDED.first_at),
           last_at = greatest(f.last_at, EXCLUDED.last_at)`,
    [
      tx.tenantId,
      project,
      repository,
      shares.map(({ path }) => path),
      shares.map(({ person }) => person),
      shares.map(({ changes }) => changes),
      shares.map(({ firstAt }) => new Date(firstAt).toISOString()),
      shares.map(({ lastAt }) => new Date(lastAt).toISOString()),
    ],
    'add_file_people',
  );
}

/** Says that something else is known of files: what was read of them before holds no more. */
export async function changeState(tx: TenantTx, project: string): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.code_states (tenant_id, project_id, state) VALUES ($1, $2, $3)
     ON CONFLICT (tenant_id, project_id) DO UPDATE SET state = EXCLUDED.state`,
    [tx.tenantId, project, randomUUID()],
    'change_code_state',
  );
}

export interface SyncRow {
  repository: string;
  last_sha: string;
  updated_at: Date;
}

/** How far the repositories of a project were read; or one of them. */
export const listSyncs = (tx: TenantTx, project: string, repository?: string): Promise<SyncRow[]> =>
  tx.sql<SyncRow>(
    `SELECT repository, last_sha, updated_at FROM maestro.code_syncs
      WHERE tenant_id = $1 AND project_id = $2 AND ($3::text IS NULL OR repository = $3) ORDER BY repository LIMIT 1000`,
    [tx.tenantId, project, repository ?? null],
  );

export async function keepSync(tx: TenantTx, { project, repository }: Where, lastSha: string): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.code_syncs (tenant_id, project_id, repository, last_sha) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, project_id, repository) DO UPDATE SET last_sha = EXCLUDED.last_sha, updated_at = now()`,
    [tx.tenantId, project, repository, lastSha],
    'keep_sync',
  );
}
