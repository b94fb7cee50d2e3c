import { locale } from '../../app/locale.ts';
import { csvOf } from '../chart_csv.ts';

/** A run as a plot needs it. */
export interface PlotRun {
  readonly id: string;
  readonly name: string;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number | 'NaN'>>;
}

/** What an axis shows: `m:` and a metric's name, or `p:` and a param's. */
export type Field = string;

export const nameOf = (field: Field): string => field.slice(2);

/** What a run has in a field; null where it has none that can be shown. */
export function shownOf(run: PlotRun, field: Field): number | string | null {
  if (field.startsWith('m:')) {
    const value = run.metrics[nameOf(field)];
    return typeof value === 'number' && Math.abs(value) < Number.MAX_VALUE ? value : null;
  }
  return run.params[nameOf(field)] ?? null;
}

const isNumber = (value: string): boolean => value.trim() !== '' && Number.isFinite(Number(value));

/** A field over runs: numbers where all its values are some, else the texts that it has. */
export interface Scale {
  readonly field: Field;
  readonly isNumeric: boolean;
  /** Of texts: each of them once, in the order of the axis. */
  readonly categories: readonly string[];
}

export function scaleOf(runs: readonly PlotRun[], field: Field): Scale {
  const values = runs.map((run) => shownOf(run, field)).filter((value) => value !== null);
  const isNumeric = values.every((value) => typeof value === 'number' || isNumber(value));
  const categories = [...new Set(values.map(String))].sort((a, b) => a.localeCompare(b, locale, { numeric: true }));
  return { field, isNumeric, categories };
}

/** What a run has on a scale, as the axis counts; null where it has no place there. */
export function placeOn(scale: Scale, run: PlotRun): number | string | null {
  const value = shownOf(run, scale.field);
  if (value === null) return null;
  return scale.isNumeric ? Number(value) : String(value);
}

/** Runs that have all of the fields. */
export const runsWith = (runs: readonly PlotRun[], fields: readonly Field[]): PlotRun[] =>
  runs.filter((run) => fields.every((field) => shownOf(run, field) !== null));

/** The rows of a plot as a file. */
export function csvOfPlot(runs: readonly PlotRun[], fields: readonly Field[]): string {
  const own = [...new Set(fields)];
  return csvOf([
    ['run', 'run_id', ...own.map(nameOf)],
    ...runs.map((run) => [run.name, run.id, ...own.map((field) => shownOf(run, field))]),
  ]);
}

/** Quartiles by linear interpolation, whiskers at the extremes. */
export function fiveNumbers(values: readonly number[]): [number, number, number, number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
    return low + (high - low) * (place % 1);
  };
  return [at(0), at(0.25), at(0.5), at(0.75), at(1)];
}

/** Runs by what they have in a field, as the axis orders it. */
export function groupsBy(runs: readonly PlotRun[], scale: Scale, of: Field) {
  const groups = Map.groupBy(runsWith(runs, [scale.field, of]), (run) => String(shownOf(run, scale.field)));
  return scale.categories.flatMap((category) => {
    const values = groups.get(category)?.map((run) => Number(shownOf(run, of))) ?? [];
    return values.length === 0 ? [] : [{ category, values }];
  });
}

const cells = 12;

/** The mean of a field in each cell of a grid over two others. */
export function binned(runs: readonly PlotRun[], x: Scale, y: Scale, of: Field) {
  const own = runsWith(runs, [x.field, y.field, of]);
  const axis = (scale: Scale) => {
    if (!scale.isNumeric) {
      return {
        labels: [...scale.categories],
        at: (run: PlotRun) => scale.categories.indexOf(String(shownOf(run, scale.field))),
      };
    }
    const values = own.map((run) => Number(shownOf(run, scale.field)));
    const distinct = [...new Set(values)].sort((a, b) => a - b);
    // Cells between so few values would be empty ones, which look like what is not known.
    if (distinct.length <= cells) {
      return {
        labels: distinct.map(String),
        at: (run: PlotRun) => distinct.indexOf(Number(shownOf(run, scale.field))),
      };
    }
    const [min, max] = [distinct[0] as number, distinct.at(-1) as number];
    const width = (max - min) / cells;
    return {
      labels: Array.from({ length: cells }, (_, index) => String(Number((min + (index + 0.5) * width).toPrecision(3)))),
      at: (run: PlotRun) => Math.min(cells - 1, Math.floor((Number(shownOf(run, scale.field)) - min) / width)),
    };
  };
  const [across, up] = [axis(x), axis(y)];
  const sums = new Map<string, { readonly x: number; readonly y: number; n: number; sum: number }>();
  for (const run of own) {
    const [column, row] = [across.at(run), up.at(run)];
    const key = `${column} ${row}`;
    const cell = sums.get(key) ?? { x: column, y: row, n: 0, sum: 0 };
    cell.n += 1;
    cell.sum += Number(shownOf(run, of));
    sums.set(key, cell);
  }
  return {
    x: across.labels,
    y: up.labels,
    cells: [...sums.values()].map(({ x, y, n, sum }) => ({ x, y, n, mean: sum / n })),
  };
}
