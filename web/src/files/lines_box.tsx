import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef } from 'react';
import { ScrollBox } from '../app/scroll_box.tsx';
import classes from './files.module.css';
import { text } from './text.ts';
import { lineMax } from './text_lines.ts';

const lineHeight = 20;

interface Props {
  readonly label: string;
  readonly lines: readonly string[];
  /** The number of the first line; undefined where nobody knows it. */
  readonly first: number | undefined;
  /** Where in the file the first line is: as it comes nearer to the file's beginning, what is looked at stays in sight. */
  readonly begins?: number;
  readonly onEnd?: (() => void) | undefined;
  /** Whether the last line stays in sight as lines come. */
  readonly follows?: boolean;
}

const shown = (line: string): string =>
  line.length <= lineMax ? line : line.slice(0, lineMax) + text.cut(line.length - lineMax);

/** Lines of a text, with their numbers where these are known, of which only those in sight are there. */
export function LinesBox({ label, lines, first, begins = 0, onEnd, follows = false }: Props) {
  const box = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => lineHeight,
    overscan: 20,
  });
  const last = rows.getVirtualItems().at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= lines.length - 1) onEnd?.();
  }, [last, lines.length, onEnd]);
  useEffect(() => {
    if (follows && lines.length > 0) rows.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [follows, lines.length, rows]);
  const before = useRef({ begins, count: lines.length });
  useLayoutEffect(() => {
    const more = lines.length - before.current.count;
    if (box.current && begins < before.current.begins && more > 0) box.current.scrollTop += more * lineHeight;
    before.current = { begins, count: lines.length };
  }, [begins, lines.length]);
  const digits = `calc(${String(lines.length + (first ?? 0)).length}ch + 1rem)`;
  return (
    <ScrollBox ref={box} className={classes.lines} label={label}>
      <div style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => (
          <div key={index} className={classes.line} style={{ transform: `translateY(${start}px)` }}>
            {first !== undefined && (
              <span className={classes.number} style={{ minWidth: digits }} aria-hidden>
                {index + first}
              </span>
            )}
            <span>{shown(lines[index] ?? '')}</span>
          </div>
        ))}
      </div>
    </ScrollBox>
  );
}
