import type { Feature, FeatureKind, Row, Value } from '@maestro/insight/history';
import { isMissing } from '@maestro/insight/missing';
import type { TenantTx } from '../db/tenancy.ts';
import type { ProjectFields } from '../projects/queries.ts';
import { landmarkDays, processOf, reuseOf, type TeamRow, teamsOf } from './feature_queries.ts';

/** What features are read from: of a project only what is known as it starts, and what its first days show. */
export interface Known {
  readonly project: Pick<ProjectFields, 'problem_class' | 'complexity_score' | 'team_size' | 'start_date' | 'metadata'>;
  readonly team?: Pick<TeamRow, 'members' | 'experience' | 'seniors'> | undefined;
  /** Artifacts used, by type. */
  readonly reuse: Readonly<Record<string, number>>;
  /** Means of process metrics, by type. */
  readonly process: Readonly<Record<string, number>>;
}

/** Of a feature, how many projects tell a value, and how many of these values are none of its kind. */
export interface Unread {
  readonly feature: Feature;
  readonly told: number;
  readonly unread: number;
}

/** Keys of a project's metadata that hold what people estimated before it began. */
export const estimateKeys = { duration_days: 'estimated_duration_days', cost: 'estimated_cost' } as const;

const isOutcome = /^(?:duration_days|completion_date|success_score|compute_cost)$/;
const ends = /^(?:actual|final|outcome|result)s?(?:_.*)?$/;
/** What is asked of each of millions of names first. */
const mayEnd = /duration|completion|success|compute|actual|final|outcome|result/i;

/** A name in snake case, whatever case it is in: `actualCost`, `Actual-Cost` and `ACTUAL COST` are `actual_cost`. */
const snakeOf = (name: string): string =>
  name
    .replace(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu, '_')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .join('_');

/** Metadata that say how a project ended are no features: by their name, or what it has before or after a dot. */
export const saysTheEnd = (key: string): boolean =>
  mayEnd.test(key) && key.split('.').some((name) => isOutcome.test(snakeOf(name)) || ends.test(snakeOf(name)));

/** The key of metadata, if there is one, that is an outcome. */
export const outcomeIn = (metadata: Readonly<Record<string, unknown>>): string | undefined =>
  Object.keys(metadata).find((key) => isOutcome.test(snakeOf(key)));

/** Fields of metadata that count. */
export const metadataMax = 40;
const textsMax = 3;
const typesMax = 20;
/** Of so many projects at least, and of this share, a feature must be known. */
const projectsMin = 3;
const shareMin = 0.05;
const categoryLengthMax = 100;
const textLengthMax = 2_000;

/** It is asked for once for each feature. */
const flattened = new WeakMap<object, Map<string, Value>>();

/** Metadata of one project, objects in it laid open one level deep: `team: { site: 'Oslo' }` is `team.site`. */
function flat(metadata: Readonly<Record<string, unknown>>): Map<string, Value> {
  const known = flattened.get(metadata);
  if (known) return known;
  const found = new Map<string, Value>();
  flattened.set(metadata, found);
  const add = (key: string, value: unknown): void => {
    if (saysTheEnd(key)) return;
    if (typeof value === 'boolean') found.set(key, value ? 'yes' : 'no');
    else if (typeof value === 'number' && Number.isFinite(value)) found.set(key, value);
    else if (typeof value === 'string' && value.trim() !== '') found.set(key, value.trim().slice(0, textLengthMax));
  };
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'object' || value === null) add(key, value);
    else if (!Array.isArray(value) && !saysTheEnd(key))
      for (const [inner, each] of Object.entries(value)) add(`${key}.${inner}`, each);
  }
  return found;
}

/** Metadata as they are given, by the names of features. */
export const namedIn = (metadata: Readonly<Record<string, unknown>>): [feature: string, value: unknown][] =>
  Object.entries(metadata).flatMap(([key, value]): [string, unknown][] => {
    const inner = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
    if (inner.length === 0) return [[`${ofMetadata}${key}`, value]];
    return inner.map(([name, each]) => [`${ofMetadata}${key}.${name}`, each]);
  });

const isDay = (value: Value): boolean => typeof value === 'string' && /^\d{4}-\d\d-\d\d(?:T.*)?$/.test(value);
const isNumber = (value: Value): boolean =>
  typeof value === 'number' || (typeof value === 'string' && value !== '' && Number.isFinite(Number(value)));

/** Of so many values one may be none of its kind, such as a size of "tbd": it is not known, and takes nothing from the others. */
const oddShareMax = 0.05;

/** Whether a value says something, and not that nobody knows. */
const isTold = (value: Value): boolean => value !== null && (typeof value !== 'string' || !isMissing(value));

/** Whether values are of a kind, but for those that say that nobody knows and a few that are odd. */
function areMostly(values: readonly Value[], isOne: (value: Value) => boolean): boolean {
  const told = values.filter(isTold);
  const odd = told.filter((value) => !isOne(value)).length;
  return odd < told.length && odd <= oddShareMax * told.length;
}

/** How values of one key are read; undefined where nothing can be learned from them, such as ids and links. */
function kindOf(values: readonly Value[]): FeatureKind | undefined {
  if (areMostly(values, isNumber)) return 'numeric';
  if (areMostly(values, isDay)) return 'date';
  const texts = values.map(String);
  const distinct = new Set(texts).size;
  if (texts.every((each) => each.length <= categoryLengthMax) && distinct <= Math.max(2, texts.length / 2)) {
    return 'categorical';
  }
  const words = texts.reduce((sum, each) => sum + each.split(/\s+/).length, 0) / texts.length;
  return words >= 3 ? 'text' : undefined;
}

const byCount = <Key extends string>(counts: ReadonlyMap<Key, number>, least: number, most: number): Key[] =>
  [...counts]
    .filter(([, count]) => count >= least)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([key]) => key);

function countKeys(all: readonly Iterable<string>[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const keys of all) for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Features of the project itself, whatever its metadata. */
const own: readonly Feature[] = [
  { name: 'problem_class', kind: 'categorical' },
  { name: 'complexity_score', kind: 'numeric' },
  { name: 'team_size', kind: 'numeric' },
  { name: 'start_date', kind: 'date' },
  { name: 'team.experience', kind: 'numeric' },
  { name: 'team.seniors', kind: 'numeric' },
  { name: 'reuse', kind: 'numeric' },
];

/**
 * Chooses the features that some projects can be told apart by. A feature's name says where its value is: a field of the
 * project, or `metadata.KEY`, `team.…`, `reuse.TYPE`, `process.METRIC`.
 */
export function chooseFeatures(known: readonly Known[]): Feature[] {
  const least = Math.max(projectsMin, Math.ceil(shareMin * known.length));
  const metadata = known.map(({ project }) => flat(project.metadata));
  const chosen: Feature[] = [];
  let texts = 0;
  for (const key of byCount(countKeys(metadata.map((one) => one.keys())), least, metadataMax)) {
    const kind = kindOf(metadata.flatMap((one) => one.get(key) ?? []));
    if (kind === undefined || (kind === 'text' && texts === textsMax)) continue;
    if (kind === 'text') texts += 1;
    chosen.push({ name: `${ofMetadata}${key}`, kind });
  }
  const numeric = (prefix: string, given: readonly Readonly<Record<string, number>>[]): Feature[] =>
    byCount(countKeys(given.map(Object.keys)), least, typesMax).map((key) => ({
      name: `${prefix}.${key}`,
      kind: 'numeric',
    }));
  const candidates = [
    ...own,
    ...chosen,
    ...numeric(
      'reuse',
      known.map(({ reuse }) => reuse),
    ),
    ...numeric(
      'process',
      known.map(({ process }) => process),
    ),
  ];
  return candidates.filter(({ name, kind }) => {
    const values = known.map((one) => readAs(kind, readFeature(name, one))).filter((value) => value !== null);
    return values.length >= Math.min(least, known.length) && new Set(values).size > 1;
  });
}

/** Whether a feature is of a project's first days: before they are over it says how young the project is. */
export const isOfFirstDays = (name: string): boolean => /^(?:reuse(?:\..*)?|process\..*)$/s.test(name);

const ofMetadata = 'metadata.';

/** The key of metadata that a feature is read from, one in an object as `object.key`; undefined of another feature. */
export const metadataKeyOf = (name: string): string | undefined =>
  name.startsWith(ofMetadata) ? name.slice(ofMetadata.length) : undefined;

/** The value of a feature, by its name. */
function readFeature(name: string, { project, team, reuse, process }: Known): Value {
  const dot = name.indexOf('.');
  const key = name.slice(dot + 1);
  switch (dot < 0 ? name : name.slice(0, dot)) {
    case 'problem_class':
      return project.problem_class;
    case 'complexity_score':
      return project.complexity_score;
    case 'team_size':
      // Where nobody said it, those who are on the team are its size.
      return project.team_size ?? team?.members ?? null;
    case 'start_date':
      return project.start_date;
    case 'team':
      return team?.[key as 'experience' | 'seniors'] ?? null;
    case 'reuse':
      return dot < 0 ? Object.values(reuse).reduce((sum, each) => sum + each, 0) : (reuse[key] ?? 0);
    case 'process':
      return process[key] ?? null;
    default:
      return flat(project.metadata).get(key) ?? null;
  }
}

function readAs(kind: FeatureKind, value: Value): Value {
  if (value === null) return null;
  if (kind === 'numeric') return isNumber(value) ? Number(value) : null;
  if (kind === 'date') return isDay(value) ? String(value).slice(0, 10) : null;
  return String(value);
}

/** Whether a value says something that cannot be read as a feature's kind, and so is not known. */
export const isUnread = (kind: FeatureKind, value: Value): boolean => isTold(value) && readAs(kind, value) === null;

/** How many values of features are told, and how many of these cannot be read; of the features that have such. */
export const unreadOf = (features: readonly Feature[], known: readonly Known[]): Unread[] =>
  features.flatMap((feature) => {
    const told = known.map((one) => readFeature(feature.name, one)).filter(isTold);
    const unread = told.filter((value) => isUnread(feature.kind, value)).length;
    return unread === 0 ? [] : { feature, told: told.length, unread };
  });

/** A project's values of features. */
export const rowOf = (features: readonly Feature[], known: Known): Row =>
  features.map(({ name, kind }) => readAs(kind, readFeature(name, known)));

const labels: Readonly<Record<string, string>> = {
  problem_class: 'problem class',
  complexity_score: 'complexity score',
  team_size: 'team size',
  start_date: 'start date',
  'team.experience': 'experience of the team (1 junior to 4 lead)',
  'team.seniors': 'share of seniors in the team',
  reuse: `artifacts reused in the first ${landmarkDays} days`,
};

/** What people call a feature. */
export function labelOf(name: string): string {
  const dot = name.indexOf('.');
  const key = name.slice(dot + 1).replaceAll('_', ' ');
  if (Object.hasOwn(labels, name)) return labels[name] as string;
  if (name.startsWith('reuse.')) return `artifacts of type ${key} reused in the first ${landmarkDays} days`;
  if (name.startsWith('process.')) return `mean ${key} in the first ${landmarkDays} days`;
  return key;
}

/** What rows say of each project, by project; the keys of one in order, so that the same rows give the same JSON. */
function byProject<Row extends { project_id: string }>(
  rows: readonly Row[],
  entryOf: (row: Row) => [string, number],
): Map<string, Record<string, number>> {
  const inOrder = (of: Row[]) => of.map(entryOf).sort(([a], [b]) => (a < b ? -1 : 1));
  const grouped = Map.groupBy(rows, ({ project_id: id }) => id);
  return new Map([...grouped].map(([id, of]) => [id, Object.fromEntries(inOrder(of))]));
}

/** Reads what else is known of projects: three statements, whatever their number. */
export async function knownOf<Project extends { readonly project_id: string }>(
  tx: TenantTx,
  projects: readonly Project[],
): Promise<(Omit<Known, 'project'> & { readonly project: Project })[]> {
  const ids = projects.map(({ project_id: id }) => id);
  const today = new Date().toISOString().slice(0, 10);
  const teams = new Map((await teamsOf(tx, ids)).map(({ project_id: id, ...team }) => [id, team]));
  const reuse = byProject(await reuseOf(tx, ids), ({ type, artifacts }) => [type, artifacts]);
  const process = byProject(await processOf(tx, ids, today), ({ metric_type: type, mean }) => [type, mean]);
  return projects.map((project) => ({
    project,
    team: teams.get(project.project_id),
    reuse: reuse.get(project.project_id) ?? {},
    process: process.get(project.project_id) ?? {},
  }));
}
