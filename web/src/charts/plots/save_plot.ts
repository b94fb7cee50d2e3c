import type { Look } from '../look.ts';
import { init } from './echarts.ts';
import { optionOf, type Plot } from './plot_options.ts';

const size = { width: 1200, height: 640 } as const;

/** A plot as an SVG document. */
export function svgOfPlot(plot: Plot, look: Look): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  chart.setOption({ backgroundColor: look.tokens.background, ...optionOf(plot, look) });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
