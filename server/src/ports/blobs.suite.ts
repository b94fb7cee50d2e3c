import { randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BlobStore, BlobUploads } from './blobs.ts';

/** Chunks of their own memory: a store may release it. */
export const bodyOf = (...texts: string[]): Readable => Readable.from(texts.map((text) => Buffer.from(text)));

export async function contentOf(blobs: BlobStore, tenant: string, path: string): Promise<string | undefined> {
  const file = await blobs.open(tenant, path);
  return file && (await buffer(file.read())).toString();
}

const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'taken',
    (error) => error.code,
  );

/** What every adapter of the port guarantees. `open` gives a store that takes uploads in parts. */
export function testBlobStore(name: string, open: () => Promise<{ blobs: BlobStore; close(): Promise<void> }>): void {
  describe(`${name} as a blob store`, () => {
    let blobs: BlobStore;
    let uploads: BlobUploads;
    let close: () => Promise<void>;
    const tenant = randomUUID();
    const other = randomUUID();
    const names = async (directory: string) => (await blobs.list(tenant, directory)).map((info) => info.name);

    beforeAll(async () => {
      ({ blobs, close } = await open());
      if (!blobs.uploads) throw new Error('the suite needs uploads in parts');
      uploads = blobs.uploads;
    });
    afterAll(() => close());

    it('gives back what was written, with its size', async () => {
      expect(await blobs.write(tenant, 'a/b/größe 雪.txt', bodyOf('one ', 'two'))).toBe(7);
      expect(await contentOf(blobs, tenant, 'a/b/größe 雪.txt')).toBe('one two');
    });

    it('keeps an empty file', async () => {
      expect(await blobs.write(tenant, 'empty', bodyOf())).toBe(0);
      expect(await contentOf(blobs, tenant, 'empty')).toBe('');
    });

    it('replaces a file, under a new etag', async () => {
      await blobs.write(tenant, 'replaced', bodyOf('old'));
      const before = await blobs.open(tenant, 'replaced');
      await blobs.write(tenant, 'replaced', bodyOf('new'));
      const after = await blobs.open(tenant, 'replaced');
      expect(after?.etag).not.toBe(before?.etag);
      expect((await buffer(before?.read() as Readable)).toString()).toBe('old');
      expect((await buffer(after?.read() as Readable)).toString()).toBe('new');
    });

    it('reads any range of a file', async () => {
      const content = randomBytes(600_000).toString('hex');
      await blobs.write(tenant, 'ranges', bodyOf(content));
      for (const [start, end] of [
        [0, 0],
        [5, 9],
        [262_143, 262_144],
        [1_199_999, 1_199_999],
        [0, 1_199_999],
      ] as const) {
        const file = await blobs.open(tenant, 'ranges');
        expect((await buffer(file?.read({ start, end }) as Readable)).toString()).toBe(content.slice(start, end + 1));
      }
    });

    it('has nothing where nothing was written', async () => {
      expect(await blobs.open(tenant, 'none')).toBeUndefined();
      expect(await blobs.open(tenant, 'none/below')).toBeUndefined();
      expect(await blobs.open(tenant, 'empty/below')).toBeUndefined();
      expect(await blobs.list(tenant, 'none')).toEqual([]);
      expect(await blobs.list(tenant, 'empty')).toEqual([]);
      expect(await blobs.remove(tenant, 'none')).toBe(false);
    });

    it('lists the children of a directory by name, with sizes', async () => {
      for (const path of ['list/b', 'list/a/x', 'list/é', 'list/😀', 'list/\ufb01', 'list/B']) {
        await blobs.write(tenant, path, bodyOf('1234'));
      }
      expect(await names('list')).toEqual(['B', 'a', 'b', 'é', '\ufb01', '😀']);
      expect((await blobs.list(tenant, 'list'))[0]).toEqual({ name: 'B', isDirectory: false, size: 4 });
      expect((await blobs.list(tenant, 'list'))[1]).toEqual({ name: 'a', isDirectory: true, size: 0 });
    });

    it('refuses a file where a directory is, and a directory where a file is', async () => {
      await blobs.write(tenant, 'kinds/file', bodyOf('x'));
      expect(await refusal(blobs.write(tenant, 'kinds', bodyOf('x')))).toBe('invalid_parameter');
      expect(await refusal(blobs.write(tenant, 'kinds/file/below', bodyOf('x')))).toBe('invalid_parameter');
      expect(await refusal(blobs.open(tenant, 'kinds'))).toBe('invalid_parameter');
      expect(await contentOf(blobs, tenant, 'kinds/file')).toBe('x');
    });

    it('removes a directory with all below it, and the parents that this empties', async () => {
      await blobs.write(tenant, 'gone/a/b/c', bodyOf('x'));
      await blobs.write(tenant, 'gone/a/d', bodyOf('x'));
      expect(await blobs.remove(tenant, 'gone/a/b')).toBe(true);
      expect(await names('gone/a')).toEqual(['d']);
      expect(await blobs.remove(tenant, 'gone/a/d')).toBe(true);
      expect(await names('')).not.toContain('gone');
    });

    it('keeps tenants apart', async () => {
      await blobs.write(tenant, 'mine', bodyOf('secret'));
      expect(await blobs.open(other, 'mine')).toBeUndefined();
      expect(await blobs.list(other, '')).toEqual([]);
      expect(await blobs.remove(other, 'mine')).toBe(false);
      expect(await refusal(blobs.write('../other', 'x', bodyOf('x')))).not.toBe('taken');
    });

    it('shows nothing of a write whose body breaks off', async () => {
      const broken = new Readable({ read() {} });
      broken.push(Buffer.from('half'));
      const write = blobs.write(tenant, 'broken/file', broken);
      setImmediate(() => broken.destroy(new Error('the client left')));
      await expect(write).rejects.toThrow();
      expect(await blobs.open(tenant, 'broken/file')).toBeUndefined();
      expect(await names('')).not.toContain('broken');
    });

    it('shows a whole file at any moment, whoever writes it meanwhile', async () => {
      const versions = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(300_000));
      let writing = true;
      const writers = versions.map(async (version) => {
        for (let round = 0; round < 8; round += 1) await blobs.write(tenant, 'race/same', bodyOf(version));
      });
      const reader = (async () => {
        while (writing) {
          const content = await contentOf(blobs, tenant, 'race/same');
          if (content !== undefined) expect(versions.includes(content)).toBe(true);
          expect((await blobs.list(tenant, 'race')).every(({ size }) => size === 300_000)).toBe(true);
        }
      })();
      await Promise.all(writers);
      writing = false;
      await reader;
    });

    it('loses no write to a removal of its neighbours', async () => {
      await Promise.all(
        Array.from({ length: 60 }, async (_, index) => {
          await blobs.write(tenant, `busy/deep/${index % 3}/${index}`, bodyOf(String(index)));
          if (index % 2 === 0) await blobs.remove(tenant, `busy/deep/${index % 3}/${index}`);
        }),
      );
      for (let index = 1; index < 60; index += 2) {
        expect(await contentOf(blobs, tenant, `busy/deep/${index % 3}/${index}`)).toBe(String(index));
      }
    });

    it('joins the parts of an upload in order, and only when it is completed', async () => {
      const id = await uploads.begin(tenant, 'parts/file');
      const second = await uploads.writePart(tenant, id, 2, bodyOf('two'));
      await uploads.writePart(tenant, id, 1, bodyOf('replaced'));
      const first = await uploads.writePart(tenant, id, 1, bodyOf('one'));
      expect(await blobs.open(tenant, 'parts/file')).toBeUndefined();
      await uploads.complete(tenant, 'parts/file', id, [first, second]);
      expect(await contentOf(blobs, tenant, 'parts/file')).toBe('onetwo');
    });

    it('completes an upload again without harm, also at the same moment', async () => {
      const id = await uploads.begin(tenant, 'twice');
      const part = await uploads.writePart(tenant, id, 1, bodyOf('once'));
      await Promise.all([1, 2, 3].map(() => uploads.complete(tenant, 'twice', id, [part])));
      await uploads.complete(tenant, 'twice', id, [part]);
      await uploads.abort(tenant, 'twice', id);
      expect(await contentOf(blobs, tenant, 'twice')).toBe('once');
    });

    it('refuses parts that were not uploaded so, and stays completable', async () => {
      const id = await uploads.begin(tenant, 'strict');
      const one = await uploads.writePart(tenant, id, 1, bodyOf('1'));
      const two = await uploads.writePart(tenant, id, 2, bodyOf('2'));
      const complete = (parts: { number: number; etag: string }[]) =>
        refusal(uploads.complete(tenant, 'strict', id, parts));
      expect(await complete([])).toBe('invalid_parameter');
      expect(await complete([two, one])).toBe('invalid_parameter');
      expect(await complete([one, one])).toBe('invalid_parameter');
      expect(await complete([one, { number: 2, etag: 'other' }])).toBe('invalid_parameter');
      expect(await complete([one, { number: 3, etag: two.etag }])).toBe('invalid_parameter');
      expect(await complete([one, two])).toBe('taken');
    });

    it('knows an upload only in its tenant and for its path', async () => {
      const id = await uploads.begin(tenant, 'bound');
      const part = await uploads.writePart(tenant, id, 1, bodyOf('x'));
      expect(await refusal(uploads.writePart(other, id, 1, bodyOf('x')))).toBe('not_found');
      expect(await refusal(uploads.complete(other, 'bound', id, [part]))).toBe('not_found');
      expect(await refusal(uploads.complete(tenant, 'elsewhere', id, [part]))).toBe('not_found');
      await uploads.abort(other, 'bound', id);
      await uploads.abort(tenant, 'bound', id);
      await uploads.abort(tenant, 'bound', id);
      expect(await refusal(uploads.complete(tenant, 'bound', id, [part]))).toBe('not_found');
      expect(await refusal(uploads.writePart(tenant, '../../x', 1, bodyOf('x')))).toBe('not_found');
    });

    it('removes everything of a tenant', async () => {
      await blobs.write(other, 'x', bodyOf('x'));
      await blobs.removeTenant(other);
      expect(await blobs.list(other, '')).toEqual([]);
      expect(await contentOf(blobs, tenant, 'mine')).toBe('secret');
    });
  });
}
