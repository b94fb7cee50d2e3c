import { useRef } from 'react';

/**
 * A number for each line that is drawn, which a line keeps while it is: lines that come into sight take those of lines
 * that went. As keys they let React write into what is there: to make the elements of a line anew takes several times as
 * long.
 */
export function useSlots(lines: readonly number[]): ReadonlyMap<number, number> {
  const known = useRef(new Map<number, number>());
  const slots = new Map<number, number>();
  for (const line of lines) {
    const slot = known.current.get(line);
    if (slot !== undefined) slots.set(line, slot);
  }
  const taken = new Set(slots.values());
  let next = 0;
  for (const line of lines) {
    if (slots.has(line)) continue;
    while (taken.has(next)) next += 1;
    taken.add(next);
    slots.set(line, next);
  }
  known.current = slots;
  return slots;
}
