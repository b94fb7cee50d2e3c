/** How far a command has come, in one line that is written over; nothing where nobody looks at a terminal. */
export interface Progress {
  at(done: number): void;
  /** Takes the line away. */
  end(): void;
}

type Terminal = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>;

const everyMs = 100;
const barWidth = 30;

/** `total`: undefined where it is not known. */
export function openProgress(what: string, total: number | undefined, terminal: Terminal = process.stderr): Progress {
  if (!terminal.isTTY) return { at: () => undefined, end: () => undefined };
  const began = performance.now();
  let shown = 0;
  return {
    at(done) {
      const now = performance.now();
      if (now - shown < everyMs) return;
      shown = now;
      const rate = Math.round(done / ((now - began) / 1000));
      const part = total ? Math.min(1, done / total) : undefined;
      const bar = part === undefined ? '' : `[${'#'.repeat(Math.round(part * barWidth)).padEnd(barWidth)}] `;
      const of = total === undefined ? '' : `/${total}`;
      terminal.write(`\r\x1b[K${`${bar}${done}${of} ${what}, ${rate}/s`.slice(0, (terminal.columns || 80) - 1)}`);
    },
    end: () => terminal.write('\r\x1b[K'),
  };
}
