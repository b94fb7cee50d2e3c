import type { TestApp } from '../../server/test/app.ts';
import { bodyOf } from '../../server/test/enrolment.ts';

/** Names that would do harm where they were taken for markup. */
export const hostile = '<img src=x onerror="document.title=\'stolen\'">';

/** Calls of `/api/v1` as somebody of tenant-a. */
export const callerOf = (maestro: TestApp, as = maestro.tenants.a.keys.ml_engineer) => {
  return async <Body>(method: string, path: string, json?: unknown): Promise<Body> => {
    const answer = await maestro.send(method, `/api/v1${path}`, { as, ...(json === undefined ? {} : { json }) });
    return bodyOf<Body>(answer, answer.status < 300 ? answer.status : 200);
  };
};

/** The names of all experiments of a tenant. */
export async function experimentsOf(maestro: TestApp, tenant: 'a' | 'b'): Promise<string[]> {
  const call = callerOf(maestro, maestro.tenants[tenant].keys.ml_engineer);
  const { items } = await call<{ items: { name: string }[] }>('GET', '/experiments');
  return items.map(({ name }) => name).sort();
}

export interface Seeded {
  readonly experimentId: number;
  readonly runIds: readonly string[];
}

/** An experiment of 40 runs: two optimizers, five learning rates, losses that rise and fall, and one hostile run. */
export async function seedRuns(maestro: TestApp, name: string): Promise<Seeded> {
  const call = callerOf(maestro);
  const { experiment_id: experimentId } = await call<{ experiment_id: number }>('POST', '/experiments', { name });
  const runIds: string[] = [];
  for (let n = 0; n < 40; n += 1) {
    const { run_id: id } = await call<{ run_id: string }>('POST', '/runs', {
      experiment_id: experimentId,
      name: n === 7 ? hostile : `trial-${n}`,
      user_id: ['ada', 'grace'][n % 2],
      start_time: 1_790_000_000_000 + n * 60_000,
      tags: [{ key: 'mlflow.source.name', value: 'train.py' }],
    });
    await call('POST', `/runs/${id}/log`, {
      params: [
        { key: 'lr', value: ['0.1', '0.03', '0.01', '0.003', '0.001'][n % 5] },
        { key: 'optimizer', value: ['adam', 'sgd'][n % 2] },
      ],
      metrics: [0, 1, 2].map((step) => ({
        key: 'loss',
        step,
        timestamp: step + 1,
        value: Math.abs(n - 20) + (step === 1 ? 0 : 1),
      })),
      tags: [{ key: 'team', value: n === 3 ? hostile : 'vision' }],
    });
    if (n % 4 !== 0) {
      const end_time = 1_790_000_000_000 + n * 61_000;
      await call('PATCH', `/runs/${id}`, { status: n % 9 === 1 ? 'FAILED' : 'FINISHED', end_time });
    }
    runIds.push(id);
  }
  return { experimentId, runIds };
}
