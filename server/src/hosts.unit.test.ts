import { expect, test } from 'vitest';
import { hostRules } from './hosts.ts';

const rules = hostRules('https://maestro.example.com:8443/ml', ['maestro', 'inside.example:9000']);

test.each([
  'maestro.example.com',
  'MAESTRO.example.com:8443',
  'maestro.example.com:443',
  'maestro',
  'maestro:1234',
  'inside.example:9000',
  'localhost',
  'localhost:8080',
  '127.0.0.1:5000',
  '[::1]:8080',
  '10.2.3.4',
])('a request may name %s', (host) => expect(rules.allows(host)).toBe(true));

test.each([
  'evil.example',
  'maestro.example.com.evil.example',
  'evil.maestro.example.com',
  'inside.example',
  'inside.example:9001',
  'localhost.evil.example',
  '127.0.0.1.nip.example',
  '',
  'maestro@evil.example',
  'maestro/evil.example',
  'maestro:80:80',
  'maestro:',
  '[::1',
  '::1',
  ' maestro',
])('a request may not name %j', (host) => expect(rules.allows(host)).toBe(false));
