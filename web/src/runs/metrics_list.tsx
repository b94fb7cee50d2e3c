import { Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useMemo } from 'react';
import { byteOrder } from '../app/byte_order.ts';
import { LongName } from '../app/long_name.tsx';
import { figureWidth, Measured } from '../app/measured.tsx';
import { rowHeightFor } from '../app/name_lines.ts';
import { foundIn } from '../app/search_in.ts';
import { Section } from '../app/section.tsx';
import { cellPadding, VirtualTable } from '../app/virtual_table.tsx';
import { useMetricSummary } from './metric_summaries.ts';
import type { Run } from './queries.ts';
import { Sparkline } from './sparkline.tsx';
import { text } from './text.ts';

export const isSystemMetric = (key: string): boolean => key.startsWith('system/');

interface Props {
  readonly run: Run;
  readonly search: string;
  readonly title?: string;
  /** Which of the run's metrics; all but those of the machine unless said otherwise. */
  readonly isShown?: (key: string) => boolean;
  readonly none?: string;
}

const isOwn = (key: string): boolean => !isSystemMetric(key);
const widths = { last: figureWidth, min: figureWidth, max: figureWidth, course: 136 };

/** The metrics of a run, any number of them: last value, extremes, course. */
export function MetricsList({ run, search, title = text.metrics, isShown = isOwn, none = text.noMetrics }: Props) {
  const { ref, width } = useElementSize();
  const keys = useMemo(() => Object.keys(run.metrics).filter(isShown).sort(byteOrder), [run.metrics, isShown]);
  const found = useMemo(() => foundIn(keys, search), [keys, search]);
  const others = Object.entries(widths).map(([name, size]) => ({
    key: name,
    title: text[name as keyof typeof widths],
    width: size,
  }));
  const left = width - others.reduce((sum, each) => sum + each.width, 0) - 2;
  const keyWidth = Math.max(128, left);
  const columns = [{ key: 'key', title: text.metric, width: keyWidth }, ...others];
  return (
    <Section title={title} count={keys.length}>
      <div ref={ref}>
        {keys.length === 0 && (
          <Text size="sm" c="dimmed">
            {none}
          </Text>
        )}
        {keys.length > 0 && found.length === 0 && (
          <Text size="sm" c="dimmed">
            {text.noneFound}
          </Text>
        )}
        {found.length > 0 && (
          <VirtualTable
            label={title}
            columns={columns}
            rowCount={found.length}
            rowHeight={rowHeightFor(found, keyWidth - cellPadding, 32)}
            cell={(row, column) => {
              const key = found[row] ?? '';
              const last = run.metrics[key] ?? 'NaN';
              if (column === 0) return <LongName name={key} width={keyWidth - cellPadding} />;
              if (column === 1) return <Measured value={last} />;
              return <Told runId={run.run_id} metric={key} last={last} what={columns[column]?.key ?? ''} />;
            }}
          />
        )}
      </div>
    </Section>
  );
}

function Told(props: {
  readonly runId: string;
  readonly metric: string;
  readonly last: number | 'NaN';
  readonly what: string;
}) {
  const summary = useMetricSummary(props.runId, props.metric, props.last);
  if (!summary) return null;
  if (props.what === 'course') return <Sparkline summary={summary} />;
  const value = props.what === 'min' ? summary.min : summary.max;
  return value === null ? null : <Measured value={value} />;
}
