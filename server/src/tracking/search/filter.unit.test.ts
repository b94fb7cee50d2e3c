import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MaestroError } from '../../errors.ts';
import { type Comparison, type Grammar, parseFilter } from './filter.ts';
import { experimentGrammar, loggedModelGrammar, runGrammar, runOrderGrammar } from './grammars.ts';
import { parseOrder } from './order.ts';

const runFilter = (text: string) => parseFilter(text, runGrammar);

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof MaestroError && error.code === 'invalid_parameter') return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a run filter', () => {
  test.each<[string, Partial<Comparison>]>([
    ['metrics.acc > 0.5', { entity: 'metric', key: 'acc', comparator: '>', value: 0.5 }],
    ['metric.acc>=-1e-3', { entity: 'metric', comparator: '>=', value: -0.001 }],
    ['metrics.`my key` != .5', { key: 'my key', value: 0.5 }],
    ['metrics."val/loss" < 1.', { key: 'val/loss', value: 1 }],
    ["params.'a b' = 'x'", { entity: 'parameter', key: 'a b', value: 'x' }],
    ['parameters.a.b.c = "x"', { key: 'a.b.c', value: 'x' }],
    ["param.1abc = 'x'", { key: '1abc' }],
    ["params.größe = '雪'", { key: 'größe', value: '雪' }],
    ["params.a = 'it''s'", { value: "it''s" }],
    ["params.a = 'x\\'", { value: 'x\\' }],
    ["tags.user ilike '%X_'", { entity: 'tag', key: 'user', comparator: 'ILIKE', value: '%X_' }],
    ['tag.a is null', { comparator: 'IS NULL', value: null }],
    ['params.a IS NOT NULL', { comparator: 'IS NOT NULL', value: null }],
    ['run_id IN (\'a\', "b",)', { entity: 'attribute', key: 'run_id', comparator: 'IN', value: ['a', 'b'] }],
    ["attributes.run_id NOT  IN ('a')", { comparator: 'NOT IN', value: ['a'] }],
    ["`Run name` = 'x'", { key: 'run_name' }],
    ['Created > 5', { key: 'start_time', value: 5 }],
    ['attr.end_time <= 1.5', { key: 'end_time', value: 1.5 }],
    ["datasets.context LIKE 'tr%'", { entity: 'dataset', key: 'context', comparator: 'LIKE' }],
    ["dataset.digest IN ('d')", { entity: 'dataset', key: 'digest', value: ['d'] }],
  ])('%s is understood', (text, expected) => {
    expect(runFilter(text)).toEqual([expect.objectContaining(expected)]);
  });

  test('AND separates comparisons, and may as well be doubled or left out', () => {
    expect(runFilter("AND metrics.a > 1 and AND metrics.b > 2 params.c = 'x' AND")).toHaveLength(3);
    expect(runFilter('')).toEqual([]);
  });

  test.each([
    ['  ', /Could not be parsed/],
    ['metrics.a == 1', /Invalid comparator '=='.*at character 11/],
    ["metrics.a > '1'", /Expected numeric value type for metric.*near "'1'"/],
    ['params.a = 1', /Expected a quoted string value for parameter/],
    ['params.a = x', /either not quoted or unidentified quote/],
    ["params.a > 'x'", /Invalid comparator '>'/],
    ["params.a NOT LIKE 'x'", /Invalid comparator 'NOT LIKE'/],
    ["params.a LIKE 'x\\'", /lone backslash/],
    ["params.a IN ('x')", /Expected a quoted string value for parameter/],
    ["status IN ('x')", /Only \['run_id'\] attributes support comparison with a list/],
    ["run_id = ('x')", /Invalid comparator '='/],
    ['run_id IN ()', /non-empty list of string values/],
    ['run_id IN (1)', /non-empty list of string values/],
    ['metrics.a IS NULL', /only supported for params and tags|only supported for tags and params/],
    ["nothing = 'x'", /Invalid attribute key 'nothing'/],
    ["constructor.a = 'x'", /Invalid entity type 'constructor'/],
    ["dataset.a = 'x'", /Invalid dataset key 'a'/],
    ['metrics.a > 1 OR metrics.b > 2', /Invalid clause\(s\) in filter string: 'OR'.*at character 15/],
    ['(metrics.a > 1)', /Invalid clause/],
    ['metrics.a > 1;', /Unexpected ";"/],
    ['metrics.a-b > 1', /quoted with backticks/],
    ["params.from = 'x'", /quote it with backticks/],
    ["params.12 = 'x'", /quote it with backticks/],
    ["params.a = 'x", /never closed/],
    ['metrics.a >', /at the end/],
    ['metrics.a > 0x10', /Expected numeric/],
    ["params.a = 'x\0'", /NUL/],
    ['metrics.a > 1 '.repeat(101), /at most 100 comparisons/],
  ])('%j is refused where it goes wrong', (text, message) => {
    expect(refusal(() => runFilter(text))).toMatch(message);
  });

  test('experiments know attributes and tags alone, and upper-case words', () => {
    expect(parseFilter("name LIKE 'a' AND tags.b = 'c' AND creation_time > 5", experimentGrammar)).toHaveLength(3);
    for (const text of ["name like 'a'", "attr.name = 'a'", 'metrics.a > 1', 'creation_time > 5.5']) {
      expect(refusal(() => parseFilter(text, experimentGrammar))).toMatch(/Invalid|Expected/);
    }
  });

  test('logged models take values without quotes, and double quotes as part of a value', () => {
    expect(parseFilter('name = x AND params.`a b` = "y"', loggedModelGrammar)).toEqual([
      { entity: 'attribute', key: 'name', comparator: '=', value: 'x' },
      { entity: 'parameter', key: 'a b', comparator: '=', value: '"y"' },
    ]);
    expect(refusal(() => parseFilter('metric.a > 1', loggedModelGrammar))).toMatch(/Invalid entity type/);
  });
});

const text = fc.string({ unit: 'grapheme' }).filter((value) => !/['"\\`\0]/.test(value));
const key = text.filter((value) => value !== '');
const comparison: fc.Arbitrary<Comparison> = fc.oneof(
  fc.record({
    entity: fc.constant('metric' as const),
    key,
    comparator: fc.constantFrom('=' as const, '!=' as const, '<' as const, '<=' as const, '>' as const, '>=' as const),
    value: fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => value + 0),
  }),
  fc.record({
    entity: fc.constantFrom('parameter' as const, 'tag' as const),
    key,
    comparator: fc.constantFrom('=' as const, '!=' as const, 'LIKE' as const, 'ILIKE' as const),
    value: text,
  }),
  fc.record({
    entity: fc.constantFrom('parameter' as const, 'tag' as const),
    key,
    comparator: fc.constantFrom('IS NULL' as const, 'IS NOT NULL' as const),
    value: fc.constant(null),
  }),
  fc.record({
    entity: fc.constant('dataset' as const),
    key: fc.constantFrom('name', 'digest', 'context'),
    comparator: fc.constantFrom('IN' as const, 'NOT IN' as const),
    value: fc.array(text, { minLength: 1 }),
  }),
);

const quoted = (value: string) => `'${value}'`;

function print({ entity, key: name, comparator, value }: Comparison): string {
  const left = `${entity}.\`${name}\` ${comparator}`;
  if (value === null) return left;
  if (typeof value === 'number') return `${left} ${String(value).replace('e+', 'e')}`;
  return `${left} ${typeof value === 'string' ? quoted(value) : `(${value.map(quoted).join(', ')})`}`;
}

describe('whatever is typed', () => {
  test('a filter that is printed from its comparisons parses back to them', () => {
    fc.assert(
      fc.property(fc.array(comparison), (comparisons) => {
        expect(runFilter(comparisons.map(print).join(' AND '))).toEqual(comparisons);
      }),
    );
  });

  const scrap = fc.constantFrom(
    ...['metrics.', 'params', '.', '`', '"', "'", '(', ')', ',', ' ', 'IN', 'NOT', 'IS', 'NULL', 'AND', '=', '<', '-'],
    ...['1', '.5', '1e5', '\\', '\0', 'é', 'run_id', "'x'", 'LIKE', 'name', '__proto__', 'DESC'],
  );
  const typed = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(scrap, { maxLength: 14 }).map((parts) => parts.join('')),
  );

  test.each<[string, Grammar]>([
    ['runs', runGrammar],
    ['experiments', experimentGrammar],
    ['logged models', loggedModelGrammar],
  ])('a filter of %s is understood or refused, never a crash', (_, grammar) => {
    fc.assert(
      fc.property(typed, (input) => {
        try {
          parseFilter(input, grammar);
        } catch (error) {
          expect(error).toBeInstanceOf(MaestroError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('an order_by is understood or refused, never a crash', () => {
    fc.assert(
      fc.property(typed, (input) => {
        try {
          parseOrder([input], runOrderGrammar, ['metric', 'tag']);
        } catch (error) {
          expect(error).toBeInstanceOf(MaestroError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('the longest filter of odd pieces is read in a moment, whatever the grammar', () => {
    const started = performance.now();
    for (const filler of ["'", "''", "\\'", '`', '``', '((', 'a.', '1 ']) {
      for (const [before, behind] of [
        ['params.a = ', ''],
        ["name = 'x", "x'"],
        ['metrics.`x', 'x` > 1'],
      ]) {
        const text = before + filler.repeat(Math.floor(499_900 / filler.length)) + behind;
        for (const grammar of [runGrammar, experimentGrammar, loggedModelGrammar]) {
          try {
            parseFilter(text, grammar);
          } catch (error) {
            expect(error).toBeInstanceOf(MaestroError);
            expect((error as MaestroError).message.length).toBeLessThan(1_000);
          }
        }
      }
    }
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('a filter that is longer than that is refused', () => {
    expect(refusal(() => runFilter(`params.a = '${'x'.repeat(500_000)}'`))).toBe(
      'A filter holds at most 500000 characters',
    );
  });
});

describe('an order_by', () => {
  const order = (...clauses: string[]) =>
    parseOrder(clauses, runOrderGrammar, ['metric', 'parameter', 'tag', 'attribute']);

  test('names a key and a direction, ascending where it gives none', () => {
    expect(order('metrics.`a b`  desc', 'params."x"', 'Created ASC', 'run_name')).toEqual([
      { entity: 'metric', key: 'a b', descending: true },
      { entity: 'parameter', key: 'x', descending: false },
      { entity: 'attribute', key: 'start_time', descending: false },
      { entity: 'attribute', key: 'run_name', descending: false },
    ]);
  });

  test.each([
    ['', /Could not be parsed/],
    [' metrics.a', /Could not be parsed/],
    ['metrics.a up', /Expected ASC or DESC/],
    ['metrics.a DESC NULLS', /Could not be parsed/],
    ['dataset.name', /Invalid order_by entity/],
    ['`Run name`', /Invalid attribute key/],
    ['lifecycle_stage', /Invalid attribute key/],
  ])('%j is refused', (clause, message) => {
    expect(refusal(() => order(clause))).toMatch(message);
  });

  test('the same key twice is refused, by any of its spellings', () => {
    expect(refusal(() => order('start_time', 'Created DESC'))).toMatch(/duplicate fields/);
  });
});
