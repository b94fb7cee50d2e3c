import { expect, test } from 'vitest';
import { hostRules } from './hosts.ts';

const rules = hostRules(['maestro.example.com', 'MAESTRO', 'inside.example:9000', '[2001:db8::5]:9000']);

test.each([
  'maestro.example.com',
  'MAESTRO.example.com:8443',
  'maestro.example.com:443',
  'maestro',
  'maestro:1234',
  'inside.example:9000',
  '[2001:db8::5]:9000',
])('a request may name %s, wherever it comes in', (host) => {
  for (const address of ['127.0.0.1', '10.2.3.4', undefined]) expect(rules.allows(host, address)).toBe(true);
});

test.each([
  'evil.example',
  'maestro.example.com.evil.example',
  'evil.maestro.example.com',
  'inside.example',
  'inside.example:9001',
  '[2001:db8::5]',
  'localhost.evil.example',
  '127.0.0.1.nip.example',
  '10.9.9.9',
  '',
  'maestro@evil.example',
  'maestro/evil.example',
  'maestro:80:80',
  'maestro:',
  '[::1',
  '::1',
  ' maestro',
])('a request may not name %j, wherever it comes in', (host) => {
  for (const address of ['127.0.0.1', '::1', '10.2.3.4', undefined]) expect(rules.allows(host, address)).toBe(false);
});

test.each(['localhost', 'LOCALHOST:8080', '127.0.0.1:5000', '[::1]:8080', '127.0.0.2'])(
  'a request may name %s on a connection over loopback, and on no other',
  (host) => {
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) expect(rules.allows(host, address)).toBe(true);
    for (const address of ['10.2.3.4', '2001:db8::1', undefined]) expect(rules.allows(host, address)).toBe(false);
  },
);

test('a request may name the address that its connection came in at, on any port', () => {
  expect(rules.allows('10.2.3.4:8080', '10.2.3.4')).toBe(true);
  expect(rules.allows('10.2.3.4', '::ffff:10.2.3.4')).toBe(true);
  expect(rules.allows('[2001:DB8::1]:80', '2001:db8::1')).toBe(true);
  expect(rules.allows('10.2.3.5', '10.2.3.4')).toBe(false);
});
