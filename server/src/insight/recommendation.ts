import type { Answer, Contribution, OutcomeAnswer } from './answer.ts';
import { labelOf, metadataMax, saysTheEnd } from './features.ts';
import { figure, outcomeNames, percent, pointsText, valueText, withUnit } from './figures.ts';
import { type Outcome, outcomes } from './outcomes.ts';

/** A finished project that a prediction is likened to. */
export interface Similar {
  readonly name: string;
  readonly similarity: number;
  readonly success_score: number | null;
  readonly duration_days: number | null;
  readonly cost: number | null;
}

const reasonsMax = 3;
/** A contribution that moves an estimate less than this is no reason: a factor, and points. */
const factorMin = 1.05;
const pointsMin = 1;

const howToTell: Readonly<Record<Outcome, string>> = {
  success_score: 'record success_score as projects end',
  duration_days: 'record start_date and completion_date',
  cost: 'record compute_cost as projects end',
};

function isReason({ is_amount: isAmount }: OutcomeAnswer, { effect }: Contribution): boolean {
  return isAmount ? Math.max(effect, 1 / effect) >= factorMin : Math.abs(effect) >= pointsMin;
}

/** What a contribution does, in words. */
export function effectText({ is_amount: isAmount }: Pick<OutcomeAnswer, 'is_amount'>, effect: number): string {
  if (!isAmount) return `${effect > 0 ? '+' : '−'}${pointsText(Math.abs(effect))} points`;
  if (effect >= 2) return `× ${figure(effect)}`;
  return `${effect > 1 ? '+' : '−'}${percent(Math.abs(effect - 1))}`;
}

const listed = (texts: readonly string[]): string =>
  texts.length < 2 ? (texts[0] ?? '') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;

function sentencesOf(outcome: Outcome, answer: OutcomeAnswer): string[] {
  const { value, low, high, typical, rows, is_thin: isThin, is_chance: isChance, contributions, unfamiliar } = answer;
  const name = outcomeNames[outcome];
  const title = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const told: string[] = [];
  told.push(
    isChance
      ? `Success: ${figure(value)} of 100 such projects; from what is known, that may be between ${figure(low)} and ${figure(high)}.`
      : `${title}: ${withUnit(outcome, value)}, and in 4 of 5 such projects between ${figure(low)} and ${withUnit(outcome, high)}.`,
  );
  if (isThin) {
    const projects = rows === 1 ? 'one finished project tells' : `${rows} finished projects tell`;
    told.push(
      `Little is known of the ${name}: ${projects} one, so this is their ${isChance ? 'share of successes' : 'median'} with a wide interval; from about 10 on, features count.`,
    );
    return told;
  }
  const reasons = contributions.filter((each) => isReason(answer, each)).slice(0, reasonsMax);
  if (reasons.length > 0) {
    const texts = reasons.map(
      (each) => `${labelOf(each.feature)} ${valueText(each.value)} (${effectText(answer, each.effect)})`,
    );
    told.push(`What moves the ${name} from ${withUnit(outcome, typical)} of a typical project: ${listed(texts)}.`);
  }
  for (const each of unfamiliar.slice(0, 2)) {
    told.push(
      `No finished project is like it in ${labelOf(each.feature)} (${valueText(each.value)}): what that does to the ${name} is a guess.`,
    );
  }
  if (answer.is_amount && low > 0 && high / low > 4) {
    told.push(
      `The ${name} is uncertain: the upper end of the interval is ${figure(high / low)} times the lower; plan in steps, and ask again after each.`,
    );
  }
  return told;
}

function similarText({ name, similarity, ...of }: Similar): string {
  const told = outcomes
    .filter((outcome) => of[outcome] !== null)
    .map((outcome) => `${outcomeNames[outcome]} ${withUnit(outcome, of[outcome] as number)}`);
  return `Most like it is ${name} (${percent(similarity)} alike)${told.length > 0 ? `: ${told.join(', ')}` : ''}.`;
}

/** What is predicted and why, in sentences with numbers. Of similar projects only those that the reader may read. */
export function recommendationOf(answer: Answer, similar: readonly Similar[]): string[] {
  const told = outcomes.flatMap((outcome) => {
    const of = answer[outcome];
    if (of) return sentencesOf(outcome, of);
    return `Nothing is known of the ${outcomeNames[outcome]}: no finished project tells one; ${howToTell[outcome]}.`;
  });
  const [nearest] = similar;
  return nearest ? [...told, similarText(nearest)] : told;
}

const namesMax = 10;

const named = (features: readonly string[]): string => {
  const more = features.length - namesMax;
  return listed([...features.slice(0, namesMax).map(labelOf), ...(more > 0 ? [`${more} more`] : [])]);
};

/** Of features that an answer does not know, why that may be. */
export function untaughtText(after: Answer, changed: readonly string[]): string[] {
  if (Object.keys(after).length === 0) return [];
  const untaught = untaughtOf(after, changed);
  const ends = untaught.filter(saysTheEnd);
  const others = untaught.filter((name) => !ends.includes(name));
  const it = others.length === 1 ? ['it', 'it is', 'it changes'] : ['them', 'they are', 'they change'];
  return [
    ...(others.length === 0
      ? []
      : [
          `Nothing was learned about ${named(others)}: too few finished projects tell ${it[0]}, all tell the same, or ${it[1]} none of what counts (numbers, a few categories, up to three texts, and days for success alone; the ${metadataMax} most frequent fields). What ${it[2]} is not in the figures.`,
        ]),
    ...(ends.length === 0
      ? []
      : [
          `Nothing is learned from ${named(ends)}: by ${ends.length === 1 ? 'its name it says' : 'their names they say'} how a project ended, which nobody knows as one starts.`,
        ]),
  ];
}

const untaughtOf = (after: Answer, changed: readonly string[]): string[] =>
  changed.filter((name) => !Object.values(after).some(({ features }) => features.includes(name)));

/** Differences smaller than these are read as none. */
const noDifference = { share: 0.0005, points: 0.05 } as const;

/** What changes to some features do to a prediction, in sentences with numbers. */
export function differencesText(before: Answer, after: Answer, changed: readonly string[]): string[] {
  const untaught = untaughtText(after, changed);
  if (untaught.length > 0 && untaughtOf(after, changed).length === changed.length) return untaught;
  const differences = outcomes.flatMap((outcome) => {
    const [was, is] = [before[outcome], after[outcome]];
    if (!was || !is) return [];
    const difference = is.value - was.value;
    const name = outcomeNames[outcome];
    if (Math.abs(difference) < 1e-9 * Math.max(1, Math.abs(was.value))) {
      return `The changes make no difference to the ${name}.`;
    }
    const factor = is.is_amount && was.value > 0 ? Math.abs(difference / was.value) : 0;
    if (is.is_amount ? factor > 0 && factor < noDifference.share : Math.abs(difference) < noDifference.points) {
      return `The changes make hardly any difference to the ${name}.`;
    }
    // Less than half a percent is none in a whole one.
    const share = factor < 0.005 ? '' : `, ${percent(factor)}`;
    const direction = difference > 0 ? 'more' : 'less';
    const isWithin = is.value >= was.low && is.value <= was.high;
    return (
      `The ${name} becomes ${withUnit(outcome, is.value)}: ${withUnit(outcome, Math.abs(difference))} ${direction}${share}` +
      `${isWithin ? ', within the interval of before' : ', beyond the interval of before'}.`
    );
  });
  return [...differences, ...untaught];
}
