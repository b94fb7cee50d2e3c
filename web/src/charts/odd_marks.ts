import type uPlot from 'uplot';
import type { OddValues } from './chart_data.ts';
import type { PlotState } from './line_plot.ts';
import { colourOf, type LineStyle } from './line_style.ts';

const size = 4;

/** A mark of values that no axis holds: a cross for NaN, a triangle that points up or down for the infinities. */
function drawMark(pen: CanvasRenderingContext2D, kind: keyof Omit<OddValues, 'index'>, x: number, y: number): void {
  const half = size * devicePixelRatio;
  pen.beginPath();
  if (kind === 'nan') {
    pen.moveTo(x - half, y - half);
    pen.lineTo(x + half, y + half);
    pen.moveTo(x - half, y + half);
    pen.lineTo(x + half, y - half);
    pen.stroke();
    return;
  }
  const tip = kind === 'up' ? -half : half;
  pen.moveTo(x, y + tip);
  pen.lineTo(x - half, y - tip);
  pen.lineTo(x + half, y - tip);
  pen.fill();
}

/** Marks NaN and infinities at the edges of the plot, where their lines break off. */
export function drawOddValues(
  plot: uPlot,
  { data, isShown }: PlotState,
  styles: ReadonlyMap<string, LineStyle>,
  scheme: 'light' | 'dark',
): void {
  const { ctx: pen } = plot;
  const { left, top, width, height } = plot.bbox;
  const room = (size + 2) * devicePixelRatio;
  pen.save();
  pen.setLineDash([]);
  pen.lineWidth = 1.5 * devicePixelRatio;
  for (const { id, odd } of data.lines) {
    if (!odd || odd.length === 0 || !isShown(id)) continue;
    pen.strokeStyle = colourOf(styles.get(id) ?? { colour: 0, dash: 0 }, scheme);
    pen.fillStyle = pen.strokeStyle;
    let before = Number.NEGATIVE_INFINITY;
    for (const values of odd) {
      const x = plot.valToPos(data.x[values.index] as number, 'x', true);
      // Marks that would run into each other are one.
      if (x < left || x > left + width || x - before < 2 * room) continue;
      before = x;
      if (values.nan > 0) drawMark(pen, 'nan', x, top + height - room);
      if (values.down > 0) drawMark(pen, 'down', x, top + height - room);
      if (values.up > 0) drawMark(pen, 'up', x, top + room);
    }
  }
  pen.restore();
}
