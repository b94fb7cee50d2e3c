import type { ProjectDetail } from '../projects/queries.ts';
import { outcomes, type Prediction } from './queries.ts';

/** A number of a project's metadata that its prediction goes by. */
export interface KnownNumber {
  readonly key: string;
  readonly label: string;
  readonly value: number;
  /** Steps of a slider: a hundredth of the value or less, of one digit; whole where the value is. */
  readonly step: number;
}

const shownMax = 4;

/** A slider reads how exact it is off its step as it is written: of 1e-7 nothing, and it would jump to 0. */
const least = 1e-4;
const greatest = 1e15;
const prefix = 'metadata.';

function stepOf(value: number): number {
  const step = 10 ** Math.floor(Math.log10(value / 50));
  return Number.isInteger(value) ? Math.max(1, step) : step;
}

/** What the metadata contributes to all outcomes, of each the strongest before the next ones. */
function strongestFirst({ contributions }: Prediction) {
  const told = outcomes.map((outcome) =>
    (contributions[outcome] ?? []).filter(({ feature }) => feature.startsWith(prefix)),
  );
  const longest = Math.max(...told.map(({ length }) => length));
  return Array.from({ length: longest }, (_, place) => told.flatMap((of) => of[place] ?? [])).flat();
}

/** The numbers of the metadata that move a prediction most, and those that are asked for, of all that a slider can hold. */
export function numbersOf(
  { metadata }: ProjectDetail,
  prediction: Prediction | undefined,
  asked: readonly string[],
): KnownNumber[] {
  const numbers = (named: readonly { readonly key: string; readonly label: string }[]) =>
    named.flatMap(({ key, label }) => {
      const value = metadata[key];
      if (typeof value !== 'number' || value < least || value > greatest) return [];
      return [{ key, label, value, step: stepOf(value) }];
    });
  const moving = prediction === undefined ? [] : strongestFirst(prediction);
  const told = numbers(moving.map(({ feature, label }) => ({ key: feature.slice(prefix.length), label })));
  const strongest = distinct(told).slice(0, shownMax);
  return distinct([...strongest, ...numbers(asked.map((key) => ({ key, label: key.replaceAll('_', ' ') })))]);
}

/** Each once, where it comes first. */
const distinct = (numbers: readonly KnownNumber[]): KnownNumber[] =>
  numbers.filter(({ key }, at) => numbers.findIndex((other) => other.key === key) === at);
