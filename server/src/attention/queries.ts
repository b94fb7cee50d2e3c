import type { TenantTx } from '../db/tenancy.ts';
import type { Due } from '../insight/due.ts';
import { hasEndedIn } from '../insight/outcome_queries.ts';

/** Of each kind so many are told: more are not looked at one by one. */
const shownMax = 10;
/** Of the runs that go on, so many of the newest are looked at. */
const runsMax = 100;

export interface SilentRun {
  readonly run_id: string;
  readonly name: string;
  /** When it began or last logged a metric, in ms since 1970 by the clock of who logs. */
  readonly last_time: number;
}

/** Of the runs of a sweep, so many are looked at: as many as take some 50 ms. */
const childrenMax = 10_000;

/** Runs of the same experiment that name the run `r` as their parent. */
const children = `SELECT t.run_id FROM maestro.tags t WHERE t.tenant_id = $1 AND t.experiment_id = r.experiment_id
    AND t.key = 'mlflow.parentRunId' AND t.value_head = r.run_hex`;

/**
 * True where one of the run's children began, ended, or logged a metric after $3, and where it has more than are looked at:
 * that it is silent is not known then. As one value it is asked of run after run, and no more of them than are shown.
 */
const isLivelySweep = `coalesce((SELECT true FROM (${children} LIMIT ${childrenMax}) p
    CROSS JOIN LATERAL (SELECT * FROM maestro.runs x WHERE x.tenant_id = $1 AND x.run_id = p.run_id LIMIT 1) c
     WHERE c.lifecycle_stage = 'active'
       AND (c.start_time > $3 OR c.end_time > $3 OR c.status = 'RUNNING' AND
            (SELECT max(l.timestamp) FROM maestro.latest_metrics l WHERE l.tenant_id = $1 AND l.run_id = c.run_id) > $3)
     LIMIT 1), (SELECT true FROM (${children} OFFSET ${childrenMax} LIMIT 1) more))`;

/**
 * Runs that began after `since`, go on, and have logged no metric since `until` (ms since 1970), nor has a child of theirs
 * shown that it lives; those that stopped last first; of `experiments` alone where they are given.
 */
export const silentRuns = (
  tx: TenantTx,
  { since, until }: { readonly since: number; readonly until: number },
  experiments: readonly number[] | undefined,
): Promise<SilentRun[]> =>
  tx.sql<SilentRun>(
    `SELECT r.run_hex AS run_id, r.name, r.last_time
       FROM (SELECT replace(s.run_id::text, '-', '') AS run_hex, s.experiment_id, s.name,
                    greatest(s.start_time, m.last) AS last_time
               FROM (SELECT g.run_id, g.experiment_id, g.name, g.start_time FROM maestro.runs g
                      WHERE g.tenant_id = $1 AND g.status = 'RUNNING' AND g.lifecycle_stage = 'active'
                        AND g.start_time BETWEEN $2 AND $3 AND ($4::bigint[] IS NULL OR g.experiment_id = ANY ($4))
                      ORDER BY g.start_time DESC LIMIT ${runsMax}) s
              CROSS JOIN LATERAL (SELECT max(l.timestamp) AS last FROM maestro.latest_metrics l
                                   WHERE l.tenant_id = $1 AND l.run_id = s.run_id) m
              WHERE greatest(s.start_time, m.last) <= $3
              ORDER BY last_time DESC, s.run_id) r
      WHERE ${isLivelySweep} IS NULL LIMIT ${shownMax}`,
    [tx.tenantId, since, until, experiments ?? null],
    'silent_runs',
  );

export interface LateProject {
  readonly project_id: string;
  readonly name: string;
  /** From its start until now. */
  readonly days: number;
  /** The most that was predicted for it last. */
  readonly predicted_days: number;
}

/** Projects that go on for longer than their last prediction says at most, the latest first; of `only` where it is given. */
export const lateProjects = (
  tx: TenantTx,
  today: string,
  only: readonly string[] | undefined,
): Promise<LateProject[]> =>
  tx.sql<LateProject>(
    `SELECT j.project_id, j.name, $2::date - j.start_date AS days, f.high AS predicted_days
       FROM maestro.projects j
      CROSS JOIN LATERAL (SELECT (p.answer #>> '{outcomes,duration_days,high}')::float8 AS high
                            FROM maestro.predictions p
                           WHERE p.tenant_id = $1 AND p.project_id = j.project_id AND p.is_scored
                             AND p.answer #>> '{outcomes,duration_days,high}' IS NOT NULL
                           ORDER BY p.created_at DESC, p.prediction_id DESC LIMIT 1) f
      WHERE j.tenant_id = $1 AND j.start_date IS NOT NULL AND NOT ${hasEndedIn}
        AND ($3::uuid[] IS NULL OR j.project_id = ANY ($3)) AND $2::date - j.start_date > f.high
      ORDER BY $2::date - j.start_date - f.high DESC, j.project_id LIMIT ${shownMax}`,
    [tx.tenantId, today, only ?? null],
    'late_projects',
  );

/** What is learned behind requests and failed the last time, and how often in a row. */
export const failedJobs = (tx: TenantTx): Promise<{ what: Due; failures: number }[]> =>
  tx.sql(
    'SELECT what, failures FROM maestro.insight_due WHERE tenant_id = $1 AND failures > 0 ORDER BY what',
    [tx.tenantId],
    'failed_jobs',
  );

export interface ExpiringKey {
  readonly key_id: string;
  readonly name: string;
  readonly expires_at: Date;
  readonly is_own: boolean;
}

/**
 * Keys that hold and expire within `days`, the next first: all, or those of `user` (null: of nobody) alone. What was made
 * for no longer is meant to end, and so is what was replaced.
 */
export const expiringKeys = (
  tx: TenantTx,
  days: number,
  { user, isAll }: { readonly user: string | null; readonly isAll: boolean },
): Promise<ExpiringKey[]> =>
  tx.sql<ExpiringKey>(
    `SELECT k.key_id, k.name, k.expires_at, k.user_id IS NOT DISTINCT FROM $3::uuid AND k.user_id IS NOT NULL AS is_own
       FROM maestro.api_keys k
      WHERE k.tenant_id = $1 AND k.revoked_at IS NULL AND k.replaced_by IS NULL AND k.expires_at > now()
        AND k.expires_at < now() + $2 * interval '1 day' AND k.created_at < k.expires_at - $2 * interval '1 day'
        AND ($4 OR k.user_id = $3)
      ORDER BY k.expires_at, k.key_id LIMIT ${shownMax}`,
    [tx.tenantId, days, user, isAll],
    'expiring_keys',
  );
