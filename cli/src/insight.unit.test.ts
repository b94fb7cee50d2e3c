import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

// Each test runs the command line in a process of its own, and some let it learn.
vi.setConfig({ testTimeout: 60_000 });

const bin = join(import.meta.dirname, '../bin/maestro.mjs');

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'maestro-evaluate-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command line where there is no server, with nothing in its environment. */
const run = (...words: string[]): Promise<Said> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [bin, 'insight', 'evaluate', ...words],
      { cwd: directory, env: {} },
      (error, stdout, stderr) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });

async function evaluated(csv: string, map: unknown, ...words: string[]): Promise<Said> {
  await writeFile(join(directory, 'history.csv'), csv);
  await writeFile(join(directory, 'map.json'), typeof map === 'string' ? map : JSON.stringify(map));
  return run('history.csv', '--map', 'map.json', ...words);
}

const map = {
  id: 'name',
  features: { size: 'numeric', kind: 'categorical' },
  outcomes: { cost: 'hours', success: 'well' },
  estimates: { cost: 'planned' },
};
const csv = [
  'name,size,kind,planned,hours,well',
  ...Array.from(
    { length: 24 },
    (_, at) => `p${at},${at + 1},${at % 2 ? 'web' : 'app'},${8 * at + 9},${10 * at + 10},${at % 3 ? 1 : 0}`,
  ),
  'open,5,web,40,,',
].join('\n');

test('insight evaluate gives a line of JSON: for each outcome the scores and every row by models that did not see it', async () => {
  const { code, stdout, stderr } = await evaluated(csv, map, '--folds', '4', '--seed', '2', '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^[^\n]+\n$/);
  const number = expect.any(Number);
  const answer = JSON.parse(stdout);
  expect(answer).toMatchObject({ file: 'history.csv', seed: 2, repeats: 1, nominal: 0.8 });
  const [cost, success] = answer.outcomes;
  expect(cost).toMatchObject({
    outcome: 'cost',
    column: 'hours',
    scale: 'amount',
    folds: 4,
    scores: { n: 24, mae: number, sa: number, coverage: number, relative_width: number },
    human: { n: 24, mae: 24, sa: number },
    left_out: [{ line: 26, reason: 'no value' }],
  });
  expect(cost.predictions).toHaveLength(24);
  expect(cost.predictions[3]).toEqual({ line: 5, id: 'p3', actual: 40, value: number, low: number, high: number });
  expect(success).toMatchObject({
    scale: 'success',
    scores: { n: 24, brier: number, base_rate_brier: expect.closeTo(2 / 9, 9) },
    human: null,
  });
  expect((await evaluated(csv, map, '--folds', '4', '--seed', '2', '--json')).stdout).toBe(stdout);
});

test('insight evaluate prints the rows, what was left out and the scores as tables', async () => {
  const { code, stdout, stderr } = await evaluated(csv, map);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(
    /^cost \(hours\): 24 projects in 10 folds, each estimated by what the other folds teach\.\nID +OUTCOME +ESTIMATE +LOW +HIGH +WITHIN\np0 +10 /,
  );
  expect(stdout).toMatch(/\nLeft out: line 26 \(no value\)\.\n/);
  expect(stdout).toMatch(/\nBY +ROWS +SA +MAE +MDMRE +PRED\(25\)\nMaestro +24 .*\nthe estimates alone +24 +\d.* %\n/);
  expect(stdout).toMatch(/\n\nsuccess \(well\): 24 projects/);
  expect(stdout).toMatch(/\nBrier score +0\.\d{3}; by the share of successes alone 0\.222\n/);
});

test.each([
  ['all the same', Array.from({ length: 20 }, () => 0.1)],
  ['three', [100, 110, 120]],
])('insight evaluate does not take outcomes for derived from features that are %s', async (_what, hours) => {
  const rows = hours.map((each, at) => `${at},${each}`);
  const { code, stdout } = await evaluated(
    ['size,hours', ...rows].join('\n'),
    { features: { size: 'numeric' }, outcome: { cost: 'hours' } },
    '--json',
  );
  expect(code).toBe(0);
  const [cost] = JSON.parse(stdout).outcomes;
  expect(cost).toMatchObject({
    scores: { pred_25: 1, sa: hours.length > 3 ? null : expect.any(Number) },
    warnings: [],
  });
});

test('insight evaluate repeats with other folds, and takes more folds than rows', async () => {
  const { stdout } = await evaluated(
    csv,
    { features: map.features, outcome: { cost: 'hours' } },
    '--repeats',
    '2',
    '--folds',
    '99',
    '--json',
  );
  const [cost] = JSON.parse(stdout).outcomes;
  expect(cost).toMatchObject({ folds: 24, human: null });
  expect(cost.predictions.map(({ line, repeat }: { line: number; repeat: number }) => `${line}/${repeat}`)).toEqual(
    [1, 2].flatMap((repeat) => Array.from({ length: 24 }, (_, at) => `${at + 2}/${repeat}`)),
  );
});

const table = (row: string) => `${csv}\n${row}`;

test.each<[string, string, unknown, RegExp]>([
  [
    'an outcome among the features',
    csv,
    { ...map, features: { hours: 'numeric' } },
    /^maestro: map\.json: features: hours: is the outcome 'cost', which nobody knows/,
  ],
  ['an unknown kind', csv, { ...map, features: { size: 'float' } }, /map\.json: features: size: unknown kind "float"/],
  [
    'an unknown outcome',
    csv,
    { ...map, outcomes: { effort: 'hours' } },
    /map\.json: outcomes: unknown outcome 'effort'/,
  ],
  ['a map that is no JSON', csv, '{', /map\.json: is no JSON: /],
  [
    'a column that is not there',
    csv,
    { ...map, features: { afp: 'numeric' } },
    /history\.csv: features: the file has no column 'afp'; it has name, size,/,
  ],
  [
    'a number with commas',
    table('x,"1,234.5",web,1,1,1'),
    map,
    /history\.csv: line 27: size: expected a number such as 1234\.5, got '1,234\.5'\./,
  ],
  ['an amount of money', table('x,1,web,$3.4M,1,1'), map, /history\.csv: line 27: planned: expected a number/],
  [
    'a row with too few fields',
    table('x,1'),
    map,
    /history\.csv: line 27: expected 6 fields, as the header has; got 2\./,
  ],
  ['UTF-16', `\0${[...csv].join('\0')}`, map, /history\.csv is not UTF-8: it seems to be UTF-16\./],
  ['a NUL byte', csv.replace('p2,', 'p\0,'), map, /history\.csv: line 4 has a NUL byte/],
  ['a quote that is not closed', table('"x,1'), map, /history\.csv: a quote in the record on line 27 is not closed\./],
  [
    'two rows',
    'hours,size\n1,2\n3,4\n0,5',
    { features: { size: 'numeric' }, outcomes: { cost: 'hours' } },
    /history\.csv: outcomes: cost: expected at least 3 rows with a value in 'hours', got 2; 1 left out, such as line 4: expected an amount above 0, got 0\./,
  ],
])('insight evaluate refuses with one sentence that says where: %s', async (_what, content, given, words) => {
  const { code, stdout, stderr } = await evaluated(content, given);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^maestro: [^\n]+\n$/);
  expect(stderr).toMatch(words);
});

test.each<[string[], RegExp]>([
  [['none.csv', '--map', 'map.json'], /none\.csv cannot be read \(ENOENT/],
  [['history.csv'], /required option '--map <file>'/],
  [['history.csv', '--map', 'map.json', '--folds', '1'], /expected a whole number from 2 to 1000/],
  [['history.csv', '--map', 'map.json', '--repeats', '0'], /expected a whole number from 1 to 1000/],
  [['history.csv', '--map', 'map.json', '--seed', '-1'], /expected a whole number of 0 or more/],
  [['history.csv', '--map', 'map.json', '--delimiter', ';;'], /expected one character/],
])('insight evaluate is wrong usage: %j', async (words, said) => {
  await evaluated(csv, map);
  const { code, stdout, stderr } = await run(...words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(said);
});
