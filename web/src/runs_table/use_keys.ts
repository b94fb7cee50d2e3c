import { useNavigate } from '@tanstack/react-router';
import { type RefObject, useCallback, useEffect, useEffectEvent, useRef, useState } from 'react';
import { useTenant } from '../api/hooks.ts';
import type { GroupItem, Items } from './items.ts';
import type { GridHandle } from './run_grid.tsx';
import type { RunRow } from './run_rows.ts';
import type { Selection } from './selection.ts';

/** Of React, or of the page itself. */
type KeyPress = Pick<
  globalThis.KeyboardEvent,
  'key' | 'shiftKey' | 'metaKey' | 'ctrlKey' | 'altKey' | 'target' | 'preventDefault'
>;

interface KeyActions {
  readonly onToggleGroup: (item: GroupItem) => void;
  readonly onRename: (row: RunRow) => void;
  readonly onTag: (row: RunRow) => void;
  readonly onCompare: () => void;
  readonly onDelete: () => void;
  readonly onFilter: () => void;
  readonly onHelp: () => void;
}

const steps: Readonly<Record<string, number>> = {
  j: 1,
  ArrowDown: 1,
  k: -1,
  ArrowUp: -1,
  PageDown: 15,
  PageUp: -15,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/** The line that keys act on, and what they do. */
export function useTableKeys(
  items: Items,
  selection: Selection,
  grid: RefObject<GridHandle | null>,
  actions: KeyActions,
) {
  // Counted from the first that was loaded: it goes along with its run where others come in above.
  const [line, show] = useState(0);
  // Keys may come faster than the table is drawn.
  const now = useRef(0);
  const latest = useRef(items);
  latest.current = items;
  const setActive = useCallback((index: number) => {
    now.current = index - latest.current.added;
    show(now.current);
  }, []);
  const indexOf = (counted: number): number => Math.max(0, Math.min(counted + items.added, items.length - 1));
  const navigate = useNavigate();
  const tenant = useTenant();
  const goTo = (step: number, isSelecting: boolean) => {
    const from = indexOf(now.current);
    const next = Math.min(Math.max(from + step, 0), items.length - 1);
    if (isSelecting) selection.extend(from, next);
    setActive(next);
    grid.current?.show(next);
  };
  const open = () => {
    const item = items.at(indexOf(now.current));
    if (item.kind === 'group') actions.onToggleGroup(item);
    if (item.kind !== 'run') return;
    void navigate({ to: '/t/$tenant/runs/$runId', params: { tenant, runId: item.row.id } });
  };
  const onRun = (act: (row: RunRow) => void) => () => {
    const item = items.at(indexOf(now.current));
    if (item.kind === 'run') act(item.row);
  };
  const others: Readonly<Record<string, () => void>> = {
    Enter: open,
    x: () => selection.toggle(indexOf(now.current), false),
    e: onRun(actions.onRename),
    t: onRun(actions.onTag),
    c: actions.onCompare,
    '#': actions.onDelete,
    '/': actions.onFilter,
    '?': actions.onHelp,
    Escape: selection.clear,
  };
  const onKeyDown = (event: KeyPress) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    // Buttons and fields within the table have keys of their own; letters still are the table's.
    const isOwn = (event.target as Element).closest('input:not([type=checkbox]), textarea, [role=menu]') !== null;
    const isButton = (event.target as Element).closest('button, a, [role=separator]') !== null;
    if (isOwn || items.length === 0 || (isButton && event.key.length > 1)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const step = steps[key];
    const act = step === undefined ? others[key] : () => goTo(step, event.shiftKey);
    if (!act) return;
    event.preventDefault();
    act();
  };
  const onPageKey = useEffectEvent((event: globalThis.KeyboardEvent) => {
    // Where nothing has the focus, keys that scroll are the page's. A click beside everything gives it to the main part.
    const isNowhere = event.target === document.body || event.target === document.getElementById('main');
    if (isNowhere && (event.key.length === 1 || event.key === 'Enter')) onKeyDown(event);
  });
  useEffect(() => {
    const onPress = (event: globalThis.KeyboardEvent) => onPageKey(event);
    document.addEventListener('keydown', onPress);
    return () => document.removeEventListener('keydown', onPress);
  }, []);
  return { active: indexOf(line), setActive, onKeyDown };
}
