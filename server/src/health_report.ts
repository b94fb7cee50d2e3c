import Type from 'typebox';
import { countPendingCopies } from './audit/copies.ts';
import type { IdentityTx } from './db/tenancy.ts';
import { mlflowVersion } from './health.ts';
import { erasure, erasureReports } from './identity/erasures.ts';
import { strict, time } from './identity/schemas.ts';
import { defineOperation } from './operation.ts';

const count = Type.Integer({ minimum: 0 });

const report = Type.Object({
  started_at: time,
  versions: Type.Object({ node: Type.String(), mlflow_protocol: Type.String(), database: Type.String() }),
  processes: Type.Integer({ minimum: 1, description: 'Of Maestro on this database.' }),
  memory_bytes: Type.Integer({ minimum: 0, description: 'That the process that answers takes.' }),
  database: Type.Object({
    answer_ms: Type.Number({ minimum: 0 }),
    size_bytes: count,
    connections: Type.Object({ busy: count, idle: count, waiting: count }),
  }),
  secrets: Type.Object({
    age_seconds: Type.Number({ minimum: 0 }),
    failures: count,
    fault: Type.Union([Type.String(), Type.Null()]),
  }),
  waiting: Type.Object(
    { writes: count, requests: count },
    { description: 'Calls that wait for their group commit, and requests of tenants that flood.' },
  ),
  jobs: Type.Object({
    audit_copies: Type.Integer({
      minimum: 0,
      description: 'Rows of the operators’ audit that tenants are to get yet.',
    }),
    erasures: Type.Array(erasure, { description: 'Deletions of people and tenants, those under way first.' }),
  }),
});

const databaseFacts = async (tx: IdentityTx): Promise<{ version: string; size: number }> => {
  const [row] = await tx.sql<{ version: string; size: number }>(
    "SELECT split_part(version(), ' ', 2) AS version, pg_database_size(current_database())::float8 AS size",
    [],
  );
  return row ?? { version: '', size: 0 };
};

const erasuresShown = 50;

/** What every process on the database holds (db/deployment.ts). */
const everyProcess = '00000000';

/** How this Maestro is, for its operators: what waits, what is done behind requests, and what fails. */
export const health = defineOperation({
  name: 'operator.read_health',
  permission: 'operator',
  transaction: 'administration',
  input: Type.Object({}, strict),
  output: report,
  async run({ ports, db }) {
    const began = performance.now();
    await db.ping();
    const answerMs = performance.now() - began;
    const facts = await db.inIdentity(async (tx) => ({
      ...(await databaseFacts(tx)),
      copies: await countPendingCopies(tx),
      erasures: await erasureReports(tx, erasuresShown),
    }));
    const { total, idle, waiting } = db.poolState();
    const { ageSeconds, failures, fault = null } = ports.secretWatch.state();
    const { record, createRun, readRun } = ports.recorder.queued();
    const { processes } = await ports.deployment.whoHas(everyProcess);
    return {
      started_at: new Date(Date.now() - process.uptime() * 1000).toISOString(),
      versions: { node: process.versions.node, mlflow_protocol: mlflowVersion, database: facts.version },
      processes: Math.max(processes, 1),
      memory_bytes: process.memoryUsage.rss(),
      database: {
        answer_ms: answerMs,
        size_bytes: facts.size,
        connections: { busy: total - idle, idle, waiting },
      },
      secrets: { age_seconds: ageSeconds, failures, fault },
      waiting: { writes: record + createRun + readRun, requests: ports.limits.fairness.state.waiting },
      jobs: { audit_copies: facts.copies, erasures: facts.erasures },
    };
  },
});
