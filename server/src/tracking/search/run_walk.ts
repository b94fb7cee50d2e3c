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
  /**
   * Whether groups of equal values can be large: with `tiesMax`, candidates end before one that is larger, which is then
   * `walked` by the further terms, or all runs are `sorted`.
   */
  readonly ties: 'none' | 'walked' | 'sorted';
  /** Candidates bring the value of the order's first term, which all of them have. */
  readonly bringsValue: boolean;
  /** The rank of its runs, where the order's first term has one: candidates of other ranks are dropped. */
  readonly rank: number | undefined;
  /** Where to begin; undefined at the beginning. */
  readonly seek: Seek | undefined;
  /** Which end of a batch is its last candidate. */
  readonly lastOf: 'min' | 'max';
  /** SQL that selects run_id and walk for tenant $1 and experiments $2: from `seek` on, `size` or more with ties. */
  candidates(values: SqlValues, size: number, seek: Seek | undefined, tiesMax?: number): string;
  /** SQL for the first value from `seek` on; undefined where the phase does not walk. */
  readonly first?: (values: SqlValues, seek: Seek | undefined) => string;
}

type Candidates = Pick<Phase, 'walks' | 'ties' | 'lastOf' | 'candidates' | 'first'>;

/**
 * Reads `size` rows from each experiment and then the first `size` of them all, ties of the last one included: so
 * a group of equal values is never cut, and sorting it by the further terms is right. `source` selects run_id, walk and
 * value for experiment e.id; it ends in WHERE conditions.
 */
function ordered(
  source: (values: SqlValues) => string,
  value: string,
  type: 'float8' | 'text' | 'bigint',
  descending: boolean,
  ties: Phase['ties'] = 'none',
): Candidates {
  const way = descending ? 'DESC' : 'ASC';
  const from = (values: SqlValues, seek: Seek | undefined): string => {
    const operator = `${descending ? '<' : '>'}${seek?.inclusive ? '=' : ''}`;
    return `${source(values)} ${seek ? `AND ${value} ${operator} ${values.add(seek.value, type)}` : ''}`;
  };
  const read = (values: SqlValues, seek: Seek | undefined, part: string): string =>
    `SELECT b.run_id, b.walk, b.value FROM unnest($2::bigint[]) AS e(id) CROSS JOIN LATERAL (
        ${from(values, seek)} ORDER BY ${value} ${way} ${part}
      ) b ORDER BY b.walk ${way} ${part}`;
  return {
    walks: true,
    ties,
    lastOf: descending ? 'min' : 'max',
    candidates: (values, size, seek, tiesMax) => {
      const first = `FETCH FIRST ${size} ROWS WITH TIES`;
      if (tiesMax === undefined) return read(values, seek, first);
      const most = size + tiesMax;
      // Where there is more, of the last value some may be missing: it is left out.
      return `SELECT b.run_id, b.walk, b.value FROM (
          SELECT s.*, count(*) OVER () AS rows, ${descending ? 'min' : 'max'}(s.walk) OVER () AS edge
            FROM (${read(values, seek, `LIMIT ${most}`)}) s
        ) b WHERE b.rows < ${most} OR b.walk <> b.edge ORDER BY b.walk ${way} ${first}`;
    },
    first: (values, seek) => `SELECT f.walk AS value FROM (${read(values, seek, 'LIMIT 1')}) f`,
  };
}

/** Runs by what an index of their own table has: their start, name, end or duration. */
const byAttribute = (value: string, type: 'text' | 'bigint', descending: boolean, ties: Phase['ties']): Candidates =>
  ordered(
    () => `SELECT w.run_id, ${value} AS walk, ${value} AS value FROM maestro.runs w
     WHERE w.tenant_id = $1 AND w.experiment_id = e.id AND ${value} IS NOT NULL`,
    value,
    type,
    descending,
    ties,
  );

const byStartTime = (descending: boolean): Candidates => byAttribute('w.start_time', 'bigint', descending, 'none');

const keyed = (table: string, walk: string, key: string) => (values: SqlValues) =>
  `SELECT w.run_id, ${walk} AS walk, w.value FROM maestro.${table} w
   WHERE w.tenant_id = $1 AND w.experiment_id = e.id AND w.key = ${values.add(key, 'text')}`;

const byMetric = ({ key, descending }: OrderTerm): Candidates => {
  const source = keyed('latest_metrics', 'w.value', key);
  return ordered((values) => `${source(values)} AND w.is_nan = false`, 'w.value', 'float8', descending, 'walked');
};

/** By the best value, in no index: of the key's rows, which an index finds, the first ones. */
const byExtreme = ({ entity, key, descending }: OrderTerm): Candidates => {
  const { column } = keyedValues[entity as 'least' | 'greatest'];
  const source = (values: SqlValues) => `SELECT w.run_id, w.${column} AS walk, w.${column} AS value
      FROM maestro.latest_metrics w WHERE w.tenant_id = $1 AND w.experiment_id = e.id
       AND w.key = ${values.add(key, 'text')} AND w.${column} IS NOT NULL`;
  return ordered(source, `w.${column}`, 'float8', descending);
};

/** All at once. */
const nanMetrics = ({ entity, key }: OrderTerm): Candidates => ({
  walks: false,
  ties: 'none',
  lastOf: 'max',
  candidates: (values) => `SELECT n.run_id, NULL::text AS walk FROM maestro.latest_metrics n
     WHERE n.tenant_id = $1 AND n.experiment_id = ANY($2::bigint[]) AND n.key = ${values.add(key, 'text')}
       AND ${entity === 'metric' ? 'n.is_nan' : `n.${keyedValues[entity as 'least'].column} IS NULL`}`,
});

/** By the indexed heads of the values, which is the order of the values but for ties. */
const byText = ({ entity, key, descending }: OrderTerm): Candidates =>
  ordered(
    keyed(entity === 'tag' ? 'tags' : 'params', 'w.value_head', key),
    'w.value_head',
    'text',
    descending,
    'walked',
  );

/** The indexed part of a text. */
const head = (text: string) => Array.from(text).slice(0, headLength).join('');

/** The stretches of an order. */
export interface Walk {
  /** Those that candidates are read of, in their order. */
  readonly phases: readonly Phase[];
  /** Behind them stand runs that no index has in order. */
  readonly hasRest: boolean;
}

const attributePhase = { rank: undefined, bringsValue: false };

/** An order by an attribute: for those that a run may lack the runs that have it, then those that lack it. */
function attributeWalk(
  { key, descending }: Pick<OrderTerm, 'key' | 'descending'>,
  start: Position | undefined,
  seekTo: (at: number) => Seek | undefined,
): Walk {
  switch (key) {
    case 'start_time':
      return { phases: [{ ...attributePhase, ...byStartTime(descending), seek: seekTo(0) }], hasRest: false };
    case 'run_name': {
      const byName = byAttribute('w.name', 'text', descending, 'sorted');
      return { phases: [{ ...attributePhase, ...byName, seek: seekTo(0) }], hasRest: false };
    }
    case 'end_time':
    case 'duration': {
      const present = {
        ...byAttribute(`w.${key}`, 'bigint', descending, 'sorted'),
        rank: ranks.present,
        seek: seekTo(1),
      };
      return { phases: start?.[0] === ranks.lacking ? [] : [{ ...attributePhase, ...present }], hasRest: true };
    }
    default:
      return { phases: [], hasRest: true };
  }
}

/**
 * The phases of an order, from the one that `start` stands in: for a metric the runs that have a number, then NaN,
 * then those that lack it; for a param or tag those that have it, then those that lack it, by what else orders them.
 */
export function walkOf(terms: readonly OrderTerm[], start: Position | undefined): Walk {
  const first = terms[0];
  const seekTo = (at: number): Seek | undefined => {
    const value = start?.[at];
    return value === null || value === undefined ? undefined : { value, inclusive: true };
  };
  if (first === undefined || first.entity === 'attribute') {
    return attributeWalk(first ?? { key: 'start_time', descending: true }, start, seekTo);
  }
  const isMetric = isOfMetric(first.entity);
  const begun = start?.[0] ?? ranks.present;
  const textSeek = seekTo(1);
  const valueSeek = typeof textSeek?.value === 'string' ? { ...textSeek, value: head(textSeek.value) } : textSeek;
  const isOnly = terms.length === 1;
  const phases: Phase[] = [
    {
      ...(first.entity === 'metric' ? byMetric(first) : isMetric ? byExtreme(first) : byText(first)),
      rank: ranks.present,
      bringsValue: true,
      seek: begun === ranks.present ? valueSeek : undefined,
    },
    ...(isMetric ? [{ ...nanMetrics(first), rank: ranks.nan, bringsValue: false, seek: undefined }] : []),
    ...(isOnly
      ? [
          {
            ...byStartTime(true),
            rank: ranks.lacking,
            bringsValue: false,
            seek: begun === ranks.lacking ? seekTo(2) : undefined,
          },
        ]
      : []),
  ];
  return { phases: phases.filter(({ rank }) => rank! >= Number(begun)), hasRest: !isOnly };
}
