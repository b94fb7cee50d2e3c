import { deviation, mean } from './numbers.ts';

/** What is known of a project beside what it reuses; null: not known. */
export interface Circumstances {
  readonly problemClass: string | null;
  /** 1 to 100. */
  readonly complexity: number | null;
  readonly teamSize: number | null;
  /** Mean of the team: junior 1, mid 2, senior 3, lead 4. */
  readonly experience: number | null;
  /** When it began, in days since any day. */
  readonly day: number | null;
  /** Who worked on it, by any names: so that projects of one team are known as such. */
  readonly people: readonly string[];
}

/** Columns that share a variance, which is learnt: their coefficients are drawn together to 0. */
export interface Group {
  readonly start: number;
  readonly end: number;
  /** Of the half-Cauchy prior of the standard deviation, in standard deviations of the outcome. */
  readonly scale: number;
}

/** A sparse table, a row for each project: columns and values of row i stand from starts[i] up to starts[i + 1]. */
export interface Design {
  readonly columns: number;
  readonly starts: Int32Array;
  readonly column: Int32Array;
  readonly value: Float64Array;
  /** Precision of the normal prior of each column's coefficient; 0 in the groups. */
  readonly precision: Float64Array;
  readonly groups: readonly Group[];
  /** The column of the number of artifacts that a project uses: what they do on the average. */
  readonly reuse: number;
  /** The first artifact's column; artifact a stands at artifacts + a. */
  readonly artifacts: number;
}

/** Standard deviations of the normal priors, in those of the outcome, for columns of unit variance. */
const prior = { intercept: 2, slope: 0.5, curve: 0.25, reuse: 0.2 } as const;
/** Scales of the half-Cauchy priors of the groups' standard deviations, likewise. */
const scales = { problemClass: 0.5, person: 0.5, artifact: 0.3 } as const;

/** Centred and of unit variance, 0 where not known; undefined where all are alike. */
function standardised(values: readonly (number | null)[]): Float64Array | undefined {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return undefined;
  const centre = mean(known);
  const spread = deviation(known);
  if (!(spread > 1e-9 * Math.max(1, Math.abs(centre)))) return undefined;
  return Float64Array.from(values, (value) => (value === null ? 0 : (value - centre) / spread));
}

/** A place for each name of which there are some; what stands once says nothing that a residual does not. */
function placesOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map([...counts].filter(([, count]) => count > 1).map(([name], place) => [name, place]));
}

/** What each person's projects reuse on the average, and of a project the mean over its people. */
function habits(projects: readonly Circumstances[], counts: readonly number[]): number[] {
  const sums = new Map<string, { projects: number; used: number }>();
  for (const [at, { people }] of projects.entries()) {
    for (const person of people) {
      const sum = sums.get(person) ?? { projects: 0, used: 0 };
      sum.projects += 1;
      sum.used += counts[at]!;
      sums.set(person, sum);
    }
  }
  const all = mean(counts);
  return projects.map(({ people }) =>
    people.length === 0 ? all : mean(people.map((person) => sums.get(person)!.used / sums.get(person)!.projects)),
  );
}

/**
 * The columns by which outcomes are explained: of the circumstances an intercept, slopes of complexity, team size,
 * experience and time, bends of complexity and time, a coefficient for each class and each person; how much the people of a
 * project reuse in all their projects, so that what remains compares projects of the same people (Mundlak 1978); and of the
 * reuse the number of artifacts and each artifact. `uses[i]` are the artifacts of project i, each once.
 */
export function designOf(
  projects: readonly Circumstances[],
  uses: readonly (readonly number[])[],
  artifactCount: number,
): Design {
  const counts = uses.map(({ length }) => length);
  const sizes = projects.map(({ teamSize }) => (teamSize === null ? null : Math.log(teamSize)));
  const complexity = standardised(projects.map((project) => project.complexity));
  const day = standardised(projects.map((project) => project.day));
  const bend = (values: Float64Array | undefined) => values && standardised([...values].map((value) => value * value));
  const numbers = [
    { values: complexity, sd: prior.slope },
    { values: standardised(sizes), sd: prior.slope },
    { values: standardised(projects.map(({ experience }) => experience)), sd: prior.slope },
    { values: day, sd: prior.slope },
    { values: standardised(habits(projects, counts)), sd: prior.slope },
    { values: bend(complexity), sd: prior.curve },
    { values: bend(day), sd: prior.curve },
  ].flatMap(({ values, sd }) => (values ? [{ values, sd }] : []));
  const classes = placesOf(projects.flatMap(({ problemClass }) => (problemClass === null ? [] : [problemClass])));
  const teams = projects.map((project) => [...new Set(project.people)]);
  const people = placesOf(teams.flat());

  const reuse = 1 + numbers.length;
  const firstClass = reuse + 1;
  const firstPerson = firstClass + classes.size;
  const artifacts = firstPerson + people.size;
  const columns = artifacts + artifactCount;
  const precision = new Float64Array(columns);
  precision[0] = prior.intercept ** -2;
  for (const [at, { sd }] of numbers.entries()) precision[1 + at] = sd ** -2;
  precision[reuse] = prior.reuse ** -2;

  const starts = new Int32Array(projects.length + 1);
  const column: number[] = [];
  const value: number[] = [];
  const add = (place: number, of: number): void => {
    column.push(place);
    value.push(of);
  };
  for (const [at, project] of projects.entries()) {
    add(0, 1);
    for (const [which, { values }] of numbers.entries()) add(1 + which, values[at]!);
    if (counts[at]! > 0) add(reuse, counts[at]!);
    const itsClass = classes.get(project.problemClass ?? '');
    if (itsClass !== undefined) add(firstClass + itsClass, 1);
    const team = teams[at]!;
    const known = team.flatMap((person) => people.get(person) ?? []).sort((a, b) => a - b);
    for (const person of known) add(firstPerson + person, 1 / team.length);
    for (const artifact of uses[at]!) add(artifacts + artifact, 1);
    starts[at + 1] = column.length;
  }
  const groups = [
    { start: firstClass, end: firstPerson, scale: scales.problemClass },
    { start: firstPerson, end: artifacts, scale: scales.person },
    { start: artifacts, end: columns, scale: scales.artifact },
  ].filter(({ start, end }) => end > start);
  return {
    columns,
    starts,
    column: Int32Array.from(column),
    value: Float64Array.from(value),
    precision,
    groups,
    reuse,
    artifacts,
  };
}
