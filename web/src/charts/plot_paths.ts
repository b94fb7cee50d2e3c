import type uPlot from 'uplot';
import { type ChartLine, inReach } from './chart_data.ts';
import { drawBand, drawLine, type Places } from './line_paths.ts';

/** The path builder of a line for uPlot, which asks again whenever the scales change. */
export function pathsOf(
  plot: typeof uPlot,
  lineOf: () => ChartLine | undefined,
  part: 'raw' | 'smooth',
): uPlot.Series.PathBuilder {
  return (chart, series, from, to) =>
    plot.orient(chart, series, (_s, dataX, _y, scaleX, scaleY, toX, toY, left, top, width, height) => {
      const line = lineOf();
      if (line === undefined) return null;
      const places: Places = {
        x: (index) => toX(dataX[index] as number, scaleX, width, left),
        y: (value) => toY(inReach(value), scaleY, height, top),
      };
      // One more on each side, so that lines enter and leave the window.
      const first = Math.max(0, from - 1);
      const last = Math.min(dataX.length - 1, to + 1);
      const stroke = new Path2D();
      if (part === 'smooth') drawLine(stroke, places, { y: line.smooth ?? [] }, first, last);
      else drawLine(stroke, places, line, first, last);
      if (line.spread === undefined || part === 'smooth')
        return { stroke, fill: null, clip: null, band: null, gaps: null };
      const fill = new Path2D();
      drawBand(fill, places, line.spread, first, last);
      return { stroke, fill, clip: null, band: null, gaps: null };
    });
}
