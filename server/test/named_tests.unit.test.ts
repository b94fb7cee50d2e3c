import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const project = join(import.meta.dirname, '../..');
const tests = ['server', 'cli']
  .flatMap((folder) =>
    readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  // Some tests stand in a module that test files share.
  .filter((name) => name.endsWith('.test.ts') || name === 'server/test/contract_attack.ts')
  .filter((name) => !name.includes('node_modules'))
  .map((name) => readFileSync(join(project, name), 'utf8'))
  .join('\n');

test.each(['owasp-top-10.md', 'owasp-api-top-10.md', 'soc2.md'])(
  '%s names in quotes only tests that there are',
  (page) => {
    const text = readFileSync(join(project, 'docs/security', page), 'utf8');
    const named = [...text.matchAll(/“([^”]{8,})”/g)].map(([, name = '']) => name.replaceAll(/\s+/g, ' '));
    expect(named.length).toBeGreaterThan(1);
    expect(named.filter((name) => !tests.includes(`'${name}'`))).toEqual([]);
  },
);
