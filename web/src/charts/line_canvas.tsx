import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type uPlot from 'uplot';
import { tokensAt } from './canvas_tokens.ts';
import type { ChartData, Range } from './chart_data.ts';
import classes from './line_chart.module.css';
import { type Axes, makePlot, type PlotState, rowsOf, shapeOf, xRange } from './line_plot.ts';
import type { LineStyle } from './line_style.ts';
import { followFingers } from './touch_zoom.ts';
import { kept, moved } from './zoom.ts';

export interface LineCanvasProps {
  readonly data: ChartData;
  readonly axes: Axes;
  readonly styles: ReadonlyMap<string, LineStyle>;
  readonly label: string;
  /** The lines to show; all of them without it. */
  readonly only: ReadonlySet<string> | undefined;
  readonly zoom: Range | undefined;
  /** Fulfilled once `zoom` is what became of it. A step is one that can be undone; others take the place of the last one. */
  readonly onZoom: (range: Range | undefined, isStep: boolean) => Promise<void> | void;
  readonly onCursor: (index: number | null, lineId: string | null) => void;
  readonly sync: string | undefined;
}

/** A window as far as there is something to see. */
const within = ({ axes, data: { whole } }: PlotState, wanted: Range | undefined): Range | undefined =>
  wanted && kept(wanted, { ...axes, whole });

/** Lines on a canvas. By keys: arrows move the cursor, with Shift the window; + and − zoom, 0 shows all. */
export function LineCanvas(props: LineCanvasProps) {
  const { data, axes, styles, only, sync, zoom } = props;
  const scheme = useComputedColorScheme('light');
  const { ref: measured, width, height } = useElementSize<HTMLDivElement>();
  const box = useRef<HTMLDivElement>(null);
  const ref = useMergedRef(box, measured);
  const state = useRef<PlotState>(null as unknown as PlotState);
  const plot = useRef<uPlot>(null);
  /** The window that fingers move, before the chart's owner hears of it. */
  const held = useRef<{ readonly range: Range | undefined }>(undefined);
  /** The window that the owner was asked for last, shown until it has come to it or refused it. */
  const [asked, setAsked] = useState<{ readonly range: Range | undefined }>();
  const shown = asked ? asked.range : zoom;
  /** Shows the window at once; what it takes to ask for finer points comes after it is painted. */
  const onZoom = (wanted: Range | undefined, isDrawn = false) => {
    const next = { range: within(state.current, wanted) };
    // What is drawn over, and the ways into a part and back to all; keys and fingers move a part many times.
    const isStep = isDrawn || (shown === undefined) !== (next.range === undefined);
    setAsked(next);
    setTimeout(async () => {
      await props.onZoom(next.range, isStep);
      setAsked((last) => (last === next ? undefined : last));
    });
  };
  const seen = held.current ? held.current.range : shown;
  state.current = { ...props, zoom: seen, onZoom, isShown: (id) => only === undefined || only.has(id) };
  const shape = `${shapeOf(data)} ${Object.values(axes).join()} ${scheme}`;
  const drawn = useRef<ChartData>(null);
  const isSized = width > 0 && height > 0;

  // biome-ignore lint/correctness/useExhaustiveDependencies: what else changes, the plot asks for or is told below.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || !isSized) return undefined;
    const tokens = tokensAt(element);
    plot.current = makePlot(element, () => state.current, { styles, scheme, tokens, width, height, sync });
    drawn.current = data;
    return () => {
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape, styles, sync, isSized]);

  useEffect(
    () =>
      followFingers(box.current as HTMLElement, {
        plot: () => plot.current,
        isLog: () => state.current.axes.logX,
        seen: () => {
          const [min, max] = xRange(state.current);
          return { min, max, isAll: state.current.zoom === undefined };
        },
        onMove: (range) => {
          held.current = { range: within(state.current, range) };
          state.current = { ...state.current, zoom: held.current.range };
          const [min, max] = xRange(state.current);
          plot.current?.setScale('x', { min, max });
        },
        onEnd: (range) => {
          held.current = undefined;
          state.current.onZoom(range);
        },
      }),
    [],
  );

  useLayoutEffect(() => plot.current?.setSize({ width, height }), [width, height]);

  useLayoutEffect(() => {
    const chart = plot.current;
    if (!chart || drawn.current === data) return;
    drawn.current = data;
    chart.setData(rowsOf(data));
  }, [data]);

  useEffect(() => {
    const [min, max] = xRange({ ...state.current, zoom: seen });
    plot.current?.setScale('x', { min, max });
  }, [seen]);

  useEffect(() => {
    const chart = plot.current;
    if (!chart) return;
    chart.batch(() => {
      let series = 1;
      for (const { id, smooth } of state.current.data.lines) {
        const show = only === undefined || only.has(id);
        for (const end = series + (smooth ? 2 : 1); series < end; series += 1) {
          if (chart.series[series]?.show !== show) chart.setSeries(series, { show });
        }
      }
    });
  }, [only]);

  const onKeyDown = (event: KeyboardEvent) => {
    // Before the plot is there, too: keys may be as early as the page.
    const chart = plot.current;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key, shiftKey } = event;
    if (key === '0') onZoom(undefined);
    else if (key === '+' || key === '-' || (shiftKey && key.startsWith('Arrow'))) {
      const move = { '+': 'in', '-': 'out', ArrowLeft: 'left', ArrowRight: 'right' }[key] as Parameters<
        typeof moved
      >[1];
      if (move === undefined) return;
      const [min, max] = xRange(state.current);
      onZoom(moved({ min, max }, move, axes.logX));
    } else if (chart && (key === 'ArrowLeft' || key === 'ArrowRight')) {
      const [first, last] = chart.series[0]?.idxs ?? [0, data.x.length - 1];
      const from = chart.cursor.idx ?? (key === 'ArrowRight' ? first - 1 : last + 1);
      const index = Math.min(last, Math.max(first, from + (key === 'ArrowRight' ? 1 : -1)));
      const left = chart.valToPos(data.x[index] as number, 'x');
      chart.setCursor({ left, top: chart.over.clientHeight / 2 });
    } else return;
    event.preventDefault();
  };

  // A group that keys reach, for its cursor; it is no form's fieldset.
  const reachable = { role: 'group', tabIndex: 0, 'aria-label': props.label, onKeyDown } as const;
  return <div ref={ref} className={classes.canvas} {...reachable} />;
}
