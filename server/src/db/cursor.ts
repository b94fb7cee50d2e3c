import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { MaestroError } from '../errors.ts';
import type { TenantTx } from './tenancy.ts';

type CursorTx = Pick<TenantTx, 'sql'>;

/** How long a reader may take none of the rows before its transaction is given up: it holds a connection. */
const patienceMs = 60_000;
const rowsMax = 1_000;
/** Bytes of JSON that one fetch aims at: a chunk of a metric takes some hundred kilobytes, a tag a hundred bytes. */
const bytesWanted = 512 * 1024;

/** Readers at a time: each holds a connection of the pool that requests need, for as long as its caller reads. */
const readersMax = 2;
let readers = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (readers >= readersMax) await new Promise<void>((resolve) => waiting.push(resolve));
  else readers++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else readers--;
  }
}

/**
 * The rows of one SELECT as JSON texts, some at a time: all from the snapshot of its beginning, in a transaction of `open`
 * that lasts until they are read. `text` selects one column, a JSON value. A reader that stops ends it; one that only
 * waits, after a minute.
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
      const late = AbortSignal.timeout(patienceMs);
      await once(rows, 'drain', { signal: AbortSignal.any([late, gone.signal]) }).catch((cause) => {
        if (late.aborted) throw new MaestroError('unavailable', 'The rows were not taken in time.', { cause });
      });
    }
  }
  inTurn(async () => (gone.signal.aborted ? undefined : open(read))).then(
    () => rows.end(),
    (error) => rows.destroy(error),
  );
  yield* rows as AsyncIterable<string[]>;
}
