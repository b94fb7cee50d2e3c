import type { TenantTx } from '../db/tenancy.ts';
import { during } from './during.ts';
import type { Span } from './periods.ts';

export interface IncidentRow {
  readonly incident_key: string;
  readonly environment: string;
  readonly started_at: Date;
  readonly resolved_at: Date | null;
  /** When it started, to the microsecond: where it stands in the list. */
  readonly place: string;
}

const columns = 'external_key AS incident_key, environment, started_at, resolved_at, started_at::text AS place';

/** Up to `limit` that started in a span, the newest first, behind a place: a time and a key. */
export function incidentsAfter(
  tx: TenantTx,
  project: string,
  { from, to }: Span,
  environment: string | undefined,
  place: readonly string[],
  limit: number,
): Promise<IncidentRow[]> {
  const [at = null, key = null] = place;
  return tx.sql<IncidentRow>(
    `SELECT ${columns} FROM maestro.incidents
      WHERE tenant_id = $1 AND project_id = $2 AND ${during('started_at', '$3', '$4')}
        AND ($5::text IS NULL OR environment = $5)
        AND ($6::timestamptz IS NULL OR (started_at, external_key) < ($6::timestamptz, $7::text))
      ORDER BY started_at DESC, external_key DESC LIMIT $8`,
    [tx.tenantId, project, from, to, environment ?? null, at, key, limit],
    'incidents_after',
  );
}

export async function findIncident(tx: TenantTx, project: string, key: string): Promise<IncidentRow | undefined> {
  const [row] = await tx.sql<IncidentRow>(
    `SELECT ${columns} FROM maestro.incidents WHERE tenant_id = $1 AND project_id = $2 AND external_key = $3`,
    [tx.tenantId, project, key],
    'find_incident',
  );
  return row;
}

interface IncidentFields {
  readonly environment: string;
  readonly started_at: string;
  readonly resolved_at: string | null;
}

/** Records an incident under its key, or what is known of it now. */
export async function putIncident(tx: TenantTx, project: string, key: string, given: IncidentFields): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.incidents (tenant_id, project_id, external_key, environment, started_at, resolved_at)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (tenant_id, project_id, external_key) DO UPDATE
        SET environment = excluded.environment, started_at = excluded.started_at, resolved_at = excluded.resolved_at`,
    [tx.tenantId, project, key, given.environment, given.started_at, given.resolved_at],
    'put_incident',
  );
}

/** False where there is none. */
export async function deleteIncident(tx: TenantTx, project: string, key: string): Promise<boolean> {
  const rows = await tx.sql(
    'DELETE FROM maestro.incidents WHERE tenant_id = $1 AND project_id = $2 AND external_key = $3 RETURNING 1',
    [tx.tenantId, project, key],
  );
  return rows.length > 0;
}
