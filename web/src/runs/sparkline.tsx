import type { MetricSummary } from './metric_summaries.ts';
import { sparklinePath } from './sparkline_path.ts';
import { text } from './text.ts';

const width = 120;
const height = 22;

/** The course of a metric as a small line; gaps where it is NaN. */
export function Sparkline({ summary }: { readonly summary: MetricSummary }) {
  const { key, total } = summary;
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={text.courseOf(key, total)}
    >
      <path
        d={sparklinePath(summary, width, height)}
        fill="none"
        stroke="var(--mantine-primary-color-filled)"
        strokeWidth={1.5}
        strokeLinejoin="round"
      />
    </svg>
  );
}
