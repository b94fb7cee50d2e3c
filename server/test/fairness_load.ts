import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** Who calls, and the runs it calls about. */
interface LoadTenant {
  readonly key: string;
  readonly runs: readonly string[];
}

interface FloodOptions {
  readonly url: string;
  readonly tenant: LoadTenant;
  readonly kind: 'batch' | 'metric' | 'search' | 'mixed';
  readonly connections: number;
}

interface Flood {
  go(): void;
  pause(): void;
  /** Ends it. Gives how many calls were answered, by status. */
  end(): Promise<Record<string, number>>;
}

/** A flood that can be let go: from a process of low priority, so that what it computes takes little from the server. */
function openFlood({ url, tenant, kind, connections }: FloodOptions): Flood {
  const program = join(import.meta.dirname, 'flooder.ts');
  const args = ['-n', '19', process.execPath, program, url, tenant.key, kind, String(connections), tenant.runs.join()];
  const child = spawn('nice', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const printed = text(child.stdout);
  return {
    go: () => void child.stdin.write('go\n'),
    pause: () => void child.stdin.write('stop\n'),
    async end() {
      child.stdin.end();
      return JSON.parse(await printed) as Record<string, number>;
    },
  };
}

interface Slowdown {
  /** Medians in milliseconds, and their ratio. */
  readonly alone: number;
  readonly under: number;
  readonly ratio: number;
  readonly flooded: Record<string, number>;
}

/**
 * How much a flood slows another tenant's lone calls: a second without it and a second with it, turn and turn about, so
 * that whatever else the machine does falls on both. Where after some rounds it seems to slow them more than by `most`
 * (1.2: by a fifth), it is measured on: what the flood does stays, and what others did evens out.
 */
export async function slowdown(
  url: string,
  tenant: LoadTenant,
  kind: 'get_run' | 'log_metric',
  { rounds, most, ...flooding }: FloodOptions & { rounds: { least: number; most: number }; most: number },
): Promise<Slowdown> {
  const flood = openFlood(flooding);
  const times: { alone: number[]; under: number[] } = { alone: [], under: [] };
  const ratio = (): number => medianOf(times.under) / medianOf(times.alone);
  const pace = { seconds: 1, everyMs: 10 };
  for (let round = 0; round < rounds.least || (round < rounds.most && ratio() >= most); round += 1) {
    times.alone.push(...(await paced(url, tenant, kind, pace)));
    flood.go();
    // Until the flood is one: its first calls come in while the connections are made.
    await paced(url, tenant, kind, { ...pace, seconds: 0.7 });
    times.under.push(...(await paced(url, tenant, kind, pace)));
    flood.pause();
    await paced(url, tenant, kind, { ...pace, seconds: 0.7 });
  }
  return { alone: medianOf(times.alone), under: medianOf(times.under), ratio: ratio(), flooded: await flood.end() };
}

/** Makes one call after the other, `everyMs` apart, for `seconds`. Gives the milliseconds of each. */
async function paced(
  url: string,
  tenant: LoadTenant,
  kind: 'get_run' | 'log_metric',
  { seconds, everyMs }: { seconds: number; everyMs: number },
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  const endsAt = performance.now() + seconds * 1000;
  for (let calls = 0; performance.now() < endsAt; calls += 1) {
    const runId = tenant.runs[calls % tenant.runs.length] ?? '';
    const begin = performance.now();
    await call(agent, url, tenant.key, kind === 'get_run' ? ['GET', `runs/get?run_id=${runId}`] : point(runId, calls));
    times.push(performance.now() - begin);
    await delay(Math.max(0, everyMs - (performance.now() - begin)));
  }
  agent.destroy();
  return times;
}

const point = (runId: string, step: number): [string, string, object] => [
  'POST',
  'runs/log-metric',
  { run_id: runId, key: `m${step % 5}`, value: step, timestamp: Date.now(), step },
];

function call(agent: Agent, url: string, key: string, [method, path, body]: [string, string, object?]): Promise<void> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${key}`,
    ...(payload === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/api/2.0/mlflow/${path}`, { method, agent, headers }, (response) => {
      response.resume();
      response.on('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${path}: ${response.statusCode}`)),
      );
    });
    sent.on('error', reject);
    sent.end(payload);
  });
}

const medianOf = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** Makes `count` runs in experiment 0 of a tenant. */
export async function makeRuns(url: string, key: string, count: number): Promise<string[]> {
  const runs: string[] = [];
  for (let made = 0; made < count; made += 1) {
    const response = await fetch(`${url}/api/2.0/mlflow/runs/create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ experiment_id: '0', start_time: Date.now() }),
    });
    const body = (await response.json()) as { run: { info: { run_id: string } } };
    runs.push(body.run.info.run_id);
  }
  return runs;
}
