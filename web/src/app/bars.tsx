import classes from './bars.module.css';
import { figure } from './formats.ts';

interface Bar {
  readonly key: string;
  readonly value: number;
  /** What the bar stands for, in words. */
  readonly label: string;
  /** Whether more will come to it: the present day or week. */
  readonly isOpen: boolean;
}

/** The widest bar, in per cent of the plot: one that stands alone is still a bar. */
const widest = 6;

/** Amounts one beside the other, from zero to the greatest; each says itself when it is pointed at. */
export function Bars(props: {
  readonly bars: readonly Bar[];
  readonly label: string;
  /** What the first and the last bar stand at. */
  readonly ends: readonly [string, string];
}) {
  const { bars, label, ends } = props;
  const most = Math.max(...bars.map(({ value }) => value), 0);
  const slot = 100 / Math.max(bars.length, 1);
  const width = Math.min(slot * 0.8, widest);
  const heightOf = (value: number): number => (most === 0 ? 0 : (Math.max(0, value) / most) * 100);
  return (
    <div className={classes.plot}>
      <div className={`${classes.scale} figures`}>
        <span>{most === 0 ? '' : figure(most)}</span>
        <span>0</span>
      </div>
      <svg className={classes.bars} role="img" aria-label={label}>
        {['0%', '100%'].map((at) => (
          <line key={at} className={classes.line} x1="0" x2="100%" y1={at} y2={at} />
        ))}
        {bars.map(({ key, value, label: says, isOpen }, place) => (
          <rect
            key={key}
            className={classes.bar}
            data-open={isOpen}
            x={`${(place * slot + (slot - width) / 2).toFixed(3)}%`}
            width={`${width.toFixed(3)}%`}
            y={`${(100 - heightOf(value)).toFixed(3)}%`}
            height={`${heightOf(value).toFixed(3)}%`}
          >
            <title>{says}</title>
          </rect>
        ))}
      </svg>
      <div className={`${classes.ends} figures`}>
        {(bars.length > 1 ? ends : ends.slice(0, 1)).map((end) => (
          <span key={end}>{end}</span>
        ))}
      </div>
    </div>
  );
}
