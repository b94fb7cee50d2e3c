import { invalid, type MaestroError } from '../../errors.ts';
import { invalidAt, type Token, tokensOf } from './lexer.ts';

/** `least` and `greatest` are of a metric, over all of its points. */
export type Entity = 'metric' | 'least' | 'greatest' | 'parameter' | 'tag' | 'attribute' | 'dataset';

export type Comparator =
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'LIKE'
  | 'ILIKE'
  | 'IN'
  | 'NOT IN'
  | 'IS NULL'
  | 'IS NOT NULL';

/**
 * One comparison of a filter. `value` is null for IS NULL and IS NOT NULL, a list for IN and NOT IN, a number where
 * the entity is numeric (metrics, times), else a string.
 */
export interface Comparison {
  readonly entity: Entity;
  readonly key: string;
  readonly comparator: Comparator;
  readonly value: string | number | readonly string[] | null;
}

/** What one search endpoint lets its filters say. */
export interface Grammar {
  /** Every spelling of an entity that is accepted, with what it means. */
  readonly entities: Readonly<Record<string, Entity>>;
  /** Every spelling of an attribute that is accepted, with its canonical name. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly numericAttributes: ReadonlySet<string>;
  /** The attributes, and the dataset keys, that compare with a list. */
  readonly listed: ReadonlySet<string>;
  readonly comparators: Readonly<Record<Entity | 'number', readonly Comparator[]>>;
  /** What may be asked to be null. */
  readonly nullable: readonly Entity[];
  /** Numbers of attributes are whole. */
  readonly wholeNumbers: boolean;
  /** Worded comparators (LIKE, IN) in lower case are accepted. */
  readonly foldsCase: boolean;
  /** Double quotes belong to a key or value, and a value may go without quotes. */
  readonly looseQuotes: boolean;
}

/** Whether an entity is a number of a metric's. */
export const isOfMetric = (entity: Entity): entity is 'metric' | 'least' | 'greatest' =>
  entity === 'metric' || entity === 'least' || entity === 'greatest';

export const datasetKeys = ['name', 'digest', 'context'] as const;

const isQuotedBy = (text: string, quote: string) => text.length >= 2 && text.startsWith(quote) && text.endsWith(quote);
/** Text without the quotes around it, however many. (As a regular expression, `+$ takes quadratic time.) */
function withoutAll(text: string, quote: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text[start] === quote) start++;
  while (end > start && text[end - 1] === quote) end--;
  return text.slice(start, end);
}

const withoutBackticks = (text: string) => (isQuotedBy(text, '`') ? text.slice(1, -1) : text);
const isQuoted = (text: string) => isQuotedBy(text, "'") || isQuotedBy(text, '"');
const withoutQuotes = (text: string) => (isQuoted(text) ? text.slice(1, -1) : text);

/** Looks a name up in a table of spellings; own properties only, so that `constructor` is no entity. */
const spelled = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** What an identifier such as `` metrics.`a b` `` or `start_time` names. `fail` makes the error. */
export function namedBy(
  identifier: string,
  grammar: Pick<Grammar, 'entities' | 'attributes' | 'looseQuotes'>,
  fail: (message: string) => MaestroError,
): { entity: Entity; key: string } {
  const period = identifier.indexOf('.');
  const prefix = period < 0 ? 'attribute' : withoutBackticks(identifier.slice(0, period));
  const entity = period < 0 ? 'attribute' : spelled(grammar.entities, prefix);
  if (entity === undefined) {
    throw fail(`Invalid entity type '${prefix}'. Valid values are ${Object.keys(grammar.entities).join(', ')}`);
  }
  const text = identifier.slice(period + 1);
  const key = grammar.looseQuotes ? withoutAll(text, '`') : withoutBackticks(withoutQuotes(text));
  if (entity === 'dataset' && !datasetKeys.includes(key as (typeof datasetKeys)[number])) {
    throw fail(`Invalid dataset key '${key}' specified. Valid keys are ${datasetKeys.join(', ')}`);
  }
  if (entity !== 'attribute') return { entity, key };
  const attribute = spelled(grammar.attributes, key);
  if (attribute === undefined) {
    throw fail(
      `Invalid attribute key '${key}' specified. Valid keys are ${Object.keys(grammar.attributes).join(', ')}`,
    );
  }
  return { entity, key: attribute };
}

/** Each becomes a subquery of one statement. */
const comparisonsMax = 100;

/** Reading a filter keeps everybody waiting: this many characters (a list of 14,000 run ids) take some 50 ms. */
const charactersMax = 500_000;

class Parser {
  readonly #text: string;
  readonly #grammar: Grammar;
  readonly #tokens: Token[];
  #next = 0;

  constructor(text: string, grammar: Grammar) {
    this.#text = text;
    this.#grammar = grammar;
    this.#tokens = tokensOf(text);
  }

  /** AND only separates: as in the reference it may be doubled or left out. */
  filter(): Comparison[] {
    const comparisons: Comparison[] = [];
    for (let token = this.#take(); token; token = this.#take()) {
      if (isKeyword(token, 'AND')) continue;
      if (token.kind !== 'identifier') {
        throw this.#fail(`Invalid clause(s) in filter string: '${token.text}'. Expected a comparison`, token);
      }
      if (comparisons.length === comparisonsMax) {
        throw this.#fail(`A filter holds at most ${comparisonsMax} comparisons`, token);
      }
      comparisons.push(this.#comparison(token));
    }
    return comparisons;
  }

  #comparison(identifier: Token): Comparison {
    const operator = this.#take();
    const comparator = operator && this.#comparator(operator);
    if (comparator === undefined) {
      const message = `Invalid clause(s) in filter string: '${identifier.text}'. Expected a comparator after it`;
      throw this.#fail(message, operator);
    }
    const { entity, key } = namedBy(identifier.text, this.#grammar, (message) => this.#fail(message, identifier));
    const isNumber = isOfMetric(entity) || (entity === 'attribute' && this.#grammar.numericAttributes.has(key));
    if (comparator === 'IS NULL' || comparator === 'IS NOT NULL') {
      if (this.#grammar.nullable.includes(entity)) return { entity, key, comparator, value: null };
      const allowed = this.#grammar.nullable.map((name) => (name === 'parameter' ? 'params' : 'tags')).join(' and ');
      const message = `IS NULL / IS NOT NULL is only supported for ${allowed || 'nothing here'}`;
      throw this.#fail(`${message}, not for '${entity}' '${key}'`, operator);
    }
    const valueToken = this.#take();
    const value = isNumber ? this.#number(entity, key, valueToken) : this.#stringOrList(entity, key, valueToken);
    const allowed = this.#grammar.comparators[isNumber ? 'number' : entity];
    const known = allowed.find((candidate) => candidate === comparator);
    if (known === undefined || Array.isArray(value) !== (known === 'IN' || known === 'NOT IN')) {
      throw this.#fail(`Invalid comparator '${comparator}' not one of '${allowed.join(', ')}'`, operator);
    }
    if ((known === 'LIKE' || known === 'ILIKE') && /(?<!\\)(?:\\\\)*\\$/.test(String(value))) {
      throw this.#fail('A LIKE pattern cannot end with a lone backslash', valueToken);
    }
    return { entity, key, comparator: known, value };
  }

  #comparator(token: Token): string | undefined {
    const fold = (text: string) => (this.#grammar.foldsCase ? text.toUpperCase() : text);
    if (token.kind === 'comparator') return fold(token.text).replace(/\s+/, ' ');
    if (isKeyword(token, 'IN') && this.#peek()?.kind === '(') return fold(token.text);
    if (isKeyword(token, 'NOT') && isKeyword(this.#peek(), 'IN') && this.#peek(1)?.kind === '(') {
      this.#take();
      return 'NOT IN';
    }
    if (!isKeyword(token, 'IS')) return undefined;
    const negated = isKeyword(this.#peek(), 'NOT');
    if (!isKeyword(this.#peek(negated ? 1 : 0), 'NULL')) return undefined;
    this.#next += negated ? 2 : 1;
    return negated ? 'IS NOT NULL' : 'IS NULL';
  }

  #number(entity: Entity, key: string, token: Token | undefined): number {
    const whole = entity === 'attribute' && this.#grammar.wholeNumbers;
    if (token?.kind === 'integer' || (token?.kind === 'float' && !whole)) return Number(token.text);
    const what = isOfMetric(entity) ? 'metric' : `numeric attribute: ${key}`;
    throw this.#fail(`Expected numeric value type for ${what}. Found ${token?.text ?? 'nothing'}`, token);
  }

  #stringOrList(entity: Entity, key: string, token: Token | undefined): string | string[] {
    if (token?.kind === '(' && (entity === 'attribute' || entity === 'dataset' || this.#grammar.looseQuotes)) {
      if (entity === 'dataset' || this.#grammar.looseQuotes || this.#grammar.listed.has(key)) return this.#list();
      const listed = [...this.#grammar.listed].map((name) => `'${name}'`).join(', ');
      throw this.#fail(`Only [${listed}] attributes support comparison with a list of quoted string values.`, token);
    }
    if (this.#grammar.looseQuotes && token && looseValues.includes(token.kind)) {
      return withoutAll(token.text, "'");
    }
    if (token?.kind === 'string' || (token?.kind === 'identifier' && isQuoted(token.text))) {
      return withoutQuotes(token.text);
    }
    if (token?.kind === 'identifier') {
      throw this.#fail(
        'Parameter value is either not quoted or unidentified quote types used for string value ' +
          `${token.text}. Use either single or double quotes.`,
        token,
      );
    }
    const found = token?.text ?? 'nothing';
    const what = entity === 'attribute' ? 'attributes' : entity === 'dataset' ? 'dataset attributes' : entity;
    throw this.#fail(`Expected a quoted string value for ${what} (e.g. 'my-value'). Got value ${found}`, token);
  }

  /** The rest of a list, behind its parenthesis; a comma may follow the last value. */
  #list(): string[] {
    const values: string[] = [];
    for (let token = this.#take(); ; token = this.#take()) {
      if (token?.kind === ')' && values.length > 0) return values;
      if (token?.kind !== 'string' && !(token?.kind === 'identifier' && isQuoted(token.text))) {
        const message = 'While parsing a list in the query, expected a non-empty list of string values';
        throw this.#fail(`${message}, but got ill-formed list.`, token);
      }
      values.push(withoutQuotes(token.text));
      const separator = this.#take();
      if (separator?.kind === ')') return values;
      if (separator?.kind !== ',') throw this.#fail('Expected a comma or a closing parenthesis', separator);
    }
  }

  #take(): Token | undefined {
    return this.#tokens[this.#next++];
  }

  #peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#next + ahead];
  }

  #fail(message: string, token: Token | undefined): MaestroError {
    return invalidAt(message, this.#text, token?.at ?? this.#text.length);
  }
}

const looseValues: readonly Token['kind'][] = ['string', 'identifier', 'integer', 'float'];

const isKeyword = (token: Token | undefined, name: string) =>
  token?.kind === 'keyword' && token.text.toUpperCase() === name;

/**
 * Parses a filter into its comparisons, all of which must hold. An empty text is an empty filter; one of nothing but
 * white space is refused, as the reference does. Throws `invalid_parameter` that shows the token at fault.
 */
export function parseFilter(text: string, grammar: Grammar): Comparison[] {
  if (text === '') return [];
  if (text.length > charactersMax) throw invalid(`A filter holds at most ${charactersMax} characters`, 'filter');
  if (text.trim() === '') throw invalid(`Invalid filter '${text}'. Could not be parsed.`, 'filter');
  if (text.includes('\0')) throw invalidAt('A filter holds no NUL character', text, text.indexOf('\0'));
  return new Parser(text, grammar).filter();
}
