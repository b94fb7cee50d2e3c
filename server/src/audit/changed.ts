/** What an audit row says of a change of fields: what they are now, and `before` what those same fields were. */
export function changed<Fields extends object>(
  change: Partial<Fields>,
  before: Fields,
): Record<string, unknown> & { before: Record<string, unknown> } {
  const names = Object.keys(change) as (keyof Fields & string)[];
  return { ...change, before: Object.fromEntries(names.map((name) => [name, before[name]])) };
}
