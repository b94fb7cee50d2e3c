import { GraphChart } from 'echarts/charts';
import { TooltipComponent } from 'echarts/components';
import { use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useCallback } from 'react';
import { lineColours } from '../app/theme.ts';
import type { Look } from '../charts/look.ts';
import { EchartsCanvas } from '../charts/plots/echarts_canvas.tsx';
import type { Drawing } from './queries.ts';
import { text } from './text.ts';

// The parts that this drawing uses alone.
use([GraphChart, TooltipComponent, CanvasRenderer]);

const radius = { least: 10, most: 34 } as const;

/** People as points, the larger the more ties they have; who is near whom follows from the ties. */
export function GraphCanvas({ drawing, label }: { readonly drawing: Drawing; readonly label: string }) {
  const optionIn = useCallback(
    ({ scheme, tokens }: Look) => {
      const most = Math.max(1, ...drawing.degrees);
      return {
        animation: false,
        tooltip: {
          renderMode: 'richText',
          backgroundColor: tokens.background,
          borderColor: tokens.grid,
          textStyle: { color: tokens.text },
          formatter: ({ name, value, dataType }: { name: string; value: number; dataType: string }) =>
            dataType === 'node' ? text.tiesOf(name, value) : name,
        },
        series: [
          {
            type: 'graph',
            layout: 'force',
            // From a circle and without moving, the same ties give the same drawing.
            force: { initLayout: 'circular', layoutAnimation: false, repulsion: 180, edgeLength: 80 },
            roam: 'move',
            nodes: drawing.degrees.map((degree, place) => ({
              name: text.person(place + 1),
              value: degree,
              symbolSize: radius.least + (radius.most - radius.least) * Math.sqrt(degree / most),
            })),
            links: drawing.ties.map(({ one, other }) => ({ source: one, target: other })),
            label: { show: drawing.degrees.length <= 40, position: 'right', color: tokens.text, formatter: '{b}' },
            itemStyle: { color: lineColours[scheme][0], borderColor: tokens.background, borderWidth: 1 },
            lineStyle: { color: tokens.text, opacity: 0.5 },
          },
        ],
      };
    },
    [drawing],
  );
  return <EchartsCanvas optionIn={optionIn} label={label} />;
}
