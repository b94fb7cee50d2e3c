import { MaestroError } from '@maestro/sdk/problem';
import { text } from './text.ts';

/** How a refusal names the field at fault: `email: …`. */
const named = /^([a-z_]+): (.+)$/s;

/** What went wrong, in its own words. */
export const saidWhole = (error: unknown): string => String((error as Error).message ?? error);

/** The same without the name of a refusal's field, for where it stands beside the field. */
export function said(error: unknown): string {
  if (!(error instanceof MaestroError)) return saidWhole(error);
  const [, field, fault = error.message] = named.exec(error.message) ?? [];
  if (field?.endsWith('password')) return text.password(fault);
  return fault.charAt(0).toUpperCase() + fault.slice(1);
}

/** Whether `error` is a refusal of one of these kinds, by their codes. */
export const isRefused = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof MaestroError && codes.includes(error.code);
