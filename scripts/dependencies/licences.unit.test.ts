import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isGood, type Lock, licenceFaults } from './licences.ts';

const project = join(import.meta.dirname, '../..');
const faultsOf = (packages: Lock['packages']): string[] => licenceFaults({ packages }).faults;

describe('a licence', () => {
  test.each(['MIT', 'Apache-2.0', 'ISC', 'BSD-3-Clause', '0BSD', '(BSD-3-Clause OR GPL-2.0)', 'MIT AND ISC'])(
    '%s is good',
    (licence) => expect(isGood(licence)).toBe(true),
  );

  test.each(['GPL-3.0', 'AGPL-3.0-only', 'MIT AND GPL-2.0', 'UNLICENSED', 'SEE LICENSE IN LICENSE', 'constructor'])(
    '%s is not',
    (licence) => expect(isGood(licence)).toBe(false),
  );
});

describe('a package', () => {
  test('with another licence is named, also deep below others', () => {
    expect(
      faultsOf({
        '': {},
        'node_modules/a': { license: 'MIT' },
        'node_modules/a/node_modules/@b/c': { license: 'SSPL-1.0' },
      }),
    ).toEqual([expect.stringContaining('@b/c has the licence SSPL-1.0')]);
  });

  test('without one is named, unless it is the build for another system of a package that has one', () => {
    const packages = {
      'node_modules/a': { license: 'MIT', optionalDependencies: { 'a-darwin': '1.0.0' } },
      'node_modules/a-darwin': {},
      'node_modules/b': {},
    };
    expect(faultsOf(packages)).toEqual(['b has no licence in package-lock.json.']);
  });

  test('that only the tests use may be under the MPL, and one that is given away may not', () => {
    expect(faultsOf({ 'node_modules/lightningcss': { license: 'MPL-2.0', dev: true } })).toEqual([]);
    expect(faultsOf({ 'node_modules/lightningcss': { license: 'MPL-2.0' } })).toHaveLength(1);
    expect(faultsOf({ 'node_modules/other': { license: 'MPL-2.0', dev: true } })).toHaveLength(1);
  });
});

test('every package of this project has a licence that is known to be good', () => {
  const lock = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as Lock;
  const { packages, faults } = licenceFaults(lock);
  expect(faults).toEqual([]);
  expect(packages).toBeGreaterThan(400);
  expect(spawnSync(process.execPath, [join(project, 'scripts/licences.ts')]).status).toBe(0);
});
