import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { tarOf } from './tar.ts';

test('a file that changes while it is packed is the caller’s to try again, and no fault of ours', async () => {
  const changed = { path: 'a', size: 2, open: async () => Readable.from([Buffer.from('longer')]) };
  const packed = async () => {
    for await (const _ of tarOf([changed]));
  };
  await expect(packed()).rejects.toMatchObject({ code: 'unavailable' });
});
