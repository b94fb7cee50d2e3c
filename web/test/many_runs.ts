import type pg from 'pg';
import { withClient } from '../../server/src/db/roles.ts';
import { withoutIndexes } from '../../server/test/large_tenant.ts';

/** How many runs there are, and how many names their metrics have. */
export const many = { runs: 100_000, metricNames: 10_000 } as const;

/** A million points of one metric. */
export const curves = { runs: 100, points: 10_000, metric: 'train/loss' } as const;

/** A curve of training: it falls, each run's to another height, and is noisy. */
export const valueAt = (run: number, step: number): number =>
  0.2 + run / 100 + 2 * Math.exp(-step / 1_500) + ((((step + 1) * 7919 + run * 104_729) % 1009) / 1009 - 0.5) * 0.1;

/** What runs of a search over models are like: few values of params, and metrics that are all different. */
const statements: readonly (readonly [table: string, text: string])[] = [
  [
    'runs',
    `INSERT INTO maestro.runs (tenant_id, run_id, experiment_id, name, user_id, status, start_time, end_time)
     SELECT $1::uuid, run_id, $2::bigint, 'trial-' || n, (ARRAY['ada', 'grace', 'alan', 'edsger'])[1 + n % 4],
            (ARRAY['FINISHED', 'FINISHED', 'FINISHED', 'FAILED', 'KILLED'])[1 + n % 5],
            1700000000000 + n * 60000::bigint, 1700000000000 + n * 60000::bigint + 1000 * (n * 7919::bigint % 7200)
       FROM numbered_runs`,
  ],
  [
    'tags',
    `INSERT INTO maestro.tags (tenant_id, run_id, key, value, experiment_id)
     SELECT $1::uuid, run_id, t.key, t.value, $2::bigint FROM numbered_runs, LATERAL (VALUES
       ('mlflow.runName', 'trial-' || n), ('mlflow.source.name', 'train.py'),
       ('team', (ARRAY['vision', 'language', 'ranking'])[1 + n % 3])) AS t(key, value)`,
  ],
  [
    'params',
    `INSERT INTO maestro.params (tenant_id, run_id, key, value, experiment_id)
     SELECT $1::uuid, run_id, p.key, p.value, $2::bigint FROM numbered_runs, LATERAL (VALUES
       ('lr', (ARRAY['0.1', '0.03', '0.01', '0.003', '0.001'])[1 + n % 5]), ('depth', (2 + n % 12)::text),
       ('optimizer', (ARRAY['adam', 'sgd', 'lion'])[1 + n / 7 % 3]), ('seed', n::text)) AS p(key, value)`,
  ],
  [
    'latest_metrics',
    `INSERT INTO maestro.latest_metrics
       (tenant_id, run_id, key, value, is_nan, step, timestamp, experiment_id, min_value, max_value)
     SELECT $1::uuid, run_id, m.key, m.value, false, 99, 1700000000000, $2::bigint, m.value * 0.9, m.value * 1.1
       FROM numbered_runs, LATERAL (VALUES
         ('loss', (n * 7919::bigint % 100003) / 100003.0), ('accuracy', (n * 104729::bigint % 100019) / 100019.0),
         ('f1', (n * 1299709::bigint % 100043) / 100043.0), ('layer_' || n % ${many.metricNames - 3} || '/norm', n / 10.0)
       ) AS m(key, value)`,
  ],
];

/** Fills an experiment of a tenant with runs, as the server would leave them. */
export async function fillRuns(superuser: pg.ClientConfig, tenantId: string, experimentId: number): Promise<void> {
  await withClient(superuser, async (client) => {
    await client.query("SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '256MB'");
    await client.query("SET maintenance_work_mem = '256MB'");
    await client.query(
      `CREATE TEMP TABLE numbered_runs AS SELECT md5('run ' || n)::uuid AS run_id, n FROM generate_series(1, ${many.runs}) AS n`,
    );
    for (const [table, text] of statements) {
      await withoutIndexes(client as pg.Client, `maestro.${table}`, async () => {
        await client.query(text, [tenantId, experimentId]);
      });
    }
    await client.query('VACUUM ANALYZE maestro.runs, maestro.tags, maestro.params, maestro.latest_metrics');
  });
}
