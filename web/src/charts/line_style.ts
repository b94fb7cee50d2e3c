import { lineColours, lineDashes } from '../app/theme.ts';

/** A colour of the theme and a dash, by their places: together they tell lines apart, also for who sees few colours. */
export interface LineStyle {
  readonly colour: number;
  readonly dash: number;
}

const colourCount = lineColours.light.length;
const styleCount = colourCount * lineDashes.length;

/** FNV-1a: of short texts, evenly spread. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}

/**
 * The style of each line. It follows from its id, so that a run looks the same in every chart and at every visit; where
 * two would look alike, the later one takes the next free style, and those before it keep theirs.
 */
export function stylesOf(ids: readonly string[]): ReadonlyMap<string, LineStyle> {
  const taken = new Set<number>();
  const styles = new Map<string, LineStyle>();
  for (const id of ids) {
    let place = hash(id) % styleCount;
    // The colours first: lines without dashes are the easiest to follow.
    if (taken.size < colourCount) place %= colourCount;
    const span = taken.size < colourCount ? colourCount : styleCount;
    for (let tried = 0; tried < span && taken.has(place); tried += 1) place = (place + 1) % span;
    taken.add(place);
    styles.set(id, { colour: place % colourCount, dash: Math.floor(place / colourCount) % lineDashes.length });
  }
  return styles;
}

export const colourOf = ({ colour }: LineStyle, scheme: 'light' | 'dark'): string =>
  lineColours[scheme][colour] as string;

export const dashOf = ({ dash }: LineStyle): readonly number[] => lineDashes[dash] as readonly number[];
