import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { makeCertificate } from '../../test/certificate.ts';
import { withClient } from '../db/roles.ts';
import { openEmbeddings } from '../ports/embeddings.ts';
import { answering, type EmbeddingsService, type Mood, startEmbeddingsService } from './embeddings_service.fixture.ts';

let service: EmbeddingsService;
let app: TestApp;
const key = randomUUID();
const logged: string[] = [];
const log = pino(
  { level: 'info' },
  new Writable({
    write(line, _encoding, done) {
      logged.push(String(line));
      done();
    },
  }),
);

beforeAll(async () => {
  service = await startEmbeddingsService();
  const embeddings = openEmbeddings({
    url: service.url,
    model: 'deterministic',
    key,
    log,
    timeoutMs: 1_000,
    restMs: 0,
  });
  app = await startTestApp({ embeddings });
});
afterAll(async () => {
  await app?.stop();
  await service?.stop();
});
afterEach(() => {
  service.mood = undefined;
  service.asked.length = 0;
  logged.length = 0;
});

const send = (path: string, json: unknown) =>
  app.send('POST', `/api/v1${path}`, { as: app.tenants.a.keys.data_scientist, json });

interface Found {
  by: string;
  items: { project_id: string; similarity: number; by: string }[];
}
const find = async (text: string): Promise<Found> => {
  const answer = await send('/ml/find-similar-projects', { text });
  expect(answer.status, answer.text).toBe(200);
  return answer.body as Found;
};

async function project(text?: string): Promise<string> {
  const made = await send('/projects', { name: randomUUID() });
  const { project_id } = made.body as { project_id: string };
  if (text !== undefined) {
    const stored = await send('/ml/embed-specs', { specs: [{ project_id, text }] });
    expect(stored.status, stored.text).toBe(200);
  }
  return project_id;
}

describe('with an embeddings service', () => {
  test('projects are found that mean the same in other words', async () => {
    const churn = await project('Predict attrition.');
    const fraud = await project('Detect scam.');
    const { by, items } = await find('Which subscribers cancel?');
    expect(by).toBe('embeddings');
    expect(items[0]).toMatchObject({ project_id: churn, by: 'embeddings' });
    expect(items[0]?.similarity).toBeCloseTo(1);
    expect(items.find(({ project_id }) => project_id === fraud)?.similarity).toBeLessThan(0.1);
    expect(service.asked.at(-1)).toEqual({
      authorization: `Bearer ${key}`,
      model: 'deterministic',
      input: ['Which subscribers cancel?'],
    });
  });

  test('a long text is sent in pieces, and in no more than eight', async () => {
    await project(`${'x'.repeat(50_000)} churn`);
    expect(service.asked.flatMap(({ input }) => input).map(({ length }) => length)).toEqual(
      Array.from({ length: 8 }, () => 4_000),
    );
  });

  const moods: [string, Mood][] = [
    ['is slow', () => undefined],
    ['refuses the key', answering(401, '{"error":{"message":"Incorrect API key provided"}}')],
    ['fails', answering(500, 'no')],
    ['answers no JSON', answering(200, '<html>')],
    ['answers another shape', answering(200, '{"data":[{"index":0,"embedding":"AAAA"}]}')],
    ['gives fewer vectors than texts', answering(200, '{"data":[]}')],
    ['gives numbers that are none', answering(200, '{"data":[{"index":0,"embedding":[1e999,1]}]}')],
    ['gives a vector of nothing', answering(200, '{"data":[{"index":0,"embedding":[0,0]}]}')],
    ['sends elsewhere', answering(307, '', { location: 'http://127.0.0.1:9/v1/embeddings' })],
    ['breaks off', (response) => response.destroy()],
    ['answers without end', answering(200, `{"data":[${' '.repeat(17 * 1024 * 1024)}]}`)],
  ];
  test.each(moods)('that %s, projects are found by their words, and the answer says so', async (_what, mood) => {
    const zebra = await project('Count zebras in photographs.');
    service.mood = mood;
    logged.length = 0;
    const { by, items } = await find('zebras photographs attrition');
    expect(by).toBe('bm25');
    expect(items.every((item) => item.by === 'bm25')).toBe(true);
    expect(items.map(({ project_id }) => project_id)).toContain(zebra);
    expect(logged.join('')).toContain('the embeddings service failed');
    expect(logged.join('')).not.toContain(key);
    expect(logged.join('')).not.toContain('zebra');
    const stored = await send('/ml/embed-specs', { specs: [{ project_id: zebra, text: 'Count zebras.' }] });
    expect(stored.body).toEqual({ stored: 1, by: 'bm25' });
  });

  test('that gives vectors of another size, those that are stored are passed over', async () => {
    const yak = await project('Count yaks in photographs.');
    service.mood = (response, input) => {
      const data = input.map((_, index) => ({ index, embedding: [1, 2] }));
      response.end(JSON.stringify({ data }));
    };
    const { items } = await find('yaks');
    expect(items.find(({ project_id }) => project_id === yak)).toMatchObject({ by: 'bm25' });
  });

  test('the vectors of another model are passed over', async () => {
    const gnu = await project('Count gnus: churn.');
    await withClient(app.database.superuser, (client) =>
      client.query(`UPDATE maestro.project_specs SET model = 'another' WHERE project_id = $1`, [gnu]),
    );
    const { items } = await find('gnus');
    expect(items.find(({ project_id }) => project_id === gnu)).toMatchObject({ by: 'bm25' });
  });
});

test('a service that failed is left alone for a while', async () => {
  const patient = openEmbeddings({ url: service.url, model: 'm', key: undefined, log, restMs: 60_000 });
  service.mood = answering(500, '');
  expect(await patient.embed(['a'])).toBeUndefined();
  service.mood = undefined;
  expect(await patient.embed(['a'])).toBeUndefined();
  expect(service.asked).toHaveLength(1);
  expect(service.asked[0]?.authorization).toBeUndefined();
});

test('nothing is sent to a service whose certificate nobody vouches for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-embeddings-'));
  const { cert, key: own } = await makeCertificate(folder);
  let requests = 0;
  const impostor = createServer({ cert: await readFile(cert), key: await readFile(own) }, (_request, response) => {
    requests += 1;
    response.end();
  });
  impostor.listen(0, '127.0.0.1');
  await once(impostor, 'listening');
  try {
    const url = `https://127.0.0.1:${(impostor.address() as AddressInfo).port}`;
    expect(await openEmbeddings({ url, model: 'm', key, log }).embed(['a'])).toBeUndefined();
    expect(requests).toBe(0);
    expect(logged.join('')).toMatch(/certificate/);
  } finally {
    impostor.close();
    await rm(folder, { recursive: true });
  }
});
