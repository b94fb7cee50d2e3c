import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { text as account } from '../src/account/text.ts';
import { ago, count, figure, isoTime, moment } from '../src/app/formats.ts';
import { isLong, rowHeightFor, shownOf } from '../src/app/name_lines.ts';
import { text as audit } from '../src/audit/text.ts';
import { text as charts } from '../src/charts/text.ts';
import { text as compare } from '../src/compare/text.ts';
import { text as dashboard } from '../src/dashboard/text.ts';
import { text as files } from '../src/files/text.ts';
import { text as imports } from '../src/import/text.ts';
import { text as insight } from '../src/insight/text.ts';
import { text as keys } from '../src/keys/text.ts';
import { text as library } from '../src/library/text.ts';
import { text as operator } from '../src/operator/text.ts';
import { text as work } from '../src/process/text.ts';
import { text as projects } from '../src/projects/text.ts';
import { text as runs } from '../src/runs/text.ts';
import { text as table } from '../src/runs_table/text.ts';

test('figures, times and amounts follow the language of the texts, not the one of the browser', () => {
  const source = (path: string) => JSON.stringify(new URL(`../src/${path}`, import.meta.url).href);
  const said = execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `const { ago, count, figure, moment } = await import(${source('app/formats.ts')});
       const { tick, xTicks } = await import(${source('charts/x_formats.ts')});
       console.log(JSON.stringify([
         new Intl.NumberFormat().format(1500.5), count(1500), figure(1500), figure(1.5), ago(0, 11 * 3_600_000), moment(0),
         tick(1_500_000), xTicks('time', [0, 86_400_000]),
       ]));`,
    ],
    { env: { ...process.env, LC_ALL: 'de_DE', TZ: 'Asia/Tokyo' }, encoding: 'utf8' },
  );
  expect(JSON.parse(said)).toEqual([
    '1.500,5',
    '1,500',
    '1,500',
    '1.5',
    '11 hours ago',
    'Jan 1, 1970, 09:00:00',
    '1.5M',
    ['Jan 1', 'Jan 2'],
  ]);
});

test('an amount of one is told by the word for one', () => {
  const one = [
    charts.points(1, 1),
    charts.points(1, 20_000),
    charts.chart('loss', 1),
    charts.plotRuns(1, false),
    charts.importanceHow(1),
    charts.bandNote(1, 1),
    charts.rowsLeft(1),
    files.lines(1),
    files.rows(1),
    files.items(1),
    files.cut(1),
    runs.courseOf('loss', 1),
    runs.rows(1),
    runs.columns(1),
    table.export.going(1, undefined),
    table.export.going(0, 1),
    table.export.done(1),
    table.live.fresh(1),
    compare.runs(1),
    compare.changed(1),
    work.graph(1, 1),
    work.tiesOf('Ada', 1),
    projects.days(1),
    projects.runCount(1),
    projects.computeHours(1),
    library.uses(1),
    library.estimate(1, 0, 2, 'points', 1).replace('1 points', ''),
    insight.rows(1),
    insight.noDrift(1),
    dashboard.late(1, 1),
    imports.good(1),
    imports.importNow(1),
    audit.verified(1),
    keys.some(1),
    operator.users.sessionsEnded(1),
    operator.health.secretsFail(1),
    account.security.passwordChanged(1),
    account.sessions.othersEnded(1),
  ];
  expect(
    one.filter((said) =>
      /\b(?:1 [a-z ]*?(?:points|lines|rows|runs|items|characters|ties|days|hours|uses|projects|rows|sessions|attempts|groups|columns|permissions)|1 people|1 [a-z]+ (?:are|were|have))\b/.test(
        said,
      ),
    ),
  ).toEqual([]);
  expect([charts.points(2, 20_000), charts.points(2, 2), files.lines(1500), table.live.fresh(0)]).toEqual([
    '2 of 20 K points',
    '2 points',
    '1,500 lines',
    '0 new runs',
  ]);
});

test('a figure has whole digits up to a thousand million, and none that its value does not have; beyond, and near zero, exponents', () => {
  const shown: [number | 'NaN', string][] = [
    [1234567.89, '1,234,568'],
    [-123456789.6, '-123,456,790'],
    [98765.4, '98,765'],
    [1234.567, '1,234.6'],
    [1234567, '1,234,567'],
    [0.987654, '0.98765'],
    [0.5, '0.5'],
    [0, '0'],
    [0.00012, '0.00012'],
    [2.4692e-5, '2.4692e-5'],
    [1e-7, '1e-7'],
    [1234567890.5, '1.2346e9'],
    [1e300, '1e300'],
    [-1.23456e-308, '-1.2346e-308'],
    ['NaN', 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
  ];
  expect(shown.map(([value]) => figure(value))).toEqual(shown.map(([, said]) => said));
});

test('a name is shown whole where four small lines hold it, else without its middle, in rows that have room for it', () => {
  const name = 'encoder/layers/7/self_attention/output/dense/weights/gradient_norm';
  expect([isLong('loss', 100), isLong(name, 100)]).toEqual([false, true]);
  expect(shownOf(name, 144)).toBe(name);
  expect(rowHeightFor(['loss'], 144, 32)).toBe(32);
  expect(rowHeightFor(['loss', name], 144, 32)).toBe(61);
  expect(shownOf(name, 72)).toBe('encoder/layers/7/se…eights/gradient_norm');
  expect(shownOf(name, 72)).toHaveLength(40);
});

test('a status of a run has the same words in the table, beside other runs and on its page', () => {
  expect(runs.status).toEqual(table.statuses);
});

test('a time beyond dates is told as the number that it is, and none breaks a page', () => {
  for (const time of [9e15, -9e15, Number.MAX_VALUE]) {
    expect(moment(time)).toBe(`${count(time)} ms since 1970`);
    expect(isoTime(time)).toBeUndefined();
    expect(ago(time)).toMatch(/^in |ago$/);
  }
  expect([moment(Number.NaN), ago(Number.NaN), ago(Number.POSITIVE_INFINITY)]).toEqual([
    'NaN ms since 1970',
    'NaN ms since 1970',
    '∞ ms since 1970',
  ]);
  expect([isoTime(8.64e15), isoTime(0)]).toEqual(['+275760-09-13T00:00:00.000Z', '1970-01-01T00:00:00.000Z']);
});
