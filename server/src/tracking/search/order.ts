import { invalid } from '../../errors.ts';
import { type Entity, type Grammar, namedBy } from './filter.ts';
import { tokensOf } from './lexer.ts';

/** One term of an order_by: rows that lack the key come last in either direction. */
export interface OrderTerm {
  readonly entity: Entity;
  readonly key: string;
  readonly descending: boolean;
}

/**
 * Parses order_by clauses such as `` metrics.`a b` DESC ``. Throws `invalid_parameter` for what is no clause, names
 * nothing that `grammar` knows, or names it twice.
 */
export function parseOrder(
  clauses: readonly string[],
  grammar: Pick<Grammar, 'entities' | 'attributes' | 'looseQuotes'>,
  orderable: readonly Entity[],
): OrderTerm[] {
  const terms: OrderTerm[] = [];
  for (const clause of clauses) {
    const unparsable = () => invalid(`Invalid order_by clause '${clause}'. Could not be parsed.`, 'order_by');
    if (clause !== clause.trim() || clause.includes('\0')) throw unparsable();
    const [identifier, direction, ...more] = tokensOf(clause, 'order_by');
    if (identifier?.kind !== 'identifier' || more.length > 0) throw unparsable();
    const way = direction?.text.toUpperCase();
    if (way !== undefined && way !== 'ASC' && way !== 'DESC') {
      throw invalid(`Invalid ordering key in order_by clause '${clause}'. Expected ASC or DESC.`, 'order_by');
    }
    const fail = (message: string) => invalid(`${message} (in order_by clause '${clause}')`, 'order_by');
    const { entity, key } = namedBy(identifier.text, grammar, fail);
    if (!orderable.includes(entity)) throw fail(`Invalid order_by entity: '${entity}'`);
    if (terms.some((term) => term.entity === entity && term.key === key)) {
      throw invalid(`\`order_by\` contains duplicate fields: ${JSON.stringify(clauses)}`, 'order_by');
    }
    terms.push({ entity, key, descending: way === 'DESC' });
  }
  return terms;
}
