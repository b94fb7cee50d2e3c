import classes from './bars.module.css';

interface Bar {
  readonly key: string;
  readonly value: number;
  /** What the bar stands for, in words. */
  readonly label: string;
  /** Whether more will come to it: the present day or week. */
  readonly isOpen: boolean;
}

/** Amounts one beside the other, from zero; each says itself when it is pointed at. */
export function Bars({ bars, label }: { readonly bars: readonly Bar[]; readonly label: string }) {
  const top = Math.max(...bars.map(({ value }) => value), 1e-9);
  const width = 100 / Math.max(bars.length, 1);
  return (
    <svg className={classes.bars} role="img" aria-label={label}>
      {bars.map(({ key, value, label: says, isOpen }, place) => (
        <rect
          key={key}
          className={classes.bar}
          data-open={isOpen}
          x={`${(place * width + width * 0.1).toFixed(3)}%`}
          width={`${(width * 0.8).toFixed(3)}%`}
          y={`${(100 - (Math.max(0, value) / top) * 98).toFixed(3)}%`}
          height={`${((Math.max(0, value) / top) * 98).toFixed(3)}%`}
        >
          <title>{says}</title>
        </rect>
      ))}
      <line className={classes.axis} x1="0" x2="100%" y1="100%" y2="100%" />
    </svg>
  );
}
