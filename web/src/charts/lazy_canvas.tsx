import { Skeleton } from '@mantine/core';
import { type ComponentType, useEffect, useState } from 'react';
import type { LineCanvasProps } from './line_canvas.tsx';
import classes from './line_chart.module.css';

type Canvas = ComponentType<LineCanvasProps>;

let known: Canvas | undefined;

async function load(): Promise<Canvas> {
  known = (await import('./line_canvas.tsx')).LineCanvas;
  return known;
}

// It comes while the data are asked for. Where it does not, a chart asks again, and says so.
load().catch(() => undefined);

/**
 * `LineCanvas`, which comes by itself. Not by Suspense: React shows nothing that was suspended until 300 ms after what stood in
 * for it, and data would wait as long for their lines.
 */
export function LazyCanvas(props: LineCanvasProps) {
  const [Canvas, setCanvas] = useState(() => known);
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    if (!Canvas) load().then((loaded) => setCanvas(() => loaded), setError);
  }, [Canvas]);
  if (error !== undefined) throw error;
  return Canvas ? <Canvas {...props} /> : <Skeleton className={classes.waiting} />;
}
