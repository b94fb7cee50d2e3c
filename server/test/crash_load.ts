import { createHash } from 'node:crypto';
import { expect } from 'vitest';

/** What one client has written to a run of its own, as far as it knows. */
export type Ledger = {
  readonly runId: string;
  readonly name: string;
  /** How many steps of the metric `m` were sent, and how many of them acknowledged: 0, 1, 2 … in order. */
  readonly steps: Progress;
  /** The same for the batches. */
  readonly batches: Progress;
  /** Whether a batch that must be refused was sent. */
  refusals: number;
  /** By file name: versions sent and acknowledged; each replaces the one before. */
  readonly files: Map<string, Progress>;
};

type Progress = { sent: number; acknowledged: number };

/** What the checks saw. */
export type Seen = { runs: number; steps: number; batches: number; refusals: number; files: number };

/** Where a Maestro is, and who calls. */
export type Place = { readonly url: string; readonly token: string; readonly experimentId: string };

type Run = {
  readonly info: { readonly run_id: string; readonly run_name: string };
  readonly data: { readonly params?: Pair[]; readonly tags?: Pair[]; readonly metrics?: { key: string }[] };
};
type Pair = { readonly key: string; readonly value: string };
type Point = { readonly step: number; readonly value: number };

/** A status that is not 200, as the server said it. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(`${status} ${text}`);
    this.status = status;
  }
}

async function send({ url, token }: Place, method: string, path: string, body?: Uint8Array | object): Promise<Buffer> {
  const isFile = body instanceof Uint8Array;
  const response = await fetch(`${url}/api/2.0/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': isFile ? 'application/octet-stream' : 'application/json',
    },
    ...(body === undefined ? {} : { body: isFile ? new Uint8Array(body) : JSON.stringify(body) }),
  });
  const answer = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) throw new Refused(response.status, answer.toString());
  return answer;
}

export async function call<T>(place: Place, path: string, body?: object): Promise<T> {
  return JSON.parse((await send(place, body ? 'POST' : 'GET', `mlflow/${path}`, body)).toString());
}

const folderOf = ({ experimentId }: Place, runId: string): string => `${experimentId}/${runId}/artifacts`;
const filePath = (place: Place, runId: string, name: string): string =>
  `mlflow-artifacts/artifacts/${folderOf(place, runId)}/${name}`;

/** Bytes that say which version of which file they are; from 20 KB to 1 MB, so that some are under way at any moment. */
function contentOf(name: string, version: number): Buffer {
  const seed = createHash('sha256').update(`${name} ${version}`).digest();
  return Buffer.alloc(20_000 + (seed.readUInt32BE() % 1_000_000), seed);
}

const batchKeys = ['loss', 'accuracy', 'ünïcode/rate'] as const;
const pointsOfOneKey = 20;

function batchOf(number: number) {
  return {
    metrics: batchKeys.flatMap((key) =>
      Array.from({ length: pointsOfOneKey }, (_, i) => ({
        key,
        value: number + i / 100,
        timestamp: 1_700_000_000_000 + number,
        step: number * pointsOfOneKey + i,
      })),
    ),
    params: [{ key: `p${number}`, value: `value ${number}` }],
    tags: [
      { key: `t${number}`, value: `tag ${number}` },
      { key: 'last', value: String(number) },
    ],
  };
}

/** Each entry one kind of write; `ledger` is told before it is sent and after it is acknowledged. */
const writes: readonly ((place: Place, ledger: Ledger) => Promise<void>)[] = [
  async (place, { runId, steps }) => {
    const step = steps.sent++;
    await call(place, 'runs/log-metric', { run_id: runId, key: 'm', value: step / 4, timestamp: 1 + step, step });
    steps.acknowledged++;
  },
  async (place, { runId, batches }) => {
    await call(place, 'runs/log-batch', { run_id: runId, ...batchOf(batches.sent++) });
    batches.acknowledged++;
  },
  // Its param exists with another value once a batch is there: all of it is refused.
  async (place, ledger) => {
    if (ledger.batches.acknowledged === 0) return;
    ledger.refusals++;
    const error = await call(place, 'runs/log-batch', {
      run_id: ledger.runId,
      metrics: [{ key: 'refused', value: 1, timestamp: 1, step: 1 }],
      params: [
        { key: 'refused', value: '1' },
        { key: 'p0', value: 'another value' },
      ],
      tags: [{ key: 'refused', value: '1' }],
    }).catch((thrown: unknown) => thrown);
    if (!(error instanceof Refused && error.status === 400)) throw error;
  },
  async (place, ledger) => {
    const name = `file ${Math.floor(Math.random() * 3)}.bin`;
    const file = ledger.files.get(name) ?? { sent: 0, acknowledged: 0 };
    ledger.files.set(name, file);
    const version = ++file.sent;
    await send(place, 'PUT', filePath(place, ledger.runId, name), contentOf(name, version));
    file.acknowledged = version;
  },
];

/** Makes a run and writes to it, one call after the other and of any kind, until a call fails; throws what it threw. */
export async function writeUntilItFails(place: Place, ledgers: Ledger[]): Promise<never> {
  for (;;) {
    const name = `run ${crypto.randomUUID()}`;
    const { run } = await call<{ run: Run }>(place, 'runs/create', {
      experiment_id: place.experimentId,
      run_name: name,
      tags: [{ key: 'made by', value: name }],
    });
    const ledger: Ledger = {
      runId: run.info.run_id,
      name,
      steps: { sent: 0, acknowledged: 0 },
      batches: { sent: 0, acknowledged: 0 },
      refusals: 0,
      files: new Map(),
    };
    ledgers.push(ledger);
    for (let i = 0; i < 15; i++) await writes[Math.floor(Math.random() * writes.length)]?.(place, ledger);
  }
}

/** How many writes were acknowledged. */
export function acknowledgedIn(ledgers: readonly Ledger[]): number {
  const inOne = ({ steps, batches, files }: Ledger) =>
    1 +
    steps.acknowledged +
    batches.acknowledged +
    [...files.values()].reduce((sum, file) => sum + file.acknowledged, 0);
  return ledgers.reduce((sum, ledger) => sum + inOne(ledger), 0);
}

/** Everything acknowledged is there, nothing that was never sent, and whatever else is there is whole. */
export async function expectKept(place: Place, ledgers: readonly Ledger[]): Promise<Seen> {
  const seen: Seen = { runs: 0, steps: 0, batches: 0, refusals: 0, files: 0 };
  for (const ledger of ledgers) {
    const { run } = await call<{ run: Run }>(place, `runs/get?run_id=${ledger.runId}`);
    expect(run.info.run_name).toBe(ledger.name);
    const [params, tags] = [run.data.params, run.data.tags].map(
      (pairs) => new Map(pairs?.map((p) => [p.key, p.value])),
    );
    expect(tags?.get('made by')).toBe(ledger.name);
    for (const kept of [params, tags, new Set(run.data.metrics?.map(({ key }) => key))]) {
      expect(kept?.has('refused')).toBe(false);
    }
    await expectSteps(place, ledger);
    await expectBatches(place, ledger, params ?? new Map(), tags ?? new Map());
    seen.files += await expectFiles(place, ledger);
    seen.runs++;
    seen.refusals += ledger.refusals;
    seen.steps += ledger.steps.acknowledged;
    seen.batches += ledger.batches.acknowledged;
  }
  return seen;
}

const historyOf = async (place: Place, runId: string, key: string): Promise<readonly Point[]> =>
  (
    await call<{ metrics?: Point[] }>(
      place,
      `metrics/get-history?run_id=${runId}&metric_key=${encodeURIComponent(key)}`,
    )
  ).metrics ?? [];

async function expectSteps(place: Place, { runId, steps }: Ledger): Promise<void> {
  const points = await historyOf(place, runId, 'm');
  expect(points.map(({ step, value }) => [step, value])).toEqual(points.map((_, step) => [step, step / 4]));
  expect(points.length).toBeGreaterThanOrEqual(steps.acknowledged);
  expect(points.length).toBeLessThanOrEqual(steps.sent);
}

/** One client sends them in order, so those that are there are the first ones, each with all that was in it. */
async function expectBatches(
  place: Place,
  { runId, batches }: Ledger,
  params: ReadonlyMap<string, string>,
  tags: ReadonlyMap<string, string>,
): Promise<void> {
  const present = params.size;
  expect(present).toBeGreaterThanOrEqual(batches.acknowledged);
  expect(present).toBeLessThanOrEqual(batches.sent);
  for (let number = 0; number < batches.sent; number++) {
    expect(params.get(`p${number}`)).toBe(number < present ? `value ${number}` : undefined);
    expect(tags.get(`t${number}`)).toBe(number < present ? `tag ${number}` : undefined);
  }
  expect(tags.get('last')).toBe(present === 0 ? undefined : String(present - 1));
  const wanted = Array.from({ length: present }, (_, number) => batchOf(number).metrics).flat();
  for (const key of batchKeys) {
    const points = await historyOf(place, runId, key);
    expect(points.map(({ step, value }) => [step, value])).toEqual(
      wanted.filter((point) => point.key === key).map(({ step, value }) => [step, value]),
    );
  }
}

/** Gives how many there are. */
async function expectFiles(place: Place, { runId, files }: Ledger): Promise<number> {
  const folder = folderOf(place, runId);
  const listing = await send(place, 'GET', `mlflow-artifacts/artifacts?path=${encodeURIComponent(folder)}`);
  const { files: listed = [] } = JSON.parse(listing.toString()) as { files?: { path: string; file_size?: number }[] };
  const sizes = new Map(listed.map(({ path, file_size }) => [path, Number(file_size)]));
  expect([...files.keys()]).toEqual(expect.arrayContaining([...sizes.keys()]));
  for (const [name, { sent, acknowledged }] of files) {
    if (!sizes.has(name)) {
      expect(acknowledged).toBe(0);
      continue;
    }
    const bytes = await send(place, 'GET', filePath(place, runId, name));
    expect(bytes.length).toBe(sizes.get(name));
    const possible = [acknowledged, sent].filter((version) => version > 0);
    expect(possible.some((version) => contentOf(name, version).equals(bytes))).toBe(true);
  }
  return sizes.size;
}
