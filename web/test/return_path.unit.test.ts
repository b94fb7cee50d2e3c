import { expect, test } from 'vitest';
import { addressIn, readFragment, returnPathOf } from '../src/sign_in/return_path.ts';

const origin = 'https://maestro.test';
/** What the server takes for `return_to`. */
const taken = /^\/(?:[!-.0-[\]-~][!-[\]-~]*)?$/;

test.each([
  ['/t/a/experiments/1?cols=*name~m.a%2Fb', '/t/a/experiments/1?cols=*name~m.a%2Fb'],
  ["/t/a/runs/1?filter=params.x%20%3D%20'(é)!'%2C1#at", '/t/a/runs/1?filter=params.x%20%3D%20%27(%C3%A9)!%27%2C1#at'],
  ['/t/a?q=back\\slash', '/t/a?q=back%5Cslash'],
])('the address %s survives a sign-in at a provider with a second factor', (to, address) => {
  const returnTo = returnPathOf(to, origin);
  expect(returnTo).toBe(address);
  expect(returnTo).toMatch(taken);
  const [purpose, given = ''] = readFragment(`#second-factor=${encodeURIComponent(returnTo)}`);
  expect(purpose).toBe('second-factor');
  expect(addressIn(given, origin)).toBe(origin + address);
});

test.each(['https%3A%2F%2Fevil.test', '%2F%2Fevil.test', '%2F%5Cevil.test', '%', 'account'])(
  'a fragment that says %s leads to the account',
  (given) => expect(addressIn(given, origin)).toBe('/account'),
);
