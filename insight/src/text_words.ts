/**
 * Words of English that say nothing of what a text is about, and those that every requirement has (`must`, `shall`). What a
 * tenant's texts all share beside these weighs little by itself: it is in most of them.
 */
const stopWords: ReadonlySet<string> = new Set(
  `a about above after again against all also although always am among an and another any are as at away be because been
  before being below between both but by can cannot could did do does doing done down during each either else enough etc even
  ever every few for from further get gets given had has have having he hence her here hers him his how however i if in into
  is it its itself just least less like made make makes many may me might mine more most much must my need needs neither no
  nor not nothing now of off often on once one only onto or other others our out over own per perhaps please quite rather
  really same shall she should since so some something such than that the their theirs them then there therefore these they
  this those though through thus to too under unless until up upon us use used uses using various very via want was we well
  were what when where whether which while who whom whose why will with within without would yet you your`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

const lengthMax = 64;

/** Scripts that set no blanks between words: two neighbours stand for a word, as search engines have it. */
const withoutBlanks = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]{2,}$/u;

/**
 * One form for singular and plural: Harman's S stemmer (How effective is suffixing?, JASIS 42(1), 1991). What it leaves is a
 * word that people can be shown, and languages other than English are hardly touched.
 */
export function singularOf(word: string): string {
  if (!/^[a-z]{4,}$/.test(word)) return word;
  if (word.endsWith('ies')) return /[ae]ies$/.test(word) ? word : `${word.slice(0, -3)}y`;
  if (word.endsWith('es')) return /[aeo]es$/.test(word) ? word : word.slice(0, -1);
  return word.endsWith('s') && !/[us]s$/.test(word) ? word.slice(0, -1) : word;
}

function* partsOf(run: string): Generator<string> {
  // getUserIds, HTTPServer2: at a capital behind a small letter, and before the last capital of several.
  const parts = run.split(/(?<=\p{Ll}|\p{N})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u);
  // XGBoost is written xgboost, too: the whole counts beside its parts.
  yield run;
  if (parts.length > 1) yield* parts;
}

/** Marks, and the two letters that become marks. */
const manyMarks = /([\p{M}\uff9e\uff9f]{30})[\p{M}\uff9e\uff9f]+/gu;
/** A text this short may grow as it will. */
const growsTo = 1_000;

/**
 * One form for what looks alike (NFKC). No letter of any language has more than 30 marks (Unicode Standard Annex 15, 13), and
 * more of them take a time that grows with their square: 11 s for 200,000. One character may become 18, and a text of
 * nothing else be read for long: what is beyond twice its length is left.
 */
export function folded(text: string): string {
  const found = text.replace(manyMarks, '$1').normalize('NFKC');
  return found.slice(0, Math.max(2 * text.length, growsTo));
}

/**
 * The telling words of a text, in order: in lower case and of one form, identifiers also split into their parts, without
 * stop words, single letters and bare numbers. Unlike the words of a search box, whose beginnings and misspellings count,
 * these are compared whole.
 */
export function wordsIn(text: string): string[] {
  const found: string[] = [];
  for (const [run] of folded(text).matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    for (const part of partsOf(run)) {
      const word = part.toLowerCase();
      if (withoutBlanks.test(word)) {
        const letters = [...word];
        for (let at = 0; at + 1 < letters.length; at += 1) found.push(`${letters[at]}${letters[at + 1]}`);
        continue;
      }
      if (word.length < 2 || word.length > lengthMax || !/\p{L}/u.test(word) || stopWords.has(word)) continue;
      found.push(singularOf(word));
    }
  }
  return found;
}

/** How often a text has each of its words. */
export type Counts = ReadonlyMap<string, number>;

export function countsOf(words: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
