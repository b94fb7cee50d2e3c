import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import { startBackground } from '../../server/src/insight/background.ts';
import { impactJob } from '../../server/src/insight/impact_job.ts';
import { bodyOf, type Person } from '../../server/test/enrolment.ts';
import { type Interface, startInterface } from './interface.ts';

export interface SeededTenant {
  readonly web: Interface;
  readonly lead: Person;
  /** The main pages by their names: paths below `/t/tenant-a/`. */
  readonly pages: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '../..');
const kitchenham = join(root, 'docs/tutorial/data/kitchenham.csv');

let web: Interface;
let lead: Person;

const api = async <Body>(method: string, path: string, json?: unknown): Promise<Body> => {
  const as = web.maestro.tenants.a.keys.tenant_admin;
  const answer = await web.maestro.send(method, `/api/v1${path}`, { as, ...(json === undefined ? {} : { json }) });
  return bodyOf<Body>(answer, answer.status < 300 ? answer.status : 200);
};

/** A run that learns: its loss falls, its accuracy rises, faster with a greater learning rate. */
async function train(experiment: number, place: number): Promise<string> {
  const rate = [0.001, 0.003, 0.01, 0.03][place % 4] as number;
  const depth = 2 + (place % 5);
  const name = `boosting-${depth}-${rate}`;
  const start = Date.now() - 3_600_000 * (place + 1);
  const given = { experiment_id: experiment, name, start_time: start };
  const { run_id: id } = await api<{ run_id: string }>('POST', '/runs', given);
  const metrics = Array.from({ length: 120 }, (_, step) => {
    const learned = 1 - Math.exp((-step * (rate ** 0.4 * 8)) / 40);
    const noise = Math.sin(step * 12.9898 + place * 78.233) * 0.02;
    return [
      { key: 'train/loss', value: 1.1 - 0.8 * learned + noise, step },
      { key: 'val/accuracy', value: 0.5 + 0.4 * learned - depth * 0.004 + noise, step },
    ];
  }).flat();
  const params = Object.entries({ learning_rate: rate, max_depth: depth, model: 'boosting' }).map(([key, value]) => ({
    key,
    value: String(value),
  }));
  await api('POST', `/runs/${id}/log`, { metrics, params, tags: [{ key: 'team', value: 'growth' }] });
  if (place % 6 !== 5) {
    const status = place % 11 === 7 ? 'FAILED' : 'FINISHED';
    await api('PATCH', `/runs/${id}`, { status, end_time: start + 240_000 * (place + 2) });
  }
  return id;
}

async function library(): Promise<string> {
  const artifacts = [
    ['Churn features', 'feature_pipeline', 'Recency, frequency and value of each customer.', ['telecom', 'churn']],
    ['Gradient boosting template', 'model_template', 'Training, validation and a model card.', ['tabular']],
    ['Events schema', 'schema', 'What the clickstream sends.', ['clickstream']],
    ['Error analysis', 'notebook', 'Slices by which a classifier is wrong.', ['evaluation']],
  ] as const;
  const ids: string[] = [];
  for (const [name, type, description, tags] of artifacts) {
    const given = { name, type, description, tags, version: '1.0.0', storage_path: `s3://models/${type}` };
    ids.push((await api<{ artifact_id: string }>('POST', '/artifacts', given)).artifact_id);
  }
  const { items } = await api<{ items: { project_id: string }[] }>('GET', '/projects?limit=60&state=finished');
  for (const [place, { project_id }] of items.entries()) {
    const artifact = ids[place % 3] as string;
    await api('POST', `/artifacts/${artifact}/use`, { project_id });
    await api('PATCH', `/projects/${project_id}/success`, {
      success_score: 50 + ((place * 37) % 40) + (place % 3) * 4,
    });
  }
  return ids[0] as string;
}

/** Until the impact of an artifact is estimated, as it is behind requests. */
async function impactOf(artifact: string): Promise<void> {
  const background = startBackground({ ports: web.maestro.ports, jobs: [impactJob], debounceMs: 50 });
  const isTold = async () => (await api<{ impact: unknown }>('GET', `/artifacts/${artifact}`)).impact !== null;
  await vi.waitUntil(isTold, { timeout: 60_000, interval: 250 });
  await background.close();
}

/** A tenant in which a team has worked: runs, finished projects, a library with impacts, a project with its prediction. */
export async function startSeededTenant(): Promise<SeededTenant> {
  web = await startInterface();
  lead = await web.people.make({ tenant: 'tenant-a', role: 'tenant_admin' });
  const limits = { max_projects: 1_000 };
  await web.maestro.send('PATCH', '/api/v1/tenants/tenant-a', { as: web.maestro.operatorKey, json: limits });
  const { experiment_id: experiment } = await api<{ experiment_id: number }>('POST', '/experiments', { name: 'churn' });
  const runs: string[] = [];
  for (let place = 0; place < 24; place += 1) runs.push(await train(experiment, place));
  await web.maestro.send('POST', '/api/v1/projects/import?map=name:project&map=problem_class:project_type', {
    as: web.maestro.tenants.a.keys.tenant_admin,
    body: await readFile(kitchenham),
    headers: { 'content-type': 'application/octet-stream' },
  });
  const { project_id: project } = await api<{ project_id: string }>('POST', '/projects', {
    name: 'Churn 2027',
    problem_class: 'P',
    team_size: 4,
    start_date: '2026-10-01',
    metadata: { afp: 320, estimated_duration_days: 180 },
  });
  await api('PUT', `/projects/${project}/experiments/${experiment}`);
  const artifact = await library();
  await api('POST', '/insight/train');
  await impactOf(artifact);
  await api('POST', `/projects/${project}/predict`);
  const pages = {
    overview: '',
    runs: `experiments/${experiment}`,
    charts: `experiments/${experiment}?tab=charts`,
    run: `runs/${runs[0]}`,
    compare: `compare?runs=${runs.slice(0, 4).join()}`,
    projects: 'projects',
    prediction: `projects/${project}?tab=prediction`,
    artifact: `library/${artifact}`,
    insight: 'insight?outcome=duration_days',
    members: 'settings/members',
  };
  return { web, lead, pages };
}
