/** Characters of a line that are shown: one of megabytes would stop the page. */
export const lineMax = 2_000;

/** Text that arrives in pieces, as lines; the last one may go on. */
export class TextLines {
  readonly lines: string[] = [];
  readonly #decoder = new TextDecoder();
  #open = '';

  add(bytes: ArrayBuffer, isLast: boolean): void {
    const parts = (this.#open + this.#decoder.decode(bytes, { stream: !isLast })).split(/\r?\n/);
    this.#open = parts.pop() ?? '';
    for (const part of parts) this.lines.push(part);
    if (isLast && this.#open !== '') {
      this.lines.push(this.#open);
      this.#open = '';
    }
  }
}

/** The whole lines of a piece out of a file's middle: what stands before its first line break is left out. */
export function wholeLines(bytes: ArrayBuffer, isStart: boolean): { lines: string[]; skipped: number } {
  const all = new Uint8Array(bytes);
  const first = isStart ? 0 : all.indexOf(10) + 1;
  const lines = new TextDecoder().decode(all.subarray(first)).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return { lines, skipped: first };
}
