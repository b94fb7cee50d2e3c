import { randomBytes, randomUUID } from 'node:crypto';
import type { TestAnswer, TestApp } from './app.ts';

/** A user who is signed in, or a service account with a key. `as` is what they send. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly as: string;
}

export interface People {
  /** A member of a tenant (tenant-a unless said otherwise), signed in. */
  member(role: string, tenant?: string): Promise<Person>;
  /** A service account of tenant-a. */
  account(role: string): Promise<Person>;
  /** The operator of the first start, signed in by a session of its own. */
  operator(): Promise<Person>;
  /** Sends to `/api/v1`. */
  native(as: string, method: string, path: string, json?: unknown): Promise<TestAnswer>;
  /** As the administrator of tenant-a; throws where it is refused. */
  asAdmin<Body>(method: string, path: string, json?: unknown): Promise<Body>;
}

/** People of a test, made through the API. */
export function peopleOf(app: TestApp): People {
  const native: People['native'] = (as, method, path, json) =>
    app.send(method, `/api/v1${path}`, { as, ...(json === undefined ? {} : { json }) });
  const done = async <Body>(answer: Promise<TestAnswer>): Promise<Body> => {
    const { status, body, text } = await answer;
    if (status >= 300) throw new Error(`${status} ${text}`);
    return body as Body;
  };
  const signIn = async (email: string, password: string): Promise<string> => {
    const login = app.send('POST', '/api/v1/auth/login', { json: { email, password } });
    return (await done<{ access_token: string }>(login)).access_token;
  };
  return {
    native,
    asAdmin: (method, path, json) => done(native(app.tenants.a.keys.tenant_admin, method, path, json)),
    async member(role, tenant = 'tenant-a') {
      const email = `${randomUUID()}@example.org`;
      const password = randomBytes(16).toString('hex');
      const json = { email, password, tenant, role };
      const { id } = await done<{ id: string }>(native(app.operatorKey, 'POST', '/users', json));
      return { id, name: email, as: await signIn(email, password) };
    },
    async account(role) {
      const json = { name: randomUUID(), role };
      const path = '/tenants/tenant-a/keys';
      const made = await done<{ key: string; owner: { id: string } }>(native(app.operatorKey, 'POST', path, json));
      return { id: made.owner.id, name: json.name, as: made.key };
    },
    async operator() {
      const as = await signIn(app.admin.email, app.admin.password);
      const { id } = await done<{ id: string }>(native(as, 'GET', '/auth/me'));
      return { id, name: app.admin.email, as };
    },
  };
}
