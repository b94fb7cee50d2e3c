import { invalid } from '../errors.ts';
import { guessOf } from './common_passwords.ts';
import type { Policy } from './policy.ts';
import { text } from './schemas.ts';

/** Longest password, in bytes of UTF-8: long enough for anything, short enough to be hashed by anyone who asks. */
export const passwordBytesMax = 1024;

/** A password of a request's body: what it must be beyond that, `problemsOf` says. */
export const givenPassword = text(1, passwordBytesMax, {
  description: `At most ${passwordBytesMax} bytes. The policy decides on the rest: see POST /auth/password-strength.`,
});

export type PasswordProblem = 'too_short' | 'too_long' | 'not_text' | 'common' | 'context';

/** Whose password it is to be. */
export interface PasswordOwner {
  readonly email?: string | undefined;
  /** Slugs of the tenants that the person is in. */
  readonly tenants?: readonly string[];
  /** Whether the person must use a second factor: a shorter password then does. */
  readonly mustUseFactor: boolean;
}

/** The characters that a new password must have: Unicode code points, after NFC. */
export const lengthMinOf = (policy: Policy, mustUseFactor: boolean): number =>
  mustUseFactor ? policy.passwordLengthMinWithFactor : policy.passwordLengthMin;

/**
 * What keeps a text from being a password, after NIST SP 800-63B-4, 3.1.1.2: a least length, no rule on which
 * characters, and no guess of an attacker's list. Empty: it may be one.
 */
export async function problemsOf(password: string, policy: Policy, owner: PasswordOwner): Promise<PasswordProblem[]> {
  if (!password.isWellFormed() || password.includes('\0')) return ['not_text'];
  if (Buffer.byteLength(password) > passwordBytesMax) return ['too_long'];
  const problems: PasswordProblem[] = [];
  if ([...password.normalize('NFC')].length < lengthMinOf(policy, owner.mustUseFactor)) problems.push('too_short');
  const guess = await guessOf(password, ['maestro', ...addressWords(owner.email), ...(owner.tenants ?? [])]);
  if (guess) problems.push(guess);
  return problems;
}

function addressWords(email: string | undefined): string[] {
  if (email === undefined) return [];
  const local = email.slice(0, email.lastIndexOf('@'));
  return [email, local, ...local.split(/[^\p{L}\p{N}]+/u)];
}

const explanations: Record<PasswordProblem, (lengthMin: number) => string> = {
  too_short: (lengthMin) => `must have ${lengthMin} characters or more`,
  too_long: () => `must not have more than ${passwordBytesMax} bytes`,
  not_text: () => 'must hold neither NUL nor unpaired surrogates',
  common: () => 'is among the commonest passwords, or a simple variation of them; choose another',
  context: () => 'is little more than your address or the name of this service or tenant; choose another',
};

export const explain = (problem: PasswordProblem, lengthMin: number): string => explanations[problem](lengthMin);

/** Throws `invalid_parameter`, naming `field`, for a password that may not be set. */
export async function requireAcceptable(
  password: string,
  policy: Policy,
  owner: PasswordOwner,
  field = 'password',
): Promise<void> {
  const [problem] = await problemsOf(password, policy, owner);
  if (problem === undefined) return;
  throw invalid(`${field}: ${explain(problem, lengthMinOf(policy, owner.mustUseFactor))}`, field);
}
