import type { TenantTx } from '../db/tenancy.ts';
import type { ArtifactRow } from '../library/queries.ts';
import type { ProjectFields } from '../projects/queries.ts';
import { goesOnIn, hasEndedIn } from './outcome_queries.ts';

/** Days from its start in which a project's process and reuse count: what is known on the day after them. */
export const landmarkDays = 30;

/** What features of a project itself are read from, and whether it has ended. */
export interface NewProject
  extends Pick<ProjectFields, 'problem_class' | 'complexity_score' | 'team_size' | 'start_date' | 'metadata'> {
  project_id: string;
  has_ended: boolean;
}

/** Where `a.b.c` may be in metadata whose objects are laid open one level deep: the ones that win are last. */
const placesOf = (key: string): [outer: string, inner: string | null][] =>
  key.split('.').map((_, at, parts) => {
    const inner = parts.slice(at + 1).join('.');
    return [parts.slice(0, at + 1).join('.'), inner === '' ? null : inner];
  });

/** No text is read further than this by any feature. */
const textMax = 4_000;

/**
 * Projects that a training at a moment had nothing to learn from, the newest first: those that were recorded since, and those
 * that go on, however long it is that they began. Of their metadata, which may be large, the values
 * of `keys` alone: laid open, as features name them.
 */
export function projectsUnlearned(
  tx: TenantTx,
  since: Date,
  keys: readonly string[],
  limit: number,
): Promise<NewProject[]> {
  const places = keys.flatMap((key) => placesOf(key).map((place) => [key, ...place] as const));
  return tx.sql<NewProject>(
    `SELECT j.project_id, j.problem_class, j.complexity_score, j.team_size, j.start_date, ${hasEndedIn} AS has_ended, (
              SELECT coalesce(jsonb_object_agg(f.key, CASE jsonb_typeof(f.value)
                       WHEN 'string' THEN to_jsonb(left(f.value #>> '{}', ${textMax})) ELSE f.value END ORDER BY f.place), '{}')
                FROM (SELECT w.key, w.place, CASE WHEN w.within IS NULL THEN m.whole->w.outside
                                                  ELSE m.whole->w.outside->w.within END AS value
                        FROM unnest($4::text[], $5::text[], $6::text[]) WITH ORDINALITY AS w(key, outside, within, place)) f
               WHERE jsonb_typeof(f.value) IN ('string', 'number', 'boolean')) AS metadata
       FROM ((SELECT j.project_id FROM maestro.projects j
               WHERE j.tenant_id = $1 AND j.created_at > $2 ORDER BY j.created_at DESC, j.project_id DESC LIMIT $3)
             UNION
             (SELECT j.project_id FROM maestro.projects j
               WHERE j.tenant_id = $1 AND ${goesOnIn} ORDER BY j.created_at DESC, j.project_id DESC LIMIT $3)) u
       JOIN maestro.projects j ON j.tenant_id = $1 AND j.project_id = u.project_id,
            -- Unpacked once, not once for each key.
            LATERAL (SELECT j.metadata || '{}' AS whole OFFSET 0) m
      ORDER BY j.created_at DESC, j.project_id DESC LIMIT $3`,
    [tx.tenantId, since, limit, places.map(([key]) => key), places.map(([, at]) => at), places.map(([, , at]) => at)],
    'projects_unlearned',
  );
}

export interface TeamRow {
  project_id: string;
  members: number;
  /** From 1 (junior) to 4 (lead), on average; null where it is said of nobody. */
  experience: number | null;
  /** The share of seniors and leads among those of whom it is said. */
  seniors: number | null;
}

export const teamsOf = (tx: TenantTx, projects: readonly string[]): Promise<TeamRow[]> =>
  tx.sql<TeamRow>(
    `SELECT project_id, count(*) AS members,
            avg(array_position(ARRAY['junior', 'mid', 'senior', 'lead'], experience_level))::float8 AS experience,
            avg((experience_level IN ('senior', 'lead'))::integer)::float8 AS seniors
       FROM maestro.team_members WHERE tenant_id = $1 AND project_id = ANY ($2::uuid[]) GROUP BY project_id`,
    [tx.tenantId, projects],
    'teams_as_features',
  );

export interface ReuseRow {
  project_id: string;
  type: string;
  artifacts: number;
}

/**
 * How many artifacts of each type projects used within the landmark. A use that was recorded after the project's end tells
 * not when it began: it counts as one from the start.
 */
export const reuseOf = (tx: TenantTx, projects: readonly string[]): Promise<ReuseRow[]> =>
  tx.sql<ReuseRow>(
    `SELECT u.project_id, a.type, count(DISTINCT u.artifact_id) AS artifacts
       FROM maestro.artifact_usages u
       JOIN maestro.artifacts a ON a.tenant_id = $1 AND a.artifact_id = u.artifact_id
       JOIN maestro.projects p ON p.tenant_id = $1 AND p.project_id = u.project_id
      WHERE u.tenant_id = $1 AND u.project_id = ANY ($2::uuid[])
        AND (p.start_date IS NULL OR (u.used_at AT TIME ZONE 'UTC')::date < p.start_date + $3::integer
             OR (u.used_at AT TIME ZONE 'UTC')::date > p.completion_date)
      GROUP BY u.project_id, a.type`,
    [tx.tenantId, projects, landmarkDays],
    'reuse_as_features',
  );

export interface AskedArtifact extends Pick<ArtifactRow, 'artifact_id' | 'name' | 'type' | 'impact'> {
  is_used: boolean;
}

/** Artifacts by name, and whether the project, if one is given, uses them. */
export const artifactsFor = (
  tx: TenantTx,
  project: string | null,
  artifacts: readonly string[],
): Promise<AskedArtifact[]> =>
  tx.sql<AskedArtifact>(
    `SELECT a.artifact_id, a.name, a.type, a.impact, EXISTS (
              SELECT FROM maestro.artifact_usages u
               WHERE u.tenant_id = $1 AND u.artifact_id = a.artifact_id AND u.project_id = $3::uuid) AS is_used
       FROM maestro.artifacts a WHERE a.tenant_id = $1 AND a.artifact_id = ANY ($2::uuid[])
      ORDER BY a.name, a.artifact_id`,
    [tx.tenantId, artifacts, project],
    'artifacts_as_features',
  );

export interface ProcessRow {
  project_id: string;
  metric_type: string;
  mean: number;
}

/**
 * The means of process metrics within the landmark, of projects that are past it or ended. `today` is a day such as
 * 2026-11-26.
 */
export const processOf = (tx: TenantTx, projects: readonly string[], today: string): Promise<ProcessRow[]> =>
  tx.sql<ProcessRow>(
    `SELECT d.project_id, d.metric_type, sum(d.sum) / sum(d.count)::float8 AS mean
       FROM maestro.process_metric_cells d
       JOIN maestro.projects p ON p.tenant_id = $1 AND p.project_id = d.project_id
      WHERE d.tenant_id = $1 AND d.project_id = ANY ($2::uuid[]) AND d.period = 'day'
        AND d.start >= p.start_date AND d.start < p.start_date + $3::integer
        AND (p.completion_date IS NOT NULL OR p.start_date + $3::integer <= $4::date)
      GROUP BY d.project_id, d.metric_type`,
    [tx.tenantId, projects, landmarkDays, today],
    'process_as_features',
  );
