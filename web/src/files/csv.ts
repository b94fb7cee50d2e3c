/**
 * Rows of a text of separated values (RFC 4180): quotes may hold separators and line breaks. What stands behind the last
 * line break of a text that goes on is left out.
 */
export function csvRows(content: string, separator: ',' | '\t' | ';', isWhole: boolean, rowsMax = 200_000): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  const end = content.length;
  while (at < end && rows.length < rowsMax) {
    let field = '';
    if (content[at] === '"') {
      at += 1;
      for (;;) {
        const quote = content.indexOf('"', at);
        if (quote < 0) {
          field += content.slice(at);
          at = end;
          break;
        }
        field += content.slice(at, quote);
        at = quote + 1;
        if (content[at] !== '"') break;
        field += '"';
        at += 1;
      }
    }
    const from = at;
    while (at < end && content[at] !== separator && content[at] !== '\n') at += 1;
    field += content.slice(from, at);
    const isLineEnd = at >= end || content[at] === '\n';
    row.push(isLineEnd && field.endsWith('\r') ? field.slice(0, -1) : field);
    if (isLineEnd) {
      const isCut = at >= end && !isWhole;
      if (!isCut) rows.push(row);
      row = [];
    }
    at += 1;
    // A separator at the very end has an empty field behind it.
    if (at === end && content[at - 1] === separator && isWhole) {
      row.push('');
      rows.push(row);
    }
  }
  return rows;
}

/** The separator that the first line has most of. */
export function separatorOf(name: string, content: string): ',' | '\t' | ';' {
  if (name.toLowerCase().endsWith('.tsv')) return '\t';
  const line = content.slice(0, content.indexOf('\n') < 0 ? 10_000 : content.indexOf('\n'));
  const times = (mark: string) => line.split(mark).length;
  return times(';') > times(',') ? ';' : times('\t') > times(',') ? '\t' : ',';
}
