/** What a browser knows of the text of a number (ECMAScript 2026); older ones do not. */
type Exact = JSON & {
  rawJSON?(text: string): object;
  isRawJSON?(value: unknown): value is { readonly rawJSON: string };
};
const json: Exact = JSON;

/** The digits of a number that is shown as it was written. */
export const writtenNumber = (value: unknown): string | undefined =>
  json.isRawJSON?.(value) ? value.rawJSON : undefined;

/** A number's digits without zeros at either end, and the power of ten behind the last of them. */
function normalised(number: string): { readonly digits: string; readonly power: number } {
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(number) ?? [];
  const written = (whole + fraction).replace(/^0+/, '');
  // An expression would begin anew at each of a million zeros.
  let end = written.length;
  while (end > 0 && written[end - 1] === '0') end--;
  const digits = written.slice(0, end);
  return { digits, power: digits === '' ? 0 : Number(exponent) - fraction.length + written.length - digits.length };
}

/**
 * Whether a number is another one than it is written as. Of up to fifteen digits none is, but where it is too great or too
 * small; of more, those that JavaScript writes differently.
 */
function isChanged(source: string, value: number): boolean {
  if (source.length <= 15 && !/e/i.test(source)) return false;
  const shown = String(value);
  if (shown === source) return false;
  if (!Number.isFinite(value)) return true;
  const [written, read] = [normalised(source), normalised(shown)];
  return written.digits !== read.digits || written.power !== read.power;
}

/** Reads JSON to show it: numbers that would become others are kept as they are written, where the browser can. */
export function readJson(text: string): unknown {
  // Asking of each value takes twenty times as long.
  if (!json.rawJSON || !/\d[\d.]{15}|e[+-]?\d{3}/i.test(text)) return JSON.parse(text);
  const reviver = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    const { source } = context ?? {};
    if (typeof value !== 'number' || source === undefined) return value;
    return isChanged(source, value) ? json.rawJSON?.(source) : value;
  };
  try {
    return JSON.parse(text, reviver);
  } catch (error) {
    // Values within values in thousands are too deep for it, and not for reading alone.
    if (error instanceof RangeError) return JSON.parse(text);
    throw error;
  }
}
