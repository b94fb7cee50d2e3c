import type { Column } from './chart_data.ts';

/** Where values come to lie, in pixels of the canvas. */
export interface Places {
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
}

/** What a path is drawn into: the canvas's, or an SVG's. */
interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

/** A point without neighbours is a diamond, so that it is seen: many a metric has one value alone. */
const diamond = 3;

/**
 * Draws a line. Where an x stands for several points, it goes by their least and greatest values to their last one: on
 * columns as narrow as pixels, that paints what all the points would have painted. It breaks off at NaN.
 */
export function drawLine(
  pen: Pen,
  places: Places,
  columns: { readonly y: Column; readonly low?: Column | undefined; readonly high?: Column | undefined },
  from: number,
  to: number,
): void {
  const { y, low, high } = columns;
  let isOpen = false;
  let length = 0;
  let lastX = 0;
  let lastY = 0;
  const close = () => {
    if (isOpen && length === 1) {
      pen.moveTo(lastX - diamond, lastY);
      pen.lineTo(lastX, lastY - diamond);
      pen.lineTo(lastX + diamond, lastY);
      pen.lineTo(lastX, lastY + diamond);
      pen.lineTo(lastX - diamond, lastY);
      pen.lineTo(lastX + diamond, lastY);
    }
    isOpen = false;
    length = 0;
  };
  for (let index = from; index <= to; index += 1) {
    const value = y[index];
    if (value === null || value === undefined) continue;
    if (Number.isNaN(value)) {
      close();
      continue;
    }
    const x = places.x(index);
    const least = low?.[index] ?? value;
    const greatest = high?.[index] ?? value;
    const start = places.y(least);
    if (isOpen) pen.lineTo(x, start);
    else pen.moveTo(x, start);
    if (greatest !== least) pen.lineTo(x, places.y(greatest));
    lastX = x;
    lastY = places.y(value);
    if (greatest !== least) pen.lineTo(x, lastY);
    isOpen = true;
    length += greatest === least ? 1 : 2;
  }
  close();
}

/** Draws the outline of a band: along its upper edge, and back along the lower one. */
export function drawBand(
  pen: Pen & { closePath(): void },
  places: Places,
  { low, high }: { readonly low: Column; readonly high: Column },
  from: number,
  to: number,
): void {
  const held: number[] = [];
  const end = () => {
    for (const [place, index] of held.entries()) {
      const at = [places.x(index), places.y(high[index] as number)] as const;
      if (place === 0) pen.moveTo(...at);
      else pen.lineTo(...at);
    }
    for (const index of held.toReversed()) pen.lineTo(places.x(index), places.y(low[index] as number));
    if (held.length > 0) pen.closePath();
    held.length = 0;
  };
  for (let index = from; index <= to; index += 1) {
    const value = low[index];
    if (value === null || value === undefined || high[index] === null) continue;
    if (Number.isNaN(value)) end();
    else held.push(index);
  }
  end();
}
