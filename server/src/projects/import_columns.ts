import { invalid } from '../errors.ts';
import type { ProjectFields } from './queries.ts';

/** Fields that a column may be, beside the metadata, by what they hold. `duration_days` gives the completion date. */
const fields = {
  name: 'text',
  problem_class: 'text',
  complexity_score: 'number',
  team_size: 'number',
  start_date: 'day',
  completion_date: 'day',
  success_score: 'number',
  model_performance: 'number',
  compute_cost: 'number',
  business_impact: 'number',
  duration_days: 'number',
} as const;

type Field = keyof typeof fields;
export const importFields = Object.keys(fields) as Field[];

const money = { ones: 1, thousands: 1e3, millions: 1e6 };
const parts = { ones: 1, percent: 0.01 };

/** What one of a unit is in the field's own. A month is a twelfth of 365.25 days. */
const units: Partial<Record<Field, Readonly<Record<string, number>>>> = {
  duration_days: { hours: 1 / 24, days: 1, weeks: 7, months: 365.25 / 12, years: 365.25 },
  success_score: { percent: 1, fraction: 100, of_10: 10, of_5: 20 },
  complexity_score: { percent: 1, of_10: 10, of_5: 20 },
  model_performance: parts,
  compute_cost: money,
  business_impact: { ...money, ...parts },
};

export interface ColumnOptions {
  /** `FIELD:COLUMN` each; columns called like a field are that field unless one of these says otherwise. */
  readonly map: readonly string[];
  /** `FIELD:UNIT` each. */
  readonly unit: readonly string[];
  /** Such as DD.MM.YYYY. */
  readonly dateFormat: string;
  /** Whether numbers may have a comma for their point, as where columns are told apart by semicolons. */
  readonly hasCommas: boolean;
}

/** Columns of a row by their names: texts of CSV, values of any kind of JSON. */
export type Columns = Readonly<Record<string, unknown>>;

/** A fault of one row; the message says what was expected. */
export class RowFault extends Error {}

const isField = (name: string): name is Field => Object.hasOwn(fields, name);

function pairsOf(given: readonly string[], parameter: string): [Field, string][] {
  return given.map((text) => {
    const colon = text.indexOf(':');
    const field = text.slice(0, colon);
    if (colon < 1 || colon === text.length - 1 || !isField(field)) {
      const expected = `FIELD:${parameter === 'map' ? 'COLUMN' : 'UNIT'} with one of the fields ${importFields.join(', ')}`;
      throw invalid(`${parameter}: expected ${expected}; got '${text}'`, parameter);
    }
    return [field, text.slice(colon + 1)];
  });
}

function factorsOf(given: readonly string[]): Map<Field, number> {
  return new Map(
    pairsOf(given, 'unit').map(([field, unit]) => {
      const known = units[field] ?? {};
      if (Object.hasOwn(known, unit)) return [field, known[unit] as number];
      const expected = Object.keys(known).join(', ') || 'no unit';
      throw invalid(`unit: expected ${expected} for ${field}; got '${unit}'`, 'unit');
    }),
  );
}

/** The days that texts of a format mean, as 2026-11-26; undefined for a text that is no such day. */
function dayReader(format: string): (text: string) => string | undefined {
  const isWhole = ['YYYY', 'MM', 'DD'].every((part) => format.split(part).length === 2);
  if (!isWhole || !/^[YMD./ -]{8,12}$/.test(format)) {
    throw invalid('date_format: expected YYYY, MM and DD once each, such as DD.MM.YYYY or MM/DD/YYYY', 'date_format');
  }
  const pattern = format
    .replaceAll('.', '\\.')
    .replace('YYYY', '(?<year>\\d{4})')
    .replace('MM', '(?<month>\\d{1,2})')
    .replace('DD', '(?<day>\\d{1,2})');
  // A time of ISO 8601 is on its day.
  const reads = new RegExp(`^${pattern}${format === 'YYYY-MM-DD' ? '(?:[T ].*)?' : ''}$`);
  return (text) => {
    const found = reads.exec(text)?.groups;
    if (!found) return undefined;
    const at = new Date(0);
    at.setUTCFullYear(Number(found.year), Number(found.month) - 1, Number(found.day));
    return at.getUTCMonth() === Number(found.month) - 1 ? at.toISOString().slice(0, 10) : undefined;
  };
}

const numeric = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A number whose point is a comma. */
const withComma = /^[+-]?\d*,\d+$/;
/** The same, where the comma may as well stand between thousands. */
const ofThousands = /^[+-]?[1-9]\d{0,2},\d{3}$/;

/** A number that a text is, or the text itself. */
const guessed = (text: string): string | number => {
  const number = numeric.test(text) ? Number(text) : Number.NaN;
  // An id of many digits is no number: it would lose the last ones.
  const isExact = Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
  return isExact ? number : text;
};

const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + Math.round(days) * 86_400_000).toISOString().slice(0, 10);

const daysMax = 36_525;
/** Each row has as many fields, and each header is looked through for what is there twice. */
const columnsMax = 1_000;

/** Makes rows into projects, by a map of their columns. Throws `invalid_parameter` for a map that cannot be. */
export class ImportColumns {
  readonly #fieldOf = new Map<string, Field>();
  readonly #columnOf = new Map<Field, string>();
  readonly #factors: Map<Field, number>;
  readonly #dayOf: (text: string) => string | undefined;
  readonly #dateFormat: string;
  readonly #hasCommas: boolean;

  constructor({ map, unit, dateFormat, hasCommas }: ColumnOptions) {
    for (const [field, column] of pairsOf(map, 'map')) {
      if (this.#columnOf.has(field)) throw invalid(`map: ${field} is given twice`, 'map');
      if (this.#fieldOf.has(column)) throw invalid(`map: the column '${column}' is given twice`, 'map');
      this.#columnOf.set(field, column);
      this.#fieldOf.set(column, field);
    }
    for (const field of importFields) {
      if (this.#columnOf.has(field) || this.#fieldOf.has(field)) continue;
      this.#columnOf.set(field, field);
      this.#fieldOf.set(field, field);
    }
    this.#factors = factorsOf(unit);
    this.#dayOf = dayReader(dateFormat);
    this.#dateFormat = dateFormat;
    this.#hasCommas = hasCommas;
  }

  /** Refuses a table whose columns are not all there that the map names, or that has none of names. */
  checkHeader(header: readonly string[], map: readonly string[]): void {
    if (header.length > columnsMax) throw invalid(`body: expected at most ${columnsMax} columns`, 'body');
    const twice = header.find((column, at) => header.indexOf(column) !== at);
    if (twice !== undefined) throw invalid(`body: the column '${twice}' is there twice`, 'body');
    for (const [, column] of pairsOf(map, 'map')) {
      if (header.includes(column)) continue;
      throw invalid(`map: there is no column '${column}'; there are ${header.join(', ')}`, 'map');
    }
    if (header.includes(this.#columnOf.get('name') ?? '')) return;
    throw invalid(`map: expected name:COLUMN, with one of the columns ${header.join(', ')}`, 'map');
  }

  /** What a row says of a project, and what is wrong with it, by its field. What is said of no field is metadata. */
  read(columns: Columns, isText: boolean): { given: Partial<ProjectFields>; faults: Map<string, string> } {
    const faults = new Map<string, string>();
    const project: { -readonly [field in Field]?: unknown } = {};
    // Columns may be called like what every object has.
    const metadata = new Map<string, unknown>();
    for (const [column, value] of Object.entries(columns)) {
      if (value === undefined || value === null || value === '') continue;
      const field = this.#fieldOf.get(column);
      if (field !== undefined) {
        try {
          project[field] = this.#valueOf(field, column, value);
        } catch (fault) {
          if (!(fault instanceof RowFault)) throw fault;
          faults.set(field, fault.message);
        }
      } else if (column === 'metadata' && typeof value === 'object' && !Array.isArray(value))
        for (const pair of Object.entries(value)) metadata.set(...pair);
      else metadata.set(column, isText ? guessed(this.#pointed(value as string)) : value);
    }
    const { duration_days: duration, ...rest } = project;
    if (typeof duration === 'number') {
      if (duration < 0 || duration > daysMax) {
        faults.set('duration_days', `duration_days: expected 0 to ${daysMax} days`);
      } else if (rest.start_date !== undefined && rest.completion_date === undefined) {
        rest.completion_date = dayAfter(rest.start_date as string, duration);
      } else metadata.set('duration_days', duration);
    }
    return { given: { ...rest, metadata: Object.fromEntries(metadata) } as Partial<ProjectFields>, faults };
  }

  /** A text with a point where it is a number with a comma, and can be no other one. */
  #pointed(text: string): string {
    const trimmed = text.trim();
    const isNumber = this.#hasCommas && withComma.test(trimmed) && !ofThousands.test(trimmed);
    return isNumber ? trimmed.replace(',', '.') : text;
  }

  #valueOf(field: Field, column: string, value: unknown): unknown {
    const named = field === column ? field : `${field} (column '${column}')`;
    const isNumber = fields[field] === 'number';
    const text = typeof value === 'string' ? (isNumber ? this.#pointed(value) : value).trim() : value;
    const shown = () => JSON.stringify(value).slice(0, 100);
    switch (fields[field]) {
      case 'text':
        if (typeof text === 'string' || typeof text === 'number') return String(text);
        throw new RowFault(`${named}: expected a text; got ${shown()}`);
      case 'day': {
        const day = typeof text === 'string' ? this.#dayOf(text) : undefined;
        if (day === undefined) throw new RowFault(`${named}: expected a day as ${this.#dateFormat}; got ${shown()}`);
        return day;
      }
      case 'number': {
        if (this.#hasCommas && typeof text === 'string' && ofThousands.test(text)) {
          const [point, none] = [text.replace(',', '.'), text.replace(',', '')];
          throw new RowFault(`${named}: expected a number; ${shown()} may be ${point} or ${none}: write one of these`);
        }
        if (!(typeof text === 'number' || (typeof text === 'string' && numeric.test(text))))
          throw new RowFault(`${named}: expected a number; got ${shown()}`);
        const number = Number(text) * (this.#factors.get(field) ?? 1);
        // 0.29 of 1 is 28.999999999999996 of 100.
        return this.#factors.has(field) ? Number(number.toPrecision(12)) : number;
      }
    }
  }
}
