import type { MetricSummary } from './metric_summaries.ts';
import { text } from './text.ts';

const width = 120;
const height = 22;

/** The course of a metric as a small line; gaps where it is NaN. */
export function Sparkline({ summary }: { readonly summary: MetricSummary }) {
  const { key, steps, values, total, min, max } = summary;
  const first = steps[0] ?? 0;
  const span = (steps.at(-1) ?? 0) - first || 1;
  const range = (max ?? 0) - (min ?? 0) || 1;
  let path = '';
  let isGap = true;
  values.forEach((value, at) => {
    if (value === 'NaN') {
      isGap = true;
      return;
    }
    const x = (((steps[at] ?? 0) - first) / span) * (width - 2) + 1;
    const y = height - 2 - ((value - (min ?? 0)) / range) * (height - 4);
    path += `${isGap ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    isGap = false;
  });
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={text.courseOf(key, total)}
    >
      <path
        d={path}
        fill="none"
        stroke="var(--mantine-primary-color-filled)"
        strokeWidth={1.5}
        strokeLinejoin="round"
      />
    </svg>
  );
}
