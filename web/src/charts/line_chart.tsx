import { ActionIcon, Group, Text } from '@mantine/core';
import { ChartLine as ChartIcon, RotateCcw, Table2 } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { figure } from '../app/formats.ts';
import { type ChartData, type Range, valueAt, type XKind } from './chart_data.ts';
import { DataTable } from './data_table.tsx';
import { LazyCanvas } from './lazy_canvas.tsx';
import { type LegendProps, LegendTable } from './legend_table.tsx';
import type { LineCanvasProps } from './line_canvas.tsx';
import classes from './line_chart.module.css';
import { type LineStyle, stylesOf } from './line_style.ts';
import { SaveMenu } from './save_menu.tsx';
import { text } from './text.ts';
import { xText } from './x_formats.ts';

export interface LineChartProps {
  readonly title: string;
  readonly data: ChartData;
  /** What x is: "Step". */
  readonly xLabel: string;
  readonly xKind?: XKind;
  readonly logX?: boolean;
  readonly logY?: boolean;
  readonly withoutOutliers?: boolean;
  /** What is said beside the title: "2,000 of 1.2 M points". */
  readonly note?: string;
  /** Where the zoom is kept, for instance in the address; in the chart itself without it. */
  readonly zoom?: { readonly range: Range | undefined; readonly onChange: LineCanvasProps['onZoom'] };
  /** The lines that are shown alone, where something above keeps them. */
  readonly only?: ReadonlySet<string> | undefined;
  readonly onOnly?: LegendProps['onOnly'];
  /** Styles that several charts share; they follow from the ids of the lines without it. */
  readonly styles?: ReadonlyMap<string, LineStyle>;
  /** Charts of the same name share their cursor. */
  readonly sync?: string;
  /** False where a legend stands beside several charts. */
  readonly hasLegend?: boolean;
  /** Params with a column in the legend. */
  readonly columns?: readonly string[];
  readonly onCursor?: (index: number | null) => void;
  /** More that can be done with the chart. */
  readonly children?: ReactNode;
}

const plain: Range | undefined = undefined;

/** Lines with zoom, a legend that is a table, the data as a table, and files of it. */
export function LineChart(props: LineChartProps) {
  const { title, data, xLabel, xKind = 'number', logX = false, logY = false, withoutOutliers = false } = props;
  const { hasLegend = true, onCursor } = props;
  const [isTable, setIsTable] = useState(false);
  const [ownZoom, setOwnZoom] = useState<Range | undefined>(plain);
  const [ownOnly, setOwnOnly] = useState<ReadonlySet<string>>();
  const [cursor, setCursor] = useState<{ readonly index: number | null; readonly line: string | null }>();
  const { range: zoom, onChange: onZoom } = props.zoom ?? { range: ownZoom, onChange: setOwnZoom };
  const [only, onOnly] = props.onOnly === undefined ? [ownOnly, setOwnOnly] : [props.only, props.onOnly];
  const ids = data.lines.map(({ id }) => id).join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the styles follow from the ids alone.
  const styles = useMemo(() => props.styles ?? stylesOf(data.lines.map(({ id }) => id)), [props.styles, ids]);
  const axes = useMemo(() => ({ xKind, logX, logY, withoutOutliers }), [xKind, logX, logY, withoutOutliers]);
  const index = cursor?.index ?? null;
  const at = index === null ? undefined : data.x[index];
  const focused = data.lines.find(({ id }) => id === cursor?.line);
  const focusedValue = focused && index !== null ? valueAt(focused, index) : null;
  return (
    <figure className={classes.figure} aria-label={title}>
      <Group className={classes.head} gap="xs" wrap="nowrap" justify="space-between">
        <Text component="figcaption" size="sm" fw={600} className={classes.title}>
          {title}
        </Text>
        <Group gap={2} wrap="nowrap">
          {zoom !== undefined && (
            <ActionIcon
              variant="subtle"
              aria-label={text.reset}
              title={text.reset}
              onClick={() => onZoom(undefined, true)}
            >
              <RotateCcw size={16} />
            </ActionIcon>
          )}
          <ActionIcon
            variant="subtle"
            aria-label={isTable ? text.asChart : text.asTable}
            title={isTable ? text.asChart : text.asTable}
            onClick={() => setIsTable(!isTable)}
          >
            {isTable ? <ChartIcon size={16} /> : <Table2 size={16} />}
          </ActionIcon>
          <SaveMenu title={title} xLabel={xLabel} data={data} axes={axes} zoom={zoom} only={only} styles={styles} />
          {props.children}
        </Group>
      </Group>
      <Text size="xs" c="dimmed" mih="1.4em" truncate className="figures">
        {at === undefined
          ? props.note
          : text.at(
              `${xLabel} ${xText(xKind, at)}`,
              focused && focusedValue !== null ? ` · ${focused.name}: ${figure(focusedValue)}` : '',
            )}
      </Text>
      {isTable ? (
        <DataTable data={data} xKind={xKind} xLabel={xLabel} label={title} only={only} />
      ) : (
        <LazyCanvas
          data={data}
          axes={axes}
          styles={styles}
          label={text.chart(title, data.lines.length)}
          only={only}
          zoom={zoom}
          onZoom={onZoom}
          onCursor={(index, line) => {
            setCursor({ index, line });
            onCursor?.(index);
          }}
          sync={props.sync}
        />
      )}
      {hasLegend && (
        <LegendTable
          of={title}
          lines={data.lines}
          styles={styles}
          columns={props.columns}
          values={new Map(data.lines.map((line) => [line.id, valueAt(line, index ?? data.x.length - 1)]))}
          valueLabel={at === undefined ? text.value : `${xLabel} ${xText(xKind, at)}`}
          only={only}
          onOnly={onOnly}
          focused={cursor?.line ?? null}
        />
      )}
    </figure>
  );
}
