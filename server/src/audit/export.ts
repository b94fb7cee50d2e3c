import { Readable } from 'node:stream';
import type { People } from '../identity/people.ts';
import { type Filter, type Log, rowsOf } from './log_queries.ts';
import { type ShownEvent, shownEvents } from './shown.ts';

export type Format = 'jsonl' | 'csv';

/** What an export answers with: read to its end, or never begun. */
export interface Export {
  readonly format: Format;
  readonly body: Readable;
}

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

const writers: Readonly<Record<Format, { head: string; line: (event: ShownEvent) => string }>> = {
  jsonl: { head: '', line: (event) => `${JSON.stringify(event)}\n` },
  csv: {
    head: csvLine(Object.keys(csvColumns)),
    line: (event) => csvLine(Object.values(csvColumns).map((of) => of(event))),
  },
};

async function* textOf(log: Log, people: People, format: Format, filter: Filter): AsyncGenerator<string> {
  const { head, line } = writers[format];
  if (head !== '') yield head;
  for (let after = 0; ; ) {
    const from = after;
    const rows = await log.open((tx) => rowsOf(tx, log, { after: from }, filter, pageSize));
    const events = await shownEvents(people, rows);
    if (events.length > 0) yield events.map(line).join('');
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = last.seq;
  }
}

/** A log as text, in order, a page in memory at a time: the next is read when the caller has taken the one before. */
export const exportOf = (log: Log, people: People, format: Format, filter: Filter): Export => ({
  format,
  body: Readable.from(textOf(log, people, format, filter), { highWaterMark: 1 }),
});
