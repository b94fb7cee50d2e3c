/** Where a bar is drawn: standard error, where it is a terminal. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const barWidth = 30;
const stepMs = 100;

/**
 * A bar that grows on a terminal, and nothing elsewhere. `end` takes it away; what a command says comes after it.
 */
export class Progress {
  readonly #terminal: Terminal;
  readonly #what: string;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #isDrawn = false;

  constructor(what: string, terminal: Terminal) {
    this.#terminal = terminal;
    this.#what = what;
  }

  /** `done` of `total`; a word of what goes on. */
  show(done: number, total: number, doing: string, now = performance.now()): void {
    if (!this.#terminal.isTTY || (now - this.#drawnAt < stepMs && done < total)) return;
    this.#drawnAt = now;
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const full = Math.floor(share * barWidth);
    const bar = '#'.repeat(full) + '.'.repeat(barWidth - full);
    const line = `${this.#what} [${bar}] ${String(Math.floor(share * 100)).padStart(3)} % ${doing}`;
    this.#terminal.write(`\r\u{1b}[K${line.slice(0, (this.#terminal.columns ?? 80) - 1)}`);
    this.#isDrawn = true;
  }

  end(): void {
    if (this.#isDrawn) this.#terminal.write('\r\u{1b}[K');
    this.#isDrawn = false;
  }
}
