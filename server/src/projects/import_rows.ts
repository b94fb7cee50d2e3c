import { CsvReader, type CsvRecord } from '@maestro/insight/csv';
import { Fault } from '@maestro/insight/fault';
import { invalid } from '../errors.ts';
import { type Columns, RowFault } from './import_columns.ts';

/** A row of a table, or why it is none. */
export interface Row {
  readonly line: number;
  readonly columns: Columns | RowFault;
}

/** UTF-8 as text, without the mark at its beginning. */
async function* texts(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const piece of pieces) yield decoder.decode(piece, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw invalid('body: expected UTF-8', 'body');
  }
}

/** What a reader finds; what it refuses is refused as the body of the request. */
function recordsOf(read: () => CsvRecord[]): CsvRecord[] {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw invalid(`body: ${error.message}`, 'body');
  }
}

/** Rows of CSV with a header, some at a time. `onHeader` may refuse its columns. */
export async function* csvRows(
  pieces: AsyncIterable<Uint8Array>,
  delimiter: string,
  onHeader: (columns: readonly string[]) => void,
): AsyncGenerator<Row[]> {
  const reader = new CsvReader(delimiter);
  let header: readonly string[] | undefined;
  const rowOf = ({ line, fields }: CsvRecord, names: readonly string[]): Row => {
    if (fields.length !== names.length) {
      return {
        line,
        columns: new RowFault(`expected ${names.length} fields, as the header has; got ${fields.length}`),
      };
    }
    return { line, columns: Object.fromEntries(names.map((name, at) => [name, fields[at]])) };
  };
  const rowsOf = (records: CsvRecord[]): Row[] => {
    if (header === undefined) {
      const first = records.shift();
      if (!first) return [];
      header = first.fields.map((name) => name.trim());
      onHeader(header);
    }
    const names = header;
    return records.map((record) => rowOf(record, names));
  };
  for await (const text of texts(pieces)) yield rowsOf(recordsOf(() => reader.push(text)));
  yield rowsOf(recordsOf(() => reader.end()));
  if (header === undefined) throw invalid('body: expected CSV with a header', 'body');
}

const nestingMax = 100;

/** Whether a value is nested deeper than others could follow. */
function isTooDeep(value: unknown, left = nestingMax): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return left === 0 || Object.values(value).some((inner) => isTooDeep(inner, left - 1));
}

/** Characters of one line of JSON. */
const lineMax = 1_000_000;

function jsonRow(text: string, line: number): Row {
  try {
    const value: unknown = JSON.parse(text);
    if (isTooDeep(value)) return { line, columns: new RowFault(`is nested more than ${nestingMax} deep`) };
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { line, columns: value as Columns };
  } catch {
    // Refused below.
  }
  return { line, columns: new RowFault('expected a JSON object') };
}

/** Rows of JSON Lines, some at a time. */
export async function* jsonRows(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Row[]> {
  let rest = '';
  let line = 0;
  const rowsOf = (lines: string[]): Row[] =>
    lines.flatMap((text) => {
      line += 1;
      return text.trim() === '' ? [] : [jsonRow(text, line)];
    });
  for await (const text of texts(pieces)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > lineMax)
      throw invalid(`body: line ${line + lines.length + 1} is longer than ${lineMax} characters`, 'body');
    yield rowsOf(lines);
  }
  yield rowsOf([rest]);
}
