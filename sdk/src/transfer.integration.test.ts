import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import type { ReadableStream } from 'node:stream/web';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../server/test/app.ts';
import { type BadLine, startBadLine } from './bad_line.fixture.ts';
import { createMaestro, type Maestro } from './maestro.ts';
import type { Content } from './transfer.ts';

let app: TestApp;
let line: BadLine;
let maestro: Maestro;
let folder: string;
let run: string;
const content = randomBytes(3_000_000);
const sha256 = createHash('sha256').update(content).digest('hex');
const wrong = '0'.repeat(64);
beforeAll(async () => {
  app = await startTestApp();
  line = await startBadLine(app.url);
  maestro = createMaestro({ url: line.url, credentials: { apiKey: app.tenants.a.keys.ml_engineer } });
  run = (await maestro.POST('/runs', { body: { experiment_id: 0 } })).data.run_id;
  folder = await mkdtemp(join(tmpdir(), 'maestro-transfer-'));
  await writeFile(join(folder, 'content'), content);
});
afterAll(async () => {
  await line?.stop();
  await app?.stop();
  await rm(folder, { recursive: true, force: true });
});

const file = '/runs/{run_id}/files/content';
const at = (path: string) => ({ params: { path: { run_id: run }, query: { path } } });
const stored = async (path: string) => buffer((await maestro.download(file, at(path))).body);
const names = async () => {
  const { data } = await maestro.GET('/runs/{run_id}/files', { params: { path: { run_id: run } } });
  return data.files.map(({ path }) => path);
};

describe('an upload', () => {
  test.each<[string, () => Content | Promise<Content>]>([
    ['bytes', () => content],
    ['a blob', () => new Blob([content])],
    ['an open file', () => open(join(folder, 'content'))],
    [
      'a stream of the web',
      () => Readable.toWeb(createReadStream(join(folder, 'content'))) as ReadableStream<Uint8Array>,
    ],
    ['a stream of Node', () => createReadStream(join(folder, 'content'))],
  ])('takes %s, and tells the digest of what it sent', async (name, make) => {
    line.meet();
    const passed: number[] = [];
    const source = await make();
    const done = await maestro.upload(file, {
      ...at(name),
      content: source,
      onProgress: (bytes) => void passed.push(bytes),
    });
    if ('createReadStream' in source) await source.close();
    expect(done).toEqual({ data: { path: name, file_size: content.length }, sha256 });
    expect(passed.at(-1)).toBe(content.length);
    expect((await stored(name)).equals(content)).toBe(true);
  });

  test('of nothing makes an empty file', async () => {
    line.meet();
    const nothing = await open(join(folder, 'nothing'), 'w+');
    for (const empty of [new Uint8Array(), new Blob([]), nothing, Readable.from([])]) {
      await maestro.upload(file, { ...at('empty'), content: empty });
      expect(await stored('empty')).toHaveLength(0);
    }
    await nothing.close();
  });

  test('of what is not as expected leaves no file, whether its length is known or not', async () => {
    line.meet();
    const streams = [content, Readable.from([content.subarray(0, 10), content.subarray(10)]), Readable.from([])];
    for (const [index, each] of streams.entries()) {
      const refused = maestro.upload(file, { ...at(`refused-${index}`), content: each, sha256: wrong });
      await expect(refused).rejects.toThrow(/has the SHA-256 \w{64}, where 0{64} was expected/);
    }
    expect((await names()).filter((name) => name.startsWith('refused'))).toEqual([]);
    await maestro.upload(file, { ...at('right'), content, sha256: sha256.toUpperCase() });
  });

  test('is sent again where the line broke in the middle, the answer was lost or a proxy refused', async () => {
    const source = await open(join(folder, 'content'));
    line.meet({ cutUpload: 1_000_000 }, { cut: 'after' }, { status: 503, retryAfter: '0' });
    const { data } = await maestro.upload(file, { ...at('again'), content: source });
    await source.close();
    expect(line.seen).toHaveLength(4);
    expect(data.file_size).toBe(content.length);
    expect((await stored('again')).equals(content)).toBe(true);
  });

  test('of a stream is sent once: it cannot be read twice', async () => {
    line.meet({ cutUpload: 1_000_000 });
    await expect(maestro.upload(file, { ...at('once'), content: Readable.from([content]) })).rejects.toThrow(TypeError);
    expect(line.seen).toHaveLength(1);
  });

  test('ends with what was wrong with its source, with the server’s refusal, or when its signal says so', async () => {
    line.meet();
    async function* broken() {
      yield content;
      throw new Error('the disk is gone');
    }
    await expect(maestro.upload(file, { ...at('broken'), content: broken() })).rejects.toThrow('the disk is gone');
    await expect(maestro.upload(file, { ...at('../up'), content })).rejects.toMatchObject({ status: 400 });
    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error('enough'));
    const stopped = maestro.upload(file, { ...at('stopped'), content, onProgress, signal: stop.signal });
    await expect(stopped).rejects.toThrow('enough');
    expect(await names()).not.toContain('stopped');
  });
});

describe('a download', () => {
  beforeAll(async () => {
    line.meet();
    await maestro.upload(file, { ...at('model.json'), content });
  });

  test('says how long it is before it is read, and may be left', async () => {
    line.meet();
    const { size, body } = await maestro.download(file, at('model.json'));
    expect(size).toBe(content.length);
    await body.cancel();
  });

  test('goes on where it was when the line breaks, as often as that happens', async () => {
    line.meet({ cut: 1_000_000 }, { cut: 'before' }, { cut: 1_500_000 }, { status: 503 });
    const { body } = await maestro.download(file, { ...at('model.json'), sha256 });
    expect((await buffer(body)).equals(content)).toBe(true);
    expect(line.seen).toHaveLength(5);
  });

  test('of what was replaced meanwhile ends in an error, not in a mixture', async () => {
    await maestro.upload(file, { ...at('changing'), content });
    line.meet({ cut: 1_000_000 });
    const { body } = await maestro.download(file, at('changing'));
    await maestro.upload(file, { ...at('changing'), content: content.subarray(1) });
    await expect(buffer(body)).rejects.toThrow('replaced while it was downloaded');
  });

  test('of other content than expected ends in an error, and one of nothing in a refusal', async () => {
    line.meet();
    const { body } = await maestro.download(file, { ...at('model.json'), sha256: wrong });
    await expect(buffer(body)).rejects.toThrow('where 0000');
    await expect(maestro.download(file, at('none'))).rejects.toMatchObject({ status: 404, code: 'not_found' });
  });
});

test('a transfer takes no memory for what it carries', async () => {
  const script = `
    import { createMaestro } from ${JSON.stringify(join(import.meta.dirname, 'maestro.ts'))};
    const { URL: url, KEY: apiKey, RUN: run_id } = process.env;
    const maestro = createMaestro({ url, credentials: { apiKey } });
    const at = { params: { path: { run_id }, query: { path: 'large' } } };
    async function* content() {
      for (let index = 0; index < 400; index++) yield new Uint8Array(1_000_000).fill(index);
    }
    const { sha256 } = await maestro.upload('${file}', { ...at, content: content() });
    const { body } = await maestro.download('${file}', { ...at, sha256 });
    let bytes = 0;
    for await (const piece of body) bytes += piece.length;
    console.log(JSON.stringify({ bytes, peak: process.resourceUsage().maxRSS * 1024 }));`;
  const env = { PATH: process.env.PATH, URL: app.url, KEY: app.tenants.a.keys.ml_engineer, RUN: run };
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env,
    stdio: ['ignore', 'pipe', 2],
  });
  const { bytes, peak } = JSON.parse(await text(child.stdout as Readable)) as { bytes: number; peak: number };
  expect(bytes).toBe(400_000_000);
  expect(peak).toBeLessThan(300_000_000);
});

describe('pages', () => {
  test('gives every item of a list once, by any length of page', async () => {
    line.meet();
    const made = await maestro.POST('/experiments', { body: { name: 'paged' } });
    const { experiment_id } = made.data;
    const names = Array.from({ length: 7 }, (_, index) => `run-${index}`);
    for (const name of names) await maestro.POST('/runs', { body: { experiment_id, name } });
    const query = { experiment_ids: [experiment_id], limit: 3 };
    line.meet();
    const seen: string[] = [];
    for await (const each of maestro.pages('/runs', { params: { query } })) seen.push(each.name);
    expect(seen.toSorted()).toEqual(names);
    expect(line.seen).toHaveLength(3);
    line.meet(undefined, { cut: 'after' });
    const found: string[] = [];
    for await (const each of maestro.pages('/runs/search', { body: query })) found.push(each.name);
    expect(found).toEqual(seen);
    expect(line.seen).toHaveLength(4);
  });

  test('asks for no more pages than are read', async () => {
    line.meet();
    const query = { limit: 1 };
    for await (const { name } of maestro.pages('/experiments', { params: { query } })) {
      expect(name).toEqual(expect.any(String));
      break;
    }
    expect(line.seen).toHaveLength(1);
  });

  test('are of lists alone, and of the type of their items', () => {
    const typed = async () => {
      // @ts-expect-error It is no list.
      for await (const _ of maestro.pages('/auth/me')) return;
      // @ts-expect-error There is no such field.
      for await (const { nothing } of maestro.pages('/experiments')) return nothing;
    };
    expect(typed).toBeTypeOf('function');
  });
});
