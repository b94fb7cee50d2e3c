import classes from './long_name.module.css';
import { isLong, shownOf } from './name_lines.ts';

/** A name in a row of `rowHeightFor`, within a width in pixels: a long one takes several small lines. */
export const LongName = ({ name, width }: { readonly name: string; readonly width: number }) => (
  <span title={name} className={isLong(name, width) ? classes.lines : undefined}>
    {shownOf(name, width)}
  </span>
);
