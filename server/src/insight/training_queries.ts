import type { TenantTx } from '../db/tenancy.ts';
import type { ProjectFields } from '../projects/queries.ts';

/** A project that ended, without its metadata. */
export interface OutlineRow
  extends Pick<
    ProjectFields,
    | 'problem_class'
    | 'complexity_score'
    | 'team_size'
    | 'start_date'
    | 'completion_date'
    | 'success_score'
    | 'compute_cost'
  > {
  project_id: string;
  /** The SHA-256 of its metadata, in hex. */
  metadata_hash: string;
}

/**
 * Projects in the order of `ids`. PostgreSQL hashes the metadata: those of a whole history are up to 128 MB, which the
 * thread that serves would read, and write, for a second.
 */
export const outlinesOf = (tx: TenantTx, ids: readonly string[]): Promise<OutlineRow[]> =>
  tx.sql<OutlineRow>(
    `SELECT j.project_id, j.problem_class, j.complexity_score, j.team_size, j.start_date, j.completion_date,
            j.success_score, j.compute_cost, encode(sha256(convert_to(j.metadata::text, 'UTF8')), 'hex') AS metadata_hash
       FROM unnest($2::uuid[]) WITH ORDINALITY AS w(id, place)
       JOIN maestro.projects j ON j.tenant_id = $1 AND j.project_id = w.id ORDER BY w.place`,
    [tx.tenantId, ids],
    'outlines_of_projects',
  );

/** So many metadata of 64 KB are read as one text without a pause that anybody would notice. */
const pageMax = 25;

/**
 * The metadata of projects in the order of `ids`, a page of them each: a JSON array as UTF-8, which a thread takes over
 * without a copy.
 */
export async function metadataPages(tx: TenantTx, ids: readonly string[]): Promise<Uint8Array<ArrayBuffer>[]> {
  const pages: Uint8Array<ArrayBuffer>[] = [];
  const encoder = new TextEncoder();
  for (let from = 0; from < ids.length; from += pageMax) {
    const [page] = await tx.sql<{ metadata: string }>(
      `SELECT json_agg(j.metadata ORDER BY w.place)::text AS metadata
         FROM unnest($2::uuid[]) WITH ORDINALITY AS w(id, place)
         JOIN maestro.projects j ON j.tenant_id = $1 AND j.project_id = w.id`,
      [tx.tenantId, ids.slice(from, from + pageMax)],
      'metadata_of_projects',
    );
    pages.push(encoder.encode(page?.metadata));
  }
  return pages;
}
