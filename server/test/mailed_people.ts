import { randomUUID } from 'node:crypto';
import { withClient } from '../src/db/roles.ts';
import { generatePassword } from '../src/identity/passwords.ts';
import type { TestAnswer, TestApp } from './app.ts';

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

/** What tests do with people and their mail. */
export function mailedPeopleOf(maestro: () => TestApp) {
  const post = (path: string, json: object = {}, as?: string): Promise<TestAnswer> =>
    maestro().send('POST', `/api/v1${path}`, { json, as });
  const rows = <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
    withClient(maestro().database.superuser, async (client) => (await client.query<Row>(text, values)).rows);
  const signIn = (email: string, password: string) => post('/auth/login', { email, password });
  return {
    post,
    rows,
    signIn,
    newAddress: (): string => `p-${randomUUID()}@example.com`,
    async person(more: object = {}): Promise<Person> {
      const [email, password] = [`p-${randomUUID()}@example.com`, generatePassword()];
      const made = await post('/users', { email, password, ...more }, maestro().operatorKey);
      if (made.status !== 201) throw new Error(made.text);
      return { id: (made.body as { id: string }).id, email, password };
    },
    /** An access token of a new session. */
    async session({ email, password }: Pick<Person, 'email' | 'password'>): Promise<string> {
      const answer = await signIn(email, password);
      if (answer.status !== 200) throw new Error(answer.text);
      return (answer.body as { access_token: string }).access_token;
    },
    isSignedIn: async (as: string): Promise<boolean> =>
      (await maestro().send('GET', '/api/v1/auth/me', { as })).status === 200,
    /** The token of the newest link of a purpose in the mails to an address. */
    async linkTo(email: string, purpose: string): Promise<string | undefined> {
      const mails = await maestro().mailsTo(email);
      const found = mails.flatMap((mail) => [...mail.matchAll(/^(\S+)\/account#(\w+)=([\w-]+)$/gm)]);
      const links = found.filter(([, host, of]) => host === maestro().url && of === purpose);
      return links.at(-1)?.[3];
    },
    events: (action: string, target: string) =>
      rows<{ outcome: string; actor_id: string; detail: Record<string, unknown> }>(
        'SELECT outcome, actor_id, detail FROM maestro.operator_audit_events WHERE action = $1 AND target = $2 ORDER BY created_at',
        [action, target],
      ),
  };
}

/** A refusal without what differs by request. */
export const refusalOf = ({ status, body }: TestAnswer): object => {
  const { request_id: _, ...problem } = body as Record<string, unknown>;
  return { status, ...problem };
};
