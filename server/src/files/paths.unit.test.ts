import { join, resolve, sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkFilePath, checkPath, joinPath, placeOf } from './paths.ts';

const refusal = (path: string) => {
  try {
    return `taken as '${checkPath(path)}'`;
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('checkPath', () => {
  it.each([
    ['..', 'the parent'],
    ['../../etc/passwd', 'a climb'],
    ['a/../../etc', 'a climb inside'],
    ['a/..', 'a climb at the end'],
    ['./..', 'a climb after a dot'],
    ['%2e%2e/%2e%2e/etc', 'encoded dots'],
    ['.%2e/etc', 'half-encoded dots'],
    ['..%2f..%2fetc', 'encoded slashes'],
    ['%252e%252e%252fetc', 'dots and slashes encoded twice'],
    ['%25252e%25252e%25252fetc', 'encoded thrice'],
    [`%${'25'.repeat(12)}2e`, 'dots encoded beyond all reason'],
    ['/etc/passwd', 'an absolute path'],
    ['%2fetc%2fpasswd', 'an encoded absolute path'],
    ['//host/share', 'a network path'],
    ['a//etc/passwd', 'an absolute path to be joined'],
    ['..\\..\\etc', 'backslashes'],
    ['..%5c..%5cetc', 'encoded backslashes'],
    ['..%255c..%255cetc', 'backslashes encoded twice'],
    ['\\\\host\\share', 'a Windows network path'],
    ['C:\\Windows', 'a drive'],
    ['C:/Windows', 'a drive with a slash'],
    ['c:', 'a drive alone'],
    ['C:relative', "a drive's working directory"],
    ['1/run/artifacts/C:/Windows', 'a drive inside'],
    ['file:///etc/passwd', 'a file URL'],
    ['FILE:/etc/passwd', 'a file URL in capitals'],
    ['file:etc', 'a file URL without a slash'],
    ['file%3A%2F%2F%2Fetc', 'an encoded file URL'],
    ['./file:x', 'a file URL behind a dot'],
    ['http://host/x', 'a URL'],
    ['a/s3://bucket/x', 'a URL inside'],
    ['a\0b', 'NUL'],
    ['a%00b', 'encoded NUL'],
    ['..%00/etc', 'NUL after dots'],
    ['a\nb', 'a line feed'],
    ['a\u007fb', 'delete'],
    ['a\u0085b', 'a C1 control'],
    ['a#b', 'a fragment'],
    ['a%23/../../etc', 'an encoded fragment and a climb'],
    ['a?/../../etc', 'a query and a climb'],
    ['．．/etc', 'wide dots'],
    ['‥/etc', 'two dots in one character'],
    ['.. /etc', 'dots and a blank'],
    ['. ./etc', 'a blank between dots'],
    ['.../etc', 'three dots'],
    ['%c0%ae%c0%ae/etc', 'overlong dots'],
    ['a%ff', 'bytes that are not UTF-8'],
    ['a\ud800b', 'half a character'],
    ['x'.repeat(256), 'a name of 256 bytes'],
    ['雪'.repeat(86), 'a name of 258 bytes'],
    ['x/'.repeat(481), 'a path of 961 bytes'],
  ])('refuses %j: %s', (path) => {
    expect(refusal(path)).toBe('invalid_parameter');
  });

  it.each([
    ['', ''],
    ['.', ''],
    ['a/', 'a'],
    ['./a/./b', 'a/b'],
    ['notes.txt', 'notes.txt'],
    ['größe 雪/🎿.txt', 'größe 雪/🎿.txt'],
    ['100%.txt', '100%.txt'],
    ['100%25.txt', '100%.txt'],
    ['a%zz', 'a%zz'],
    ['a+b&c=d;e@f,g.txt', 'a+b&c=d;e@f,g.txt'],
    ['a?b', 'a?b'],
    ['~/x', '~/x'],
    ['ab:c.txt', 'ab:c.txt'],
    ['..hidden', '..hidden'],
    ['a..b/...c', 'a..b/...c'],
    ['.hidden/.x', '.hidden/.x'],
    ["it's (1) [2].txt", "it's (1) [2].txt"],
  ])('takes %j as %j', (path, canonical) => {
    expect(checkPath(path)).toBe(canonical);
  });

  it('gives a path inside the root whatever it is given', () => {
    const root = resolve('/srv/files');
    const piece = fc.constantFrom(
      ...[
        '..',
        '.',
        '/',
        '\\',
        '%2e',
        '%252e',
        '%2f',
        '%5c',
        '%25',
        '%',
        '\0',
        'a',
        'C:',
        'file:',
        '//',
        ' ',
        '．',
        '~',
        '#',
        '?',
        '2e',
        '2f',
      ],
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (given) => {
        let path: string;
        try {
          path = checkPath(given);
        } catch (error) {
          expect((error as { code?: string }).code).toBe('invalid_parameter');
          return;
        }
        const place = resolve(join(root, path));
        expect(place === root || place.startsWith(root + sep)).toBe(true);
        // Canonical: the place is written one way only, and reading the path again changes nothing.
        expect(place).toBe(path === '' ? root : `${root}/${path}`);
        expect(checkPath(path)).toBe(path);
        expect(resolve(join(root, decodeURIComponent(encodeURIComponent(path))))).toBe(place);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('checkFilePath', () => {
  it.each(['', '.', 'a/', 'a/.', './', 'a%2f'])('refuses %j, which names no file', (path) => {
    expect(() => checkFilePath(path)).toThrow('expected the path of a file');
  });
});

describe('joinPath', () => {
  it('refuses a path that grows too long below its root', () => {
    expect(() => joinPath('r'.repeat(200), `${'x/'.repeat(379)}xx`)).toThrow('at most 960 bytes');
  });
});

describe('placeOf', () => {
  it.each([
    ['mlflow-artifacts:/1/abc/artifacts', '1/abc/artifacts'],
    ['mlflow-artifacts://host:5000/1/abc/artifacts', '1/abc/artifacts'],
    ['mlflow-artifacts:///1/abc/artifacts', '1/abc/artifacts'],
    ['https://host/api/2.0/mlflow-artifacts/artifacts/1/abc', '1/abc'],
  ])('places %s at %s', (uri, place) => {
    expect(placeOf(uri)).toBe(place);
  });

  it.each([
    's3://bucket/1/abc',
    'file:///srv/files/1',
    '/srv/files',
    'https://elsewhere/1/abc',
    'mlflow-artifacts:/1/../../x',
    'mlflow-artifacts:/%252e%252e/x',
  ])('has no place for %s', (uri) => {
    expect(() => placeOf(uri)).toThrow();
  });
});
