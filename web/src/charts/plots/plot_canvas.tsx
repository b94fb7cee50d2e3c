import { useCallback } from 'react';
import './echarts.ts';
import type { Look } from '../look.ts';
import { EchartsCanvas } from './echarts_canvas.tsx';
import { optionOf, type Plot } from './plot_options.ts';

/** A plot on a canvas. */
export function PlotCanvas({ plot, label }: { readonly plot: Plot; readonly label: string }) {
  const optionIn = useCallback((look: Look) => optionOf(plot, look), [plot]);
  return <EchartsCanvas optionIn={optionIn} label={label} />;
}
