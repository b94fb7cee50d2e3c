import { describe, expect, test } from 'vitest';
import { checkedParam, checkedTag, checkKey, checkLength } from './limits.ts';

describe('keys', () => {
  test.each(['loss', 'val/loss', 'a b', 'größe', '雪', 'x:y', 'a.b', '-', 'a/..b', '.hidden'])('%s is taken', (key) => {
    expect(() => checkKey(key, 'key')).not.toThrow();
  });

  test.each([
    ['', '.'],
    ['/a', '/a'],
    ['a/', 'a'],
    ['a//b', 'a/b'],
    ['./a', 'a'],
    ['a/../b', 'b'],
    ['..', '..'],
    ['../a', '../a'],
    ['..a', '..a'],
    ['//a', '//a'],
  ])('%j is refused, and the message says where it would lead: %s', (key, normal) => {
    expect(() => checkKey(key, 'key')).toThrow(`This name would resolve to '${normal}'`);
  });

  test.each(['a!b', 'a\\b', 'a\nb', 'a🎿', 'a%2e', "a'b"])('%j is refused for its characters', (key) => {
    expect(() => checkKey(key, 'metrics[1].name')).toThrow(/parameter 'metrics\[1\]\.name'.*Names may only contain/);
  });
});

test('lengths are counted in code points', () => {
  expect(() => checkLength('🎿'.repeat(250), 250, 'key')).not.toThrow();
  expect(() => checkLength('🎿'.repeat(251), 250, 'key')).toThrow("'key' exceeds the maximum length of 250 characters");
});

test('values that are too long are cut, as MLflow cuts them', () => {
  expect(checkedParam({ key: 'p', value: 'x'.repeat(6001) }, '').value).toHaveLength(6000);
  expect(checkedTag({ key: 't', value: 'x'.repeat(8001) }, '').value).toHaveLength(8000);
});
