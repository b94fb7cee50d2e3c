import { inColumns, printable } from '@maestro/sdk/text-columns';

export interface Output {
  /** One JSON value and nothing else, for scripts. */
  json(value: unknown): void;
  /** A piece of a file, as it is; fulfilled when there is room for the next. */
  raw(piece: Uint8Array): Promise<void>;
  /** One line of text. */
  line(text: string): void;
  /** Names with their values, one a line. */
  fields(pairs: readonly (readonly [name: string, value: string | null])[]): void;
  /** Columns under their headings; or `none` where there is no row. */
  table(headings: readonly string[], rows: readonly (readonly (string | null)[])[], none: string): void;
}

export function openOutput(write: (text: string | Uint8Array, done?: () => void) => void): Output {
  const line = (text: string) => write(`${printable(text)}\n`);
  return {
    json: (value) => write(`${JSON.stringify(value)}\n`),
    raw: (piece) => new Promise((resolve) => write(piece, resolve)),
    line,
    fields(pairs) {
      const width = Math.max(...pairs.map(([name]) => name.length));
      for (const [name, value] of pairs) line(`${name.padEnd(width)}  ${value ?? '-'}`);
    },
    table(headings, rows, none) {
      if (rows.length === 0) return line(none);
      const cells = rows.map((row) => row.map((cell) => cell ?? '-'));
      for (const each of inColumns([headings, ...cells])) line(each);
    },
  };
}

/** A time to the minute, in UTC. */
export const minute = (time: string | null): string | null =>
  time === null ? null : `${time.slice(0, 10)} ${time.slice(11, 16)}`;
