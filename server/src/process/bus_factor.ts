/** Files that the same people know, and how many there are of them. */
export interface KnownFiles {
  /** Those who count as authors; nobody, where nobody does. */
  readonly authors: readonly string[];
  readonly files: number;
}

export interface BusFactor {
  /** How many people must leave until more than half of the files have no author left; 0 where there are no files. */
  readonly bus_factor: number;
  readonly files: number;
  readonly files_without_author: number;
}

/**
 * The truck factor of Avelino, Passos, Hora and Valente (A Novel Approach for Estimating Truck Factors, ICPC 2016): whoever
 * is an author of the most files leaves, one after the other, until fewer than half of the files have an author. Who is an
 * author of what is `knownFiles`'s to say. Of several with as many files the first by id leaves first.
 */
export function busFactorOf(known: readonly KnownFiles[]): BusFactor {
  const files = known.reduce((sum, group) => sum + group.files, 0);
  const without = known.reduce((sum, { authors, files: some }) => sum + (authors.length === 0 ? some : 0), 0);
  let left = known.map(({ authors, files: some }) => ({ authors: new Set(authors), files: some }));
  let factor = 0;
  for (;;) {
    left = left.filter(({ authors }) => authors.size > 0);
    const covered = left.reduce((sum, group) => sum + group.files, 0);
    if (left.length === 0 || covered * 2 < files) break;
    const owned = new Map<string, number>();
    for (const group of left) {
      for (const author of group.authors) owned.set(author, (owned.get(author) ?? 0) + group.files);
    }
    const [top] = [...owned].reduce((a, b) => (b[1] > a[1] || (b[1] === a[1] && b[0] < a[0]) ? b : a));
    for (const { authors } of left) authors.delete(top);
    factor += 1;
  }
  return { bus_factor: factor, files, files_without_author: without };
}
