import { roundSteps } from './axis_range.ts';
import { type ChartData, type ChartLine, extentOf, type Range } from './chart_data.ts';
import { drawBand, drawLine, type Places } from './line_paths.ts';
import type { Axes } from './line_plot.ts';
import { colourOf, dashOf, type LineStyle } from './line_style.ts';
import type { CanvasTokens } from './look.ts';
import { tick, xTicks } from './x_formats.ts';

export interface Drawing {
  readonly title: string;
  readonly xLabel: string;
  readonly data: ChartData;
  readonly axes: Axes;
  readonly zoom: Range | undefined;
  readonly only: ReadonlySet<string> | undefined;
  readonly styles: ReadonlyMap<string, LineStyle>;
}

const width = 960;
const plot = { left: 70, top: 40, width: 870, height: 400 };
const legendRow = 18;

const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 takes none of them.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** Writes what is drawn as the data of an SVG path. */
class PathText {
  #parts: string[] = [];
  moveTo(x: number, y: number): void {
    this.#parts.push(`M${x.toFixed(1)} ${y.toFixed(1)}`);
  }
  lineTo(x: number, y: number): void {
    this.#parts.push(`L${x.toFixed(1)} ${y.toFixed(1)}`);
  }
  closePath(): void {
    this.#parts.push('Z');
  }
  toString(): string {
    return this.#parts.join('');
  }
}

/** From values to pixels, evenly or by their logarithm. */
const scale = ({ min, max }: Range, isLog: boolean, from: number, length: number) => {
  const at = isLog ? Math.log10 : (value: number) => value;
  // By halves: the whole distance may be beyond numbers.
  const span = at(max) / 2 - at(min) / 2 || 1;
  return (value: number): number => from + ((at(value) / 2 - at(min) / 2) / span) * length;
};

function extents({ data, axes, zoom, only }: Drawing): {
  x: Range;
  y: Range;
  shown: ChartLine[];
  from: number;
  to: number;
} {
  const shown = data.lines.filter(({ id }) => only === undefined || only.has(id));
  const inside = (x: number): boolean => (zoom === undefined ? !axes.logX || x > 0 : x >= zoom.min && x <= zoom.max);
  const from = Math.max(0, data.x.findIndex(inside));
  const to = Math.max(from, data.x.findLastIndex(inside));
  const x = zoom ?? { min: data.x[from] ?? 0, max: data.x[to] ?? 1 };
  const y = extentOf(shown, from, to, { withoutOutliers: axes.withoutOutliers, onlyPositive: axes.logY });
  return { x, y: y ?? { min: axes.logY ? 0.1 : 0, max: 1 }, shown, from, to };
}

/** A chart as an SVG document, with its legend beneath. */
export function svgOf(drawing: Drawing, scheme: 'light' | 'dark', tokens: CanvasTokens): string {
  const { title, xLabel, axes, data, styles } = drawing;
  const { x, y, shown, from, to } = extents(drawing);
  const toX = scale(x, axes.logX, plot.left, plot.width);
  const toY = scale(y, axes.logY, plot.top + plot.height, -plot.height);
  const low = axes.logY ? y.min : Number.NEGATIVE_INFINITY;
  const places: Places = {
    x: (index) => toX(data.x[index] as number),
    y: (value) => toY(Math.max(value, low)),
  };
  const height = plot.top + plot.height + 50 + shown.length * legendRow + 10;
  const label = (at: readonly [number, number], content: string, anchor = 'start', more = '') =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" text-anchor="${anchor}" fill="${tokens.text}"${more}>${escaped(content)}</text>`;
  const xs = roundSteps(x, axes.logX);
  const xNames = xTicks(axes.xKind, xs);
  const grid = roundSteps(y, axes.logY).map((value) => {
    const at = toY(value).toFixed(1);
    return `<path d="M${plot.left} ${at}h${plot.width}" stroke="${tokens.grid}"/>${label([plot.left - 6, toY(value) + 4], tick(value), 'end')}`;
  });
  const bottom = plot.top + plot.height;
  const drawn = shown.map((line) => {
    const style = styles.get(line.id) ?? { colour: 0, dash: 0 };
    const colour = colourOf(style, scheme);
    const stroke = (columns: Parameters<typeof drawLine>[2], opacity: number, dash: readonly number[]) => {
      const pen = new PathText();
      drawLine(pen, places, columns, from, to);
      return `<path d="${pen}" fill="none" stroke="${colour}" stroke-width="1.5" stroke-opacity="${opacity}" stroke-dasharray="${dash.join(' ')}"/>`;
    };
    const band = new PathText();
    if (line.spread) drawBand(band, places, line.spread, from, to);
    return [
      `<path d="${band}" fill="${colour}" fill-opacity="0.2"/>`,
      stroke(line, line.smooth ? 0.25 : 1, line.smooth || line.low ? [] : dashOf(style)),
      line.smooth ? stroke({ y: line.smooth }, 1, dashOf(style)) : '',
    ].join('');
  });
  const legend = shown.map((line, index) => {
    const style = styles.get(line.id) ?? { colour: 0, dash: 0 };
    const at = bottom + 58 + index * legendRow;
    return `<path d="M${plot.left} ${at - 4}h26" stroke="${colourOf(style, scheme)}" stroke-width="3" stroke-dasharray="${dashOf(style).join(' ')}"/>${label([plot.left + 34, at], line.name)}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escaped(tokens.font.replace(/^\S+ /, ''))}" font-size="12">`,
    `<title>${escaped(title)}</title><rect width="100%" height="100%" fill="${tokens.background}"/>`,
    label([plot.left, 24], title, 'start', ' font-size="16" font-weight="600"'),
    ...grid,
    ...xs.map((value, index) => label([toX(value), bottom + 18], xNames[index] as string, 'middle')),
    label([plot.left + plot.width / 2, bottom + 36], xLabel, 'middle'),
    `<svg x="${plot.left}" y="${plot.top}" width="${plot.width}" height="${plot.height}" viewBox="${plot.left} ${plot.top} ${plot.width} ${plot.height}">`,
    ...drawn,
    '</svg>',
    ...legend,
    '</svg>',
  ].join('');
}
