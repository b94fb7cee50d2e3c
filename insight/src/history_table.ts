import { CsvReader, type CsvRecord } from './csv.ts';
import { Fault } from './fault.ts';
import {
  type FeatureKind,
  type History,
  historyOf,
  type OtherOutcome,
  type Row,
  type Scale,
  type Value,
} from './history.ts';
import type { HistoryMap, MappedOutcome, OutcomeName } from './history_map.ts';
import { isMissing } from './missing.ts';

/** What a table tells of one outcome: its history, and where each row of it stands. */
export interface TableHistory {
  readonly name: OutcomeName;
  readonly column: string;
  readonly history: History;
  /** Lines of the file, from 1, one for each row. */
  readonly lines: readonly number[];
  /** One for each row, where the map has a column of them. */
  readonly ids: readonly string[] | undefined;
  /** Rows without an outcome that could be learned from. */
  readonly leftOut: readonly { readonly line: number; readonly reason: string }[];
}

const yesAndNo: ReadonlyMap<string, number> = new Map([
  ['true', 1],
  ['yes', 1],
  ['false', 0],
  ['no', 0],
]);

function numberOf(text: string): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw new Fault(`expected a number such as 1234.5, got '${text.slice(0, 40)}'`);
  return value;
}

/** A day of a date or a time of ISO 8601; of a month or a year its first day. */
function dayOf(text: string): string {
  const [, year, month = '01', day = '01'] =
    /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ]\d\d:\d\d.*)?)?)?$/.exec(text.trim()) ?? [];
  const iso = `${year}-${month}-${day}`;
  const time = Date.parse(`${iso}T00:00:00Z`);
  if (year === undefined || Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== iso) {
    throw new Fault(`expected a date such as 2026-11-26, got '${text.slice(0, 40)}'`);
  }
  return iso;
}

function cellValue(text: string, kind: FeatureKind): Value {
  if (kind === 'categorical' || kind === 'text') return text.trim() === '' ? null : text.trim();
  if (isMissing(text)) return null;
  return kind === 'numeric' ? numberOf(text) : dayOf(text);
}

/** Faults shown of a file that has many. */
const faultsShown = 3;

/** Reads cells, and gathers what is wrong with them. */
class Cells {
  readonly #faults: string[] = [];

  read<T>({ line }: CsvRecord, column: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#faults.push(`line ${line}: ${column}: ${error.message}`);
      return undefined;
    }
  }

  /** Refuses the file where anything was wrong. */
  check(): void {
    if (this.#faults.length === 0) return;
    const more = this.#faults.length - faultsShown;
    const rest = more > 0 ? `; and ${more} more` : '';
    throw new Fault(`${this.#faults.slice(0, faultsShown).join('; ')}${rest}`);
  }
}

function recordsOf(text: string, delimiter: string): { header: string[]; records: CsvRecord[] } {
  const reader = new CsvReader(delimiter);
  const [first, ...records] = [...reader.push(text.replace(/^\u{feff}/u, '')), ...reader.end()];
  if (!first) throw new Fault('expected CSV with a header, got nothing');
  const header = first.fields.map((name) => name.trim());
  const odd = records.find(({ fields }) => fields.length !== header.length);
  if (odd) {
    throw new Fault(`line ${odd.line}: expected ${header.length} fields, as the header has; got ${odd.fields.length}`);
  }
  return { header, records };
}

/** Success from 0 or 1, true or false, yes or no; else a score from 0 to 100. */
const successOf = (text: string): number => yesAndNo.get(text.trim().toLowerCase()) ?? numberOf(text);

function scaleOf(name: OutcomeName, outcomes: readonly number[]): Scale {
  if (name !== 'success') return 'amount';
  return outcomes.every((value) => value === 0 || value === 1) ? 'success' : 'score';
}

/** Why an outcome cannot be learned from, if it cannot. */
function flawOf(name: OutcomeName, value: number | null): string | undefined {
  if (value === null) return 'no value';
  if (name !== 'success' && value <= 0) return `expected an amount above 0, got ${value}`;
  if (name === 'success' && (value < 0 || value > 100)) return `expected a score from 0 to 100, got ${value}`;
  return undefined;
}

/**
 * Reads finished projects from CSV with a header, as a map has its columns; one history for each outcome of the map. A
 * `Fault` names the column that is not there, or the lines with values that cannot be read.
 */
export function readHistories(text: string, map: HistoryMap, delimiter = ','): TableHistory[] {
  const { header, records } = recordsOf(text, delimiter);
  const placeOf = (column: string, role: string): number => {
    const at = header.indexOf(column);
    if (at < 0) throw new Fault(`${role}: the file has no column '${column}'; it has ${header.join(', ')}`);
    if (header.includes(column, at + 1)) throw new Fault(`${role}: the file has two columns '${column}'`);
    return at;
  };
  const idAt = map.id === undefined ? undefined : placeOf(map.id, 'id');
  const featuresAt = map.features.map(({ name }) => placeOf(name, 'features'));
  const outcomesAt = map.outcomes.map(({ name, column }) => placeOf(column, `outcomes: ${name}`));
  const cells = new Cells();
  const cell = (record: CsvRecord, at: number): string => record.fields[at] as string;
  const rows = records.map(
    (record): Row =>
      map.features.map(({ name, kind }, at) => {
        const field = cell(record, featuresAt[at] as number);
        return cells.read(record, name, () => cellValue(field, kind)) ?? null;
      }),
  );
  const outcomes = map.outcomes.map(({ name, column }, at) =>
    records.map((record) => {
      const field = cell(record, outcomesAt[at] as number);
      if (isMissing(field)) return null;
      return cells.read(record, column, () => (name === 'success' ? successOf(field) : numberOf(field))) ?? null;
    }),
  );
  cells.check();
  const ids = idAt === undefined ? undefined : records.map((record) => cell(record, idAt));
  const estimateOf = ({ estimate }: MappedOutcome): number | undefined =>
    estimate === undefined ? undefined : map.features.findIndex(({ name }) => name === estimate);
  return map.outcomes.map((outcome, at) => {
    const others = map.outcomes.flatMap((other, place): OtherOutcome[] =>
      other === outcome ? [] : [{ outcomes: outcomes[place] as (number | null)[], estimate: estimateOf(other) }],
    );
    return tableHistoryOf(outcome, records, ids, {
      features: map.features,
      rows,
      outcomes: outcomes[at] as (number | null)[],
      estimate: estimateOf(outcome),
      ...(outcome.name === 'success' ? { others } : {}),
    });
  });
}

/** The rows of a table that can be learned from. */
function tableHistoryOf(
  { name, column }: MappedOutcome,
  records: readonly CsvRecord[],
  ids: readonly string[] | undefined,
  all: Omit<History, 'outcomes' | 'scale'> & { readonly outcomes: readonly (number | null)[] },
): TableHistory {
  const flaws = all.outcomes.map((value) => flawOf(name, value));
  const kept = flaws.flatMap((flaw, row) => (flaw === undefined ? [row] : []));
  const outcomes = all.outcomes as readonly number[];
  return {
    name,
    column,
    history: historyOf(
      {
        ...all,
        outcomes,
        scale: scaleOf(
          name,
          kept.map((row) => outcomes[row] as number),
        ),
      },
      kept,
    ),
    lines: kept.map((row) => (records[row] as CsvRecord).line),
    ids: ids && kept.map((row) => ids[row] as string),
    leftOut: flaws.flatMap((reason, row) =>
      reason === undefined ? [] : [{ line: (records[row] as CsvRecord).line, reason }],
    ),
  };
}
