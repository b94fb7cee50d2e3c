import { DatabaseSync } from 'node:sqlite';
import { curves, many, valueAt } from '../web/test/many_runs.ts';

const choice = (place: string, values: readonly string[]): string =>
  `CASE ${place} % ${values.length} ${values.map((value, at) => `WHEN ${at} THEN '${value}'`).join(' ')} END`;

const runId = "printf('%032x', n)";

const keyed = (values: Readonly<Record<string, string>>, row: (key: string, value: string) => string): string =>
  Object.entries(values)
    .map(([key, value]) => `SELECT ${row(key, value)} FROM numbers`)
    .join(' UNION ALL ');

const tags = {
  "'mlflow.runName'": "'trial-' || n",
  "'mlflow.source.name'": "'train.py'",
  "'team'": choice('n', ['vision', 'language', 'ranking']),
};
const params = {
  "'lr'": choice('n', ['0.1', '0.03', '0.01', '0.003', '0.001']),
  "'depth'": '2 + n % 12',
  "'optimizer'": choice('(n / 7)', ['adam', 'sgd', 'lion']),
  "'seed'": 'n',
};
const metrics = {
  "'loss'": '(n * 7919 % 100003) / 100003.0',
  "'accuracy'": '(n * 104729 % 100019) / 100019.0',
  "'f1'": '(n * 1299709 % 100043) / 100043.0',
  [`'layer_' || n % ${many.metricNames - 3} || '/norm'`]: 'n / 10.0',
};
const metricRow = (key: string, value: string) => `${runId}, ${key}, ${value}, 1700000000000, 99, 0`;
const metricColumns = '(run_uuid, key, value, timestamp, step, is_nan)';

/** The 100,000 runs of Maestro's tenant, as the genuine store keeps them. */
const statements = [
  `CREATE TEMP TABLE numbers AS WITH RECURSIVE some(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM some WHERE n < ${many.runs})
   SELECT n FROM some`,
  `INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,
                     source_version, lifecycle_stage, artifact_uri, experiment_id)
   SELECT ${runId}, 'trial-' || n, 'LOCAL', 'train.py', '', ${choice('n', ['ada', 'grace', 'alan', 'edsger'])},
          ${choice('n', ['FINISHED', 'FINISHED', 'FINISHED', 'FAILED', 'KILLED'])}, 1700000000000 + n * 60000,
          1700000000000 + n * 60000 + 1000 * (n * 7919 % 7200), '', 'active', 'mlflow-artifacts:/many/' || n,
          (SELECT experiment_id FROM experiments WHERE name = 'many') FROM numbers`,
  `INSERT INTO tags (run_uuid, key, value) ${keyed(tags, (key, value) => `${runId}, ${key}, ${value}`)}`,
  `INSERT INTO params (run_uuid, key, value) ${keyed(params, (key, value) => `${runId}, ${key}, ${value}`)}`,
  `INSERT INTO metrics ${metricColumns} ${keyed(metrics, metricRow)}`,
  `INSERT INTO latest_metrics ${metricColumns} ${keyed(metrics, metricRow)}`,
  `INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,
                     source_version, lifecycle_stage, artifact_uri, experiment_id)
   SELECT printf('c%031x', n), 'curve-' || n, 'LOCAL', 'train.py', '', 'ada', 'FINISHED', 1790000000000 + n,
          1790000000000 + n, '', 'active', 'mlflow-artifacts:/curves/' || n,
          (SELECT experiment_id FROM experiments WHERE name = 'curves') FROM numbers WHERE n <= ${curves.runs}`,
  `INSERT INTO tags (run_uuid, key, value)
   SELECT printf('c%031x', n), 'mlflow.runName', 'curve-' || n FROM numbers WHERE n <= ${curves.runs}`,
];

/** Fills the genuine store, whose experiments `many` and `curves` are there, with what Maestro's tenant has. */
export function seedMlflow(file: string): void {
  const database = new DatabaseSync(file, { timeout: 30_000 });
  try {
    database.exec('PRAGMA synchronous = OFF; BEGIN');
    for (const text of statements) database.exec(text);
    for (const table of ['metrics', 'latest_metrics']) {
      const insert = database.prepare(`INSERT INTO ${table} ${metricColumns} VALUES (?, ?, ?, ?, ?, 0)`);
      for (let run = 0; run < curves.runs; run += 1) {
        const id = `c${(run + 1).toString(16).padStart(31, '0')}`;
        // The store keeps the last point of each metric in a table of its own.
        for (let step = table === 'metrics' ? 0 : curves.points - 1; step < curves.points; step += 1) {
          insert.run(id, curves.metric, valueAt(run, step), 1_790_000_000_000 + step * 1_000, step);
        }
      }
    }
    database.exec('COMMIT; ANALYZE');
  } finally {
    database.close();
  }
}
