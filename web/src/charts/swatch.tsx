import { useComputedColorScheme } from '@mantine/core';
import classes from './line_chart.module.css';
import { colourOf, dashOf, type LineStyle } from './line_style.ts';

/** A piece of a line, as it is drawn. */
export function Swatch({ style = { colour: 0, dash: 0 } }: { readonly style?: LineStyle | undefined }) {
  const scheme = useComputedColorScheme('light');
  return (
    <svg className={classes.swatch} width="26" height="8" aria-hidden="true">
      <line
        x1="0"
        x2="26"
        y1="4"
        y2="4"
        stroke={colourOf(style, scheme)}
        strokeWidth="3"
        strokeDasharray={dashOf(style).join(' ')}
      />
    </svg>
  );
}
