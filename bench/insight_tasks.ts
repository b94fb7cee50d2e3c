import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Method } from '@maestro/insight/evaluate';
import type { History, Row } from '@maestro/insight/history';
import { type OutcomeName, readMap } from '@maestro/insight/history_map';
import { readHistories } from '@maestro/insight/history_table';
import type { OutOfFold } from '@maestro/insight/learning';
import { clip, mean, median } from '@maestro/insight/numbers';

/** The best row of the published table of baselines: what Maestro is held against where scikit-learn is not there. */
export interface Bar {
  readonly model: string;
  readonly sa?: number;
  readonly md_mre?: number;
  readonly pred_25?: number;
  readonly brier?: number;
  readonly auc?: number;
  readonly calibration_error?: number;
  /** Of the best interval: whose, and its mean width as a multiple of the median outcome. */
  readonly interval?: { readonly model: string; readonly coverage: number; readonly relative_width: number };
}

export interface Task {
  readonly title: string;
  readonly history: History;
  /** The feature that stands for size. */
  readonly size: string | undefined;
  readonly bar: Bar;
}

interface Source {
  readonly title: string;
  readonly data: string;
  readonly map: string;
  readonly outcome: OutcomeName;
  readonly size?: string;
  readonly bar: Bar;
}

const sources: readonly Source[] = [
  {
    title: 'kitchenham effort, without the human’s estimate',
    data: '../../docs/tutorial/data/kitchenham',
    map: 'kitchenham_unaided',
    outcome: 'cost',
    size: 'afp',
    bar: {
      model: 'LP4EE',
      sa: 0.647,
      md_mre: 0.36,
      pred_25: 0.38,
      interval: { model: 'ridge', coverage: 0.82, relative_width: 2.32 },
    },
  },
  {
    title: 'kitchenham effort, with it',
    data: '../../docs/tutorial/data/kitchenham',
    map: 'kitchenham',
    outcome: 'cost',
    size: 'first_estimate_hours',
    bar: {
      model: 'ridge',
      sa: 0.804,
      md_mre: 0.16,
      pred_25: 0.69,
      interval: { model: 'ridge', coverage: 0.8, relative_width: 1.36 },
    },
  },
  {
    title: 'kitchenham duration, with it',
    data: '../../docs/tutorial/data/kitchenham',
    map: 'kitchenham',
    outcome: 'duration',
    size: 'estimated_duration_days',
    bar: {
      model: 'LP4EE',
      sa: 0.687,
      md_mre: 0.14,
      pred_25: 0.69,
      interval: { model: 'log-log', coverage: 0.81, relative_width: 0.92 },
    },
  },
  {
    title: 'nyc budget after 2 years',
    data: 'nyc_capital_2y',
    map: 'nyc_capital_2y',
    outcome: 'cost',
    size: 'budget_at_start_usd',
    bar: {
      model: 'LP4EE',
      sa: 0.828,
      md_mre: 0.13,
      pred_25: 0.72,
      interval: { model: 'Gaussian process', coverage: 0.81, relative_width: 2.09 },
    },
  },
  {
    title: 'nyc duration after 2 years',
    data: 'nyc_capital_2y',
    map: 'nyc_capital_2y',
    outcome: 'duration',
    size: 'forecast_duration_at_start_days',
    bar: {
      model: 'blend',
      sa: 0.774,
      md_mre: 0.1,
      pred_25: 0.91,
      interval: { model: 'blend', coverage: 0.82, relative_width: 0.47 },
    },
  },
  {
    title: 'nyc success',
    data: 'nyc_capital_2y',
    map: 'nyc_capital_2y',
    outcome: 'success',
    bar: { model: 'blend', brier: 0.209, auc: 0.72, calibration_error: 0.1 },
  },
];

const read = (file: string): string => readFileSync(path.join(import.meta.dirname, 'data', file), 'utf8');

export const readTasks = (): Task[] =>
  sources.map(({ title, data, map, outcome, size, bar }) => {
    const found = readHistories(read(`${data}.csv`), readMap(JSON.parse(read(`${map}.map.json`))));
    const asked = found.find(({ name }) => name === outcome);
    if (!asked) throw new Error(`${map}: no outcome ${outcome}`);
    return { title, history: asked.history, size, bar };
  });

const alone = (value: number): OutOfFold => ({ value, low: Number.NaN, high: Number.NaN });

/** The median of the outcomes: what knowing nothing of a project gives. */
export const guessMedian: Method = ({ outcomes }, rows) => rows.map(() => alone(median(outcomes)));

/** log(outcome) on log(size), by least squares; a project of unknown size is taken as one of mean log size. */
export function sizeOnly(size: string): Method {
  return ({ features, rows: known, outcomes }, rows) => {
    const at = features.findIndex(({ name }) => name === size);
    const logOf = (row: Row): number => (Number(row[at]) > 0 ? Math.log(Number(row[at])) : Number.NaN);
    const pairs = known
      .map((row, place) => ({ x: logOf(row), y: Math.log(outcomes[place] as number) }))
      .filter(({ x }) => Number.isFinite(x));
    const [middleX, middleY] = [mean(pairs.map(({ x }) => x)), mean(pairs.map(({ y }) => y))];
    const slope =
      pairs.reduce((sum, { x, y }) => sum + (x - middleX) * (y - middleY), 0) /
      pairs.reduce((sum, { x }) => sum + (x - middleX) ** 2, 0);
    const [low, high] = [Math.min(...outcomes) / 5, Math.max(...outcomes) * 5];
    return rows.map((row) => {
      const x = logOf(row);
      return alone(clip(Math.exp(middleY + slope * ((Number.isFinite(x) ? x : middleX) - middleX)), low, high));
    });
  };
}
