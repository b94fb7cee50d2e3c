import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { TenantTx } from './tenancy.ts';

type CursorTx = Pick<TenantTx, 'sql'>;

const rowsMax = 1_000;
/** Bytes of JSON that one fetch aims at: a chunk of a metric takes some hundred kilobytes, a tag a hundred bytes. */
const bytesWanted = 512 * 1024;

/**
 * The rows of one SELECT as JSON texts, some at a time: all from the snapshot of its beginning, in a transaction of `open`
 * that holds a connection until they are read, or the reader stops (see limits/exports.ts). `text` selects one column, a
 * JSON value.
 */
export async function* jsonRows(
  open: (run: (tx: CursorTx) => Promise<void>) => Promise<void>,
  text: string,
  values: readonly unknown[],
): AsyncGenerator<string[]> {
  const rows = new PassThrough({ objectMode: true, highWaterMark: 1 });
  const gone = new AbortController();
  rows.once('close', () => gone.abort());
  async function read(tx: CursorTx): Promise<void> {
    await tx.sql(`DECLARE parts NO SCROLL CURSOR FOR ${text}`, values);
    for (let count = 10; !gone.signal.aborted; ) {
      const found = await tx.sql<Record<string, string>>(`FETCH ${count} FROM parts`);
      const texts = found.flatMap((row) => Object.values(row));
      if (texts.length === 0) return;
      const bytes = texts.reduce((sum, each) => sum + each.length, 0);
      count = Math.max(1, Math.min(rowsMax, count * 4, Math.floor((bytesWanted * texts.length) / Math.max(1, bytes))));
      if (rows.write(texts)) continue;
      await once(rows, 'drain', { signal: gone.signal }).catch(() => undefined);
    }
  }
  const ended = open(read).then(
    () => void rows.end(),
    (error) => void rows.destroy(error),
  );
  try {
    yield* rows as AsyncIterable<string[]>;
  } finally {
    // Only then the connection is given back.
    await ended;
  }
}
