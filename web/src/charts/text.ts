import { count, counted, plural } from '../app/formats.ts';
import { locale } from '../app/locale.ts';

const runForms = { one: 'run', other: 'runs' };
const pointForms = { one: 'point', other: 'points' };

/** What charts say. */
export const text = {
  legend: 'Legend',
  legendOf: (title: string) => `Legend of ${title}`,
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
  pngTooLarge: 'The picture is too large.',
  odd: 'NaN, ±∞',
  chart: (title: string, lines: number) =>
    `${title}: ${counted(lines, { one: 'line', other: 'lines' })}. Arrows move the cursor, with Shift the window; plus and minus zoom, 0 shows all.`,
  points: (shown: number, total: number) =>
    shown >= total
      ? counted(total, pointForms)
      : `${count(shown)} of ${compactCount(total)} ${plural(total, pointForms)}`,
  note: (shown: number, total: number, odd: number, isFetching: boolean) =>
    [
      text.points(shown, total),
      ...(odd === 0 ? [] : [`${count(odd)} NaN or infinite`]),
      ...(isFetching ? ['…'] : []),
    ].join(' · '),
  timeAsNumber: 'Time (ms since 1970)',
  xLabel: (x: 'step' | 'time' | 'relative' | 'metric', key: string | undefined) =>
    ({ step: 'Step', time: 'Time', relative: 'Time since the start', metric: key ?? '' })[x],
  move: (key: string, place: number, of: number) => `Move ${key}, ${count(place)} of ${count(of)}`,
  moveHow: 'Drag, or move with the arrow keys',
  moves: { first: 'To the front', earlier: 'One place earlier', later: 'One place later' },
  pin: (key: string) => `Pin ${key}`,
  unpin: (key: string) => `Unpin ${key}`,
  enlarge: (key: string) => `Enlarge ${key}`,
  shrink: (key: string) => `Shrink ${key}`,
  atCursor: 'At the cursor',
  pinned: 'Pinned',
  others: 'Charts',
  search: 'Find charts (regex)',
  noExpression: 'No valid pattern: taken as text',
  tooCostly: 'Too much to try: taken as text',
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
  plots: 'Plots over runs',
  plotKinds: {
    none: 'No plot',
    parallel: 'Parallel coordinates',
    scatter: 'Scatter',
    contour: 'Contour',
    box: 'Box',
    bar: 'Bar',
  },
  plotTitle: (kind: 'parallel' | 'scatter' | 'contour' | 'box' | 'bar', fields: readonly string[]) =>
    `${text.plotKinds[kind]}: ${fields.map((field, at) => (kind === 'bar' && at === 1 ? `mean of ${field}` : field)).join(', ')}`,
  plotRuns: (runs: number, hasMore: boolean) =>
    hasMore ? `The first ${counted(runs, runForms)}` : counted(runs, runForms),
  noPlot: 'Plots need runs with metrics, and params that differ.',
  metric: 'Metric',
  run: 'Run',
  param: 'Param',
  axis: { x: 'X', y: 'Y', z: { scatter: 'Colour', contour: 'Mean of' } },
  mean: (name: string) => `Mean of ${name}`,
  meanOf: (name: string, mean: string, n: number) => `mean ${name}: ${mean} (n = ${count(n)})`,
  groupOf: (category: string, n: number) => `${category} (n = ${count(n)})`,
  boxOf: (label: string, [min, low, median, high, max]: readonly string[]) =>
    `${label}\nmin ${min} · quartiles ${low}, ${median}, ${high} · max ${max}`,
  rowsLeft: (left: number) => counted(left, { one: 'more row is in the file.', other: 'more rows are in the file.' }),
  importance: (metric: string) => `Importance of params for ${metric}`,
  importanceHow: (runs: number) =>
    `Over all ${counted(runs, runForms)} with a last value: numbers by Spearman’s rank correlation, others by the square root of ε² of the ranks. It tells what goes together, not what causes what.`,
  importanceHead: 'Importance',
  correlation: 'Direction',
  noImportance: 'too few runs or values',
  methods: { spearman: '|ρ|', epsilon: '√ε²' },
  groupBy: 'Group by',
  groupName: (key: string, value: string | null, runs: number) => `${key} = ${value ?? '(none)'} (n = ${count(runs)})`,
  allRuns: (runs: number) => `All runs (n = ${count(runs)})`,
  bandNote: (runs: number, leftOut: number) =>
    [
      `mean ± standard deviation over all ${counted(runs, runForms)}`,
      ...(leftOut === 0 ? [] : [counted(leftOut, { one: 'smaller group left out', other: 'smaller groups left out' })]),
    ].join(' · '),
  noGroup: 'Runs apart',
  everyRun: 'All together',
  more: (left: number) => `Show more (${count(left)} left)`,
  moreSections: (left: number) => `Show more sections (${count(left)} left)`,
  noCharts: 'No chart matches.',
  noRunsTitle: 'No charts yet',
  noRuns: 'Metrics that runs log appear here, a chart for each: mlflow.log_metric("loss", 0.3, step=1).',
  at: (x: string, values: string) => `${x}${values}`,
};

const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 3 });
/** "1.2 M": counts that are told, not read off. */
const compactCount = (value: number): string =>
  value < 10_000 ? count(value) : compact.format(value).replace(/(\d)([A-Za-z])/, '$1 $2');
