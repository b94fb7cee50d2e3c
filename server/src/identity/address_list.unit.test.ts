import { expect, test } from 'vitest';
import { AddressList, networkIn } from './address_list.ts';

test.each([
  ['10.0.0.0/8', '10.255.0.1', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.3', '10.1.2.4', false],
  ['2001:db8::/32', '2001:db8:1::1', true],
  ['2001:db8::/32', '2001:db9::1', false],
  ['2001:db8::/32', '2001:DB8::1', true],
  ['fe80::/10', 'fe80::1%eth0', true],
  ['0.0.0.0/0', '203.0.113.9', true],
  ['0.0.0.0/0', '2001:db8::1', false],
])('the range %s and the address %s: %s', (range, address, allowed) => {
  expect(new AddressList([range]).has(address)).toBe(allowed);
});

test.each(['::ffff:10.1.2.3', '::FFFF:10.1.2.3', '::ffff:a01:203', '0:0:0:0:0:ffff:a01:203'])(
  'an IPv4 address that came over IPv6, %s, is the IPv4 address',
  (address) => {
    expect(new AddressList(['10.0.0.0/8']).has(address)).toBe(true);
    expect(new AddressList(['11.0.0.0/8']).has(address)).toBe(false);
    // Whoever allows IPv6 has not allowed IPv4.
    expect(new AddressList(['::/0']).has(address)).toBe(false);
  },
);

test('an IPv4 address is in no IPv6 range', () => {
  expect(new AddressList(['::/0']).has('10.1.2.3')).toBe(false);
});

test.each(['', 'unknown', '10.1.2', '10.1.2.3, 10.1.2.4', ' 10.1.2.3'])(
  'what is no address (%j) is not let in',
  (text) => {
    expect(new AddressList(['0.0.0.0/0', '::/0']).has(text)).toBe(false);
  },
);

test.each(['', '10.0.0.0/33', '10.0.0.0/', '10.0.0/8', '10.0.0.0/8/8', '::1/129', 'fe80::1%eth0', '10.0.0.0/-1'])(
  'what is no range (%j) is not read as one',
  (text) => {
    expect(networkIn(text)).toBeUndefined();
    expect(new AddressList([text]).has('10.0.0.1')).toBe(false);
  },
);

test.each(['::ffff:10.0.0.0/104', '::ffff:a00:0/104'])('IPv4 written as IPv6, %s, is no range', (text) => {
  expect(networkIn(text)).toBeUndefined();
});

test.each([
  ['10.0.0.0/8', '10.1.0.0/16', true],
  ['10.0.0.0/8', '10.1.2.3', true],
  ['10.0.0.0/8', '10.0.0.0/8', true],
  ['10.1.0.0/16', '10.0.0.0/8', false],
  ['10.1.0.0/16', '11.1.0.0/16', false],
  ['::/0', '10.0.0.0/8', false],
  ['2001:db8::/32', '2001:db8:1::/48', true],
])('the range %s covers %s: %s', (outer, inner, covered) => {
  expect(new AddressList([outer]).covers(inner)).toBe(covered);
});
