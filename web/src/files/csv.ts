import { CsvReader } from '@maestro/insight/csv';

type Separator = ',' | '\t' | ';';

/** Characters that are read at once, so that no more are read than the rows take. */
const piece = 1_000_000;

/**
 * Rows of a text of separated values. What stands behind the last line break of a text that goes on is left out. Throws a
 * `Fault` that names the line where it is none.
 */
export function csvRows(content: string, separator: Separator, isWhole: boolean, rowsMax = 200_000) {
  const reader = new CsvReader(separator);
  const rows: (readonly string[])[] = [];
  for (let at = 0; at < content.length && rows.length < rowsMax; at += piece) {
    for (const { fields } of reader.push(content.slice(at, at + piece))) rows.push(fields);
  }
  if (isWhole && rows.length < rowsMax) for (const { fields } of reader.end()) rows.push(fields);
  return rows.slice(0, rowsMax);
}

/** The separator that the first line has most of. */
export function separatorOf(name: string, content: string): Separator {
  if (name.toLowerCase().endsWith('.tsv')) return '\t';
  const line = content.slice(0, content.indexOf('\n') < 0 ? 10_000 : content.indexOf('\n'));
  const times = (mark: string) => line.split(mark).length;
  return times(';') > times(',') ? ';' : times('\t') > times(',') ? '\t' : ',';
}
