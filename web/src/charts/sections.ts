import { locale } from '../app/locale.ts';
import { inOrder } from './order.ts';

/** Charts that stand together: metrics of one prefix. */
export interface Section {
  readonly name: string;
  readonly keys: readonly string[];
  /** Whether these are the charts that the reader pinned. */
  readonly isPinned: boolean;
}

const prefixOf = (key: string): string => {
  const slash = key.lastIndexOf('/');
  return slash <= 0 ? '' : key.slice(0, slash);
};

/** How the system's own metrics are named; their section comes last. */
const systemPrefix = 'system';

const rankOf = (name: string): number =>
  name === '' ? 0 : name === systemPrefix || name.startsWith('system/') ? 2 : 1;

/** The charts by section: those that are pinned, those without a prefix, those of each prefix. */
export function sectionsOf(
  keys: readonly string[],
  { pins, order }: { readonly pins: readonly string[]; readonly order: readonly string[] },
  pinned: string,
): Section[] {
  const byPrefix = Map.groupBy(
    keys.filter((key) => !pins.includes(key)),
    prefixOf,
  );
  const sections = [...byPrefix]
    .map(([name, own]) => ({ name, keys: inOrder(own, order), isPinned: false }))
    .sort((a, b) => rankOf(a.name) - rankOf(b.name) || a.name.localeCompare(b.name, locale));
  const first = pins.filter((key) => keys.includes(key));
  return first.length === 0 ? sections : [{ name: pinned, keys: first, isPinned: true }, ...sections];
}
