import uPlot from 'uplot';
import { apart, increments, withoutDrift, withRoom } from './axis_range.ts';
import {
  type ChartData,
  type ChartLine,
  extentOf,
  inReach,
  mainOf,
  pointAt,
  type Range,
  type XKind,
} from './chart_data.ts';
import { colourOf, dashOf, type LineStyle } from './line_style.ts';
import type { CanvasTokens } from './look.ts';
import { drawOddValues } from './odd_marks.ts';
import { pathsOf } from './plot_paths.ts';
import { tick, xTicks } from './x_formats.ts';

export interface Axes {
  readonly xKind: XKind;
  readonly logX: boolean;
  readonly logY: boolean;
  /** Lets the axis of values hold the middle 96 % of them alone. */
  readonly withoutOutliers: boolean;
}

/** What a plot asks for again whenever it draws; it changes without the plot being made anew. */
export interface PlotState {
  readonly data: ChartData;
  readonly axes: Axes;
  readonly isShown: (id: string) => boolean;
  /** What of x is looked at; all of it without one. */
  readonly zoom: Range | undefined;
  readonly onZoom: (range: Range | undefined, isDrawn?: boolean) => void;
  readonly onCursor: (index: number | null, lineId: string | null) => void;
}

export interface PlotLook {
  readonly styles: ReadonlyMap<string, LineStyle>;
  readonly scheme: 'light' | 'dark';
  readonly tokens: CanvasTokens;
  readonly width: number;
  readonly height: number;
  /** Charts of the same name share their cursor. */
  readonly sync: string | undefined;
}

const drawnSeries = ({ lines }: ChartData) =>
  lines.flatMap((line, index) => [
    { index, part: 'raw' as const, isFaint: line.smooth !== undefined },
    ...(line.smooth === undefined ? [] : [{ index, part: 'smooth' as const, isFaint: false }]),
  ]);

const manyLines = 20;

/** What has to be the same for a plot to take other data. */
export const shapeOf = (data: ChartData): string =>
  data.lines
    .map(({ id, smooth, spread, low }) => `${id}${smooth ? 's' : ''}${spread ? 'b' : ''}${low ? 'l' : ''}`)
    .join(' ');

const drawable = (value: number | null): number | null =>
  value !== null && Number.isFinite(value) ? inReach(value) : null;

/** The data as uPlot takes it: a row for each series that is drawn. */
export const rowsOf = (data: ChartData): uPlot.AlignedData => [
  data.x.map(inReach),
  ...drawnSeries(data).map(({ index, part }) => {
    const line = data.lines[index] as ChartLine;
    return (part === 'smooth' ? mainOf(line) : line.y).map(drawable);
  }),
];

/** Whether a figure is one, two or five times a power of ten: what a logarithmic axis names. Where ticks are dense, uPlot leaves null. */
const isRound = (value: number | null): boolean => value !== null && /^[125](?:\.0+)?e/.test(value.toExponential(6));

/** The range of x: what is zoomed to, else all there is. */
export function xRange({ data, axes, zoom }: PlotState): [number, number] {
  const first = inReach(data.whole?.min ?? 0);
  const last = inReach(data.whole?.max ?? 1);
  // Data may be those of an axis that was not logarithmic.
  const min = zoom?.min ?? (axes.logX && first <= 0 ? (data.x.find((x) => x > 0) ?? 1) : first);
  const max = zoom?.max ?? last;
  if (axes.logX) return max > min ? [min, max] : [min / 2, min * 2];
  return max > min ? apart(min, max) : apart(min - 1, min + 1);
}

function yRange(state: PlotState, from: number, to: number): [number, number] {
  const { data, axes } = state;
  const shown = data.lines.filter(({ id }) => state.isShown(id));
  const extent = extentOf(shown, from, to, { withoutOutliers: axes.withoutOutliers, onlyPositive: axes.logY });
  if (extent === undefined) return axes.logY ? [0.1, 10] : [0, 1];
  if (!axes.logY) return withRoom(extent);
  return extent.max > extent.min
    ? [extent.min / 1.1, Math.min(extent.max * 1.1, Number.MAX_VALUE)]
    : [extent.min / 2, extent.max * 2];
}

/** Makes the plot of lines inside of `box`. It is the caller's to end. */
export function makePlot(box: HTMLElement, stateOf: () => PlotState, look: PlotLook): uPlot {
  const { axes, data } = stateOf();
  const drawn = drawnSeries(data);
  const lineAt = (series: number): ChartLine | undefined => stateOf().data.lines[drawn[series - 1]?.index ?? -1];
  const { tokens, scheme, styles } = look;
  const plain: LineStyle = { colour: 0, dash: 0 };
  const axis = {
    stroke: tokens.text,
    font: tokens.font,
    grid: { stroke: tokens.grid, width: 1 },
    ticks: { show: false },
    gap: 4,
  };
  let focused: string | null = null;
  return new uPlot(
    {
      width: look.width,
      height: look.height,
      ms: 1,
      legend: { show: false },
      padding: [8, 12, 0, 0],
      scales: {
        x: { time: axes.xKind === 'time', distr: axes.logX ? 3 : 1, range: () => xRange(stateOf()) },
        y: {
          distr: axes.logY ? 3 : 1,
          range: (plot) => {
            const [from, to] = (plot.series[0] as uPlot.Series).idxs ?? [0, stateOf().data.x.length - 1];
            return yRange(stateOf(), from, to);
          },
        },
      },
      axes: [
        {
          ...axis,
          size: 24,
          ...(axes.logX || axes.xKind === 'time' ? {} : { incrs: increments }),
          space: 70,
          values: (_, splits) =>
            xTicks(axes.xKind, axes.logX ? splits.map((value) => (isRound(value) ? value : null)) : splits),
        },
        {
          ...axis,
          space: 28,
          ...(axes.logY ? {} : { incrs: increments }),
          size: (_, values) => 14 + 7 * Math.max(3, ...(values ?? []).map((value) => value?.length ?? 0)),
          values: (_, splits) =>
            axes.logY
              ? splits.map((value) => (value !== null && isRound(value) ? tick(value) : ''))
              : withoutDrift(splits).map(tick),
        },
      ],
      series: [
        {},
        ...drawn.map(({ index, part, isFaint }): uPlot.Series => {
          const line = data.lines[index] as ChartLine;
          const style = styles.get(line.id) ?? plain;
          const colour = colourOf(style, scheme);
          return {
            show: stateOf().isShown(line.id),
            stroke: colour,
            // Thin lines are painted several times as fast.
            width: drawn.length > manyLines ? 1 : 1.5,
            alpha: isFaint ? 0.25 : 1,
            // Along extremes, dashes could not be read, and a hundred such lines took seconds to paint.
            dash: isFaint || (part === 'raw' && line.low) ? [] : [...dashOf(style)],
            ...(line.spread === undefined ? {} : { fill: `${colour}33` }),
            paths: pathsOf(uPlot, () => stateOf().data.lines[index], part),
            points: { show: false },
          };
        }),
      ],
      cursor: {
        drag: { x: true, y: false, setScale: false, dist: 4 },
        focus: { prox: 24 },
        points: { size: 7, one: true },
        dataIdx: (_, series, closest) => {
          const line = lineAt(series);
          return line === undefined ? closest : (pointAt(mainOf(line), closest) ?? closest);
        },
        ...(look.sync === undefined ? {} : { sync: { key: look.sync, setSeries: false, scales: ['x', null] } }),
      },
      // Fading the others would draw all lines again at every move, and raw lines in full.
      focus: { alpha: 1 },
      hooks: {
        draw: [(plot) => drawOddValues(plot, stateOf(), styles, scheme)],
        setSelect: [
          (plot) => {
            const { left, width } = plot.select;
            if (width < 4) return;
            stateOf().onZoom({ min: plot.posToVal(left, 'x'), max: plot.posToVal(left + width, 'x') }, true);
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
        setSeries: [
          (plot, series) => {
            focused = series === null ? null : (lineAt(series)?.id ?? null);
            stateOf().onCursor(plot.cursor.idx ?? null, focused);
          },
        ],
        setCursor: [(plot) => stateOf().onCursor(plot.cursor.idx ?? null, focused)],
      },
    },
    rowsOf(data),
    box,
  );
}
