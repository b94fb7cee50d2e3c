import { count } from '../app/formats.ts';

/** What charts say. */
export const text = {
  legend: 'Legend',
  line: 'Line',
  value: 'Last value',
  isolate: 'Show alone; with Ctrl or Shift, add or take away',
  noLines: 'No line.',
  asTable: 'Show as table',
  asChart: 'Show as chart',
  reset: 'Show all',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  left: 'Move left',
  right: 'Move right',
  exports: (title: string) => `Save ${title}`,
  png: 'Picture (PNG)',
  svg: 'Drawing (SVG)',
  csv: 'Table (CSV)',
  odd: 'NaN, ±∞',
  chart: (title: string, lines: number) =>
    `${title}: ${count(lines)} ${lines === 1 ? 'line' : 'lines'}. Arrows move the cursor, with Shift the window; plus and minus zoom, 0 shows all.`,
  points: (shown: number, total: number) =>
    shown >= total ? `${count(total)} points` : `${count(shown)} of ${compactCount(total)} points`,
  note: (shown: number, total: number, odd: number, isFetching: boolean) =>
    [
      text.points(shown, total),
      ...(odd === 0 ? [] : [`${count(odd)} NaN or infinite`]),
      ...(isFetching ? ['…'] : []),
    ].join(' · '),
  xLabel: (x: 'step' | 'time' | 'relative' | 'metric', key: string | undefined) =>
    ({ step: 'Step', time: 'Time', relative: 'Time since the start', metric: key ?? '' })[x],
  pin: (key: string) => `Pin ${key}`,
  unpin: (key: string) => `Unpin ${key}`,
  enlarge: (key: string) => `Enlarge ${key}`,
  shrink: (key: string) => `Shrink ${key}`,
  atCursor: 'At the cursor',
  pinned: 'Pinned',
  others: 'Charts',
  search: 'Find charts (regex)',
  xAxis: 'X axis',
  smoothing: 'Smoothing',
  smoothings: { none: 'None', ema: 'Exponential', mean: 'Mean within', gaussian: 'Gaussian' },
  weight: 'Weight of what came before',
  width: (unit: string) => `Width (${unit})`,
  logX: 'Log x',
  logY: 'Log y',
  clip: 'Ignore outliers',
  size: 'Size of charts',
  sizes: { s: 'S', m: 'M', l: 'L' },
  first: 'First runs',
  params: 'Params in the legend',
  more: (left: number) => `Show more (${count(left)} left)`,
  noCharts: 'No chart matches.',
  noRunsTitle: 'No charts yet',
  noRuns: 'Metrics that runs log appear here, a chart for each: mlflow.log_metric("loss", 0.3, step=1).',
  at: (x: string, values: string) => `${x}${values}`,
};

const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumSignificantDigits: 3 });
/** "1.2 M": counts that are told, not read off. */
const compactCount = (value: number): string =>
  value < 10_000 ? count(value) : compact.format(value).replace(/(\d)([A-Za-z])/, '$1 $2');
