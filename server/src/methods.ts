import type { RouteOptions } from 'fastify';

/** Which methods answer at a path: to tell "no such endpoint" from "not by this method". */
export class MethodsByPath {
  readonly #patterns = new Map<string, { pattern: RegExp; methods: Set<string> }>();

  add({ url, method }: Pick<RouteOptions, 'url' | 'method'>): void {
    let known = this.#patterns.get(url);
    if (!known) {
      const source = url
        .split('/')
        .map((part) => (part === '*' ? '.*' : part.startsWith(':') ? '[^/]+' : RegExp.escape(part)))
        .join('/');
      known = { pattern: new RegExp(`^${source}/?$`), methods: new Set() };
      this.#patterns.set(url, known);
    }
    for (const name of [method].flat()) known.methods.add(name);
  }

  /** The methods of the routes whose path this is, sorted; empty where there is none. */
  of(url: string): string[] {
    const path = url.split('?', 1)[0] as string;
    const found = new Set<string>();
    for (const { pattern, methods } of this.#patterns.values()) {
      if (pattern.test(path)) for (const name of methods) found.add(name);
    }
    return [...found].sort();
  }
}
