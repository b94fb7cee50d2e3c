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
  const groupsOf = new Map<string, number[]>();
  for (const [place, { authors }] of known.entries()) {
    for (const author of new Set(authors)) {
      const places = groupsOf.get(author);
      if (places) places.push(place);
      else groupsOf.set(author, [place]);
    }
  }
  const filesAt = (place: number): number => (known[place] as KnownFiles).files;
  // Whoever leaves takes no file from the others: who is an author of how many is counted once.
  const leaving = [...groupsOf]
    .map(([author, places]) => ({ author, places, owned: places.reduce((sum, place) => sum + filesAt(place), 0) }))
    .sort((a, b) => b.owned - a.owned || (a.author < b.author ? -1 : 1));
  const left = known.map(({ authors }) => new Set(authors).size);
  let covered = files - without;
  let factor = 0;
  for (const { places } of leaving) {
    if (covered === 0 || covered * 2 < files) break;
    for (const place of places) {
      left[place] = (left[place] as number) - 1;
      if (left[place] === 0) covered -= filesAt(place);
    }
    factor += 1;
  }
  return { bus_factor: factor, files, files_without_author: without };
}
