import type { Feature, FeatureKind, Row, Value } from './history.ts';
import { brief, clip, deviation, mean, quantile, skewness, type Vector } from './numbers.ts';
import { alongTopic, learnTopics, type Topic } from './topics.ts';

/** A number that a feature's value gives: itself, its logarithm, a day, or a text's length; 0 where it is not known. */
interface NumberColumn {
  readonly of: 'number';
  readonly feature: number;
  readonly reads: 'numeric' | 'date' | 'text';
  /** Added before the logarithm; null: the value is taken as it is. */
  readonly logShift: number | null;
  readonly centre: number;
  readonly scale: number;
  /** A value further out than this many deviations is taken as this. */
  readonly low: number;
  readonly high: number;
}

/** 1 where the category is this one (null: where the value is missing), less its share among the projects. */
interface LevelColumn {
  readonly of: 'level';
  readonly feature: number;
  readonly level: string | null;
  /** What the feature's values are read as: a number that cannot be read is missing, too. */
  readonly reads: FeatureKind;
  readonly share: number;
}

/** How far a text lies along one of the directions in which texts differ; 0 where there is no text. */
interface TopicColumn {
  readonly of: 'topic';
  readonly feature: number;
  readonly topic: Topic;
  readonly centre: number;
  readonly scale: number;
}

export type Column = NumberColumn | LevelColumn | TopicColumn;

/** How projects become vectors. It never looks at outcomes, so rows left out of a fold may share in it. */
export interface Encoding {
  readonly columns: readonly Column[];
}

/** Categories and missing values seen in fewer projects than these tell too little to have a column. */
const fewOfLevel = 2;

/** More categories than these of one feature are taken for names: the rarest have no column. */
const mostLevels = 30;

const millisecondsOfDay = 86_400_000;

/** The number that a value stands for; null where it is not known or no number. */
export function numberOf(value: Value | undefined, kind: FeatureKind): number | null {
  if (value === null || value === undefined || value === '') return null;
  if (kind === 'text') return String(value).length;
  const number = kind === 'date' && typeof value === 'string' ? Date.parse(value) / millisecondsOfDay : Number(value);
  return Number.isFinite(number) ? number : null;
}

/** A human's estimate of an amount: above 0. Nobody estimates 0, which stands for none. */
export function isEstimate(value: Value | undefined): boolean {
  const number = numberOf(value, 'numeric');
  return number !== null && number > 0;
}

/** The category that a value names; null where it is missing. */
export function levelOf(value: Value | undefined): string | null {
  return value === null || value === undefined || value === '' ? null : String(value);
}

/**
 * Positive amounts that lean to the right (sizes, budgets, head counts) are read by their logarithm, as power laws of
 * size are straight lines then (Boehm 1981; Kitchenham and Mendes 2009). A zero stands half of the least amount below it.
 */
function logShiftOf(numbers: readonly number[]): number | null {
  const least = numbers.reduce((low, number) => (number > 0 && number < low ? number : low), Number.POSITIVE_INFINITY);
  if (numbers.some((number) => number < 0) || !Number.isFinite(least)) return null;
  const shift = numbers.some((number) => number === 0) ? least : 0;
  const logs = numbers.map((number) => Math.log(number + shift));
  return Math.abs(skewness(logs)) < Math.abs(skewness(numbers)) ? shift : null;
}

function numberColumn(feature: number, reads: NumberColumn['reads'], all: readonly (number | null)[], logs: boolean) {
  const known = all.filter((number) => number !== null);
  if (known.length === 0) return [];
  const logShift = logs && reads !== 'date' ? logShiftOf(known) : null;
  const read = known.map((number) => (logShift === null ? number : Math.log(number + logShift)));
  const [centre, scale] = [mean(read), deviation(read)];
  if (!(scale > 1e-9 * Math.max(1e-9, Math.abs(centre)))) return [];
  const standard = read.map((number) => (number - centre) / scale);
  // A logarithm may be followed further beyond what was seen than a number that is taken as it is, unless all are.
  const beyond = !logs ? 1e9 : logShift === null ? 0.5 : 2;
  const [low, high] = [quantile(standard, 0) - beyond, quantile(standard, 1) + beyond];
  const [c, s, l, h] = brief([centre, scale, low, high]) as [number, number, number, number];
  return [{ of: 'number', feature, reads, logShift, centre: c, scale: s, low: l, high: h } satisfies NumberColumn];
}

function levelColumns(feature: number, reads: FeatureKind, levels: readonly (string | null)[]): LevelColumn[] {
  const counts = new Map<string | null, number>();
  for (const level of levels) counts.set(level, (counts.get(level) ?? 0) + 1);
  return [...counts]
    .filter(
      ([level, count]) => count >= fewOfLevel && count < levels.length && (reads === 'categorical' || level === null),
    )
    .toSorted(([a, x], [b, y]) => y - x || (String(a) < String(b) ? -1 : 1))
    .slice(0, mostLevels)
    .map(([level, count]) => ({ of: 'level', feature, level, reads, share: count / levels.length }));
}

function topicColumns(feature: number, values: readonly (Value | undefined)[]): TopicColumn[] {
  const texts = values.map(levelOf).filter((text) => text !== null);
  return learnTopics(texts).flatMap((topic): TopicColumn[] => {
    const along = texts.map((text) => alongTopic(topic, text));
    const [centre, scale] = brief([mean(along), deviation(along)]) as [number, number];
    return scale > 1e-9 ? [{ of: 'topic', feature, topic, centre, scale }] : [];
  });
}

/** Learns how to read projects from the projects alone. Constant features give no column. */
export function learnEncoding(features: readonly Feature[], rows: readonly Row[], logs = true): Encoding {
  return {
    columns: features.flatMap(({ kind }, feature): Column[] => {
      if (kind === 'categorical') {
        return levelColumns(
          feature,
          kind,
          rows.map((row) => levelOf(row[feature])),
        );
      }
      const numbers = rows.map((row) => numberOf(row[feature], kind));
      const missing = numbers.map((number) => (number === null ? null : ''));
      return [
        ...numberColumn(feature, kind, numbers, logs),
        ...levelColumns(feature, kind, missing),
        ...(kind === 'text' && logs
          ? topicColumns(
              feature,
              rows.map((row) => row[feature]),
            )
          : []),
      ];
    }),
  };
}

/** One project as a vector: standardised numbers, and categories about their shares. What is not known is 0: typical. */
export function encode({ columns }: Encoding, row: Row): Vector {
  const vector = new Float64Array(columns.length);
  for (const [place, column] of columns.entries()) {
    const value = row[column.feature];
    if (column.of === 'level') {
      const level =
        column.reads === 'categorical' ? levelOf(value) : numberOf(value, column.reads) === null ? null : '';
      vector[place] = (level === column.level ? 1 : 0) - column.share;
      continue;
    }
    if (column.of === 'topic') {
      const text = levelOf(value);
      vector[place] = text === null ? 0 : (alongTopic(column.topic, text) - column.centre) / column.scale;
      continue;
    }
    const number = numberOf(value, column.reads);
    if (number === null) continue;
    const read = column.logShift === null ? number : Math.log(Math.max(number + column.logShift, 1e-300));
    vector[place] = clip((read - column.centre) / column.scale, column.low, column.high);
  }
  return vector;
}

/** What a vector of `encode` is without its centres: numbers in units of their deviation, categories 0 or 1. */
export function uncentred({ columns }: Encoding, vector: Vector): Vector {
  return vector.map((value, place) => {
    const column = columns[place]!;
    return value + (column.of === 'level' ? column.share : column.centre / column.scale);
  });
}

/** The features that columns come from. */
export const featuresOf = ({ columns }: Encoding): Set<number> => new Set(columns.map(({ feature }) => feature));
