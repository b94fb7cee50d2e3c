import { randomUUID } from 'node:crypto';
import { startTestApp, type TestApp, type TestAppOptions } from '../../test/app.ts';
import { withClient } from '../db/roles.ts';
import type { Role } from '../identity/roles.ts';
import type { ShownEvent } from './shown.ts';

export interface TestUser {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

export interface Verified {
  ok: boolean;
  checked: number;
  first_seq: number | null;
  last_seq: number | null;
  head_hash: string;
  anchor: { seq: number; hash: string; signed: string } | null;
  fault?: { seq: number; reason: string };
}

/** A test app, with what tests of the audit ask of it. */
export interface AuditApp extends TestApp {
  /** As the superuser, who is above row-level security and every right. */
  rows<Row extends Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  asAdmin(method: string, path: string, json?: object): ReturnType<TestApp['send']>;
  asOperator(method: string, path: string, json?: object): ReturnType<TestApp['send']>;
  makeUser(more?: { tenant?: string; role?: Role; is_operator?: boolean }): Promise<TestUser>;
  /** Gives an access token. */
  signIn(user: { email: string; password: string }, agent?: string): Promise<string>;
  /** The first page of a log: of tenant A, or with `operator` of the operators. */
  events(query?: string, log?: 'audit' | 'operator-audit'): Promise<ShownEvent[]>;
  verify(log?: 'audit' | 'operator-audit'): Promise<Verified>;
}

export async function startAuditApp(options: TestAppOptions = {}): Promise<AuditApp> {
  const app = await startTestApp(options);
  const asOperator: AuditApp['asOperator'] = (method, path, json) =>
    app.send(method, `/api/v1${path}`, { as: app.operatorKey, ...(json ? { json } : {}) });
  const asAdmin: AuditApp['asAdmin'] = (method, path, json) =>
    app.send(method, `/api/v1${path}`, { as: app.tenants.a.keys.tenant_admin, ...(json ? { json } : {}) });
  const asReader = (log: string) => (log === 'audit' ? asAdmin : asOperator);
  return {
    ...app,
    asAdmin,
    asOperator,
    rows: <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
      withClient(app.database.superuser, async (client) => (await client.query<Row>(text, values)).rows),
    async makeUser(more = {}) {
      const email = `${randomUUID()}@example.com`;
      const made = await asOperator('POST', '/users', { email, ...more });
      if (made.status !== 201) throw new Error(made.text);
      const { id, password } = made.body as { id: string; password: string };
      return { id, email, password };
    },
    async signIn({ email, password }, agent = 'a browser') {
      const headers = { 'user-agent': agent };
      const answer = await app.send('POST', '/api/v1/auth/login', { json: { email, password }, headers });
      if (answer.status !== 200) throw new Error(answer.text);
      return (answer.body as { access_token: string }).access_token;
    },
    async events(query = '', log = 'audit') {
      const answer = await asReader(log)('GET', `/${log}${query}`);
      if (answer.status !== 200) throw new Error(answer.text);
      return (answer.body as { items: ShownEvent[] }).items;
    },
    async verify(log = 'audit') {
      const answer = await asReader(log)('GET', `/${log}/verify`);
      if (answer.status !== 200) throw new Error(answer.text);
      return answer.body as Verified;
    },
  };
}
