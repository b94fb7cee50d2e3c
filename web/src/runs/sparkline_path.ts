interface Course {
  readonly steps: readonly number[];
  readonly values: readonly (number | 'NaN')[];
  readonly min: number | null;
  readonly max: number | null;
}

/** The course of a metric as an SVG path within a box; gaps where it is no number. */
export function sparklinePath({ steps, values, min, max }: Course, width: number, height: number): string {
  const first = steps[0] ?? 0;
  const span = (steps.at(-1) ?? 0) - first || 1;
  // By halves: the distance of the extremes may be beyond numbers.
  const half = (value: number | null): number =>
    Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value ?? 0)) / 2;
  const range = half(max) - half(min) || 1;
  let path = '';
  let isGap = true;
  values.forEach((value, at) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      isGap = true;
      return;
    }
    const x = (((steps[at] ?? 0) - first) / span) * (width - 2) + 1;
    const y = height - 2 - ((half(value) - half(min)) / range) * (height - 4);
    path += `${isGap ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    isGap = false;
  });
  return path;
}
