import { useIntersection } from '@mantine/hooks';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import classes from './line_chart.module.css';
import type { ChartSize } from './search.ts';

/** In rem, of which a browser has 16 pixels where nobody chose others. */
const cardWidth = { s: 16, m: 24, l: 40 } as const;
const pixelsOfRem = 16;
const gap = 0.75;

/** The height of a grid of cards that nobody has seen yet, by the width that it has. */
function heightOf(cards: number, width: number | undefined, size: ChartSize): string {
  const columns = Math.max(1, Math.floor(((width ?? 0) / pixelsOfRem + gap) / (cardWidth[size] + gap)));
  const rows = Math.ceil(cards / columns);
  return `calc(${rows} * (var(--card-height) + ${gap}rem) - ${gap}rem)`;
}

/**
 * Cards in columns, which are there only near what is seen: elsewhere their place is kept, of the height that they had.
 * Thousands of cards at once would stop the page.
 */
export function NearGrid(props: {
  readonly cards: number;
  readonly size: ChartSize;
  readonly children: () => ReactNode;
}) {
  const { cards, size } = props;
  const { ref, entry } = useIntersection<HTMLDivElement>({ rootMargin: '600px 0px' });
  const isNear = entry?.isIntersecting ?? false;
  const look = `${size} ${cards}`;
  const seenAs = useRef<string>(undefined);
  useLayoutEffect(() => {
    if (isNear) seenAs.current = look;
  }, [isNear, look]);
  const height =
    seenAs.current === look
      ? `${entry?.boundingClientRect.height}px`
      : heightOf(cards, entry?.boundingClientRect.width, size);
  return (
    <div ref={ref} style={isNear ? undefined : { height }}>
      {isNear && (
        <div
          className={classes.grid}
          style={{ '--card-width': `${cardWidth[size]}rem`, '--card-gap': `${gap}rem` } as never}
        >
          {props.children()}
        </div>
      )}
    </div>
  );
}
