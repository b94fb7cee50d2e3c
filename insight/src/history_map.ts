import { Fault } from './fault.ts';
import type { Feature, FeatureKind } from './history.ts';

const outcomeNames = ['duration', 'cost', 'success'] as const;
export type OutcomeName = (typeof outcomeNames)[number];

const kinds: readonly FeatureKind[] = ['numeric', 'categorical', 'date', 'text'];

export interface MappedOutcome {
  readonly name: OutcomeName;
  readonly column: string;
  /** The column of a human's estimate of it, which is among the features. */
  readonly estimate?: string | undefined;
}

/** What the columns of a table of finished projects are. */
export interface HistoryMap {
  /** The column that names a project; without it, lines do. */
  readonly id?: string | undefined;
  readonly features: readonly Feature[];
  readonly outcomes: readonly MappedOutcome[];
}

type Members = Record<string, unknown>;

const members = ['id', 'features', 'outcomes', 'outcome', 'estimates', 'estimate'];

const shown = (value: unknown): string => JSON.stringify(value) ?? 'nothing';
const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

function objectOf(value: unknown, at: string, expected: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Fault(`${at}: expected ${expected}, got ${shown(value)}`);
  }
  return value as Members;
}

function columnOf(value: unknown, at: string): string {
  if (typeof value !== 'string' || value.trim() === '') {
    throw new Fault(`${at}: expected the name of a column, got ${shown(value)}`);
  }
  return value.trim();
}

function outcomeName(name: string, at: string): OutcomeName {
  const found = outcomeNames.find((each) => each === name);
  if (found === undefined) throw new Fault(`${at}: unknown outcome '${name}': expected one of ${quoted(outcomeNames)}`);
  return found;
}

function featuresOf(value: unknown): Feature[] {
  const given = objectOf(value, 'features', 'an object of columns with their kinds');
  const features = Object.entries(given).map(([name, kind]): Feature => {
    const known = kinds.find((each) => each === kind);
    if (known === undefined) {
      throw new Fault(`features: ${name}: unknown kind ${shown(kind)}: expected one of ${quoted(kinds)}`);
    }
    return { name: name.trim(), kind: known };
  });
  if (features.length === 0) throw new Fault('features: expected at least one column');
  const twice = features.find(({ name }, at) => features.findIndex((other) => other.name === name) < at);
  if (twice) throw new Fault(`features: column '${twice.name}' is given twice`);
  return features;
}

/** `outcomes`, or `outcome` where there is one; the same of estimates. */
function oneOf(map: Members, plural: string, singular: string): unknown {
  if (map[plural] !== undefined && map[singular] !== undefined) {
    throw new Fault(`${singular}: expected '${plural}' or '${singular}', got both`);
  }
  return map[plural] ?? map[singular];
}

/**
 * Reads a map such as
 * `{"id": "project", "features": {"size": "numeric"}, "outcomes": {"cost": "hours"}, "estimates": {"cost": "planned_hours"}}`.
 * A `Fault` names the member that is wrong. An outcome is no feature: it is not known when a project starts.
 */
export function readMap(value: unknown): HistoryMap {
  const map = objectOf(value, 'map', "an object with 'features' and 'outcomes'");
  const unknown = Object.keys(map).find((name) => !members.includes(name));
  if (unknown !== undefined) throw new Fault(`${unknown}: unknown member: expected one of ${quoted(members)}`);
  const features = featuresOf(map.features);
  const outcomes = Object.entries(
    objectOf(oneOf(map, 'outcomes', 'outcome'), 'outcomes', "an object such as {'cost': 'hours'}"),
  ).map(([name, column]) => ({
    name: outcomeName(name, 'outcomes'),
    column: columnOf(column, `outcomes: ${name}`),
  }));
  if (outcomes.length === 0) throw new Fault(`outcomes: expected at least one of ${quoted(outcomeNames)}`);
  const estimates = new Map<OutcomeName, string>();
  const given = objectOf(
    oneOf(map, 'estimates', 'estimate') ?? {},
    'estimates',
    "an object such as {'cost': 'planned'}",
  );
  for (const [name, column] of Object.entries(given)) {
    const outcome = outcomeName(name, 'estimates');
    if (!outcomes.some((each) => each.name === outcome)) {
      throw new Fault(`estimates: ${name}: the map has no outcome '${name}'`);
    }
    if (outcome === 'success') throw new Fault('estimates: success: only a duration or a cost has an estimate');
    estimates.set(outcome, columnOf(column, `estimates: ${name}`));
  }
  for (const { name, column } of outcomes) {
    const role = features.some((feature) => feature.name === column)
      ? `features: ${column}`
      : [...estimates.values()].includes(column)
        ? `estimates: ${column}`
        : undefined;
    if (role !== undefined) {
      throw new Fault(`${role}: is the outcome '${name}', which nobody knows when a project starts`);
    }
    const twin = outcomes.find((other) => other.column === column && other.name !== name);
    if (twin) throw new Fault(`outcomes: ${twin.name}: column '${column}' is the outcome '${name}' already`);
  }
  for (const [name, column] of estimates) {
    const feature = features.find((each) => each.name === column);
    if (feature && feature.kind !== 'numeric') {
      throw new Fault(`estimates: ${name}: '${column}' is a ${feature.kind} feature: expected a numeric one`);
    }
    if (!feature) features.push({ name: column, kind: 'numeric' });
  }
  return {
    id: map.id === undefined ? undefined : columnOf(map.id, 'id'),
    features,
    outcomes: outcomes.map((outcome) => ({ ...outcome, estimate: estimates.get(outcome.name) })),
  };
}
