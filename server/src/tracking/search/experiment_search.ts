import type { TenantTx } from '../../db/tenancy.ts';
import { invalid } from '../../errors.ts';
import { projectTag } from '../../projects/experiment_queries.ts';
import { type Comparison, parseFilter } from './filter.ts';
import { experimentGrammar } from './grammars.ts';
import { type Position, pageOf, type SortColumn } from './keyset.ts';
import { type OrderTerm, parseOrder } from './order.ts';
import { checkMaxResults, fingerprintOf, idOf, nextToken, startOf } from './page_token.ts';
import { textComparison, wholeComparison } from './run_predicates.ts';
import { SqlValues } from './sql_values.ts';
import { lifecycleCondition, type View } from './view.ts';

export interface ExperimentSearch {
  readonly filter: string;
  readonly orderBy: readonly string[];
  readonly view: View;
  /** At least 1. */
  readonly maxResults: number;
  readonly pageToken?: string | undefined;
  /** The experiments that may be found; all where not given. */
  readonly only?: readonly number[];
  /** The projects whose tag may be asked for; all where not given. */
  readonly projects?: readonly string[];
}

export interface ExperimentPage {
  readonly experimentIds: number[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

function experimentIdPredicate({ comparator, value }: Comparison, values: SqlValues): string {
  if (comparator === 'LIKE' || comparator === 'ILIKE') {
    throw invalid(`Invalid comparator for experiment_id: ${comparator}`, 'filter');
  }
  const ids = [value].flat().map((id) => {
    if (/^\s*[+-]?\d{1,15}\s*$/.test(String(id))) return Number(id);
    throw invalid(`Invalid experiment ID '${id}'. Experiment ID must be a valid integer.`, 'filter');
  });
  const list = values.add(ids, 'bigint[]');
  return comparator === '=' || comparator === 'IN'
    ? `e.experiment_id = ANY(${list})`
    : `e.experiment_id <> ALL(${list})`;
}

/** That an experiment's tag shows: the one that names its project only to who may read the project. */
const tagShows = (key: string, projects: readonly string[] | undefined, values: SqlValues): string =>
  key !== projectTag || projects === undefined
    ? ''
    : `AND NOT EXISTS (SELECT FROM maestro.project_experiments w
         WHERE w.tenant_id = $1 AND w.experiment_id = e.experiment_id
           AND w.project_id <> ALL(${values.add(projects, 'uuid[]')}))`;

function predicate(comparison: Comparison, values: SqlValues, projects: readonly string[] | undefined): string {
  const { entity, key, comparator } = comparison;
  if (entity === 'tag') {
    const exists = comparator === 'IS NULL' || comparator === 'IS NOT NULL';
    const holds = exists ? '1' : textComparison('x.value', comparison, values);
    const found = `(SELECT ${holds} FROM maestro.experiment_tags x
      WHERE x.tenant_id = $1 AND x.experiment_id = e.experiment_id AND x.key = ${values.add(key, 'text')}
        ${tagShows(key, projects, values)})`;
    return exists ? `${found} ${comparator}` : found;
  }
  if (key === 'experiment_id') return experimentIdPredicate(comparison, values);
  return key === 'name'
    ? textComparison('e.name', comparison, values)
    : wholeComparison(`e.${key}`, comparison, values);
}

const defaultOrder: readonly OrderTerm[] = [
  { entity: 'attribute', key: 'creation_time', descending: true },
  { entity: 'attribute', key: 'experiment_id', descending: false },
];

/** The columns of an order; an order that does not name the id ends with it, the newest first. */
function columnsOf(terms: readonly OrderTerm[]): SortColumn[] {
  const named = terms.length > 0 ? terms : defaultOrder;
  const last = named.findIndex(({ key }) => key === 'experiment_id');
  // What follows the id orders nothing any more.
  const deciding = last < 0 ? [...named, { key: 'experiment_id', descending: true }] : named.slice(0, last + 1);
  return deciding.map(({ key, descending }) => ({
    name: key,
    type: key === 'name' ? 'text' : 'bigint',
    descending,
    nullable: false,
  }));
}

/**
 * A page of experiments in the order asked for, by default the newest first. Throws `invalid_parameter` for a filter,
 * an order or a page token that is not right.
 */
export async function searchExperiments(tx: TenantTx, search: ExperimentSearch): Promise<ExperimentPage> {
  const { filter, orderBy, view, maxResults, pageToken, only, projects } = search;
  const comparisons = parseFilter(filter, experimentGrammar);
  const columns = columnsOf(parseOrder(orderBy, experimentGrammar, ['attribute']));
  const fingerprint = fingerprintOf(['experiments', filter, orderBy, view]);
  const start = startOf(pageToken, fingerprint, columns);
  checkMaxResults(maxResults);
  const values = new SqlValues();
  values.add(tx.tenantId, 'uuid');
  const predicates = comparisons.map((comparison) => `AND ${predicate(comparison, values, projects)}`);
  const among = only ? `AND e.experiment_id = ANY(${values.add(only, 'bigint[]')})` : '';
  const source = `FROM maestro.experiments e
    WHERE e.tenant_id = $1 ${among} ${lifecycleCondition('e', view)} ${predicates.join('\n')}`;
  const selected = columns.map(({ name }) => `e.${name}`);
  const text = `${pageOf({ selected, source, columns }, start, maxResults + 1, values)} ORDER BY place`;
  const rows = await tx.sql<{ position: Position }>(text, values.values);
  const positions = rows.map(({ position }) => position);
  const experimentIds = positions.slice(0, maxResults).map((position) => Number(idOf(position)));
  return { experimentIds, ...nextToken(fingerprint, positions, maxResults) };
}
