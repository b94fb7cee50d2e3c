import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

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
