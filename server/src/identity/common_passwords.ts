/** Where an attacker's first guesses come from, beside the list itself. */
const keyboardRows = [
  '1234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'azertyuiop',
  '1qaz2wsx3edc4rfv5tgb',
];
const runs = [...keyboardRows, ...keyboardRows.map((row) => [...row].reverse().join('')), 'abcdefghijklmnopqrstuvwxyz'];

/** What people write for letters. */
const disguises: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
};

/** A word of fewer characters proves nothing: two of them are no guess. */
const wordMin = 3;
/** Years, `123`, `!!`: what people put around a word. */
const decorationMax = 4;
/** Two words of the list side by side are shorter than this. */
const pairMax = 64;

let list: Promise<ReadonlySet<string>> | undefined;

/** The 49,000 commonest passwords, in lower case; read when the first password is set, not at every start. */
function commonest(): Promise<ReadonlySet<string>> {
  list ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common'].filter((word) => word.length >= wordMin)),
  );
  return list;
}

/** The shortest text of which `text` is a repetition, the last one perhaps cut short; `text` itself where it is none. */
function unitOf(text: string): string {
  // The failure function of Knuth, Morris and Pratt: the longest border of each prefix.
  const border = [0];
  for (let at = 1, length = 0; at < text.length; at++) {
    while (length > 0 && text[at] !== text[length]) length = border[length - 1] as number;
    if (text[at] === text[length]) length++;
    border.push(length);
  }
  const period = text.length - (border.at(-1) ?? 0);
  return text.length >= 2 * period ? text.slice(0, period) : text;
}

const isRun = (text: string): boolean => text.length >= wordMin && runs.some((run) => run.includes(text));

/** The forms under which a text may stand in the list. */
function formsOf(text: string): string[] {
  const lower = text.normalize('NFKC').toLowerCase();
  const letters = lower.replace(/[^\p{L}\p{N}]/gu, '');
  const plain = (form: string) => form.replace(/./gu, (char) => disguises[char] ?? char);
  return [...new Set([lower, letters, plain(lower), plain(letters), plain(lower).replace(/[^\p{L}\p{N}]/gu, '')])];
}

/** What kind of guess a password is. */
export type Guess = 'common' | 'context';

/**
 * Whether an attacker's list holds `password`: one of the commonest, one of `context` (the person's address, the
 * service's name), a run of the alphabet or of a keyboard; each of them also repeated, in another letter case, with
 * digits for letters, with separators, decorated with up to four digits or signs, or two of them side by side.
 */
export async function guessOf(password: string, context: readonly string[]): Promise<Guess | undefined> {
  const known = await commonest();
  const own = new Set(context.flatMap(formsOf).filter((word) => word.length >= wordMin));
  const kindOf = (word: string): Guess | undefined => {
    const unit = unitOf(word);
    if (own.has(word) || own.has(unit)) return 'context';
    // One or two characters over and over are no password, whichever they are.
    if (unit.length < word.length && unit.length <= decorationMax) return 'common';
    return known.has(word) || known.has(unit) || isRun(word) || isRun(unit) ? 'common' : undefined;
  };
  const ofPair = (text: string): Guess | undefined => {
    for (let at = wordMin; at <= text.length - wordMin && text.length <= pairMax; at++) {
      const [left, right] = [kindOf(text.slice(0, at)), kindOf(text.slice(at))];
      if (left && right) return left === 'context' ? left : right;
    }
    return undefined;
  };
  for (const form of formsOf(password)) {
    const bare = form.replace(new RegExp(`^[^\\p{L}]{0,${decorationMax}}|[^\\p{L}]{0,${decorationMax}}$`, 'gu'), '');
    const guess = kindOf(form) ?? (bare.length >= wordMin ? kindOf(bare) : undefined) ?? ofPair(form) ?? ofPair(bare);
    if (guess) return guess;
  }
  return undefined;
}
