/** What a browser knows of the text of a number (ECMAScript 2026); older ones do not. */
type Exact = JSON & {
  rawJSON?(text: string): object;
  isRawJSON?(value: unknown): value is { readonly rawJSON: string };
};
const json: Exact = JSON;

/** The digits of a number that is shown as it was written. */
export const writtenNumber = (value: unknown): string | undefined =>
  json.isRawJSON?.(value) ? value.rawJSON : undefined;

/** Reads JSON to show it: numbers that would become others are kept as they are written, where the browser can. */
export function readJson(text: string): unknown {
  // Asking of each value takes several times as long.
  if (!json.rawJSON || !/\d{16}|e\+?\d{3}/i.test(text)) return JSON.parse(text);
  const reviver = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    const { source } = context ?? {};
    if (typeof value !== 'number' || source === undefined) return value;
    const isOther = !Number.isFinite(value) || (/^-?\d+$/.test(source) && !Number.isSafeInteger(value));
    return isOther ? json.rawJSON?.(source) : value;
  };
  return JSON.parse(text, reviver);
}
