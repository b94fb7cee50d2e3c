import { invalid } from '../errors.ts';
import { missingExperiment, missingRun } from '../tracking/refusals.ts';

/** An experiment's id as its number, read as Python's int() does. */
export function experimentNumber(id: string): number {
  const digits = id.trim();
  if (!/^[+-]?\d+(?:_\d+)*$/.test(digits)) {
    throw invalid(`Invalid experiment ID '${id}'. Experiment ID must be a valid integer.`);
  }
  const number = Number(digits.replaceAll('_', ''));
  if (number < 0 || !Number.isSafeInteger(number)) throw missingExperiment(digits);
  return number;
}

/** A run's id: 32 hex digits. Any other text names no run. */
export function runHex(id: string): string {
  if (!/^[0-9a-f]{32}$/.test(id)) throw missingRun(id);
  return id;
}
