import { useCallback, useMemo, useRef, useState } from 'react';
import type { Items } from './items.ts';

/** What is done at once is done to no more runs than this. */
export const selectedMax = 1000;

export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly isAll: boolean;
  has(id: string): boolean;
  /** One line, or with `isRange` all from the line before. */
  toggle(index: number, isRange: boolean): void;
  /** All runs between two lines, both in it, besides those that are selected. */
  extend(from: number, to: number): void;
  setAll(isSelected: boolean): void;
  clear(): void;
}

const none: ReadonlySet<string> = new Set();

/** The runs that are selected, by their ids. */
export function useSelection(items: Items): Selection {
  const [ids, setIds] = useState(none);
  /** The line before, counted from the first that was loaded. */
  const anchor = useRef<number | undefined>(undefined);
  const latest = useRef(items);
  latest.current = items;
  const toggle = useCallback((index: number, isRange: boolean) => {
    const { added } = latest.current;
    const from = isRange && anchor.current !== undefined ? anchor.current + added : index;
    anchor.current = index - added;
    const touched = latest.current.runsBetween(from, index);
    setIds((before) => {
      const isSelecting = isRange || touched.some((id) => !before.has(id));
      const after = new Set(before);
      for (const id of touched) isSelecting ? after.add(id) : after.delete(id);
      return after;
    });
  }, []);
  const extend = useCallback((from: number, to: number) => {
    anchor.current = to - latest.current.added;
    const touched = latest.current.runsBetween(from, to);
    setIds((before) => new Set([...before, ...touched]));
  }, []);
  const setAll = useCallback((isSelected: boolean) => {
    const { length } = latest.current;
    setIds(isSelected && length > 0 ? new Set(latest.current.runsBetween(0, length - 1)) : none);
  }, []);
  const clear = useCallback(() => setIds(none), []);
  return useMemo(
    () => ({
      ids,
      isAll: ids.size > 0 && items.length > 0 && ids.size >= items.runCount,
      has: (id) => ids.has(id),
      toggle,
      extend,
      setAll,
      clear,
    }),
    [ids, items, toggle, extend, setAll, clear],
  );
}
