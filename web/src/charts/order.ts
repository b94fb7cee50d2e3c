import { byteOrder } from '../app/byte_order.ts';
import { locale } from '../app/locale.ts';

// Made once: a comparison that makes its own takes forty times as long, and 10,000 names need a hundred thousand.
const collator = new Intl.Collator(locale, { numeric: true });

/** Names that a language takes for the same have an order, too. */
export const natural = (a: string, b: string): number => collator.compare(a, b) || byteOrder(a, b);

/** Keys as the reader put them: those of `order` first, the others behind them by their names. */
export function inOrder(keys: readonly string[], order: readonly string[]): string[] {
  const ranks = new Map(order.map((key, rank) => [key, rank]));
  const rankOf = (key: string): number => ranks.get(key) ?? order.length;
  return keys.toSorted((a, b) => rankOf(a) - rankOf(b) || natural(a, b));
}

/** `keys` with one of them at the place that another has now. */
export function placed(keys: readonly string[], key: string, target: string): readonly string[] {
  const place = keys.indexOf(target);
  if (place === -1 || !keys.includes(key)) return keys;
  return keys.filter((each) => each !== key).toSpliced(place, 0, key);
}

/** The shortest `order` that shows a section as `shown`; what it says of other sections is kept. */
export function orderFor(shown: readonly string[], order: readonly string[]): string[] {
  let rest = shown.length;
  while (rest > 0 && (rest === shown.length || natural(shown[rest - 1] as string, shown[rest] as string) <= 0))
    rest -= 1;
  return [...order.filter((key) => !shown.includes(key)), ...shown.slice(0, rest)];
}

/** `all` with those of `shown` in their new order; the others, which are hidden now, keep their places. */
export function inSlots(all: readonly string[], shown: readonly string[]): string[] {
  const next = shown.values();
  return all.map((key) => (shown.includes(key) ? (next.next().value as string) : key));
}
