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

/** What is said of an incident; what is left out stays as it is known. */
export interface IncidentFields {
  readonly environment?: string | undefined;
  readonly started_at?: string | undefined;
  /** Null: it goes on. */
  readonly resolved_at?: string | null | undefined;
}

const told = `environment = coalesce($4::text, i.environment), started_at = coalesce($5::timestamptz, i.started_at),
  resolved_at = CASE WHEN $6::boolean THEN $7::timestamptz ELSE i.resolved_at END`;

/**
 * Records an incident under its key, or what is said of it now. A new one began now, in the environment `usual`, and goes
 * on, as far as nothing else is said. Fails by its check (23514) where it would end before it began.
 */
export async function putIncident(
  tx: TenantTx,
  project: string,
  key: string,
  { environment, started_at, resolved_at }: IncidentFields,
  usual: string,
): Promise<void> {
  const values = [
    tx.tenantId,
    project,
    key,
    environment ?? null,
    started_at ?? null,
    resolved_at !== undefined,
    resolved_at ?? null,
  ];
  const known = await tx.sql(
    `UPDATE maestro.incidents i SET ${told}
      WHERE i.tenant_id = $1 AND i.project_id = $2 AND i.external_key = $3 RETURNING 1`,
    values,
    'update_incident',
  );
  if (known.length > 0) return;
  // Two that record the same new one at once are told of it one after the other.
  await tx.sql(
    `INSERT INTO maestro.incidents AS i (tenant_id, project_id, external_key, environment, started_at, resolved_at)
     VALUES ($1, $2, $3, coalesce($4, $8::text), coalesce($5, now()), $7)
     ON CONFLICT (tenant_id, project_id, external_key) DO UPDATE SET ${told}`,
    [...values, usual],
    'insert_incident',
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
