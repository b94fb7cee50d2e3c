import { Agent, request } from 'node:http';

/**
 * A program: keeps `connections` of a tenant busy without a pause, on argv's `url`, with `key`, by calls of `kind`. A
 * line `go` on standard input begins, `stop` pauses, and its end prints how many were answered, by status.
 */
const [url = '', key = '', kind = '', connections = '', runs = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const runIds = runs.split(',');
const statuses: Record<number, number> = {};
let going = false;
let ended = false;
let resume: () => void = () => undefined;
let resumed: Promise<void> = Promise.resolve();

let calls = 0;

const bodies: Record<string, () => [string, object]> = {
  batch: () => [
    'runs/log-batch',
    {
      run_id: runIds[calls % runIds.length],
      metrics: Array.from({ length: 100 }, (_, index) => ({
        key: `b${index % 10}`,
        value: calls + index,
        timestamp: Date.now(),
        step: calls * 10 + Math.floor(index / 10),
      })),
    },
  ],
  metric: () => [
    'runs/log-metric',
    { run_id: runIds[calls % runIds.length], key: `m${calls % 5}`, value: calls, timestamp: Date.now(), step: calls },
  ],
  search: () => [
    'runs/search',
    { experiment_ids: ['0'], filter: 'metrics.m1 > 3', order_by: ['metrics.m2 DESC'], max_results: 100 },
  ],
};

function call(path: string, body: object): Promise<void> {
  const text = JSON.stringify(body);
  return new Promise((resolve) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    };
    const sent = request(`${url}/api/2.0/mlflow/${path}`, { method: 'POST', agent, headers }, (response) => {
      statuses[response.statusCode ?? 0] = (statuses[response.statusCode ?? 0] ?? 0) + 1;
      response.resume();
      response.on('end', resolve);
    });
    sent.on('error', () => resolve());
    sent.end(text);
  });
}

const kinds = kind === 'mixed' ? ['batch', 'search', 'metric'] : [kind];
const pause = (): void => {
  going = false;
  resumed = new Promise((resolve) => {
    resume = resolve;
  });
};
pause();
process.stdin.setEncoding('utf8').on('data', (text: string) => {
  for (const line of text.trim().split('\n')) {
    if (line === 'stop' && going) pause();
    if (line !== 'go' || going) continue;
    going = true;
    resume();
  }
});
process.stdin.on('end', () => {
  ended = true;
  going = false;
  resume();
});
await Promise.all(
  Array.from({ length: Number(connections) }, async () => {
    for (;;) {
      if (!going) await resumed;
      if (ended) return;
      calls += 1;
      const make = bodies[kinds[calls % kinds.length] ?? ''];
      if (!make) throw new Error(`no calls of kind ${kind}`);
      await call(...make());
    }
  }),
);
process.stdout.write(JSON.stringify(statuses));
process.exit(0);
