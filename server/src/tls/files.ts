import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { type Certificates, faultsOfPair, holdPair, type Pair } from './pair.ts';

export type CertificateFilesOptions = {
  /** Paths of PEM files. */
  readonly cert: string;
  readonly key: string;
  readonly log: Logger;
  /** Milliseconds between two looks at the files, for file systems that report no change. */
  readonly lookMs?: number;
};

/** Two files are written one after the other: a moment's patience lets both arrive. */
const settleMs = 300;

/**
 * The certificate of two files, read anew when they change or on SIGHUP. A new pair that is broken or half there is
 * refused with a line in the log, and the one before stays. Throws where the first pair is broken.
 */
export async function openCertificateFiles(options: CertificateFilesOptions): Promise<Certificates> {
  const { cert, key, log, lookMs = 30_000 } = options;
  const read = async (): Promise<Pair> => ({ cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') });
  const first = await read();
  const fault = sentenceOf(first, options);
  if (fault !== undefined) throw new Error(fault);
  const held = holdPair(first);
  let refused = '';

  async function look(): Promise<void> {
    const next = await read().catch((error: Error) => error);
    const reason = next instanceof Error ? next.message : sentenceOf(next, options);
    if (next instanceof Error || reason !== undefined) {
      const state = next instanceof Error ? next.message : next.cert + next.key;
      if (state !== refused) log.error({ reason }, 'the new TLS certificate is refused, and the one before stays');
      refused = state;
      return;
    }
    refused = '';
    const { cert, key } = held.current();
    if (next.cert === cert && next.key === key) return;
    held.replace(next);
    log.info('the TLS certificate was read anew');
  }

  let settling: NodeJS.Timeout | undefined;
  const onChange = (): void => {
    clearTimeout(settling);
    settling = setTimeout(look, settleMs);
  };
  // The folders rather than the files: who replaces a file, or the link to it, gives the name to another one.
  const watchers = [...new Set([dirname(cert), dirname(key)])].map((folder) => watched(folder, onChange));
  const timer = setInterval(look, lookMs);
  timer.unref();
  process.on('SIGHUP', look);
  return {
    current: held.current,
    onChange: held.onChange,
    trust: undefined,
    close() {
      clearTimeout(settling);
      clearInterval(timer);
      process.off('SIGHUP', look);
      for (const watcher of watchers) watcher?.close();
    },
  };
}

/** Undefined where the file system or the limits of the machine allow no watching; the timer then finds the change. */
function watched(folder: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, onChange).on('error', () => undefined);
  } catch {
    return undefined;
  }
}

function sentenceOf(pair: Pair, { cert, key }: CertificateFilesOptions): string | undefined {
  const faults = faultsOfPair(pair);
  const said = [faults.cert && `${cert} ${faults.cert}`, faults.key && `${key} ${faults.key}`].filter(Boolean);
  return said.length > 0 ? `${said.join('; ')}.` : undefined;
}
