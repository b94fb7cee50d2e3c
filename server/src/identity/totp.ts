import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

const periodSeconds = 30;
/** As long as SHA-1's output (RFC 4226, 4: R6). */
const seedBytes = 20;
/** Clocks of telephones are a little off: the step before and the step after pass as well (RFC 6238, 5.2). */
const stepsAside = 1;

export const newSeed = (): Buffer => randomBytes(seedBytes);

/** SHA-1, six digits, 30 seconds: the one shape that every authenticator app reads. */
const totpOf = (seed: Buffer, issuer = '', label = ''): TOTP =>
  new TOTP({
    issuer,
    label,
    algorithm: 'SHA1',
    digits: 6,
    period: periodSeconds,
    secret: new Secret({ buffer: new Uint8Array(seed).buffer }),
  });

/** The seed as a person types it into an authenticator app (base32), and as the app scans it (`otpauth://totp/…`). */
export function shownSeed(seed: Buffer, issuer: string, label: string): { secret: string; uri: string } {
  const totp = totpOf(seed, issuer, label);
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/** The time step (RFC 6238) whose code this is; undefined where it is none of the current one and its neighbours. */
export function stepOf(seed: Buffer, code: string, now = Date.now()): number | undefined {
  const delta = totpOf(seed).validate({ token: code, timestamp: now, window: stepsAside });
  return delta === null ? undefined : TOTP.counter({ period: periodSeconds, timestamp: now }) + delta;
}
