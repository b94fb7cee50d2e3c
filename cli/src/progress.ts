import { printable } from '@maestro/sdk/text-columns';
import type { Context } from './context.ts';

/** How far something long has come, at the terminal of whoever waits for it. */
export interface Progress {
  /** So many more are done. */
  add(count: number): void;
  /** Takes the line away: what comes next is the result. To be called in a `finally`. */
  done(): void;
}

interface ProgressOptions {
  /** What is done, in a word or two. */
  readonly label: string;
  /** How many there are; unknown without it. */
  readonly total?: number | undefined;
  /** What is counted: 'bytes' are shown as kB, MB and GB. */
  readonly unit: string;
}

const everyMs = 100;
const barWidth = 24;
const powers = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes in decimal units, as disks and networks are measured. */
export function bytes(count: number): string {
  const power = count < 1 ? 0 : Math.min(powers.length - 1, Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${powers[power]}`;
}

const clock = (seconds: number): string =>
  seconds >= 3600
    ? `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
    : `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

/** One line: a bar and the time left where there is a total, and the count with its speed where there is none. */
function lineOf({ label, total, unit }: ProgressOptions, count: number, elapsedMs: number): string {
  const shown = (value: number) => (unit === 'bytes' ? bytes(value) : String(Math.round(value)));
  const named = unit === 'bytes' ? '' : ` ${unit}`;
  const speed = elapsedMs > 0 ? (count / elapsedMs) * 1000 : 0;
  const pace = `${shown(speed)}${named}/s`;
  if (total === undefined) return `${label}  ${shown(count)}${named}  ${pace}`;
  const part = total > 0 ? Math.min(1, count / total) : 1;
  const bar = '#'.repeat(Math.floor(part * barWidth)).padEnd(barWidth, '.');
  const left = speed > 0 && part < 1 ? `  ${clock((total - count) / speed)} left` : '';
  return `${label}  [${bar}] ${Math.floor(part * 100)} %  ${shown(count)} of ${shown(total)}${named}  ${pace}${left}`;
}

/** Shows progress on standard error where that is a terminal, at most ten times a second; elsewhere nothing. */
export function openProgress(
  { terminal }: Pick<Context, 'terminal'>,
  options: ProgressOptions,
  now: () => number = () => performance.now(),
): Progress {
  if (!terminal) return { add: () => undefined, done: () => undefined };
  const startedAt = now();
  let count = 0;
  let drawnAt = startedAt;
  const draw = () => {
    // A line that wraps could not be taken back.
    const line = printable(lineOf(options, count, drawnAt - startedAt)).slice(0, terminal.columns() - 1);
    terminal.write(`\r${line}\u{1b}[K`);
  };
  draw();
  return {
    add(more) {
      count += more;
      if (now() - drawnAt < everyMs) return;
      drawnAt = now();
      draw();
    },
    done: () => terminal.write('\r\u{1b}[K'),
  };
}

/** Shows how far a transfer has come, as the bytes that have passed; an upload that begins anew takes the line back. */
export function openTransfer(context: Pick<Context, 'terminal'>, label: string, total: number | undefined) {
  const progress = openProgress(context, { label, total, unit: 'bytes' });
  let before = 0;
  return {
    done: progress.done,
    onProgress(now: number) {
      progress.add(now - before);
      before = now;
    },
  };
}
