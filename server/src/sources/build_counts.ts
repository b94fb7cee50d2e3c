import type { TenantTx } from '../db/tenancy.ts';
import type { Where } from './commit_queries.ts';
import { addValues, recountDays } from './value_cells.ts';

/** What a build comes to in what is kept of all builds. */
export interface BuildFacts {
  readonly day: string;
  readonly status: string;
  /** Null where it has not come to an end. */
  readonly seconds: number | null;
  readonly tests: number;
  readonly tests_failed: number;
  readonly tests_skipped: number;
}

/** Undefined where there is no such build. */
export async function buildFacts(
  tx: TenantTx,
  { project, repository }: Where,
  key: string,
): Promise<BuildFacts | undefined> {
  const [row] = await tx.sql<BuildFacts>(
    `SELECT (started_at AT TIME ZONE 'UTC')::date AS day, status,
            CASE WHEN status IN ('success', 'failure') AND finished_at >= started_at
                 THEN extract(epoch FROM finished_at - started_at)::double precision END AS seconds,
            coalesce(tests, 0) AS tests, coalesce(tests_failed, 0) AS tests_failed,
            coalesce(tests_skipped, 0) AS tests_skipped
       FROM maestro.ci_runs WHERE tenant_id = $1 AND project_id = $2 AND repository = $3 AND run_key = $4`,
    [tx.tenantId, project, repository, key],
    'build_facts',
  );
  return row;
}

const counted = [
  'builds_succeeded',
  'builds_failed',
  'builds_cancelled',
  'tests',
  'tests_failed',
  'tests_skipped',
] as const;

const countsOf = (facts: BuildFacts, times: 1 | -1): number[] => [
  ...['success', 'failure', 'cancelled'].map((status) => (facts.status === status ? times : 0)),
  ...[facts.tests, facts.tests_failed, facts.tests_skipped].map((count) => count * times),
];

/** Counts a build as it is now, of which `before` says what was counted. */
export async function countBuild(
  tx: TenantTx,
  project: string,
  before: BuildFacts | undefined,
  after: BuildFacts,
): Promise<void> {
  const rows = [
    ...(before ? [[before.day, ...countsOf(before, -1)] as const] : []),
    [after.day, ...countsOf(after, 1)] as const,
  ];
  await tx.sql(
    `INSERT INTO maestro.code_days AS d (tenant_id, project_id, day, ${counted.join(', ')})
     SELECT $1, $2, n.day, ${counted.map((count) => `sum(n.${count})`).join(', ')}
       FROM unnest($3::date[], ${counted.map((_, place) => `$${place + 4}::bigint[]`).join(', ')})
         AS n(day, ${counted.join(', ')}) GROUP BY n.day ORDER BY n.day
     ON CONFLICT (tenant_id, project_id, day)
       DO UPDATE SET ${counted.map((count) => `${count} = d.${count} + excluded.${count}`).join(', ')}`,
    [
      tx.tenantId,
      project,
      ...[0, ...counted.map((_, place) => place + 1)].map((place) => rows.map((row) => row[place])),
    ],
    'add_code_day_builds',
  );
  const [was, is] = [before, after].map((facts) =>
    facts?.seconds == null ? undefined : { series: 'build' as const, day: facts.day, value: facts.seconds },
  );
  if (was?.day === is?.day && was?.value === is?.value) return;
  if (was) await recountDays(tx, project, [was, ...(is ? [is] : [])]);
  else if (is) await addValues(tx, project, [is]);
}
