import * as z from 'zod/mini';
import type { Range } from './chart_data.ts';

const text = z.optional(z.catch(z.string(), ''));

export const plotKinds = ['parallel', 'scatter', 'contour', 'box', 'bar'] as const;
export type PlotKind = (typeof plotKinds)[number];
export const chartSizes = ['s', 'm', 'l'] as const;
export type ChartSize = (typeof chartSizes)[number];

/** What the address says of charts. */
export const chartsSearch = {
  /** What x is: time, relative, or m: and a metric; the step without it. */
  x: text,
  /** ema:0.9, mean:100 or gaussian:100. */
  smooth: text,
  /** The axes that are logarithmic. */
  log: z.optional(z.catch(z.enum(['x', 'y', 'xy']), 'y')),
  /** Leaves outliers out of view. */
  clip: z.optional(z.catch(z.boolean(), false)),
  /** A regular expression that the names of metrics match. */
  charts: text,
  /** How many of the first runs are drawn. */
  first: z.optional(z.catch(z.int().check(z.gte(1), z.lte(500)), 10)),
  size: z.optional(z.catch(z.enum(chartSizes), 'm')),
  /** What of x is looked at: 100..200. */
  zoom: text,
  /** Runs that are shown alone: the beginnings of their ids, with ~ between them. */
  only: text,
  /** What lines are the means of: p: or t: and the name of a param or tag. */
  by: text,
  /** Params with a column in the legend, with ~ between them. */
  legend: text,
  /** Metrics whose charts come first, with ~ between them. */
  pins: text,
  /** Metrics whose charts the reader put before the others of their section, with ~ between them. */
  order: text,
  /** Sections that are shut, with ~ between them. */
  shut: text,
  /** The metric whose chart is enlarged. */
  wide: text,
  /** What is drawn of all runs, and of which of their metrics (m:) and params (p:). */
  plot: z.optional(z.catch(z.enum(plotKinds), 'parallel')),
  px: text,
  py: text,
  pz: text,
};
const schema = z.object(chartsSearch);
export type ChartsSearch = z.infer<typeof schema>;

/** A list in an address: its items with ~ between them, ~ in them as !1 and ! as !0, and an empty one as ! alone. */
export const listOf = (joined: string | undefined): string[] =>
  joined ? joined.split('~').map((item) => (item === '!' ? '' : item.replaceAll('!1', '~').replaceAll('!0', '!'))) : [];
export const joinedList = (items: readonly string[]): string | undefined =>
  items.length === 0
    ? undefined
    : items.map((item) => item.replaceAll('!', '!0').replaceAll('~', '!1') || '!').join('~');

/** A list in an address with an item taken out where it is in it, else added. */
export function toggledIn(joined: string | undefined, item: string): string | undefined {
  const items = listOf(joined);
  return joinedList(items.includes(item) ? items.filter((each) => each !== item) : [...items, item]);
}

export function zoomOf(written: string | undefined): Range | undefined {
  const [min = Number.NaN, max = Number.NaN, ...more] = (written ?? '')
    .split('..')
    .map((end) => (end.trim() === '' ? Number.NaN : Number(end)));
  return min < max && Number.isFinite(max - min) && more.length === 0 ? { min, max } : undefined;
}

/** Thirteen digits tell times to the millisecond; what could not be read again is not written. */
export function writtenZoom(zoom: Range | undefined): string | undefined {
  const written = zoom && [zoom.min, zoom.max].map((value) => String(Number(value.toPrecision(13)))).join('..');
  return zoomOf(written) && written;
}

export type Smoothing =
  | { readonly kind: 'ema'; readonly weight: number }
  | { readonly kind: 'mean' | 'gaussian'; readonly width: number };

export function smoothingOf(written: string | undefined): Smoothing | undefined {
  const [kind, figure] = (written ?? '').split(':');
  const value = Number(figure);
  if (kind === 'ema' && value > 0 && value < 1) return { kind, weight: value };
  if ((kind === 'mean' || kind === 'gaussian') && value > 0) return { kind, width: value };
  return undefined;
}

/** What is asked of series beside runs and metrics. */
export interface SeriesOptions {
  readonly x: 'step' | 'time' | 'relative' | 'metric';
  readonly xKey: string | undefined;
  readonly logX: boolean;
  readonly smoothing: Smoothing | undefined;
  readonly zoom: Range | undefined;
}

/** Times of which there are dates, and so ticks, on any clock. */
const latest = 8e15;

export function optionsOf(search: ChartsSearch): SeriesOptions {
  const { x = '' } = search;
  const logX = search.log?.includes('x') ?? false;
  const zoom = zoomOf(search.zoom);
  // On other axes a plot would look for ticks without an end.
  const hasPlace = zoom && !(logX && zoom.min <= 0) && !(x === 'time' && Math.max(-zoom.min, zoom.max) > latest);
  const xKey = x.startsWith('m:') ? x.slice(2) : undefined;
  return {
    x: xKey !== undefined ? 'metric' : x === 'time' || x === 'relative' ? x : 'step',
    xKey,
    logX,
    smoothing: smoothingOf(search.smooth),
    zoom: hasPlace ? zoom : undefined,
  };
}
