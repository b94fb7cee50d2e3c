import { ActionIcon, Button, Paper, Skeleton, Stack } from '@mantine/core';
import { useElementSize, useIntersection, useMergedRef } from '@mantine/hooks';
import { Maximize2, Minimize2, Pin, PinOff } from 'lucide-react';
import { memo, type ReactNode, useMemo } from 'react';
import { Problem } from '../app/states.tsx';
import { type ChartData, valueAt, type XKind } from './chart_data.ts';
import { type GroupedRuns, linesOfGroups, useGroups } from './group_lines.ts';
import type { LegendProps } from './legend_table.tsx';
import type { LineCanvasProps } from './line_canvas.tsx';
import classes from './line_chart.module.css';
import { LineChart } from './line_chart.tsx';
import type { LineStyle } from './line_style.ts';
import { type Move, MoveHandle, useDropOf } from './move_handle.tsx';
import { type ChartRun, useSeries } from './queries.ts';
import type { SeriesOptions } from './search.ts';
import { countsOf, linesOf } from './series_data.ts';
import { text } from './text.ts';
import { timeKind } from './x_formats.ts';

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
  readonly onOnly: LegendProps['onOnly'];
  readonly onZoom: LineCanvasProps['onZoom'];
  readonly onCursor: (at: AtCursor | undefined) => void;
  readonly isPinned: boolean;
  readonly onPin: (key: string) => void;
  readonly isWide: boolean;
  readonly onWide: (key: string | undefined) => void;
  readonly columns: readonly string[];
  /** Where the chart can be moved among others. */
  readonly move: Move | undefined;
  /** Where lines are means of groups of all runs. */
  readonly grouped: GroupedRuns | undefined;
}

/** Buckets by steps of a hundred pixels, so that a window a little wider asks for nothing new. */
const bucketsFor = (width: number): number => Math.max(200, Math.ceil(width / 100) * 100);

/** Lines of one metric, with what can be done with its chart. */
function CardChart(
  props: ChartCardProps & { readonly data: ChartData; readonly note: string; readonly isGrouped: boolean },
) {
  const { metric, options, data } = props;
  const xKind: XKind =
    options.x === 'time' ? timeKind([data.whole, options.zoom]) : options.x === 'relative' ? 'duration' : 'number';
  const zoom = useMemo(() => ({ range: options.zoom, onChange: props.onZoom }), [options.zoom, props.onZoom]);
  const button = (label: string, icon: ReactNode, act: () => void) => (
    <ActionIcon variant="subtle" aria-label={label} title={label} onClick={act}>
      {icon}
    </ActionIcon>
  );
  const tell = (index: number | null) => {
    const values = new Map(data.lines.map((line) => [line.id, index === null ? null : valueAt(line, index)]));
    props.onCursor(index === null ? undefined : { key: metric, values });
  };
  return (
    <LineChart
      title={props.title}
      data={data}
      xLabel={options.x === 'time' && xKind === 'number' ? text.timeAsNumber : text.xLabel(options.x, options.xKey)}
      xKind={xKind}
      logX={options.logX}
      logY={props.logY}
      withoutOutliers={props.clips}
      note={props.note}
      zoom={zoom}
      // Groups are no runs: each chart keeps which of them it shows.
      {...(props.isGrouped ? {} : { only: props.only, onOnly: props.onOnly, styles: props.styles, onCursor: tell })}
      sync="runs"
      hasLegend={props.isGrouped}
      columns={props.columns}
    >
      {props.move && <MoveHandle metric={metric} move={props.move} />}
      {props.isPinned
        ? button(text.unpin(metric), <PinOff size={16} />, () => props.onPin(metric))
        : button(text.pin(metric), <Pin size={16} />, () => props.onPin(metric))}
      {props.isWide
        ? button(text.shrink(metric), <Minimize2 size={16} />, () => props.onWide(undefined))
        : button(text.enlarge(metric), <Maximize2 size={16} />, () => props.onWide(metric))}
    </LineChart>
  );
}

/** Why there are no lines; what is looked at may be the cause, and can be left. */
function NoLines(
  props: Pick<ChartCardProps, 'options' | 'onZoom'> & { readonly error: Error; readonly onRetry: () => void },
) {
  const { error, onRetry, options, onZoom } = props;
  return (
    <Stack gap="xs" align="flex-start">
      <Problem error={error} onRetry={onRetry} />
      {options.zoom && (
        <Button size="xs" variant="default" onClick={() => onZoom(undefined, true)}>
          {text.reset}
        </Button>
      )}
    </Stack>
  );
}

/** The lines of runs, once they are known. */
function RunLines(props: ChartCardProps & { readonly width: number }) {
  const { metric, runs, options } = props;
  const { data, error, refetch, isFetching } = useSeries(runs, metric, options, bucketsFor(props.width));
  const chart = data?.chart;
  const lines = useMemo(() => chart && linesOf(chart, runs), [chart, runs]);
  if (error && !lines) return <NoLines {...props} error={error} onRetry={() => void refetch()} />;
  if (!chart || !lines) return <Skeleton className={classes.waiting} />;
  const { shown, total, odd } = countsOf(chart);
  return <CardChart {...props} data={lines} note={text.note(shown, total, odd, isFetching)} isGrouped={false} />;
}

/** The lines of groups of runs, once they are known. */
function GroupLines(props: ChartCardProps & { readonly width: number; readonly grouped: GroupedRuns }) {
  const { metric, options, grouped } = props;
  const { data, error, refetch } = useGroups(grouped, metric, options, bucketsFor(props.width));
  const lines = useMemo(() => data && linesOfGroups(data, grouped.by), [data, grouped.by]);
  if (error && !lines) return <NoLines {...props} error={error} onRetry={() => void refetch()} />;
  if (!data || !lines) return <Skeleton className={classes.waiting} />;
  return <CardChart {...props} data={lines} note={text.bandNote(data.runs, data.left_out)} isGrouped />;
}

/** A chart of one metric, which asks for its lines and draws them while it is in sight. */
export const ChartCard = memo(function ChartCard(props: ChartCardProps) {
  const { ref: seen, entry } = useIntersection({ rootMargin: '200px' });
  const { ref: measured, width } = useElementSize<HTMLDivElement>();
  const ref = useMergedRef(seen, measured);
  const drop = useDropOf(props.metric, props.move);
  return (
    <Paper ref={ref} withBorder p="xs" className={props.isWide ? classes.wide : classes.card} data-chart {...drop}>
      {entry?.isIntersecting && width > 0 ? (
        props.grouped ? (
          <GroupLines {...props} grouped={props.grouped} width={width} />
        ) : (
          <RunLines {...props} width={width} />
        )
      ) : (
        <span className={classes.title}>{props.title}</span>
      )}
    </Paper>
  );
});
