import { ActionIcon, Paper, Skeleton } from '@mantine/core';
import { useElementSize, useIntersection, useMergedRef } from '@mantine/hooks';
import { Maximize2, Minimize2, Pin, PinOff } from 'lucide-react';
import { memo, useMemo } from 'react';
import { Problem } from '../app/states.tsx';
import { valueAt } from './chart_data.ts';
import classes from './line_chart.module.css';
import { LineChart } from './line_chart.tsx';
import type { LineStyle } from './line_style.ts';
import { type ChartRun, useSeries } from './queries.ts';
import type { SeriesOptions } from './search.ts';
import { countsOf, linesOf } from './series_data.ts';
import { text } from './text.ts';

/** What the legend shows of the chart that the cursor is in. */
export interface AtCursor {
  readonly key: string;
  readonly values: ReadonlyMap<string, number | null>;
}

export interface ChartCardProps {
  readonly metric: string;
  readonly title: string;
  readonly runs: readonly ChartRun[];
  readonly options: SeriesOptions;
  readonly logY: boolean;
  readonly clips: boolean;
  readonly styles: ReadonlyMap<string, LineStyle>;
  readonly only: ReadonlySet<string> | undefined;
  readonly onOnly: (only: ReadonlySet<string> | undefined) => void;
  readonly onZoom: (range: { min: number; max: number } | undefined) => void;
  readonly onCursor: (at: AtCursor | undefined) => void;
  readonly isPinned: boolean;
  readonly onPin: (key: string) => void;
  readonly isWide: boolean;
  readonly onWide: (key: string | undefined) => void;
  readonly columns: readonly string[];
}

/** Buckets by steps of a hundred pixels, so that a window a little wider asks for nothing new. */
const bucketsFor = (width: number): number => Math.max(200, Math.ceil(width / 100) * 100);

/** Lines of one metric, once they are known. */
function Lines(props: ChartCardProps & { readonly width: number }) {
  const { metric, runs, options, title } = props;
  const { data, error, refetch, isFetching } = useSeries(runs, metric, options, bucketsFor(props.width));
  const chart = data?.chart;
  const lines = useMemo(() => chart && linesOf(chart, runs), [chart, runs]);
  const zoom = useMemo(() => ({ range: options.zoom, onChange: props.onZoom }), [options.zoom, props.onZoom]);
  if (error && !lines) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!chart || !lines) return <Skeleton className={classes.waiting} />;
  const { shown, total, odd } = countsOf(chart);
  return (
    <LineChart
      title={title}
      data={lines}
      xLabel={text.xLabel(options.x, options.xKey)}
      xKind={options.x === 'time' ? 'time' : options.x === 'relative' ? 'duration' : 'number'}
      logX={options.logX}
      logY={props.logY}
      withoutOutliers={props.clips}
      note={text.note(shown, total, odd, isFetching)}
      zoom={zoom}
      only={props.only}
      onOnly={props.onOnly}
      styles={props.styles}
      sync="runs"
      hasLegend={props.isWide}
      columns={props.columns}
      onCursor={(index) =>
        props.onCursor(
          index === null
            ? undefined
            : { key: metric, values: new Map(lines.lines.map((line) => [line.id, valueAt(line, index)])) },
        )
      }
    >
      <ActionIcon
        variant="subtle"
        aria-label={props.isPinned ? text.unpin(metric) : text.pin(metric)}
        title={props.isPinned ? text.unpin(metric) : text.pin(metric)}
        onClick={() => props.onPin(metric)}
      >
        {props.isPinned ? <PinOff size={16} /> : <Pin size={16} />}
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        aria-label={props.isWide ? text.shrink(metric) : text.enlarge(metric)}
        title={props.isWide ? text.shrink(metric) : text.enlarge(metric)}
        onClick={() => props.onWide(props.isWide ? undefined : metric)}
      >
        {props.isWide ? <Minimize2 size={16} /> : <Maximize2 size={16} />}
      </ActionIcon>
    </LineChart>
  );
}

/** A chart of one metric, which asks for its lines and draws them while it is in sight. */
export const ChartCard = memo(function ChartCard(props: ChartCardProps) {
  const { ref: seen, entry } = useIntersection({ rootMargin: '200px' });
  const { ref: measured, width } = useElementSize<HTMLDivElement>();
  const ref = useMergedRef(seen, measured);
  return (
    <Paper ref={ref} withBorder p="xs" className={props.isWide ? classes.wide : classes.card}>
      {entry?.isIntersecting && width > 0 ? (
        <Lines {...props} width={width} />
      ) : (
        <span className={classes.title}>{props.title}</span>
      )}
    </Paper>
  );
});
