import { describe, expect, test } from 'vitest';
import type { Look } from '../src/charts/look.ts';
import { optionOf } from '../src/charts/plots/plot_options.ts';
import { binned, fiveNumbers, scaleOf } from '../src/charts/plots/plot_rows.ts';
import { text } from '../src/charts/text.ts';

describe('plots over runs', () => {
  const runs = Array.from({ length: 33 }, (_, at) => ({
    id: String(at),
    name: `run ${at}`,
    params: { depth: String(at % 11), width: String(at * at) },
    metrics: { loss: at },
  }));
  const look = { scheme: 'light', tokens: { text: '#000', grid: '#ccc', background: '#fff' } } as Look;

  test('few numbers are the cells of an axis themselves, so that none is empty; many are shared out', () => {
    const { x, y, cells } = binned(runs, scaleOf(runs, 'p:depth'), scaleOf(runs, 'p:width'), 'm:loss');
    expect(x).toEqual(Array.from({ length: 11 }, (_, at) => String(at)));
    expect(y).toHaveLength(12);
    expect(new Set(cells.map((cell) => cell.x)).size).toBe(11);
    expect(cells.reduce((sum, { n }) => sum + n, 0)).toBe(33);
  });

  test('bars say that they are means, and of how many runs', () => {
    const option = optionOf({ kind: 'bar', runs, fields: ['p:depth', 'm:loss'] }, look) as {
      yAxis: { name: string };
      tooltip: { formatter: (item: { dataIndex: number }) => string };
    };
    expect(option.yAxis.name).toBe('Mean of loss');
    expect(option.tooltip.formatter({ dataIndex: 1 })).toBe('depth: 1\nmean loss: 12 (n = 3)');
    expect(text.plotTitle('bar', ['depth', 'loss'])).toBe('Bar: depth, mean of loss');
    expect(text.plotTitle('box', ['depth', 'loss'])).toBe('Box: depth, loss');
  });
});

test('five numbers are the extremes and the quartiles between them', () => {
  expect(fiveNumbers([4, 1, 3, 2])).toEqual([1, 1.75, 2.5, 3.25, 4]);
});
