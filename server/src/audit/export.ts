import type { People } from '../identity/people.ts';
import { jsonLines } from '../limits/exported.ts';
import { type Filter, type Log, rowsOf } from './log_queries.ts';
import { type ShownEvent, shownEvents } from './shown.ts';

export type Format = 'jsonl' | 'csv';

const pageSize = 500;

const csvColumns: Readonly<Record<string, (event: ShownEvent) => string>> = {
  seq: ({ seq }) => String(seq),
  id: ({ id }) => id,
  at: ({ at }) => at,
  actor_kind: ({ actor }) => actor.kind,
  actor_id: ({ actor }) => actor.id,
  action: ({ action }) => action,
  target: ({ target }) => target,
  outcome: ({ outcome }) => outcome,
  request_id: ({ request_id }) => request_id,
  address: ({ address }) => address,
  personal: ({ personal }) => JSON.stringify(personal),
  erased: ({ erased }) => String(erased),
  detail: ({ detail }) => JSON.stringify(detail),
  previous_hash: ({ previous_hash }) => previous_hash,
  hash: ({ hash }) => hash,
};

/**
 * A cell of RFC 4180. A spreadsheet takes what begins with = + - @, a tab or a carriage return for a formula (OWASP,
 * CSV injection): an apostrophe makes it text.
 */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;

const writers: Readonly<Record<Format, { type: string; head: string; line: (event: ShownEvent) => string }>> = {
  jsonl: { type: jsonLines, head: '', line: (event) => `${JSON.stringify(event)}\n` },
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    head: csvLine(Object.keys(csvColumns)),
    line: (event) => csvLine(Object.values(csvColumns).map((of) => of(event))),
  },
};

/** A log in order, a page in memory at a time: the next is read when the caller has taken the one before. */
export async function* pagesOf(log: Log, people: People, filter: Filter): AsyncGenerator<ShownEvent[]> {
  for (let after = 0; ; ) {
    const from = after;
    const rows = await log.open((tx) => rowsOf(tx, log, { after: from }, filter, pageSize));
    const events = await shownEvents(people, rows);
    if (events.length > 0) yield events;
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = last.seq;
  }
}

async function* textOf(format: Format, pages: AsyncIterable<ShownEvent[]>): AsyncGenerator<string> {
  const { head, line } = writers[format];
  if (head !== '') yield head;
  for await (const events of pages) yield events.map(line).join('');
}

/** A log as text. */
export const exportOf = (log: Log, people: People, format: Format, filter: Filter): AsyncGenerator<string> =>
  textOf(format, pagesOf(log, people, filter));

export const mediaTypeOf = (format: Format): string => writers[format].type;
