import type { FeatureKind, Row, Value } from '@maestro/insight/history';
import { likenessOf, type Prediction, predict } from '@maestro/insight/learning';
import { isUnread, type Known, rowOf } from './features.ts';
import { pointsOf } from './histories.ts';
import type { CurrentModels, LoadedModel } from './models.ts';
import type { Outcome } from './outcomes.ts';

/** How much a feature moves an estimate: for amounts by a factor, for scores by points. */
export interface Contribution {
  readonly feature: string;
  readonly value: Value;
  readonly effect: number;
}

/** What is predicted of one outcome: kept as it is. */
export interface OutcomeAnswer {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
  /** What a typical project would get. */
  readonly typical: number;
  /** Projects learned from. */
  readonly rows: number;
  readonly is_thin: boolean;
  readonly is_amount: boolean;
  /** The value is the chance, in percent, of an outcome that is 100 or 0; the interval is of the chance. */
  readonly is_chance: boolean;
  /** By name, what the model knows of projects. */
  readonly features: readonly string[];
  /** The strongest first. */
  readonly contributions: readonly Contribution[];
  /** Of the projects that are the nearest by some outcome, those that this one was learned from. */
  readonly similar: readonly { readonly project_id: string; readonly similarity: number }[];
  readonly unfamiliar: readonly { readonly feature: string; readonly value: Value }[];
}

export type Answer = Partial<Readonly<Record<Outcome, OutcomeAnswer>>>;

const contributionsMax = 15;

/** Six digits say more than any estimate knows. */
const rounded = (value: number): number => Number(value.toPrecision(6));

function answerOf({ features, model, scale, isThin, projects }: LoadedModel, row: Row): OutcomeAnswer {
  const [{ value, low, high, confidence, typical, contributions, similar, unfamiliar }] = predict(model, [row]) as [
    Prediction,
  ];
  const isAmount = scale === 'amount';
  const points = pointsOf(scale);
  const strength = (effect: number) => Math.abs(isAmount ? Math.log(effect) : effect);
  return {
    value: rounded(value * points),
    low: rounded(low * points),
    high: rounded(high * points),
    confidence: rounded(confidence),
    typical: rounded(typical * points),
    rows: projects.length,
    is_thin: isThin,
    is_amount: isAmount,
    is_chance: scale === 'success',
    features: features.map(({ name }) => name),
    contributions: contributions
      .map(({ feature, effect }) => ({
        feature: features[feature]?.name as string,
        value: shortened(row[feature] ?? null),
        effect: rounded(isAmount ? effect : effect * points),
      }))
      .filter(({ effect }) => strength(effect) > 0)
      .sort((a, b) => strength(b.effect) - strength(a.effect))
      .slice(0, contributionsMax),
    similar: similar.map(({ row: at, similarity }) => ({
      project_id: projects[at] as string,
      similarity: rounded(similarity),
    })),
    // Whatever begins now begins later than all that has ended.
    unfamiliar: unfamiliar
      .filter((at) => features[at]?.kind !== 'date')
      .map((at) => ({ feature: features[at]?.name as string, value: shortened(row[at] ?? null) })),
  };
}

/** Texts are shown by their beginning. A character of two units is not cut in half: such a text could not be kept. */
const shortened = (value: Value): Value =>
  typeof value === 'string' && value.length > 100 ? `${value.slice(0, 99).replace(/[\ud800-\udbff]$/, '')}…` : value;

/** A value that was said and could not be read as its feature's kind. */
export interface UnreadValue {
  readonly feature: string;
  readonly kind: FeatureKind;
  readonly value: Value;
}

/** Of what was said of features, what the models cannot read. */
export function unreadAmong(
  { models }: Pick<CurrentModels, 'models'>,
  said: readonly (readonly [feature: string, value: unknown])[],
): UnreadValue[] {
  const kinds = new Map(models.flatMap(({ features }) => features.map(({ name, kind }) => [name, kind] as const)));
  return said.flatMap(([feature, given]) => {
    const kind = kinds.get(feature);
    const isPlain = given === null || typeof given === 'string' || typeof given === 'number';
    const value: Value = isPlain ? given : JSON.stringify(given);
    return kind !== undefined && isUnread(kind, value) ? { feature, kind, value: shortened(value) } : [];
  });
}

/** Predicts what will come of a project, as far as anything is known of its outcomes. */
export function answerFor({ models }: Pick<CurrentModels, 'models'>, known: Known): Answer {
  const rows = models.map(({ features }) => rowOf(features, known));
  const answers = models.map((model, at) => answerOf(model, rows[at] as Row));
  const nearest = new Set(answers.flatMap(({ similar }) => similar.map(({ project_id }) => project_id)));
  return Object.fromEntries(
    models.map(({ outcome, model, projects }, at) => {
      const places = projects.flatMap((project, place) => (nearest.has(project) ? [place] : []));
      const similar = likenessOf(model, rows[at] as Row, places).map((similarity, one) => ({
        project_id: projects[places[one] as number] as string,
        similarity: rounded(similarity),
      }));
      return [outcome, { ...(answers[at] as OutcomeAnswer), similar }];
    }),
  );
}
