import { randomUUID } from 'node:crypto';
import type { Role } from '../src/identity/roles.ts';
import { startTestApp, type TestApp } from './app.ts';

/** A JSON answer, to be reached into by name and index. What is not there reads as undefined. */
export type Body = { readonly [name: string]: Body } & { readonly [index: number]: Body };

interface Answer {
  readonly status: number;
  readonly body: Body;
  readonly text: string;
}

/** One who calls routes of the MLflow face in a tenant, with a role. */
export interface MlflowCaller {
  readonly tenantId: string;
  /** Sends a request to a path below `/api/2.0/mlflow`, with `body` as JSON. */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
}

/** The MLflow face of a test app. */
export interface MlflowFace {
  readonly app: TestApp;
  caller(role?: Role, tenant?: 'a' | 'b'): MlflowCaller;
  /** Runs a statement in a caller's tenant; its id is `$1`. */
  sql<Row>(caller: MlflowCaller, text: string, ...values: unknown[]): Promise<Row[]>;
  /** Makes an experiment. Gives its id. */
  experiment(caller: MlflowCaller): Promise<string>;
  /** Makes a run. Gives its id. */
  run(caller: MlflowCaller, experimentId: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startMlflowFace(): Promise<MlflowFace> {
  const app = await startTestApp();
  return {
    app,
    caller(role = 'tenant_admin', tenant = 'a') {
      const { id, keys } = app.tenants[tenant];
      return {
        tenantId: id,
        async call(method, path, body) {
          const request = { as: keys[role], ...(body === undefined ? {} : { json: body }) };
          const answer = await app.send(method, `/api/2.0/mlflow${path}`, request);
          return { status: answer.status, body: answer.body as Body, text: answer.text };
        },
      };
    },
    sql: (caller, text, ...values) =>
      app.ports.db.inTenant(caller.tenantId, (tx) => tx.sql(text, [caller.tenantId, ...values])),
    async experiment(caller) {
      const made = await caller.call('POST', '/experiments/create', { name: randomUUID() });
      if (made.status !== 200) throw new Error(`the experiment was not made: ${made.text}`);
      return String(made.body.experiment_id);
    },
    async run(caller, experimentId) {
      const made = await caller.call('POST', '/runs/create', { experiment_id: experimentId });
      if (made.status !== 200) throw new Error(`the run was not made: ${made.text}`);
      return String(made.body.run?.info?.run_id);
    },
    stop: () => app.stop(),
  };
}
