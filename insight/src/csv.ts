import { Fault } from './fault.ts';

export interface CsvRecord {
  /** The line that it begins on, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** Characters of one record: a quote that is never closed would take in all that follows. */
const recordMax = 1_000_000;

const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Reads CSV piece by piece, as RFC 4180 has it: fields in quotes hold delimiters, line breaks and doubled quotes. Lines
 * may also end in LF or CR alone, and empty ones are passed over. Throws a `Fault` that names the line.
 */
export class CsvReader {
  readonly #delimiter: number;
  #state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  #field = '';
  #fields: string[] = [];
  #size = 0;
  #line = 1;
  #began = 1;
  /** After a CR: an LF belongs to it. */
  #afterReturn = false;

  constructor(delimiter = ',') {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  /** The records that end in this piece. */
  push(text: string): CsvRecord[] {
    const found: CsvRecord[] = [];
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const isBreak = code === lineFeed || code === carriageReturn;
      const belongs = this.#afterReturn && code === lineFeed;
      this.#afterReturn = code === carriageReturn;
      if (isBreak && !belongs) this.#line++;
      if (this.#state === 'quoted') {
        if (code !== quote) continue;
        this.#field += text.slice(from, at);
        from = at + 1;
        this.#state = 'closed';
      } else if (this.#state === 'closed' && code === quote) {
        // A doubled quote is one of the text.
        from = at;
        this.#state = 'quoted';
      } else if (belongs) {
        from = at + 1;
      } else if (code === this.#delimiter) {
        this.#endField(text.slice(from, at));
        from = at + 1;
      } else if (isBreak) {
        found.push(...this.#endRecord(text.slice(from, at)));
        from = at + 1;
      } else if (this.#state === 'closed') {
        throw new Fault(`line ${this.#line}: expected a delimiter after the closing quote`);
      } else if (code === quote && this.#state === 'start') {
        from = at + 1;
        this.#state = 'quoted';
      } else {
        this.#state = 'plain';
      }
    }
    this.#field += text.slice(from);
    if (this.#size + this.#field.length > recordMax) {
      throw new Fault(`the record on line ${this.#began} is longer than ${recordMax} characters`);
    }
    return found;
  }

  /** The last record, where no line break follows it. */
  end(): CsvRecord[] {
    if (this.#state === 'quoted') {
      throw new Fault(`a quote in the record on line ${this.#began} is not closed`);
    }
    this.#line++;
    return this.#endRecord('');
  }

  #endField(rest: string): void {
    const field = this.#field + rest;
    this.#fields.push(field);
    // Its delimiter counts: a record of nothing but empty fields has its end, too.
    this.#size += field.length + 1;
    this.#field = '';
    this.#state = 'start';
  }

  #endRecord(rest: string): CsvRecord[] {
    const isEmpty = this.#fields.length === 0 && this.#state === 'start' && this.#field + rest === '';
    this.#endField(rest);
    const record = { line: this.#began, fields: this.#fields };
    this.#fields = [];
    this.#size = 0;
    this.#began = this.#line;
    return isEmpty ? [] : [record];
  }
}
