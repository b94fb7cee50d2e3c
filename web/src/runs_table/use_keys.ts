import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type RefObject, useState } from 'react';
import { useTenant } from '../api/hooks.ts';
import type { GroupItem, Items } from './items.ts';
import type { GridHandle } from './run_grid.tsx';
import type { RunRow } from './run_rows.ts';
import type { Selection } from './selection.ts';

interface KeyActions {
  readonly onToggleGroup: (item: GroupItem) => void;
  readonly onRename: (row: RunRow) => void;
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
export function useKeys(items: Items, selection: Selection, grid: RefObject<GridHandle | null>, actions: KeyActions) {
  const [active, setActive] = useState(0);
  const navigate = useNavigate();
  const tenant = useTenant();
  const goTo = (step: number, isSelecting: boolean) => {
    const next = Math.min(Math.max(active + step, 0), items.length - 1);
    if (isSelecting && items.at(active).kind === 'run') {
      const item = items.at(active);
      if (item.kind === 'run' && !selection.has(item.row.id)) selection.toggle(active, false);
      selection.toggle(next, true);
    }
    setActive(next);
    grid.current?.show(next);
  };
  const open = () => {
    const item = items.at(active);
    if (item.kind === 'group') actions.onToggleGroup(item);
    if (item.kind !== 'run') return;
    void navigate({ to: '/t/$tenant/runs/$runId', params: { tenant, runId: item.row.id } });
  };
  const rename = () => {
    const item = items.at(active);
    if (item.kind === 'run') actions.onRename(item.row);
  };
  const others: Readonly<Record<string, () => void>> = {
    Enter: open,
    x: () => selection.toggle(active, false),
    e: rename,
    c: actions.onCompare,
    '#': actions.onDelete,
    '/': actions.onFilter,
    '?': actions.onHelp,
    Escape: selection.clear,
  };
  const onKeyDown = (event: KeyboardEvent) => {
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
  return { active: Math.min(active, items.length - 1), setActive, onKeyDown };
}
