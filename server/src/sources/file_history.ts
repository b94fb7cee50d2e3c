/** What a commit did to a file: changed or added it, deleted it, or renamed it, changed or not. */
export type FileChange = readonly ['C' | 'D', string] | readonly ['R', string, string];

/** How often somebody changed a file, and when first and last: milliseconds since 1970. */
interface Share {
  readonly changes: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface FileShare extends Share {
  readonly path: string;
  readonly person: string;
}

interface State {
  /** The path at which what was known of the file before stands; undefined where nothing of that is left. */
  readonly base: string | undefined;
  /** By person. */
  readonly shares: Map<string, Share>;
}

const both = (one: Share, other: Share | undefined): Share => ({
  changes: one.changes + (other?.changes ?? 0),
  firstAt: Math.min(one.firstAt, other?.firstAt ?? one.firstAt),
  lastAt: Math.max(one.lastAt, other?.lastAt ?? one.lastAt),
});

/**
 * What some commits did to files, all together: who changed which, and which files went away or moved. Commits come
 * oldest first; what is stored at the beginning is not looked at until the end.
 */
export class FileHistory {
  readonly #states = new Map<string, State>();

  #stateOf(path: string): State {
    const known = this.#states.get(path);
    if (known) return known;
    const state: State = { base: path, shares: new Map() };
    this.#states.set(path, state);
    return state;
  }

  /** `at`: milliseconds. A commit of too many files leaves them whose they were: then `counts` is false. */
  add(changes: readonly FileChange[], person: string, at: number, counts: boolean): void {
    for (const [kind, path, to = path] of changes) {
      if (kind === 'R') this.#states.set(to, this.#stateOf(path));
      if (kind !== 'C') this.#states.set(path, { base: undefined, shares: new Map() });
      if (kind !== 'D' && counts) {
        const { shares } = this.#stateOf(to);
        shares.set(person, both({ changes: 1, firstAt: at, lastAt: at }, shares.get(person)));
      }
    }
  }

  /** The paths of which nothing that is stored holds any more. */
  removed(): string[] {
    return [...this.#states].flatMap(([path, { base }]) => (base === path ? [] : [path]));
  }

  /** What is to be added to what is stored, given what stood at the paths of `removed`. */
  shares(before: readonly FileShare[]): FileShare[] {
    const moved = Map.groupBy(before, ({ path }) => path);
    return [...this.#states].flatMap(([path, { base, shares }]) => {
      const all = new Map(shares);
      if (base !== undefined && base !== path) {
        for (const share of moved.get(base) ?? []) all.set(share.person, both(share, shares.get(share.person)));
      }
      return [...all].map(([person, { changes, firstAt, lastAt }]) => ({ path, person, changes, firstAt, lastAt }));
    });
  }
}
