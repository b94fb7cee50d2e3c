import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineColours, lineDashes } from '../src/app/theme.ts';
import { apart, increments, roundSteps, withoutDrift, withRoom } from '../src/charts/axis_range.ts';
import { csvOf, csvOfLines } from '../src/charts/chart_csv.ts';
import { extentOf, inReach, type Range } from '../src/charts/chart_data.ts';
import { drawLine } from '../src/charts/line_paths.ts';
import { stylesOf } from '../src/charts/line_style.ts';
import { inOrder, inSlots, orderFor, placed } from '../src/charts/order.ts';
import { joinedList, listOf, optionsOf, smoothingOf, writtenZoom, zoomOf } from '../src/charts/search.ts';
import { sectionsOf } from '../src/charts/sections.ts';
import { grown, linesOf, type SeriesChart, wholeOf } from '../src/charts/series_data.ts';
import { tick, timeKind, xTicks } from '../src/charts/x_formats.ts';
import { carried, kept, moved, type XAxis } from '../src/charts/zoom.ts';
import { sparklinePath } from '../src/runs/sparkline_path.ts';

const ids = Array.from({ length: 32 }, (_, index) => `run ${index * 7919}`);

const chart = (isNew: boolean, series: Partial<SeriesChart['series'][number]>[]): SeriesChart => ({
  key: 'loss',
  range: { start: 0, end: 10 },
  whole: { start: 0, end: 10 },
  grid: { spacing: 'even', width: 2 },
  is_new: isNew,
  series: series.map((each) => ({
    run_id: 'a',
    total: 1,
    x: [],
    last: [],
    min: null,
    max: null,
    smooth: null,
    odd: null,
    ...each,
  })),
});

/** sRGB as linear light. */
const lightOf = (colour: string): number[] =>
  [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
const times = (matrix: readonly (readonly number[])[], vector: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((sum, factor, at) => sum + factor * (vector[at] as number), 0));
/** Oklab (Ottosson 2020): distances in it are those that are seen. */
const oklab = (light: readonly number[]): number[] =>
  times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    times(
      [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
      ],
      light,
    ).map(Math.cbrt),
  );
/** What is seen without red or green cones, and with all (Machado, Oliveira and Fernandes 2009). */
const sights = {
  all: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  withoutRed: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  withoutGreen: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};
const luminance = (colour: string): number => times([[0.2126, 0.7152, 0.0722]], lightOf(colour))[0] as number;

describe('styles of lines', () => {
  test.each([
    ['light', '#ffffff'],
    ['dark', '#2e2e2e'],
  ] as const)('no two of one dash look alike in %s, nor does one fade into %s', (scheme, background) => {
    const styles = lineDashes.flatMap((dash) => lineColours[scheme].map((colour) => ({ colour, dash: dash.join() })));
    const alike = Object.entries(sights).flatMap(([sight, matrix]) => {
      const seen = styles.map(({ colour }) => oklab(times(matrix, lightOf(colour)).map((part) => Math.max(0, part))));
      return styles.flatMap((one, at) =>
        styles.slice(0, at).flatMap((other, before) => {
          const distance = Math.hypot(...(seen[at] as number[]).map((part, of) => part - (seen[before]?.[of] ?? 0)));
          const isAlike = one.dash === other.dash && distance < (sight === 'all' ? 0.15 : 0.1);
          return isAlike ? [`${sight}: ${other.colour} ${one.colour} ${distance.toFixed(3)}`] : [];
        }),
      );
    });
    expect(alike).toEqual([]);
    const contrasts = lineColours[scheme].map((colour) => {
      const [bright, dim] = [luminance(colour), luminance(background)].toSorted((a, b) => b - a) as [number, number];
      return (bright + 0.05) / (dim + 0.05);
    });
    expect(Math.min(...contrasts)).toBeGreaterThanOrEqual(3);
  });

  test('a line keeps its style when others come behind it, and 32 of them look different', () => {
    const all = stylesOf(ids);
    expect(new Set([...all.values()].map(({ colour, dash }) => `${colour} ${dash}`)).size).toBe(32);
    expect(stylesOf(ids.slice(0, 9))).toEqual(new Map([...all].slice(0, 9)));
    expect([...stylesOf(ids.slice(0, 8)).values()].every(({ dash }) => dash === 0)).toBe(true);
  });
});

describe('series', () => {
  test('what is new takes the place of the last bucket, and the rest stays', () => {
    const old = chart(true, [
      { x: [1, 3, 4], last: [1, 2, 3], min: [0, 2, 3], max: [1, 2, 3], total: 4 },
      { run_id: 'b', x: [1], last: [9] },
    ]);
    const more = chart(false, [{ x: [5, 6], last: [8, 9], total: 6 }]);
    expect(grown(old, more).series).toEqual([
      {
        run_id: 'a',
        total: 6,
        x: [1, 3, 5, 6],
        last: [1, 2, 8, 9],
        min: [0, 2, 8, 9],
        max: [1, 2, 8, 9],
        smooth: null,
        odd: null,
      },
      { ...old.series[1] },
    ]);
    expect(grown(old, { ...more, is_new: true }).series).toEqual(more.series);
  });

  test('lines stand over the x of all of them: a bucket without a point is passed, one without a number breaks the line', () => {
    const odd = { x: [5], nan: [2], up: [0], down: [0] };
    const data = linesOf(
      chart(true, [
        { x: [0, 5], last: [1, null], odd },
        { run_id: 'b', x: [2, 4], last: [3, 4] },
      ]),
      ['a', 'b'].map((id) => ({ id, name: id, params: {} })),
    );
    expect(data.x).toEqual([0, 2, 5]);
    expect(data.lines.map(({ y }) => y)).toEqual([
      [1, null, Number.NaN],
      [null, 3, 4],
    ]);
    expect(data.lines[0]?.odd).toEqual([{ index: 2, nan: 2, up: 0, down: 0 }]);
  });
});

describe('drawing', () => {
  const draw = (y: (number | null)[], low?: number[], high?: number[]) => {
    const strokes: string[] = [];
    const pen = {
      moveTo: (x: number, at: number) => strokes.push(`M${x},${at}`),
      lineTo: (x: number, at: number) => strokes.push(`L${x},${at}`),
    };
    drawLine(pen, { x: (index) => index * 10, y: (value) => value }, { y, low, high }, 0, y.length - 1);
    return strokes.join(' ');
  };

  test('a line goes by the least and the greatest value of each x to the last one', () => {
    expect(draw([5, 6], [1, 6], [9, 6])).toBe('M0,1 L0,9 L0,5 L10,6');
  });

  test('a line breaks off at NaN, passes where there is nothing, and shows a point that is alone', () => {
    expect(draw([1, null, 3, Number.NaN, 5])).toBe('M0,1 L20,3 M40,5 M37,5 L40,2 L43,5 L40,8 L37,5 L43,5');
  });

  test('the axis of values can leave out the few that lie far off', () => {
    const y = Array.from({ length: 100 }, (_, index) => (index === 50 ? 1e9 : index));
    const line = { id: 'a', name: 'a', y };
    expect(extentOf([line], 0, 99)).toEqual({ min: 0, max: 1e9 });
    expect(extentOf([line], 0, 99, { withoutOutliers: true })).toEqual({ min: 2, max: 98 });
    expect(extentOf([line], 0, 99, { onlyPositive: true })?.min).toBe(1);
  });
});

describe('addresses', () => {
  test('lists, windows and smoothing are read as they were written, and nonsense is nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', '~', '!', '0', '1') })), (names) => {
        expect(listOf(joinedList(names))).toEqual(names);
      }),
    );
    expect(listOf(undefined)).toEqual([]);
    expect(zoomOf(writtenZoom({ min: -0.5, max: 1_790_000_000_000 }))).toEqual({ min: -0.5, max: 1_790_000_000_000 });
    for (const nonsense of ['5..1', 'x..y', '', '..5', '5..', '1..2..3', '1..Infinity', '-1e308..1e308', '1..1e309']) {
      expect(zoomOf(nonsense), nonsense).toBeUndefined();
    }
    for (const [min, max] of [
      [0, Number.POSITIVE_INFINITY],
      [Number.NaN, 1],
      [1e9, 1e9 + 1e-9],
    ] as const) {
      expect(writtenZoom({ min, max })).toBeUndefined();
    }
    expect(writtenZoom({ min: 1_790_000_000_000, max: 1_790_000_000_001 })).toBe('1790000000000..1790000000001');
    expect(smoothingOf('ema:0.9')).toEqual({ kind: 'ema', weight: 0.9 });
    expect([smoothingOf('ema:1'), smoothingOf('mean:0'), smoothingOf('best:1')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

test('an address zooms only to what an axis has ticks for', () => {
  const zoomed = (zoom: string, rest: Partial<Parameters<typeof optionsOf>[0]>) => optionsOf({ zoom, ...rest }).zoom;
  expect(zoomed('-5..100', {})).toEqual({ min: -5, max: 100 });
  expect([zoomed('-5..100', { log: 'x' }), zoomed('0..100', { log: 'xy' })]).toEqual([undefined, undefined]);
  expect(zoomed('0.5..100', { log: 'x' })).toEqual({ min: 0.5, max: 100 });
  expect(zoomed('9e15..9.1e15', { x: 'time' })).toBeUndefined();
  expect(zoomed('-9e15..9e15', { x: 'time' })).toBeUndefined();
});

test('charts stand by prefix, pinned ones first and the system’s own last', () => {
  const keys = ['system/cpu', 'loss', 'val/loss', 'train/loss', 'train/acc10', 'train/acc9'];
  expect(sectionsOf(keys, { pins: ['val/loss'], order: ['train/loss'] }, 'Pinned')).toEqual([
    { name: 'Pinned', keys: ['val/loss'], isPinned: true },
    { name: '', keys: ['loss'], isPinned: false },
    { name: 'train', keys: ['train/loss', 'train/acc9', 'train/acc10'], isPinned: false },
    { name: 'system', keys: ['system/cpu'], isPinned: false },
  ]);
});

test('charts of names with several slashes stand by the first part, and sections are ordered as numbers are', () => {
  const keys = ['layer10/head1/grad', 'layer2/head1/grad', 'layer2/head10/grad', 'layer2/head9/grad', 'system/gpu/0'];
  expect(sectionsOf(keys, { pins: [], order: [] }, 'Pinned').map(({ name, keys: own }) => [name, own])).toEqual([
    ['layer2', ['layer2/head1/grad', 'layer2/head9/grad', 'layer2/head10/grad']],
    ['layer10', ['layer10/head1/grad']],
    ['system', ['system/gpu/0']],
  ]);
});

test('charts that are moved stay where they are put, and the address says no more than that takes', () => {
  expect(orderFor(placed(['a', 'b', 'c', 'd'], 'c', 'b'), ['z'])).toEqual(['z', 'a', 'c']);
  expect(orderFor(['a', 'b', 'c'], ['c', 'a'])).toEqual([]);
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 1 }), fc.nat(), fc.nat(), (names, from, to) => {
      const keys = inOrder(names, []);
      const [key, target] = [keys[from % keys.length] as string, keys[to % keys.length] as string];
      const shown = placed(keys, key, target);
      expect(shown[to % keys.length]).toBe(key);
      expect(inOrder(names, orderFor(shown, []))).toEqual(shown);
    }),
  );
});

test('pins that are hidden keep their places', () => {
  expect(inSlots(['a', 'x', 'b', 'c', 'y'], ['c', 'a', 'b'])).toEqual(['c', 'x', 'a', 'b', 'y']);
});

test('what is under fingers stays under them, on either axis', () => {
  expect(carried({ min: 0, max: 100 }, [0.5], [0.25])).toEqual({ min: 25, max: 125 });
  const rounded = ({ min, max }: Range) => [min, max].map((value) => Math.round(value));
  expect(rounded(carried({ min: 0, max: 100 }, [0.4, 0.6], [0.25, 0.75]))).toEqual([30, 70]);
  expect(rounded(carried({ min: 1, max: 10_000 }, [0.25, 0.75], [0, 1], true))).toEqual([10, 1000]);
});

describe('windows', () => {
  const axis = (whole: Range, more: Partial<XAxis> = {}): XAxis => ({ xKind: 'number', logX: false, whole, ...more });
  const all = { min: 0, max: 1000 };

  test('stay within all there is: moving them stops at its ends, and what holds all of it is no window', () => {
    expect(kept({ min: -100, max: 100 }, axis(all))).toEqual({ min: 0, max: 200 });
    expect(kept({ min: 5000, max: 5100 }, axis(all))).toEqual({ min: 900, max: 1000 });
    for (const wide of [
      { min: -500, max: 500 },
      { min: 0, max: Number.POSITIVE_INFINITY },
      { min: Number.NaN, max: 1 },
    ]) {
      expect(kept(wide, axis(all))).toBeUndefined();
    }
    expect(kept({ min: 5, max: 1000 }, axis(all))).toBeUndefined();
    expect(kept({ min: 0, max: 1 }, axis({ min: 7, max: 7 }))).toBeUndefined();
    expect(kept({ min: 0, max: 1 }, { ...axis(all), whole: undefined })).toBeUndefined();
  });

  test.each([
    ['numbers', axis({ min: 1, max: 500 })],
    ['a logarithmic axis', axis({ min: 1, max: 500 }, { logX: true })],
    ['times', axis({ min: 1_790_000_000_000, max: 1_790_009_000_000 }, { xKind: 'time' })],
  ])('of %s end at a least one, are told apart in an address, and lead back to all', (_, on) => {
    const press = (window: Range, move: Parameters<typeof moved>[1]) => kept(moved(window, move, on.logX), on);
    let window = on.whole as Range;
    for (let presses = 0; presses < 60; presses += 1) {
      window = press(window, 'in') ?? (on.whole as Range);
      expect(zoomOf(writtenZoom(window))).toBeDefined();
    }
    const [narrow, again] = [window, press(window, 'in')].map((each) => each && writtenZoom(each));
    expect(again).toBe(narrow);
    for (const move of ['left', 'right'] as const) {
      let at: Range | undefined = on.whole && press(on.whole, 'in');
      for (let presses = 0; at && presses < 20; presses += 1) at = press(at, move);
      const end = move === 'left' ? 'min' : 'max';
      expect(at?.[end]).toBeCloseTo(on.whole?.[end] as number, 9);
    }
    let out: Range | undefined = window;
    for (let presses = 0; out && presses < 60; presses += 1) out = press(out, 'out');
    expect(out).toBeUndefined();
  });
});

test('all there is of x are the points where all of them are there, else what the answer says', () => {
  const grid = { spacing: 'even' as const, width: 2 };
  const whole = { start: 0, end: 10 };
  expect(wholeOf([1, 9], { range: whole, whole, grid })).toEqual({ min: 1, max: 9 });
  expect(wholeOf([1, 9], { range: { start: 1, end: 12 }, whole, grid })).toEqual({ min: 0, max: 10 });
  const log = { range: whole, whole: { start: 1, end: 10 }, grid: { ...grid, spacing: 'log' as const } };
  expect(wholeOf([0, 3, 9], log)).toEqual({ min: 3, max: 9 });
  expect(wholeOf([], { range: null, whole: null, grid })).toBeUndefined();
});

test('a cell that a spreadsheet would take for a formula is a text', () => {
  expect(csvOf([['=1+1', 'a,"b"', -2, null]])).toBe(`'=1+1,"a,""b""",-2,\r\n`);
});

test('a file of a chart holds the lines that are shown alone, and the x that they have', () => {
  const data = {
    x: [0, 1, 2],
    lines: [
      { id: 'a', name: 'a', y: [5, null, Number.NaN] },
      { id: 'b', name: 'b', y: [7, 8, 9] },
    ],
  };
  expect(csvOfLines(data, 'Step', undefined)).toBe('Step,a,b\r\n0,5,7\r\n1,,8\r\n2,NaN,9\r\n');
  expect(csvOfLines(data, 'Step', new Set(['a']))).toBe('Step,a\r\n0,5\r\n2,NaN\r\n');
});

describe('what is beyond dates or numbers', () => {
  test('times are dates where they have some that fit on an axis, else numbers', () => {
    const now = 1_790_000_000_000;
    expect(timeKind([{ min: now, max: now + 1 }, undefined])).toBe('time');
    expect(timeKind([undefined])).toBe('time');
    expect(timeKind([{ min: 9e15, max: 9e15 + 20_000 }])).toBe('number');
    expect(timeKind([{ min: now, max: now * 1000 }])).toBe('number');
    expect(
      timeKind([
        { min: now, max: now + 1 },
        { min: now, max: 9e15 },
      ]),
    ).toBe('number');
    expect(xTicks('time', [0, 9e15])).toEqual(['1970', '9e15']);
  });

  test('values at the ends of numbers have an axis, and draw as far as it goes', () => {
    const ends: Range = { min: -1.7e308, max: 1.7e308 };
    const [min, max] = withRoom(ends);
    expect(Number.isFinite(max - min)).toBe(true);
    expect([inReach(-1.7e308) >= min, inReach(1.7e308) <= max, inReach(5)]).toEqual([true, true, 5]);
    // Ticks that an axis has room for, and not one alone.
    expect(increments.filter((step) => step > (max - min) / 8 && step < (max - min) / 2).length).toBeGreaterThan(0);
    const ticks = [-2e307, -1e307, 4.9e291, 1.0000000000000005e307];
    expect(withoutDrift(ticks).map(tick)).toEqual(['-2e307', '-1e307', '0', '1e307']);
    expect(roundSteps(ends, false)).toEqual([-1e308, 0, 1e308]);
    const course = { steps: [0, 1, 2], values: [-1.7e308, 0, 1.7e308], min: -1.7e308, max: 1.7e308 };
    expect(sparklinePath(course, 120, 22)).toBe('M1.0 20.0L60.0 11.0L119.0 2.0');
    const infinite = { ...course, values: [0, Number.POSITIVE_INFINITY, 1], min: 0, max: Number.POSITIVE_INFINITY };
    expect(sparklinePath(infinite, 120, 22)).not.toMatch(/NaN|Infinity/);
  });

  test('an axis is so wide that a step on it comes to another number: ticks come to their end', () => {
    for (const at of [0, 1e-9, 1, 9.1e15, 1e17, 1e300, 8e307]) {
      for (const extent of [at, -at].map((value) => ({ min: value, max: value }))) {
        const [min, max] = withRoom(extent);
        expect(min + (max - min) / 100).toBeGreaterThan(min);
      }
      for (const [min, max] of [withRoom({ min: at, max: at * (1 + 2 ** -52) }), apart(at - 1, at + 1)]) {
        expect(min + (max - min) / 100).toBeGreaterThan(min);
      }
    }
  });
});
