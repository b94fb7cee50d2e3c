import { randomUUID } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { withClient } from '../src/db/roles.ts';
import type { TestAnswer, TestApp } from './app.ts';

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

export interface Enrolled {
  readonly factorId: string;
  /** Base32, as an authenticator app has it. */
  readonly secret: string;
  readonly backupCodes: string[];
}

/** What an authenticator app shows now, or `ahead` steps of 30 seconds from now. */
export const codeOf = (secret: string, ahead = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + ahead * 30_000 });

/** Throws where the answer is not as expected: the steps before what a test is about. */
export function bodyOf<Body>({ status, text, body }: TestAnswer, expected = 200): Body {
  if (status !== expected) throw new Error(`${status} instead of ${expected}: ${text}`);
  return body as Body;
}

/** People of a test app, and what they do to sign in. */
export function enrolmentOf(app: TestApp) {
  const post = (path: string, json: unknown, as?: string) => app.send('POST', `/api/v1${path}`, { as, json });
  const rows = <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
    withClient(app.database.superuser, async (client) => (await client.query<Row>(text, values)).rows);

  async function make(more: { tenant?: string; role?: string } = {}): Promise<Person> {
    const email = `${randomUUID()}@example.com`;
    const made = await post('/users', { email, ...more }, app.operatorKey);
    return { email, ...bodyOf<{ id: string; password: string }>(made, 201) };
  }

  const signIn = ({ email, password }: Person, more: { tenant?: string } = {}) =>
    post('/auth/login', { email, password, ...more });

  /** The access token of a sign-in by password alone. */
  const session = async (person: Person): Promise<string> =>
    bodyOf<{ access_token: string }>(await signIn(person)).access_token;

  /** The challenge of a sign-in that asks for a second factor. */
  const challenge = async (person: Person, more: { tenant?: string } = {}): Promise<string> =>
    bodyOf<{ second_factor: { challenge: string } }>(await signIn(person, more)).second_factor.challenge;

  /** Several, one after the other: of a burst of sign-ins not all pass the throttle. */
  async function challenges(person: Person, count: number): Promise<string[]> {
    const given: string[] = [];
    while (given.length < count) given.push(await challenge(person));
    return given;
  }

  const answer = (given: string, method: string, code: string) =>
    post('/auth/second-factor', { challenge: given, method, code });

  /** Gives the person an authenticator app, by the session of `as`. */
  async function enrol(as: string): Promise<Enrolled> {
    const begun = bodyOf<{ factor_id: string; secret: string }>(await post('/me/factors/totp', {}, as), 201);
    const confirmed = await post('/me/factors/totp/confirm', { code: codeOf(begun.secret) }, as);
    const { backup_codes: backupCodes = [] } = bodyOf<{ backup_codes?: string[] }>(confirmed);
    return { factorId: begun.factor_id, secret: begun.secret, backupCodes };
  }

  /** As if time had passed: codes of steps that were taken may be used again, and failures are forgotten. */
  const forget = (person: Person) =>
    rows('UPDATE maestro.totp_factors SET last_step = 0, failures = 0, failed_at = NULL WHERE user_id = $1', [
      person.id,
    ]);

  /** A person with an authenticator app, and a session of theirs. */
  async function enrolled(more: { tenant?: string; role?: string } = {}) {
    const person = await make(more);
    const token = await session(person);
    const app = await enrol(token);
    await forget(person);
    return { person, token, ...app };
  }

  /** Rows of the operators' audit whose actor the person is, oldest first. */
  const audited = (person: Person) =>
    rows<{ action: string; outcome: string; detail: Record<string, unknown> }>(
      'SELECT action, outcome, detail FROM maestro.operator_audit_events WHERE actor_id = $1 ORDER BY created_at',
      [person.id],
    );

  return { post, rows, make, signIn, session, challenge, challenges, answer, enrol, forget, enrolled, audited };
}
