/** What the shape of who works with whom says; every figure is of the whole, and of nobody in particular. */
export interface GraphMeasures {
  readonly people: number;
  readonly ties: number;
  /** Of all pairs, the share that has a tie. */
  readonly density: number;
  /** Parts without a tie between them; somebody without any tie is one. */
  readonly components: number;
  /** Of all people, the share that is in the largest component. */
  readonly largest_component_share: number;
  /** 1 where all ties are with one person and there are no others, 0 where all have as many. Null below three people. */
  readonly degree_centralization: number | null;
  /** 1 where every way between two others leads through one person, 0 where all are alike. Null below three people. */
  readonly betweenness_centralization: number | null;
  /** Of the pairs that have a third person in common, the share that has a tie itself. Null where there is no such pair. */
  readonly transitivity: number | null;
}

/** Neighbours by the place of a person. */
type Graph = readonly ReadonlySet<number>[];

/**
 * The graph of people, in the order of their random ids, which tell nothing of who did more; ties that name somebody else,
 * or one person twice, count for nothing.
 */
export function graphOf(people: readonly string[], ties: Iterable<readonly [string, string]>): Graph {
  const places = new Map(people.toSorted().map((person, place) => [person, place]));
  const graph = people.map(() => new Set<number>());
  for (const [one, other] of ties) {
    const a = places.get(one);
    const b = places.get(other);
    if (a === undefined || b === undefined || a === b) continue;
    graph[a]?.add(b);
    graph[b]?.add(a);
  }
  return graph;
}

/** A graph to be drawn: people by their places, those with the most ties first. */
export interface Drawing {
  /** With how many others each has a tie. */
  readonly degrees: number[];
  /** Pairs of places in their order: all, or of each person as many as leave `drawnTiesMax` of all, with the most tied. */
  readonly ties: { readonly one: number; readonly other: number }[];
}

/** A drawing with more is black all over, and a megabyte where everybody of 300 is tied with everybody. */
export const drawnTiesMax = 10_000;

/** The form of a graph. People with as many ties stand as they do in it. */
export function drawingOf(graph: Graph): Drawing {
  const degree = (person: number): number => graph[person]?.size ?? 0;
  const order = [...graph.keys()].sort((a, b) => degree(b) - degree(a) || a - b);
  const places = new Map(order.map((person, place) => [person, place]));
  // Ties are those of the less tied one of two.
  const earlier = order.map((person, place) =>
    [...(graph[person] ?? [])]
      .map((other) => places.get(other) as number)
      .filter((other) => other < place)
      .sort((a, b) => a - b),
  );
  const countOf = (most: number) => earlier.reduce((sum, { length }) => sum + Math.min(length, most), 0);
  let most = graph.length;
  // Room is left for a tie of each.
  if (countOf(most) > drawnTiesMax) while (countOf(most) > drawnTiesMax - graph.length) most -= 1;
  const ties = earlier.flatMap((others, other) => others.slice(0, most).map((one) => ({ one, other })));
  const drawn = new Set(ties.flatMap(({ one, other }) => [one, other]));
  // Whoever was cut from the lists of all others, and whom they all stand before, keeps one of them.
  const left = order.flatMap((person, one) => {
    if (drawn.has(one) || degree(person) === 0) return [];
    return [{ one, other: Math.min(...[...(graph[person] ?? [])].map((other) => places.get(other) as number)) }];
  });
  const all = [...ties, ...left].sort((a, b) => a.one - b.one || a.other - b.other);
  return { degrees: order.map(degree), ties: all };
}

/** The size of each component, the largest first. */
function componentsOf(graph: Graph): number[] {
  const seen = new Set<number>();
  const sizes: number[] = [];
  for (const start of graph.keys()) {
    if (seen.has(start)) continue;
    const before = seen.size;
    seen.add(start);
    const open = [start];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const next of graph[at] ?? []) {
        if (seen.has(next)) continue;
        seen.add(next);
        open.push(next);
      }
    }
    sizes.push(seen.size - before);
  }
  return sizes.sort((a, b) => b - a);
}

/**
 * For each person, the number of pairs of others whose shortest ways lead through the person, ways of equal length in
 * equal parts: by Brandes (A faster algorithm for betweenness centrality, Journal of Mathematical Sociology 25(2), 2001).
 */
export function betweennessOf(graph: Graph): number[] {
  const people = graph.length;
  // In one array, those of a person after those of the one before: everybody is looked at once for each person.
  const neighbours = Int32Array.from(graph.flatMap((of) => [...of]));
  const firstOf = new Int32Array(people + 1);
  for (const [person, of] of graph.entries()) firstOf[person + 1] = (firstOf[person] as number) + of.size;
  const through = new Float64Array(people);
  const order = new Int32Array(people);
  const ways = new Float64Array(people);
  const far = new Int32Array(people);
  const share = new Float64Array(people);
  for (let source = 0; source < people; source++) {
    ways.fill(0);
    far.fill(-1);
    share.fill(0);
    order[0] = source;
    ways[source] = 1;
    far[source] = 0;
    let reached = 1;
    for (let place = 0; place < reached; place++) {
      const at = order[place] as number;
      const next = (far[at] as number) + 1;
      const end = firstOf[at + 1] as number;
      for (let edge = firstOf[at] as number; edge < end; edge++) {
        const other = neighbours[edge] as number;
        if (far[other] === -1) {
          far[other] = next;
          order[reached] = other;
          reached += 1;
        }
        if (far[other] === next) ways[other] = (ways[other] as number) + (ways[at] as number);
      }
    }
    for (let place = reached - 1; place > 0; place--) {
      const at = order[place] as number;
      const before = (far[at] as number) - 1;
      const part = (1 + (share[at] as number)) / (ways[at] as number);
      const end = firstOf[at + 1] as number;
      for (let edge = firstOf[at] as number; edge < end; edge++) {
        const previous = neighbours[edge] as number;
        if (far[previous] === before) share[previous] = (share[previous] as number) + (ways[previous] as number) * part;
      }
      through[at] = (through[at] as number) + (share[at] as number);
    }
  }
  // Each pair was met from both ends.
  return Array.from(through, (value) => value / 2);
}

/** Freeman's: how far all are from the most central one, of how far they can be. */
function centralizationOf(values: readonly number[], farthest: number): number {
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  return values.reduce((sum, value) => sum + (most - value), 0) / farthest;
}

function transitivityOf(graph: Graph): number | null {
  // Both count each pair of a person's neighbours twice.
  let closed = 0;
  let all = 0;
  const isNeighbour = new Uint8Array(graph.length);
  for (const neighbours of graph) {
    all += neighbours.size * (neighbours.size - 1);
    isNeighbour.fill(0);
    for (const one of neighbours) isNeighbour[one] = 1;
    for (const one of neighbours) {
      for (const other of graph[one] as ReadonlySet<number>) closed += isNeighbour[other] as number;
    }
  }
  return all === 0 ? null : closed / all;
}

/**
 * Measures of an undirected graph without weights. Centralization is Freeman's (Centrality in social networks: conceptual
 * clarification, Social Networks 1, 1978/79): against the star of as many people. Time grows with people times ties.
 */
export function measuresOf(graph: Graph): GraphMeasures {
  const n = graph.length;
  const degrees = graph.map(({ size }) => size);
  const count = degrees.reduce((sum, degree) => sum + degree, 0) / 2;
  const sizes = componentsOf(graph);
  return {
    people: n,
    ties: count,
    density: n < 2 ? 0 : (2 * count) / (n * (n - 1)),
    components: sizes.length,
    largest_component_share: n === 0 ? 0 : (sizes[0] as number) / n,
    degree_centralization: n < 3 ? null : centralizationOf(degrees, (n - 1) * (n - 2)),
    betweenness_centralization: n < 3 ? null : centralizationOf(betweennessOf(graph), ((n - 1) ** 2 * (n - 2)) / 2),
    transitivity: transitivityOf(graph),
  };
}
