/**
 * The figures of sign-in and access, each a default that MAESTRO_* variables change (variables.ts says which). Times in
 * the unit of their name.
 */
export interface Policy {
  /** An access token's life. */
  readonly accessMinutes: number;
  /** From a sign-in to the end of its session, however often its tokens are rotated. */
  readonly sessionDays: number;
  /** A session that is not used for this long ends. */
  readonly sessionIdleMinutes: number;
  /** How recent a sign-in must be for a change of password, address or factors, and for an operator's switch. */
  readonly freshSignInMinutes: number;
  /** The age at which a new signing key takes over. */
  readonly signingKeyDays: number;
  /** What an API key lives unless its creator says otherwise. */
  readonly apiKeyDays: number;
  /** bcrypt's cost. */
  readonly bcryptRounds: number;
  /** Shortest password, in characters: alone, and beside a required second factor (NIST SP 800-63B-4, 3.1.1.2). */
  readonly passwordLengthMin: number;
  readonly passwordLengthMinWithFactor: number;
  /** Failed sign-ins of an account from an address before each further one has to wait. */
  readonly freeFailures: number;
  /** Failed sign-ins of an account before a proof of being human is asked for, where a captcha is configured. */
  readonly captchaAfterFailures: number;
  /** Calls of public operations (sign-in, refresh, reset, …) from one network. */
  readonly publicRequestsPerMinute: number;
  /** Invitations that one tenant sends. */
  readonly invitationsPerHour: number;
}

export const defaultPolicy: Policy = {
  accessMinutes: 15,
  sessionDays: 7,
  sessionIdleMinutes: 4320,
  freshSignInMinutes: 10,
  signingKeyDays: 90,
  apiKeyDays: 90,
  bcryptRounds: 12,
  passwordLengthMin: 15,
  passwordLengthMinWithFactor: 8,
  freeFailures: 5,
  captchaAfterFailures: 3,
  publicRequestsPerMinute: 600,
  invitationsPerHour: 100,
};
