import { inOrder, natural } from './order.ts';

/** Charts that stand together: metrics whose names begin alike, up to their first slash. */
export interface Section {
  readonly name: string;
  readonly keys: readonly string[];
  /** Whether these are the charts that the reader pinned. */
  readonly isPinned: boolean;
}

const prefixOf = (key: string): string => {
  const slash = key.indexOf('/');
  return slash <= 0 ? '' : key.slice(0, slash);
};

/** How the system's own metrics are named; their section comes last. */
const systemPrefix = 'system';

const rankOf = (name: string): number => (name === '' ? 0 : name === systemPrefix ? 2 : 1);

/** The charts by section: those that are pinned, those without a prefix, those of each prefix. */
export function sectionsOf(
  keys: readonly string[],
  { pins, order }: { readonly pins: readonly string[]; readonly order: readonly string[] },
  pinned: string,
): Section[] {
  const [pinnedKeys, known] = [new Set(pins), new Set(keys)];
  const byPrefix = Map.groupBy(
    keys.filter((key) => !pinnedKeys.has(key)),
    prefixOf,
  );
  const sections = [...byPrefix]
    .map(([name, own]) => ({ name, keys: inOrder(own, order), isPinned: false }))
    .sort((a, b) => rankOf(a.name) - rankOf(b.name) || natural(a.name, b.name));
  const first = pins.filter((key) => known.has(key));
  return first.length === 0 ? sections : [{ name: pinned, keys: first, isPinned: true }, ...sections];
}
