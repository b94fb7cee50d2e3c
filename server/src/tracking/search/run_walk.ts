import { isOfMetric } from './filter.ts';
import { headLength, keyedValues } from './keyed_values.ts';
import type { Position } from './keyset.ts';
import type { OrderTerm } from './order.ts';
import { ranks } from './run_order.ts';
import type { SqlValues } from './sql_values.ts';

export interface Seek {
  readonly value: string | number;
  readonly inclusive: boolean;
}

/** A stretch of an order whose candidates come from one index. */
export interface Phase {
  /** The candidates can be read in order and in part; else all come at once. */
  readonly walks: boolean;
  /** Groups of equal values can be large: with `tiesMax`, candidates end before one that is larger. */
  readonly hasTies: boolean;
  /** Candidates bring the value of the order's first term, which all of them have. */
  readonly bringsValue: boolean;
  /** The rank of its runs, where the order's first term has one: candidates of other ranks are dropped. */
  readonly rank: number | undefined;
  readonly isLast: boolean;
  /** Where to begin; undefined at the beginning. */
  readonly seek: Seek | undefined;
  /** Which end of a batch is its last candidate. */
  readonly lastOf: 'min' | 'max';
  /** SQL that selects run_id and walk for tenant $1 and experiments $2: from `seek` on, `size` or more with ties. */
  candidates(values: SqlValues, size: number, seek: Seek | undefined, tiesMax?: number): string;
}

type Candidates = Pick<Phase, 'walks' | 'hasTies' | 'lastOf' | 'candidates'>;

/**
 * Reads `size` rows from each experiment and then the first `size` of them all, ties of the last one included: so
 * a group of equal values is never cut, and sorting it by the further terms is right. `source` selects run_id and
 * walk for experiment e.id; it ends in WHERE conditions.
 */
function ordered(
  source: string,
  value: string,
  type: 'float8' | 'text' | 'bigint',
  descending: boolean,
  hasTies = false,
): Candidates {
  const way = descending ? 'DESC' : 'ASC';
  return {
    walks: true,
    hasTies,
    lastOf: descending ? 'min' : 'max',
    candidates: (values, size, seek, tiesMax) => {
      const operator = `${descending ? '<' : '>'}${seek?.inclusive ? '=' : ''}`;
      const from = seek ? `AND ${value} ${operator} ${values.add(seek.value, type)}` : '';
      const first = `FETCH FIRST ${size} ROWS WITH TIES`;
      const most = size + (tiesMax ?? 0);
      const read = tiesMax === undefined ? first : `LIMIT ${most}`;
      const rows = `SELECT b.run_id, b.walk, b.value FROM unnest($2::bigint[]) AS e(id) CROSS JOIN LATERAL (
          ${source} ${from} ORDER BY ${value} ${way} ${read}
        ) b ORDER BY b.walk ${way} ${read}`;
      if (tiesMax === undefined) return rows;
      // Where there is more, of the last value some may be missing: it is left out.
      return `SELECT b.run_id, b.walk, b.value FROM (
          SELECT s.*, count(*) OVER () AS rows, ${descending ? 'min' : 'max'}(s.walk) OVER () AS edge FROM (${rows}) s
        ) b WHERE b.rows < ${most} OR b.walk <> b.edge ORDER BY b.walk ${way} ${first}`;
    },
  };
}

const byStartTime = (descending: boolean): Candidates =>
  ordered(
    'SELECT w.run_id, w.start_time AS walk, w.start_time AS value FROM maestro.runs w WHERE w.tenant_id = $1 AND w.experiment_id = e.id',
    'w.start_time',
    'bigint',
    descending,
  );

const everyRun: Candidates = {
  walks: false,
  hasTies: false,
  lastOf: 'max',
  candidates: () =>
    `SELECT w.run_id, NULL::text AS walk FROM maestro.runs w
     WHERE w.tenant_id = $1 AND w.experiment_id = ANY($2::bigint[])`,
};

const keyed = (table: string, walk: string) =>
  `SELECT w.run_id, ${walk} AS walk, w.value FROM maestro.${table} w
   WHERE w.tenant_id = $1 AND w.experiment_id = e.id AND w.key =`;

/** Adds the key to SQL that ends in `w.key =`. */
function withKey(key: string, candidatesOf: (keyed: string) => Candidates): Candidates {
  return {
    ...candidatesOf(''),
    candidates: (values, ...window) => candidatesOf(values.add(key, 'text')).candidates(values, ...window),
  };
}

const byMetric = ({ key, descending }: OrderTerm): Candidates =>
  withKey(key, (bound) =>
    ordered(
      `${keyed('latest_metrics', 'w.value')} ${bound} AND w.is_nan = false`,
      'w.value',
      'float8',
      descending,
      true,
    ),
  );

/** By the best value, in no index: of the key's rows, which an index finds, the first ones. */
const byExtreme = ({ entity, key, descending }: OrderTerm): Candidates => {
  const { column } = keyedValues[entity as 'least' | 'greatest'];
  const source = (bound: string) =>
    `SELECT w.run_id, w.${column} AS walk, w.${column} AS value FROM maestro.latest_metrics w
     WHERE w.tenant_id = $1 AND w.experiment_id = e.id AND w.key = ${bound} AND w.${column} IS NOT NULL`;
  return withKey(key, (bound) => ordered(source(bound), `w.${column}`, 'float8', descending));
};

const nanMetrics = ({ entity, key }: OrderTerm): Candidates => ({
  walks: false,
  hasTies: false,
  lastOf: 'max',
  candidates: (values) =>
    `SELECT n.run_id, NULL::text AS walk FROM maestro.latest_metrics n
     WHERE n.tenant_id = $1 AND n.experiment_id = ANY($2::bigint[]) AND n.key = ${values.add(key, 'text')}
       AND ${entity === 'metric' ? 'n.is_nan' : `n.${keyedValues[entity as 'least'].column} IS NULL`}`,
});

/** By the indexed heads of the values, which is the order of the values but for ties. */
const byText = ({ entity, key, descending }: OrderTerm): Candidates =>
  withKey(key, (bound) =>
    ordered(
      `${keyed(entity === 'tag' ? 'tags' : 'params', 'w.value_head')} ${bound}`,
      'w.value_head',
      'text',
      descending,
      true,
    ),
  );

/** Candidates for the runs that lack the first term's key: any run, by what else orders them. */
const lacking = (terms: readonly OrderTerm[]): Candidates => (terms.length === 1 ? byStartTime(true) : everyRun);

/** The indexed part of a text. */
const head = (text: string) => Array.from(text).slice(0, headLength).join('');

/**
 * SQL for the first value from `seek` on under a term of which the phase stops at ties, for tenant $1 and experiments $2.
 */
export function firstValue({ entity, key, descending }: OrderTerm, seek: Seek | undefined, values: SqlValues): string {
  const [source, value, type] =
    entity === 'metric'
      ? ([keyed('latest_metrics', 'w.value'), 'w.value', 'float8'] as const)
      : ([keyed(entity === 'tag' ? 'tags' : 'params', 'w.value_head'), 'w.value_head', 'text'] as const);
  const condition = `${values.add(key, 'text')} ${entity === 'metric' ? 'AND w.is_nan = false' : ''}`;
  const first = ordered(`${source} ${condition}`, value, type, descending).candidates(values, 1, seek);
  return `SELECT f.walk AS value FROM (${first.replaceAll('ROWS WITH TIES', 'ROWS ONLY')}) f`;
}

/**
 * The phases of an order, from the one that `start` stands in: for a metric the runs that have a number, then NaN,
 * then those that lack it; for a param or tag those that have it, then those that lack it; else one phase.
 */
export function phasesOf(terms: readonly OrderTerm[], start: Position | undefined): Phase[] {
  const first = terms[0];
  const seekTo = (at: number): Seek | undefined => {
    const value = start?.[at];
    return value === null || value === undefined ? undefined : { value, inclusive: true };
  };
  if (first === undefined || first.entity === 'attribute') {
    const isTime = first === undefined || first.key === 'start_time';
    const candidates = isTime ? byStartTime(first?.descending ?? true) : everyRun;
    return [{ ...candidates, rank: undefined, bringsValue: false, seek: isTime ? seekTo(0) : undefined, isLast: true }];
  }
  const isMetric = isOfMetric(first.entity);
  const begun = start?.[0] ?? ranks.present;
  const textSeek = seekTo(1);
  const valueSeek = typeof textSeek?.value === 'string' ? { ...textSeek, value: head(textSeek.value) } : textSeek;
  const phases: Phase[] = [
    {
      ...(first.entity === 'metric' ? byMetric(first) : isMetric ? byExtreme(first) : byText(first)),
      rank: ranks.present,
      bringsValue: true,
      seek: begun === ranks.present ? valueSeek : undefined,
      isLast: false,
    },
    ...(isMetric
      ? [{ ...nanMetrics(first), rank: ranks.nan, bringsValue: false, seek: undefined, isLast: false }]
      : []),
    {
      ...lacking(terms),
      rank: ranks.lacking,
      bringsValue: false,
      seek: begun === ranks.lacking && terms.length === 1 ? seekTo(2) : undefined,
      isLast: true,
    },
  ];
  return phases.filter(({ rank }) => rank! >= Number(begun));
}
