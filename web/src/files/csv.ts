import { CsvReader } from '@maestro/insight/csv';
import { Fault } from '@maestro/insight/fault';

type Separator = ',' | '\t' | ';';

interface CsvTable {
  readonly rows: readonly (readonly string[])[];
  /** What stands behind the rows and is no row; it names the line. */
  readonly fault: Fault | undefined;
}

/** A line with its end. */
const lines = /[^\r\n]*(?:\r\n|\r|\n|$)/g;

/**
 * Rows of a text of separated values, up to `rowsMax` or the first fault. What stands behind the last line break of a text
 * that goes on is left out.
 */
export function csvRows(content: string, separator: Separator, isWhole: boolean, rowsMax = 200_000): CsvTable {
  const reader = new CsvReader(separator);
  const rows: (readonly string[])[] = [];
  try {
    // Line by line: a piece that holds a fault gives none of its rows.
    for (const [line] of content.matchAll(lines)) {
      if (rows.length >= rowsMax) break;
      for (const { fields } of reader.push(line)) rows.push(fields);
    }
    if (isWhole && rows.length < rowsMax) for (const { fields } of reader.end()) rows.push(fields);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { rows, fault: error };
  }
  return { rows, fault: undefined };
}

/** The separator that the first line has most of. */
export function separatorOf(name: string, content: string): Separator {
  if (name.toLowerCase().endsWith('.tsv')) return '\t';
  const line = content.slice(0, content.indexOf('\n') < 0 ? 10_000 : content.indexOf('\n'));
  const times = (mark: string) => line.split(mark).length;
  return times(';') > times(',') ? ';' : times('\t') > times(',') ? '\t' : ',';
}
