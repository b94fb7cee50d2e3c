import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, type ClientRequest, type IncomingMessage, request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type MaestroProcess, startMaestro } from './maestro.ts';
import { prepareDataDir } from './prepared_data.ts';

let root: string;
let maestro: MaestroProcess;
let url: string;
let token: string;
let runId: string;
/** Keeps connections alive, as the mlflow client does. */
let agent: Agent;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-stop-'));
  prepareDataDir(join(root, 'data'));
  agent = new Agent({ keepAlive: true, maxSockets: 200 });
  await start();
  token = /^export MLFLOW_TRACKING_TOKEN=(\S+)$/m.exec(maestro.stdout())?.[1] ?? '';
  const made = await mlflow('runs/create', { experiment_id: '0' });
  runId = JSON.parse(made.body).run.info.run_id;
});
afterEach(async () => {
  agent.destroy();
  if (maestro.child.exitCode === null) await maestro.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

async function start(): Promise<void> {
  maestro = startMaestro({ MAESTRO_DATA_DIR: join(root, 'data'), MAESTRO_LOG_LEVEL: 'error' }, root);
  url = (await maestro.ready).replace('localhost', '127.0.0.1');
}

type Answer = { readonly status: number | undefined; readonly body: string };

/** Opens a request; `bytes` is what its body will hold. */
function open(method: string, path: string, bytes: number, type = 'application/json') {
  const request = send(`${url}/api/2.0/${path}`, {
    method,
    agent,
    headers: { authorization: `Bearer ${token}`, 'content-type': type, 'content-length': bytes },
  });
  const answered = once(request, 'response').then(async ([response]: IncomingMessage[]): Promise<Answer> => {
    let body = '';
    for await (const chunk of response!.setEncoding('utf8')) body += chunk;
    return { status: response!.statusCode, body };
  });
  // Whoever waits for the answer hears of it; the others have seen a connection end.
  answered.catch(() => undefined);
  return { request, answered };
}

function mlflow(path: string, body?: object): Promise<Answer> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const { request, answered } = open(body ? 'POST' : 'GET', `mlflow/${path}`, Buffer.byteLength(text));
  request.end(text);
  return answered;
}

test('SIGTERM with 50 requests and an upload in flight answers all of them, keeps what it answered, and ends with 0', async () => {
  const size = 3_000_000;
  const content = Buffer.alloc(size, 'slow ');
  const path = `mlflow-artifacts/artifacts/0/${runId}/artifacts/slow.bin`;
  const upload = open('PUT', path, size, 'application/octet-stream');
  upload.request.write(content.subarray(0, 1_000_000));
  // Half a request each: the server has begun to read it and can answer only when the rest has come.
  const requests = Array.from({ length: 50 }, (_, step) => {
    const text = JSON.stringify({ run_id: runId, key: 'm', value: step, timestamp: step, step });
    const opened = open('POST', 'mlflow/runs/log-metric', text.length);
    opened.request.write(text.slice(0, 20));
    return { ...opened, rest: text.slice(20) };
  });
  const sent = (of: { request: ClientRequest }, bytes: number) => (of.request.socket?.bytesWritten ?? 0) > bytes;
  await vi.waitUntil(() => sent(upload, 1_000_000) && requests.every((one) => sent(one, 20)), { timeout: 10_000 });
  // Answered after those have been accepted; their connections stay open.
  await Promise.all(Array.from({ length: 10 }, () => mlflow(`runs/get?run_id=${runId}`)));

  const before = performance.now();
  maestro.child.kill('SIGTERM');
  await vi.waitUntil(
    () =>
      fetch(`${url}/health`).then(
        () => false,
        () => true,
      ),
    { timeout: 3000, interval: 20 },
  );
  for (const { request, rest } of requests) request.end(rest);
  const answers = await Promise.all(requests.map(({ answered }) => answered));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  for (let from = 1_000_000; from < size; from += 500_000) {
    await delay(250);
    upload.request.write(content.subarray(from, from + 500_000));
  }
  upload.request.end();
  expect((await upload.answered).status).toBe(200);
  expect(await maestro.ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - before).toBeLessThan(10_000);

  await start();
  const history = await mlflow(`metrics/get-history?run_id=${runId}&metric_key=m`);
  expect(JSON.parse(history.body).metrics).toHaveLength(50);
  const file = open('GET', path, 0);
  file.request.end();
  expect((await file.answered).body).toBe(content.toString());
});

test('clients that keep sending on their connections do not hold the end up, and each answer they get is kept', async () => {
  let stop = false;
  const acknowledged: number[] = [];
  const others: (number | undefined)[] = [];
  let next = 0;
  const clients = Array.from({ length: 20 }, async () => {
    while (!stop) {
      const step = next++;
      const body = { run_id: runId, key: 'm', value: step, timestamp: step, step };
      const answer = await mlflow('runs/log-metric', body).catch(() => undefined);
      if (answer === undefined) break;
      if (answer.status === 200) acknowledged.push(step);
      else others.push(answer.status);
    }
  });
  await vi.waitUntil(() => acknowledged.length > 200, { timeout: 20_000 });
  const before = performance.now();
  maestro.child.kill('SIGTERM');
  expect(await maestro.ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - before).toBeLessThan(5000);
  stop = true;
  await Promise.all(clients);
  // What was received is answered as ever; what comes later finds no connection, or is told to try again.
  expect(others.filter((status) => status !== 503)).toEqual([]);

  await start();
  const history = await mlflow(`metrics/get-history?run_id=${runId}&metric_key=m`);
  const kept = new Set(JSON.parse(history.body).metrics.map(({ step }: { step: number }) => step));
  expect(acknowledged.filter((step) => !kept.has(step))).toEqual([]);
});
