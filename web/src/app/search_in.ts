/** Whether a name holds what was typed, in any case; between slashes it is a regular expression. */
export function matcherOf(search: string): (name: string) => boolean {
  const [, pattern] = /^\/(.+)\/$/.exec(search.trim()) ?? [];
  if (pattern !== undefined) {
    try {
      const expression = new RegExp(pattern, 'i');
      return (name) => expression.test(name);
    } catch {
      // As it is being typed, it is none yet.
    }
  }
  const part = search.trim().toLowerCase();
  return (name) => name.toLowerCase().includes(part);
}
