import { describe, expect, test } from 'vitest';
import { withModel } from './model_history.ts';

const model = (more: Record<string, unknown> = {}) =>
  JSON.stringify({ run_id: 'r', artifact_path: 'model', utc_time_created: '2026-01-01', flavors: {}, ...more });

describe('the history of logged models', () => {
  test('is written as Python writes JSON, fields in its order, a flavor without its configuration', () => {
    const flavors = { sklearn: { code: null, config: { long: 1 }, name: 'é"雪' }, odd: 'text' };
    expect(withModel(undefined, model({ flavors, signature: { inputs: '[]' }, model_uuid: 'u' }))).toBe(
      '[{"run_id": "r", "artifact_path": "model", "utc_time_created": "2026-01-01", "model_uuid": "u", ' +
        '"flavors": {"sklearn": {"code": null, "name": "\\u00e9\\"\\u96ea"}, "odd": "text"}}]',
    );
  });

  test('keeps the text of numbers: neither 1.0 nor a large integer is altered', () => {
    const json =
      '{"run_id":"r","artifact_path":"m","utc_time_created":"t","flavors":{"f":{"v":1.0,"n":12345678901234567890}}}';
    const history = withModel(undefined, json);
    expect(history).toContain('{"v": 1.0, "n": 12345678901234567890}');
    expect(withModel(history, model())).toContain('{"v": 1.0, "n": 12345678901234567890}');
  });

  test('takes a model once, however often it is logged', () => {
    const once = withModel(undefined, model());
    const twice = withModel(once, model({ artifact_path: 'other' }));
    expect(withModel(twice, model())).toBe(twice);
    expect(JSON.parse(twice)).toHaveLength(2);
  });

  test.each([
    ['broken JSON', 'x{', 'Malformed model info. \n x{ \n is not a valid JSON.'],
    ['what is nested without end', '['.repeat(1_000_000), 'is not a valid JSON.'],
    ['what is nested deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'is not a valid JSON.'],
    ['a list', '[]', 'Model json must be an object.'],
    ['a number', '1', 'Model json must be an object.'],
    ['flavors of text', model({ flavors: 'x' }), 'Model json: flavors must be an object.'],
    ['no fields', '{"flavors":{}}', "missing mandatory fields: {'artifact_path', 'run_id', 'utc_time_created'}"],
  ])('refuses %s', (_what, json, message) => {
    expect(() => withModel(undefined, json)).toThrow(message);
  });

  test('refuses to grow beyond the length of a tag, and to write over what is no history', () => {
    expect(() => withModel(undefined, model({ artifact_path: 'p'.repeat(8000) }))).toThrow('maximum length of 8000');
    expect(() => withModel('mine', model())).toThrow('holds no JSON list');
    expect(() => withModel('{}', model())).toThrow('holds no JSON list');
  });
});
