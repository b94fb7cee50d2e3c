import type uPlot from 'uplot';
import type { Range } from './chart_data.ts';
import { carried } from './zoom.ts';

interface Window {
  readonly isLog: boolean;
  /** What is seen now, and whether that is all there is. */
  readonly seen: () => Range & { readonly isAll: boolean };
  /** Shows a window while fingers move. */
  readonly onMove: (range: Range) => void;
  /** The fingers are gone. */
  readonly onEnd: (range: Range) => void;
}

/**
 * Two fingers scale and move what a plot shows, and one moves it where a part is seen; else one moves the cursor. The page
 * still scrolls up and down. The plot's end is the end of it.
 */
export function followFingers(plot: uPlot, { isLog, seen, onMove, onEnd }: Window): void {
  const { over } = plot;
  const fingers = new Map<number, number>();
  let begun: { readonly range: Range; readonly from: readonly number[] } | undefined;
  let shown: Range | undefined;
  const shares = () => [...fingers.values()];
  const shareOf = (event: PointerEvent): number => {
    const { left, width } = over.getBoundingClientRect();
    return (event.clientX - left) / width;
  };
  const begin = () => {
    begun = fingers.size === 0 ? undefined : { range: seen(), from: shares() };
  };
  const move = () => {
    if (begun === undefined) return;
    shown = carried(begun.range, begun.from, shares(), isLog);
    onMove(shown);
  };
  const isTouch = ({ pointerType }: PointerEvent) => pointerType === 'touch';
  const down = (event: PointerEvent) => {
    if (!isTouch(event) || fingers.size === 2) return;
    fingers.set(event.pointerId, shareOf(event));
    begin();
  };
  const moved = (event: PointerEvent) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, shareOf(event));
    if (fingers.size === 2 || !seen().isAll) move();
    else plot.setCursor({ left: shareOf(event) * over.clientWidth, top: over.clientHeight / 2 });
  };
  const up = (event: PointerEvent) => {
    if (!fingers.delete(event.pointerId)) return;
    begin();
    if (fingers.size > 0 || shown === undefined) return;
    onEnd(shown);
    shown = undefined;
  };
  over.style.touchAction = 'pan-y';
  over.addEventListener('pointerdown', down);
  over.addEventListener('pointermove', moved);
  over.addEventListener('pointerup', up);
  over.addEventListener('pointercancel', up);
}
