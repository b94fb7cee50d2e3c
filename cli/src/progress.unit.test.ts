import { describe, expect, test } from 'vitest';
import { bytes, openProgress } from './progress.ts';

/** A terminal whose lines are kept, and a clock that is moved by hand. */
function watched(columns = 200) {
  const lines: string[] = [];
  let at = 0;
  const terminal = {
    write: (text: string) => void lines.push(text.replace('\r', '').replace('\u{1b}[K', '')),
    columns: () => columns,
  };
  return {
    lines,
    context: { terminal },
    now: () => at,
    pass: (ms: number) => {
      at += ms;
    },
  };
}

describe('progress', () => {
  test('shows the part that is done, the speed and the time left', () => {
    const { lines, context, now, pass } = watched();
    const progress = openProgress(context, { label: 'model.bin', total: 4_000_000, unit: 'bytes' }, now);
    pass(1000);
    progress.add(1_000_000);
    expect(lines.at(-1)).toBe('model.bin  [######..................] 25 %  1.0 MB of 4.0 MB  1.0 MB/s  0:03 left');
    progress.done();
    expect(lines.at(-1)).toBe('');
  });

  test('shows the count and the speed where no total is known', () => {
    const { lines, context, now, pass } = watched();
    const progress = openProgress(context, { label: 'History', unit: 'commits' }, now);
    pass(2000);
    progress.add(500);
    expect(lines.at(-1)).toBe('History  500 commits  250 commits/s');
  });

  test('draws at most ten times a second', () => {
    const { lines, context, now, pass } = watched();
    const progress = openProgress(context, { label: 'Rows', total: 1000, unit: 'rows' }, now);
    for (let row = 0; row < 1000; row++) {
      pass(1);
      progress.add(1);
    }
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)).toContain('] 100 %  1000 of 1000 rows');
  });

  test('keeps to the width of the terminal, and lets no control character of a name reach it', () => {
    const { lines, context, now } = watched(20);
    openProgress(context, { label: `a\u{1b}]0;title${'x'.repeat(50)}`, unit: 'rows' }, now);
    expect(lines[0]).toBe('a\u{fffd}]0;titlexxxxxxxxx');
  });

  test('is silent where there is no terminal, and holds where there is nothing to do', () => {
    const silent = openProgress({ terminal: undefined }, { label: 'Rows', unit: 'rows' });
    silent.add(1);
    silent.done();
    const { lines, context, now } = watched();
    openProgress(context, { label: 'Rows', total: 0, unit: 'rows' }, now);
    expect(lines[0]).toContain('100 %  0 of 0 rows');
  });
});

test('bytes are shown in decimal units', () => {
  expect([0, 1, 999, 1000, 1_500_000, 2e9, 3e15].map(bytes)).toEqual([
    '0 B',
    '1 B',
    '999 B',
    '1.0 kB',
    '1.5 MB',
    '2.0 GB',
    '3000.0 TB',
  ]);
});
