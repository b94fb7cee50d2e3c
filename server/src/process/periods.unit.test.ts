import { expect, test } from 'vitest';
import { daysOf, endOf, partsOf, startAfter, startOf, startsOf } from './periods.ts';

test('weeks begin on Mondays, and months and years on their first day', () => {
  expect(startOf('2026-11-26', 'week')).toBe('2026-11-23');
  expect(startOf('2026-11-23', 'week')).toBe('2026-11-23');
  expect(startOf('2026-11-29', 'week')).toBe('2026-11-23');
  expect(startOf('2026-01-01', 'week')).toBe('2025-12-29');
  expect(startOf('2026-11-26', 'month')).toBe('2026-11-01');
  expect(startOf('2026-11-26', 'year')).toBe('2026-01-01');
});

test('the starts of a span are those of all that it touches', () => {
  expect(startsOf({ from: '2025-12-31', to: '2026-01-05' }, 'week')).toEqual(['2025-12-29', '2026-01-05']);
  expect(startsOf({ from: '2025-12-31', to: '2026-02-01' }, 'month')).toEqual([
    '2025-12-01',
    '2026-01-01',
    '2026-02-01',
  ]);
  expect(daysOf({ from: '2024-02-28', to: '2024-03-01' })).toEqual(['2024-02-28', '2024-02-29', '2024-03-01']);
  expect(daysOf({ from: '2024-03-01', to: '2024-02-28' })).toEqual([]);
  expect(startAfter('2026-01-01', 'month', -2)).toBe('2025-11-01');
});

test('a span is put together of whole years and months and what is left at its ends, each day once', () => {
  expect(partsOf({ from: '2023-11-29', to: '2026-02-02' }, ['year', 'month', 'day'])).toEqual([
    { unit: 'day', first: '2023-11-29', after: '2023-12-01' },
    { unit: 'month', first: '2023-12-01', after: '2024-01-01' },
    { unit: 'year', first: '2024-01-01', after: '2026-01-01' },
    { unit: 'month', first: '2026-01-01', after: '2026-02-01' },
    { unit: 'day', first: '2026-02-01', after: '2026-02-03' },
  ]);
  expect(partsOf({ from: '2024-01-01', to: '2025-12-31' }, ['year', 'month', 'day'])).toEqual([
    { unit: 'year', first: '2024-01-01', after: '2026-01-01' },
  ]);
  expect(partsOf({ from: '2024-01-01', to: '2024-12-31' }, ['month', 'day'])).toEqual([
    { unit: 'month', first: '2024-01-01', after: '2025-01-01' },
  ]);
  expect(partsOf({ from: '2025-12-31', to: '2026-01-01' }, ['year', 'month', 'day'])).toEqual([
    { unit: 'day', first: '2025-12-31', after: '2026-01-02' },
  ]);
  // A Wednesday to a Tuesday: weeks lie in what the months leave.
  expect(partsOf({ from: '2025-11-12', to: '2026-01-13' }, ['month', 'week', 'day'])).toEqual([
    { unit: 'day', first: '2025-11-12', after: '2025-11-17' },
    { unit: 'week', first: '2025-11-17', after: '2025-12-01' },
    { unit: 'month', first: '2025-12-01', after: '2026-01-01' },
    { unit: 'day', first: '2026-01-01', after: '2026-01-05' },
    { unit: 'week', first: '2026-01-05', after: '2026-01-12' },
    { unit: 'day', first: '2026-01-12', after: '2026-01-14' },
  ]);
  expect(endOf('2026-02-11', 'year')).toBe('2026-12-31');
});
