import { figure } from './formats.ts';
import classes from './measured.module.css';

/** The width in pixels of a column of a table that holds any figure. */
export const figureWidth = 100;

/** A figure in a cell of a table: it is never cut, as without its end it is another one; a long one is small instead. */
export function Measured({
  value,
  className = '',
}: {
  readonly value: number | 'NaN';
  readonly className?: string | undefined;
}) {
  const shown = figure(value);
  return (
    <span title={String(value)} className={`${classes.figure} ${shown.length > 10 ? classes.long : ''} ${className}`}>
      {shown}
    </span>
  );
}
