import { useComputedColorScheme } from '@mantine/core';
import { useElementSize, useMergedRef } from '@mantine/hooks';
import type { EChartsType } from 'echarts/core';
import { useLayoutEffect, useRef } from 'react';
import { tokensAt } from '../canvas_tokens.ts';
import classes from '../line_chart.module.css';
import { init } from './echarts.ts';
import { optionOf, type Plot } from './plot_options.ts';

/** A plot on a canvas. */
export function PlotCanvas({ plot, label }: { readonly plot: Plot; readonly label: string }) {
  const scheme = useComputedColorScheme('light');
  const { ref: measured, width, height } = useElementSize<HTMLDivElement>();
  const box = useRef<HTMLDivElement>(null);
  const ref = useMergedRef(box, measured);
  const chart = useRef<EChartsType>(null);

  useLayoutEffect(() => {
    if (!box.current) return undefined;
    const made = init(box.current, null, { renderer: 'canvas' });
    chart.current = made;
    return () => made.dispose();
  }, []);
  useLayoutEffect(() => chart.current?.resize({ width, height }), [width, height]);
  useLayoutEffect(() => {
    if (box.current)
      chart.current?.setOption(optionOf(plot, { scheme, tokens: tokensAt(box.current) }), { notMerge: true });
  }, [plot, scheme]);

  return <div ref={ref} className={classes.plot} role="img" aria-label={label} />;
}
