import type { Feature, History, Scale } from '@maestro/insight/history';
import { chooseFeatures, estimateKeys, type Known, rowOf, type Unread, unreadOf } from './features.ts';
import { type Outcome, outcomes, outcomesOf, type Told } from './outcomes.ts';

const amounts = ['duration_days', 'cost'] as const;

/** An ended project, as it teaches: JSON. */
export interface Example extends Known {
  readonly project: Known['project'] & Told & { readonly project_id: string };
}

/** A history, and whose rows it has. */
export interface Lesson {
  readonly outcome: Outcome;
  readonly history: History;
  readonly projects: readonly string[];
  readonly unread: readonly Unread[];
}

/**
 * Days tell of when a project began, and among projects that have ended the late ones are short by construction: what
 * takes long has not ended. So they teach nothing of durations, nor of costs, which grow with them.
 */
const teaches = ({ kind }: Feature, outcome: Outcome): boolean => kind !== 'date' || outcome === 'success_score';

/** What ended projects teach of each outcome that any of them tells. */
export function lessonsOf(examples: readonly Example[]): Lesson[] {
  const features = chooseFeatures(examples);
  const found = examples.map(({ project }) => outcomesOf(project));
  return outcomes.flatMap((outcome) => {
    const taught = features.filter((feature) => teaches(feature, outcome));
    const told = examples.keys().filter((index) => found[index]?.[outcome] !== null);
    const indices = [...told];
    if (indices.length === 0) return [];
    const values = indices.map((index) => found[index]?.[outcome] as number);
    const isBinary = outcome === 'success_score' && values.every((value) => value === 0 || value === 100);
    const scale: Scale = outcome !== 'success_score' ? 'amount' : isBinary ? 'success' : 'score';
    const estimateOf = (amount: keyof typeof estimateKeys): number | undefined => {
      const at = taught.findIndex(({ name }) => name === `metadata.${estimateKeys[amount]}`);
      return at < 0 ? undefined : at;
    };
    const teaching = indices.map((index) => examples[index] as Example);
    const history: History = {
      features: taught,
      rows: teaching.map((each) => rowOf(taught, each)),
      outcomes: isBinary ? values.map((value) => value / 100) : values,
      scale,
      ...(outcome === 'success_score'
        ? {
            others: amounts.map((amount) => ({
              outcomes: indices.map((index) => found[index]?.[amount] ?? null),
              estimate: estimateOf(amount),
            })),
          }
        : { estimate: estimateOf(outcome) }),
    };
    return [
      {
        outcome,
        history,
        projects: teaching.map(({ project }) => project.project_id),
        unread: unreadOf(taught, teaching),
      },
    ];
  });
}

/** Points of what a model of a scale gives: a probability of success is a share of 100. */
export const pointsOf = (scale: Scale): number => (scale === 'success' ? 100 : 1);
