import { text } from './text.ts';

/** What turns text round or is not seen at all: a name could pass for another by it. */
const unseen = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** Spaces of all kinds, and what is drawn as nothing. */
const blank = /^[\s\p{Cf}\p{Cc}\u115F\u1160\u2800\u3164\uFFA0]*$/u;

/** A name as it is shown: what is not seen is marked, and one of blanks alone is told by the thing's id. */
export const shownName = (name: string, id: string | number = ''): string =>
  blank.test(name) ? text.noName(String(id).slice(0, 8)) : name.replaceAll(unseen, '\uFFFD');
