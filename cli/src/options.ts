import { type Command, InvalidArgumentError, Option } from 'commander';

/** Of commands that administer a tenant. */
export const inTenant = ['--tenant <slug>', 'the tenant it is about'] as const;

/** Of commands that work in a tenant: a key has its own, and a sign-in the one that it was made for. */
export const inOwnTenant = [
  '--tenant <slug>',
  'the tenant it is about; that of the key or sign-in without it',
] as const;

/** Of commands about one project of a tenant. */
export const ofProject = (command: Command): Command =>
  command.requiredOption('--project <project>', 'its name or id').option(...inOwnTenant);

export const gather = (text: string, before: readonly string[] = []): string[] => [...before, ...text.split(',')];

export function wholeNumber(what: string): (text: string) => number {
  return (text) => {
    if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`expected ${what}.`);
    return Number(text);
  };
}

/** A number of any size and sign. */
export function amount(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number.');
  return value;
}

/** A number that a setting has, or `none`: commander takes a null for an option without a value. */
export function limit(text: string): number | 'none' {
  if (text === 'none') return text;
  if (!/^\d{1,16}$/.test(text)) throw new InvalidArgumentError("expected a whole number, or 'none'.");
  return Number(text);
}

const daysMax = 3650;

/** How long a key holds: `90d`, `12w`, or `never`. */
export function lifetime(text: string): { expires_in_days: number } | { expires: 'never' } {
  if (text === 'never') return { expires: 'never' };
  const [, count, unit] = /^([1-9]\d{0,3})([dw]?)$/.exec(text) ?? [];
  const days = Number(count) * (unit === 'w' ? 7 : 1);
  if (count === undefined || days > daysMax) {
    throw new InvalidArgumentError(`expected days (90d), weeks (12w) or 'never'; ${daysMax} days at most.`);
  }
  return { expires_in_days: days };
}

/** A time as the server takes it; a date is its first moment in UTC. */
export function moment(text: string): string {
  const at = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(at.getTime())) {
    throw new InvalidArgumentError('expected a date such as 2026-01-31, or a time such as 2026-01-31T12:00:00Z.');
  }
  return at.toISOString();
}

/** `kind:id`, as in experiment:7. */
export function thing(text: string): { kind: string; id: string } {
  const [, kind, id] = /^(experiment|project|model|run):(.+)$/.exec(text) ?? [];
  if (kind === undefined || id === undefined) {
    throw new InvalidArgumentError('expected experiment:ID, project:ID, model:ID or run:ID.');
  }
  return { kind, id };
}

/** Asked before what cannot be undone. */
export const yes = new Option('--yes', 'do not ask');
