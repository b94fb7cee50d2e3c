import type { paths } from './contract.ts';
import { refusalIn } from './problem.ts';

/** The tokens of a session. Times are those of this machine's clock, in ISO 8601. */
export interface Tokens {
  readonly access_token: string;
  readonly access_expires_at: string;
  /** Good for one use; a second use ends the session. */
  readonly refresh_token: string;
  /** The end of the session. */
  readonly refresh_expires_at: string;
}

type Answer = paths['/auth/refresh']['post']['responses'][200]['content']['application/json'];

/** Nobody is signed in, or no longer. */
export class SignedOut extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SignedOut';
  }
}

/** A token that lives less long is exchanged before it is used. */
const refreshBeforeMs = 60_000;
/** Shorter than a lock of the credentials file is respected. */
const timeoutMs = 20_000;

export const endsSoon = ({ access_expires_at }: Pick<Tokens, 'access_expires_at'>): boolean =>
  !(Date.parse(access_expires_at) - Date.now() > refreshBeforeMs);

/** The tokens of an answer to a question asked at `askedAt` (milliseconds since 1970). */
export const tokensOf = (answer: Omit<Answer, 'token_type'>, askedAt: number): Tokens => ({
  access_token: answer.access_token,
  access_expires_at: new Date(askedAt + answer.expires_in * 1000).toISOString(),
  refresh_token: answer.refresh_token,
  refresh_expires_at: new Date(askedAt + answer.refresh_expires_in * 1000).toISOString(),
});

/** Exchanges a refresh token. Throws SignedOut where the session has ended. */
export async function exchange(url: string, refreshToken: string): Promise<Tokens> {
  const askedAt = Date.now();
  const response = await fetch(`${url}/api/v1/auth/refresh`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refresh_token: refreshToken }),
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.ok) return tokensOf((await response.json()) as Answer, askedAt);
  if (response.status === 401) throw new SignedOut(`The session at ${url} has ended: sign in again.`);
  throw await refusalIn(response);
}
