import { expect, test } from 'vitest';
import { readMap } from './history_map.ts';

const good = {
  id: 'project',
  features: { size: 'numeric', kind: 'categorical', began: 'date', summary: 'text' },
  outcomes: { duration: 'days', cost: 'hours', success: 'went_well' },
  estimates: { cost: 'planned' },
};

test('a map gives features with their kinds, outcomes, and estimates, which are features too', () => {
  expect(readMap(good)).toEqual({
    id: 'project',
    features: [
      { name: 'size', kind: 'numeric' },
      { name: 'kind', kind: 'categorical' },
      { name: 'began', kind: 'date' },
      { name: 'summary', kind: 'text' },
      { name: 'planned', kind: 'numeric' },
    ],
    outcomes: [
      { name: 'duration', column: 'days', estimate: undefined },
      { name: 'cost', column: 'hours', estimate: 'planned' },
      { name: 'success', column: 'went_well', estimate: undefined },
    ],
  });
});

test('one outcome and its estimate may be named in the singular', () => {
  const features = { planned: 'numeric' };
  expect(readMap({ features, outcome: { cost: 'hours' }, estimate: { cost: 'planned' } })).toEqual({
    id: undefined,
    features: [{ name: 'planned', kind: 'numeric' }],
    outcomes: [{ name: 'cost', column: 'hours', estimate: 'planned' }],
  });
});

test.each<[unknown, RegExp]>([
  [[], /^map: expected an object with 'features' and 'outcomes', got \[\]$/],
  [null, /^map: expected an object/],
  [{ ...good, target: 'days' }, /^target: unknown member: expected one of 'id', 'features'/],
  [{ outcomes: good.outcomes }, /^features: expected an object of columns with their kinds, got nothing$/],
  [{ ...good, features: {} }, /^features: expected at least one column$/],
  [
    { ...good, features: { size: 'number' } },
    /^features: size: unknown kind "number": expected one of 'numeric', 'cat/,
  ],
  [{ ...good, features: ['size'] }, /^features: expected an object/],
  [{ ...good, features: { size: 'numeric', ' size': 'categorical' } }, /^features: column 'size' is given twice$/],
  [{ features: good.features }, /^outcomes: expected an object such as .*, got nothing$/],
  [{ ...good, outcomes: {} }, /^outcomes: expected at least one of 'duration', 'cost', 'success'$/],
  [{ ...good, outcomes: { effort: 'hours' } }, /^outcomes: unknown outcome 'effort': expected one of 'duration'/],
  [{ ...good, outcomes: { cost: 7 } }, /^outcomes: cost: expected the name of a column, got 7$/],
  [{ ...good, outcome: { cost: 'hours' } }, /^outcome: expected 'outcomes' or 'outcome', got both$/],
  [{ ...good, outcomes: { cost: 'size' } }, /^features: size: is the outcome 'cost', which nobody knows when/],
  [
    { ...good, outcomes: { cost: 'hours', duration: 'hours' } },
    /^outcomes: duration: column 'hours' is the outcome 'cost'/,
  ],
  [{ ...good, estimates: { cost: 'days' } }, /^estimates: days: is the outcome 'duration'/],
  [
    { ...good, estimates: { cost: 'kind' } },
    /^estimates: cost: 'kind' is a categorical feature: expected a numeric one$/,
  ],
  [
    { ...good, outcomes: { cost: 'hours' }, estimates: { duration: 'size' } },
    /^estimates: duration: the map has no outcome/,
  ],
  [{ ...good, estimates: { success: 'size' } }, /^estimates: success: only a duration or a cost has an estimate$/],
  [{ ...good, id: '' }, /^id: expected the name of a column, got ""$/],
])('a map that is none is refused by the member at fault: %j', (map, words) => {
  expect(() => readMap(map)).toThrow(words);
});
