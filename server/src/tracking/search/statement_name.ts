import { createHash } from 'node:crypto';

/**
 * A name that makes a built statement a prepared one, for the first shapes that are seen. A connection keeps what it
 * has prepared for ever, so shapes past the limit stay unnamed and are planned each time.
 */
const names = new Map<string, string>();
const namesMax = 200;

export function statementName(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= namesMax) return known;
  const name = `search_${createHash('sha256').update(text).digest('base64url').slice(0, 16)}`;
  names.set(text, name);
  return name;
}
