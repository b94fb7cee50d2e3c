import { expect, test } from 'vitest';
import { calibrationOf } from './calibration.ts';

test('estimates in order fall into ten bins of about equal counts, each with its middle and what came', () => {
  const predicted = Array.from({ length: 103 }, (_, at) => (at * 37) % 103);
  const bins = calibrationOf(
    predicted,
    predicted.map((value) => 2 * value),
    'amounts',
  );
  expect(bins).toHaveLength(10);
  expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(103);
  for (const { count, predicted: middle, observed } of bins) {
    expect(count).toBeGreaterThanOrEqual(10);
    expect(observed).toBe(2 * middle);
  }
  expect(bins.map((bin) => bin.predicted)).toEqual(bins.map((bin) => bin.predicted).toSorted((a, b) => a - b));
});

test('of probabilities it is the means, and of fewer than five rows there is nothing to draw', () => {
  const outcomes = [0, 1, 1, 1, 0];
  const [bin] = calibrationOf([0.5, 0.5, 0.6, 0.7, 0.7], outcomes, 'probabilities');
  expect(bin).toMatchObject({ count: 5, observed: 0.6 });
  expect(bin?.predicted).toBeCloseTo(0.6);
  expect(calibrationOf([0.5], [1], 'probabilities')).toEqual([]);
});
