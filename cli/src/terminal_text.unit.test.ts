import { expect, test } from 'vitest';
import { showsUtf8 } from './terminal_text.ts';

test('UTF-8 is what the first of the variables that is set says', () => {
  expect(showsUtf8({ LANG: 'en_US.UTF-8' })).toBe(true);
  expect(showsUtf8({ LC_ALL: 'C', LANG: 'en_US.UTF-8' })).toBe(false);
  expect(showsUtf8({ LC_ALL: '', LC_CTYPE: 'C.utf8' })).toBe(true);
  expect(showsUtf8({})).toBe(false);
});
