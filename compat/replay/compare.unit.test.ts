import { describe, expect, test } from 'vitest';
import { compare } from './compare.ts';
import { normalise, parseTree, printTree, type Seen } from './normalise.ts';
import { fill, targetOf } from './wire.ts';

const json = (text: string, status = 200): Seen => ({ status, type: 'application/json', body: parseTree(text)! });
const kinds = (genuine: string, maestro: string) =>
  compare(json(genuine), json(maestro)).map(({ kind, at }) => `${kind} ${at}`);

describe('comparing', () => {
  test('the same answers have no difference, in whatever order their fields stand', () => {
    expect(kinds('{"a":1,"b":[1.5,"x",null]}', '{"b":[1.5,"x",null],"a":1}')).toEqual([]);
  });

  test('an int and a float of one value are of different types', () => {
    expect(kinds('{"a":1.0}', '{"a":1}')).toEqual(['type a']);
    expect(kinds('{"a":1}', '{"a":"1"}')).toEqual(['type a']);
  });

  test('numbers beyond a double keep their digits', () => {
    expect(kinds('{"a":9223372036854775807}', '{"a":9223372036854775808}')).toEqual(['value a']);
  });

  test('a field that is lacking, one too many, and one that is empty are told apart', () => {
    expect(kinds('{"a":"","b":1}', '{"a":null,"c":1}')).toEqual(['type a', 'missing b', 'extra c']);
  });

  test('a list in another order is one difference of order', () => {
    expect(kinds('{"a":[1,2,3]}', '{"a":[3,1,2]}')).toEqual(['order a']);
    expect(kinds('{"a":[1,2,3]}', '{"a":[1,2]}')).toEqual(['value a.length']);
  });

  test('a refusal against a success is one difference of status', () => {
    const found = compare(json('{"error_code":"X","message":"m"}', 400), json('{"run":{}}'));
    expect(found.map(({ kind }) => kind)).toEqual(['status']);
  });

  test('fields of an error that the client does not read are not compared', () => {
    const genuine = json('{"error_code":"X","message":"m","sqlstate":"KAM00","error_class":"X"}', 400);
    expect(compare(genuine, json('{"error_code":"X","message":"n"}', 400)).map(({ kind }) => kind)).toEqual([
      'message',
    ]);
  });
});

describe('normalising', () => {
  const variables = new Map([
    ['run', 'a'.repeat(32)],
    ['exp', '7'],
  ]);
  const nowMs = 1_795_415_094_880;
  const seenOf = (text: string) => {
    const answer = { status: 200, type: 'application/json', body: Buffer.from(text) };
    return printTree(normalise(answer, parseTree(text), variables, nowMs).body);
  };

  test('ids become the names they are bound to, wherever they stand', () => {
    expect(seenOf(`{"experiment_id":"7","artifact_uri":"mlflow-artifacts:/7/${'a'.repeat(32)}/artifacts"}`)).toBe(
      '{"experiment_id":"<exp>","artifact_uri":"mlflow-artifacts:/<exp>/<run>/artifacts"}',
    );
  });

  test('a number that happens to be an id stays what it is', () => {
    expect(seenOf('{"value":"7","step":7}')).toBe('{"value":"7","step":7}');
  });

  test('times of now are marked, others are kept', () => {
    expect(seenOf('{"creation_time":1795415094000,"start_time":1000}')).toBe(
      '{"creation_time":{"#":"<now>"},"start_time":1000}',
    );
  });

  test('an answer that is no JSON is kept as text', () => {
    const answer = { status: 200, type: 'text/plain', body: Buffer.from('OK') };
    expect(normalise(answer, undefined, variables).body).toBe('OK');
  });
});

test('a path goes out as it is written, and only the query is encoded', () => {
  const c = { name: 'x', method: 'GET', path: '/a/..%2f/{{run}}', query: { path: '../ü' } } as const;
  expect(targetOf(c, new Map([['run', 'r']]))).toBe('/a/..%2f/r?path=..%2F%C3%BC');
  expect(fill('{{unbound}}', new Map())).toBe('{{unbound}}');
});
