import { ActionIcon, Menu } from '@mantine/core';
import { GripVertical } from 'lucide-react';
import { type DragEvent, type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react';
import { text } from './text.ts';

/** The charts among which one can be moved, and how it comes to the place of another. */
export interface Move {
  /** Unlike that of other sections, whose charts have no place here. */
  readonly id: string;
  readonly keys: readonly string[];
  readonly onPlace: (key: string, target: string) => void;
}

/** The kind of data that a drag carries: all that a page may know of it before the drop. */
const carriedIn = ({ id }: Move): string => `text/chart-${id.toLowerCase()}`;

/** What lets a card take a chart that is dragged onto it. */
export function useDropOf(metric: string, move: Move | undefined) {
  const [isOver, setOver] = useState(false);
  if (move === undefined) return {};
  return {
    'data-over': isOver || undefined,
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes(carriedIn(move))) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: ({ currentTarget, relatedTarget }: DragEvent) => {
      if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) setOver(false);
    },
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      move.onPlace(event.dataTransfer.getData(carriedIn(move)), metric);
    },
  };
}

/** Takes a chart to another place: dragged, by the arrow keys, or by its menu. */
export function MoveHandle({ metric, move }: { readonly metric: string; readonly move: Move }) {
  const { keys, onPlace } = move;
  const button = useRef<HTMLButtonElement>(null);
  const keepsFocus = useRef(false);
  const place = keys.indexOf(metric);
  // A browser takes the focus from what changes its place in the page.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the place that changes.
  useLayoutEffect(() => {
    if (keepsFocus.current) button.current?.focus();
    keepsFocus.current = false;
  }, [place]);
  const moveTo = (next: number) => {
    const target = keys[next];
    if (target === undefined || next === place) return;
    keepsFocus.current = true;
    onPlace(metric, target);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: keys.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    moveTo(next);
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon
          ref={button}
          variant="subtle"
          color="gray"
          aria-label={text.move(metric, place + 1, keys.length)}
          title={text.moveHow}
          style={{ cursor: 'grab' }}
          draggable
          onDragStart={(event) => {
            event.dataTransfer.setData(carriedIn(move), metric);
            const card = event.currentTarget.closest('[data-chart]');
            if (card) event.dataTransfer.setDragImage(card, 20, 20);
          }}
          onKeyDown={onKeyDown}
        >
          <GripVertical size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item disabled={place === 0} onClick={() => moveTo(0)}>
          {text.moves.first}
        </Menu.Item>
        <Menu.Item disabled={place === 0} onClick={() => moveTo(place - 1)}>
          {text.moves.earlier}
        </Menu.Item>
        <Menu.Item disabled={place === keys.length - 1} onClick={() => moveTo(place + 1)}>
          {text.moves.later}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
