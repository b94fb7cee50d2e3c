import { CsvReader } from '@maestro/insight/csv';

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

/** The columns and first rows of a CSV file, by the delimiter that gives the most columns. */
export async function readHead(file: Blob): Promise<TableHead> {
  const text = await file.slice(0, bytesMax).text();
  // A piece of a file may end within a row.
  const whole = file.size > bytesMax ? text.slice(0, text.lastIndexOf('\n') + 1) : `${text}\n`;
  const heads = delimiters.map((delimiter): TableHead => {
    const [head, ...rows] = new CsvReader(delimiter).push(whole.replace(/^\uFEFF/, '')).slice(0, 6);
    return { delimiter, columns: head?.fields ?? [], rows: rows.map(({ fields }) => fields) };
  });
  return heads.reduce((best, head) => (head.columns.length > best.columns.length ? head : best));
}
