import { figure } from '../app/formats.ts';

const whole = (value: number): string => figure(Number(value.toPrecision(3)));
const signed = (value: number): string => `${value > 0 ? '+' : value < 0 ? '−' : '±'}${whole(Math.abs(value))}`;

/** What pages say of predictions. */
export const text = {
  outcomes: { success_score: 'Success', duration_days: 'Duration', cost: 'Cost' },
  units: { success_score: 'points of 100', duration_days: 'days', cost: '' },
  value: (value: number, unit: string) => `${whole(value)} ${unit}`.trim(),
  interval: (low: number, high: number, unit: string) => `80 % interval ${whole(low)} to ${whole(high)} ${unit}`.trim(),
  became: (actual: number) => `It became ${whole(actual)}.`,
  inside: 'The interval held it.',
  outside: 'The interval did not hold it.',
  label: (outcome: string, value: number, low: number, high: number) =>
    `${outcome}: ${whole(value)}, 80 % interval ${whole(low)} to ${whole(high)}`,
  predict: 'Predict now',
  predictAgain: 'Predict anew',
  none: 'Nothing was predicted for this project yet. A prediction is kept as it is given, and scored when the project ends.',
  confidence: (share: number) => `Confidence ${Math.round(share * 100)} %`,
  confidenceMeans:
    'How much narrower the intervals are than what finished projects range over, the least of the three: at 0 % one of them is as wide as that range.',
  model: (version: number | null) => (version === null ? 'Without a model: the median' : `Model ${version}`),
  flags: {
    no_history: 'There is no history to learn from yet.',
    thin: 'Too few finished projects: a median and a wide interval.',
    unfamiliar: 'Unlike anything that was finished: read it with care.',
    project_ended: 'The project has ended.',
  },
  contributions: 'What makes the difference',
  contributionsLead: (typical: number, unit: string) =>
    `From ${whole(typical)} ${unit}, which is typical, to the prediction, feature by feature.`.replace(' ,', ','),
  feature: 'Feature',
  featureValue: 'Here',
  effect: 'Effect',
  unknown: '–',
  similar: 'The finished projects most like it',
  project: 'Project',
  likeness: 'Likeness',
  percent: (share: number) => `${Math.round(share * 100)} %`,
  whatIf: 'What if …',
  whatIfLead: 'Move a slider: nothing is stored.',
  team: 'People in the team',
  complexity: 'Complexity',
  asItIs: 'As it is',
  difference: (value: number, unit: string) => `${signed(value)} ${unit}`.trim(),
  kept: 'Predictions that were kept',
  when: 'When',
  reset: 'Back to what it is',
};
