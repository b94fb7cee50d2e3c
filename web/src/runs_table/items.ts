import { type GroupPath, samePath } from './column_ids.ts';
import type { Aggregated, GroupLevel } from './groups.ts';
import type { RunList } from './run_lists.ts';
import type { RunRow } from './run_rows.ts';

export interface GroupItem {
  readonly kind: 'group';
  readonly path: GroupPath;
  readonly isOpen: boolean;
  readonly group: Aggregated['groups'][number];
}

/** A line of the table. */
export type Item =
  | { readonly kind: 'run'; readonly row: RunRow; readonly level: number }
  | GroupItem
  /** Where more is to come, or why it does not. */
  | { readonly kind: 'more'; readonly list: RunList; readonly level: number }
  | { readonly kind: 'note'; readonly level: number; readonly shown: number; readonly all: number };

/** The lines of the table: those of runs are made as they are shown. */
export interface Items {
  readonly length: number;
  /** Lines that are runs. */
  readonly runCount: number;
  /** Lines that came in above the others while these were shown. */
  readonly added: number;
  at(index: number): Item;
  /** Ids of runs between two lines, both in it. */
  runsBetween(from: number, to: number): string[];
}

interface Stretch {
  readonly start: number;
  readonly length: number;
  readonly at: (place: number) => Item;
}

class Stretches implements Items {
  readonly #stretches: Stretch[] = [];
  length = 0;
  runCount = 0;
  added = 0;

  add(length: number, at: (place: number) => Item): void {
    if (length > 0) this.#stretches.push({ start: this.length, length, at });
    this.length += length;
  }

  addRuns(list: RunList, level: number): void {
    this.runCount += list.length;
    this.add(list.length, (place) => ({ kind: 'run', row: list.at(place), level }));
    if (list.hasMore || list.isLoading || list.error) this.add(1, () => ({ kind: 'more', list, level }));
  }

  at(index: number): Item {
    let low = 0;
    let high = this.#stretches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#stretches[middle] as Stretch).start <= index) low = middle;
      else high = middle - 1;
    }
    const { start, at } = this.#stretches[low] as Stretch;
    return at(index - start);
  }

  runsBetween(from: number, to: number): string[] {
    const ids: string[] = [];
    for (let index = Math.min(from, to); index <= Math.max(from, to); index += 1) {
      const item = this.at(index);
      if (item.kind === 'run') ids.push(item.row.id);
    }
    return ids;
  }
}

export function itemsOfRuns(list: RunList): Items {
  const items = new Stretches();
  items.addRuns(list, 0);
  items.added = list.added;
  return items;
}

/** Groups with what is open of them; `runs` are those of the innermost open groups, by their path. */
export function itemsOfGroups(
  levels: readonly GroupLevel[],
  open: readonly GroupPath[],
  runs: readonly { readonly path: GroupPath; readonly list: RunList }[],
): Items {
  const items = new Stretches();
  const add = (path: GroupPath): void => {
    const numbers = levels.find((level) => samePath(level.path, path))?.numbers;
    if (!numbers) return;
    for (const group of numbers.groups) {
      const own: GroupPath = [...path, group.values[0] ?? null];
      const isOpen = open.some((each) => samePath(each, own));
      items.add(1, () => ({ kind: 'group', path: own, isOpen, group }));
      if (!isOpen) continue;
      const inner = runs.find((each) => samePath(each.path, own));
      if (inner) items.addRuns(inner.list, own.length);
      else add(own);
    }
    const { group_count: all, groups } = numbers;
    if (all > groups.length) {
      items.add(1, () => ({ kind: 'note', level: path.length, shown: groups.length, all }));
    }
  };
  add([]);
  return items;
}
