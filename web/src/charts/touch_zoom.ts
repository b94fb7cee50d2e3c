import type uPlot from 'uplot';
import type { Range } from './chart_data.ts';
import { carried } from './zoom.ts';

interface Window {
  /** The plot that is there now; none while its box has no size. */
  readonly plot: () => uPlot | null;
  readonly isLog: () => boolean;
  /** What is seen now, and whether that is all there is. */
  readonly seen: () => Range & { readonly isAll: boolean };
  /** Shows a window while fingers move. */
  readonly onMove: (range: Range) => void;
  /** The fingers are gone. */
  readonly onEnd: (range: Range) => void;
}

/**
 * Two fingers scale and move what a plot shows, and one moves it where a part is seen; else one moves the cursor. The page
 * still scrolls up and down. The plot's box is listened to and holds the fingers, since plots are made anew while they move.
 * Returns what ends it.
 */
export function followFingers(box: HTMLElement, { plot, isLog, seen, onMove, onEnd }: Window): () => void {
  const fingers = new Map<number, number>();
  let begun: { readonly range: Range; readonly from: readonly number[] } | undefined;
  let shown: Range | undefined;
  const shares = () => [...fingers.values()];
  const shareOf = ({ clientX }: PointerEvent, { over }: uPlot): number => {
    const { left, width } = over.getBoundingClientRect();
    return (clientX - left) / width;
  };
  const begin = () => {
    begun = fingers.size === 0 ? undefined : { range: seen(), from: shares() };
  };
  const move = () => {
    if (begun === undefined) return;
    shown = carried(begun.range, begun.from, shares(), isLog());
    onMove(shown);
  };
  const down = (event: PointerEvent) => {
    const on = plot();
    if (event.pointerType !== 'touch' || fingers.size === 2 || !on?.over.contains(event.target as Node)) return;
    box.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, shareOf(event, on));
    begin();
  };
  const moved = (event: PointerEvent) => {
    const on = plot();
    if (!on || !fingers.has(event.pointerId)) return;
    const share = shareOf(event, on);
    fingers.set(event.pointerId, share);
    if (fingers.size === 2 || !seen().isAll) move();
    else on.setCursor({ left: share * on.over.clientWidth, top: on.over.clientHeight / 2 });
  };
  const up = (event: PointerEvent) => {
    if (!fingers.delete(event.pointerId)) return;
    begin();
    if (fingers.size > 0 || shown === undefined) return;
    onEnd(shown);
    shown = undefined;
  };
  const ended = new AbortController();
  const { signal } = ended;
  box.addEventListener('pointerdown', down, { signal });
  box.addEventListener('pointermove', moved, { signal });
  box.addEventListener('pointerup', up, { signal });
  box.addEventListener('pointercancel', up, { signal });
  return () => ended.abort();
}
