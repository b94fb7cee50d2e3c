import type { Interface } from './interface.ts';

/** Things of tenant-a that the pages of runs are shown with, made through the API. */
export function runWorldOf({ maestro }: Interface) {
  const as = maestro.tenants.a.keys.ml_engineer;

  async function send<Body>(method: string, path: string, json?: unknown): Promise<Body> {
    const answer = await maestro.send(method, path, { as, ...(json === undefined ? {} : { json }) });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body as Body;
  }
  const native = <Body>(method: string, path: string, json?: unknown) => send<Body>(method, `/api/v1${path}`, json);
  const mlflow = <Body>(method: string, path: string, json: unknown) =>
    send<Body>(method, `/api/2.0/mlflow${path}`, json);

  interface Logged {
    readonly metrics?: readonly { key: string; value: number | string; step?: number }[];
    readonly params?: Record<string, string>;
    readonly tags?: Record<string, string>;
  }

  async function run(name: string, { metrics = [], params = {}, tags = {} }: Logged = {}): Promise<string> {
    const start_time = Date.now() - 3_600_000;
    const { run_id: id } = await native<{ run_id: string }>('POST', '/runs', { experiment_id: 0, name, start_time });
    const pairs = (of: Record<string, string>) => Object.entries(of).map(([key, value]) => ({ key, value }));
    for (let at = 0; at === 0 || at < metrics.length; at += 900) {
      const first = at === 0 ? { params: pairs(params), tags: pairs(tags) } : {};
      await native('POST', `/runs/${id}/log`, { metrics: metrics.slice(at, at + 900), ...first });
    }
    return id;
  }

  async function file(runId: string, path: string, body: string | Uint8Array): Promise<void> {
    const url = `/api/v1/runs/${runId}/files/content?path=${encodeURIComponent(path)}`;
    const answer = await maestro.send('PUT', url, { as, body });
    if (answer.status >= 300) throw new Error(answer.text);
  }

  async function model(runId: string, name: string): Promise<string> {
    const json = { experiment_id: '0', name, source_run_id: runId, model_type: 'classifier' };
    const made = await mlflow<{ model: { info: { model_id: string; artifact_uri: string } } }>(
      'POST',
      '/logged-models',
      { ...json, params: [{ key: 'depth', value: '3' }] },
    );
    const { model_id: id } = made.model.info;
    await mlflow('PATCH', `/logged-models/${id}`, { model_id: id, status: 'LOGGED_MODEL_READY' });
    await mlflow('POST', '/runs/outputs', { run_id: runId, models: [{ model_id: id, step: 0 }] });
    return id;
  }

  async function modelFile(modelId: string, path: string, body: string): Promise<void> {
    const url = `/api/2.0/mlflow-artifacts/artifacts/0/models/${modelId}/artifacts/${path}`;
    const answer = await maestro.send('PUT', url, { as, body });
    if (answer.status >= 300) throw new Error(answer.text);
  }

  return { native, mlflow, run, file, model, modelFile };
}

export const curve = (key: string, of: (step: number) => number, points = 120) =>
  Array.from({ length: points }, (_, step) => ({ key, value: of(step), step }));
