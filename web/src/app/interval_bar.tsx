import classes from './interval_bar.module.css';

interface IntervalBarProps {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** What the whole width stands for. */
  readonly from: number;
  readonly to: number;
  /** What it became in the end, where that is known. */
  readonly actual?: number | null | undefined;
  /** The whole of it in words, for those who do not see it. */
  readonly label: string;
}

/** An estimate with its interval on a line; a dashed mark where zero is, a ring where it ended. */
export function IntervalBar({ value, low, high, from, to, actual, label }: IntervalBarProps) {
  const place = (at: number): string =>
    `${(to === from ? 50 : Math.min(100, Math.max(0, ((at - from) / (to - from)) * 100))).toFixed(2)}%`;
  return (
    <svg className={classes.bar} role="img" aria-label={label}>
      <line className={classes.axis} x1="0" x2="100%" y1="50%" y2="50%" />
      {from < 0 && to > 0 && <line className={classes.zero} x1={place(0)} x2={place(0)} y1="0" y2="100%" />}
      <line className={classes.interval} x1={place(low)} x2={place(high)} y1="50%" y2="50%" />
      <circle className={classes.value} cx={place(value)} cy="50%" r="5" />
      {actual !== undefined && actual !== null && (
        <circle className={classes.actual} cx={place(actual)} cy="50%" r="7" />
      )}
    </svg>
  );
}
