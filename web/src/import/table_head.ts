import { CsvReader } from '@maestro/insight/csv';
import { Fault } from '@maestro/insight/fault';
import { text as words } from './text.ts';

export type Delimiter = ',' | ';' | '\t' | '|';
export const delimiters: readonly Delimiter[] = [',', ';', '\t', '|'];

export interface TableHead {
  readonly delimiter: Delimiter;
  readonly columns: readonly string[];
  /** The first rows, to see what a column holds. */
  readonly rows: readonly (readonly string[])[];
}

/** The fields of the rows that begin on these lines, as far as the file can be read. */
export async function readRows(
  file: Blob,
  delimiter: string,
  lines: ReadonlySet<number>,
): Promise<ReadonlyMap<number, readonly string[]>> {
  const found = new Map<number, readonly string[]>();
  const reader = new CsvReader(delimiter);
  const last = Math.max(...lines);
  for await (const piece of file.stream().pipeThrough(new TextDecoderStream())) {
    const records = reader.push(piece);
    for (const { line, fields } of records) if (lines.has(line)) found.set(line, fields);
    if ((records.at(-1)?.line ?? 0) >= last) return found;
  }
  for (const { line, fields } of reader.end()) if (lines.has(line)) found.set(line, fields);
  return found;
}

const bytesMax = 65_536;

/** The beginning of a file as text. Throws a Fault where it is none. */
async function textOf(file: Blob): Promise<string> {
  const bytes = await file.slice(0, bytesMax).arrayBuffer();
  try {
    // What is cut off may end within a character.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: file.size > bytesMax });
    if (!text.includes('\0')) return text;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw new Fault(words.noText);
}

/** What a reader makes of a text by a delimiter, or why it is none by it. */
function headBy(delimiter: Delimiter, text: string): TableHead | Fault {
  try {
    const [head, ...rows] = new CsvReader(delimiter).push(text).slice(0, 6);
    return { delimiter, columns: head?.fields ?? [], rows: rows.map(({ fields }) => fields) };
  } catch (fault) {
    if (fault instanceof Fault) return fault;
    throw fault;
  }
}

/** The columns and first rows of a CSV file, by the delimiter that gives the most columns. Throws a Fault where there are none. */
export async function readHead(file: Blob): Promise<TableHead> {
  const text = await textOf(file);
  if (text.trim() === '') throw new Fault(words.empty);
  // A piece of a file may end within a row.
  const whole = file.size > bytesMax ? text.slice(0, text.lastIndexOf('\n') + 1) : `${text}\n`;
  const tried = delimiters.map((delimiter) => headBy(delimiter, whole));
  const heads = tried.filter((head): head is TableHead => !(head instanceof Fault));
  // A quote before another delimiter is a fault by this one alone.
  if (heads.length === 0) throw tried[0];
  const best = heads.reduce((first, head) => (head.columns.length > first.columns.length ? head : first));
  if (best.rows.length === 0 && file.size <= bytesMax) throw new Fault(words.headerAlone);
  return best;
}
