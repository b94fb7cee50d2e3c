import { useComputedColorScheme } from '@mantine/core';
import { useElementSize, useMergedRef } from '@mantine/hooks';
import type { EChartsCoreOption, EChartsType } from 'echarts/core';
import { init } from 'echarts/core';
import { useLayoutEffect, useRef } from 'react';
import { tokensAt } from '../canvas_tokens.ts';
import classes from '../line_chart.module.css';
import type { Look } from '../look.ts';

interface EchartsCanvasProps {
  /** What is drawn; a function that stays the same while it draws the same. */
  readonly optionIn: (look: Look) => EChartsCoreOption;
  readonly label: string;
}

/** A drawing of ECharts on a canvas; whoever uses it has loaded the parts it is made of. */
export function EchartsCanvas({ optionIn, label }: EchartsCanvasProps) {
  const scheme = useComputedColorScheme('light');
  const { ref: measured, width, height } = useElementSize<HTMLDivElement>();
  const box = useRef<HTMLDivElement>(null);
  const ref = useMergedRef(box, measured);
  const chart = useRef<EChartsType>(null);

  // Without a size there is nothing to draw on: graphs cannot even be laid out.
  const isSized = width > 0 && height > 0;
  useLayoutEffect(() => {
    if (!box.current || !isSized) return undefined;
    const made = init(box.current, null, { renderer: 'canvas' });
    chart.current = made;
    return () => made.dispose();
  }, [isSized]);
  useLayoutEffect(() => chart.current?.resize({ width, height }), [width, height]);
  useLayoutEffect(() => {
    if (!box.current || !isSized) return;
    chart.current?.setOption(optionIn({ scheme, tokens: tokensAt(box.current) }), { notMerge: true });
  }, [optionIn, scheme, isSized]);

  return <div ref={ref} className={classes.plot} role="img" aria-label={label} />;
}
