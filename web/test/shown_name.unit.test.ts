import { expect, test } from 'vitest';
import { shownName } from '../src/app/shown_name.ts';

const id = '0f3a9c1e77aa4f00b1c2d3e4f5a6b7c8';

test.each([
  ['trial 7', 'trial 7'],
  ['نموذج 7', 'نموذج 7'],
  ['👩‍🔬 run', '👩‍🔬 run'],
  ['', '(no name) 0f3a9c1e'],
  ['   ', '(no name) 0f3a9c1e'],
  ['\u200B\u3164\t', '(no name) 0f3a9c1e'],
  ['invoice\u202Egpj.exe', 'invoice�gpj.exe'],
  ['a\nb\u2066c', 'a�b�c'],
])('the name %j is shown as %j', (name, shown) => {
  expect(shownName(name, id)).toBe(shown);
});

test('a name of blanks alone is told to have none where there is no id', () => {
  expect(shownName('  ')).toBe('(no name)');
});
