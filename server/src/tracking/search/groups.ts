import { invalid } from '../../errors.ts';
import { type Comparison, type Entity, namedBy } from './filter.ts';
import { runGrammar } from './grammars.ts';
import { tokensOf } from './lexer.ts';

/** That a run has a value, or with null that it has none: what makes it one of a group. */
export interface Within {
  /** What it is grouped by, such as `params.lr`. */
  readonly by: string;
  readonly value: string | null;
}

/** What runs may be grouped by. */
export interface Grouping {
  readonly entity: Extract<Entity, 'parameter' | 'tag' | 'attribute'>;
  readonly key: string;
}

const groupedAttributes = ['status', 'user_id'];

/** Throws `invalid_parameter` for text that names no param, tag, status or user. */
export function groupingOf(by: string, field: string): Grouping {
  const fail = (message: string) => invalid(`${field}: ${message}`, field);
  const [identifier, ...more] = tokensOf(by, field);
  if (identifier?.kind !== 'identifier' || more.length > 0) {
    throw fail(`expected a param, a tag or an attribute such as params.lr, and not '${by}'`);
  }
  const { entity, key } = namedBy(identifier.text, runGrammar, fail);
  const isGrouped = entity === 'parameter' || entity === 'tag';
  if (!isGrouped && !(entity === 'attribute' && groupedAttributes.includes(key))) {
    throw fail(`runs are grouped by params, tags, ${groupedAttributes.join(' and ')}, and not by '${by}'`);
  }
  return { entity: entity as Grouping['entity'], key };
}

/** The condition of a group. Throws `invalid_parameter` as `groupingOf` does. */
export function comparisonOf({ by, value }: Within): Comparison {
  const { entity, key } = groupingOf(by, 'within');
  if (value !== null) return { entity, key, comparator: '=', value };
  if (entity === 'attribute') throw invalid(`within: every run has a ${key}`, 'within');
  return { entity, key, comparator: 'IS NULL', value };
}
