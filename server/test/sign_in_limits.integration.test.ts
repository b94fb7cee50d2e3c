import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { refusedPerMinute } from '../src/identity/credential_guard.ts';
import { mintKey } from '../src/identity/key_text.ts';
import { sprayed } from '../src/identity/sign_in_throttle.ts';
import { startTestApp, type TestApp } from './app.ts';

const lines: string[] = [];
const sink = new Writable({
  write(chunk, _encoding, done) {
    lines.push(String(chunk));
    done();
  },
});

let direct: TestApp;
/** Behind a proxy on this machine, so that a request can come from any address. */
let proxied: TestApp;
beforeAll(async () => {
  // What hashing costs is what these are about.
  const policy = { bcryptRounds: 12 };
  direct = await startTestApp({ policy });
  proxied = await startTestApp({ policy, trustProxy: ['127.0.0.1'], log: pino({ level: 'warn' }, sink) });
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  await direct.stop();
  await proxied.stop();
});

async function makeUser(app: TestApp) {
  const email = `${randomUUID()}@example.com`;
  const made = await app.send('POST', '/api/v1/users', { as: app.operatorKey, json: { email } });
  expect(made.status, made.text).toBe(201);
  return { email, password: (made.body as { password: string }).password };
}

const signIn = (app: TestApp, email: string, password: string, headers: Record<string, string> = {}) =>
  app.send('POST', '/api/v1/auth/login', { json: { email, password }, headers });

const comparisons = (app: TestApp) => vi.spyOn(app.ports.identity.passwords, 'verify');

/** What one account lets through from one place within some time: the free tries, and one after 1 s, 2 s more, …. */
function expectSlowed(verify: { mock: { calls: unknown[] } }, startedAt: number): void {
  const seconds = (performance.now() - startedAt) / 1000;
  expect(verify.mock.calls.length).toBeGreaterThanOrEqual(5);
  expect(verify.mock.calls.length).toBeLessThanOrEqual(5 + Math.floor(Math.log2(seconds + 1)));
}

describe('a burst of parallel sign-ins', () => {
  test.each(['a known', 'an unknown'])('to %s account compares no more passwords than are free', async (which) => {
    const email = which === 'a known' ? (await makeUser(direct)).email : `${randomUUID()}@example.com`;
    const verify = comparisons(direct);
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 40 }, () => signIn(direct, email, 'wrong')));
    expectSlowed(verify, startedAt);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(verify.mock.calls.length);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(40 - verify.mock.calls.length);
  });

  test('in many spellings compares no more passwords than are free', async () => {
    const { email } = await makeUser(direct);
    const spellings = [email, email.toUpperCase(), email.replace('e', 'E'), email.replace('.com', '.COM')];
    const verify = comparisons(direct);
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 40 }, (_, i) => signIn(direct, spellings[i % 4] ?? email, 'wrong')));
    expectSlowed(verify, startedAt);
  });
});

test('an account that must wait and one that does not exist get the same answer, with Retry-After and RateLimit', async () => {
  const [known, unknown] = [(await makeUser(direct)).email, `${randomUUID()}@example.com`];
  const answers = [];
  for (const email of [known, unknown]) {
    const tries = await Promise.all(Array.from({ length: 20 }, () => signIn(direct, email, 'wrong')));
    answers.push(...tries.filter(({ status }) => status !== 401));
  }
  expect(answers.length).toBeGreaterThan(20);
  for (const { status, headers, body } of answers) {
    expect(status).toBe(429);
    expect(headers.get('retry-after')).toMatch(/^[1-8]$/);
    expect(headers.get('ratelimit-policy')).toBe('"sign-in";q=5;w=86400');
    expect(headers.get('ratelimit')).toMatch(/^"sign-in";r=0;t=[1-8]$/);
    expect(body).toMatchObject({ type: 'urn:maestro:error:limit_exceeded', status: 429 });
  }
});

test.each(['x-forwarded-for', 'x-real-ip', 'forwarded', 'cf-connecting-ip', 'true-client-ip', 'x-client-ip'])(
  'the header %s of anybody gives no new address to guess from',
  async (name) => {
    const { email } = await makeUser(direct);
    const verify = comparisons(direct);
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 20 }, (_, i) => signIn(direct, email, 'wrong', { [name]: `10.9.8.${i}` })));
    expectSlowed(verify, startedAt);
  },
);

test('the addresses that a declared proxy names are told apart, and only the one that the proxy itself added counts', async () => {
  const { email } = await makeUser(proxied);
  const verify = comparisons(proxied);
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      signIn(proxied, email, 'wrong', { 'x-forwarded-for': `10.9.8.${i}, 10.1.1.1` }),
    ),
  );
  expectSlowed(verify, startedAt);
  expect((await signIn(proxied, email, 'wrong', { 'x-forwarded-for': '10.1.1.2' })).status).toBe(401);
});

test.each<[string, (i: number) => string]>([
  ['with a port', (i) => `192.0.2.40:${50_000 + i}`],
  ['with brackets and a port', (i) => `[2001:db8:7::${i}]:${50_000 + i}`],
  ['as what is none', (i) => `unknown-${i}`],
])('an address that a declared proxy writes %s is no new one at each try', async (_how, write) => {
  const { email } = await makeUser(proxied);
  const verify = comparisons(proxied);
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => signIn(proxied, email, `wrong ${i}`, { 'x-forwarded-for': write(i) })),
  );
  expectSlowed(verify, startedAt);
});

test('a try that finds too many others hashing is no failure of its account', async () => {
  const from = (i: number) => ({ 'x-forwarded-for': `198.18.0.${i}` });
  const emails = Array.from({ length: 80 }, () => `${randomUUID()}@example.com`);
  const answers = await Promise.all(emails.map((email, i) => signIn(proxied, email, randomUUID(), from(i))));
  const found = answers.findIndex(({ status }) => status === 503);
  expect(found).toBeGreaterThanOrEqual(0);
  const email = emails[found] ?? '';
  for (let i = 0; i < 5; i++) expect((await signIn(proxied, email, randomUUID(), from(found))).status).toBe(401);
  expect((await signIn(proxied, email, randomUUID(), from(found))).status).toBe(429);
}, 60_000);

test('a known device gets in while strangers fail at its account from everywhere', async () => {
  const { email, password } = await makeUser(proxied);
  const home = { 'x-forwarded-for': '198.51.100.7', 'user-agent': 'Firefox of home' };
  expect((await signIn(proxied, email, password, home)).status).toBe(200);
  // Fifty from elsewhere and then some; and from the same address, with another device.
  for (let i = 0; i < 13; i++) {
    const headers = { 'x-forwarded-for': `203.0.113.${i}` };
    await Promise.all(Array.from({ length: 5 }, () => signIn(proxied, email, 'wrong', headers)));
  }
  const refusedOf = async (headers: (i: number) => Record<string, string>): Promise<number> => {
    const tries = Array.from({ length: 20 }, (_, i) => signIn(proxied, email, 'wrong', headers(i)));
    return (await Promise.all(tries)).filter(({ status }) => status === 429).length;
  };
  // As much time as a busy machine takes: one or another may have waited long enough.
  expect(await refusedOf((i) => ({ 'x-forwarded-for': `203.0.113.${100 + i}` }))).toBeGreaterThanOrEqual(15);
  const sameAddress = { 'x-forwarded-for': '198.51.100.7', 'user-agent': 'curl' };
  expect(await refusedOf(() => sameAddress)).toBeGreaterThanOrEqual(15);
  expect((await signIn(proxied, email, password, home)).status).toBe(200);
}, 60_000);

test('one address that fails at many accounts is noticed: a warning, and one row in the operators’ audit', async () => {
  const headers = { 'x-forwarded-for': '192.0.2.99' };
  for (let i = 0; i < sprayed.network + 5; i++)
    await signIn(proxied, `${randomUUID()}@example.com`, 'Winter2026', headers);
  const answer = await proxied.send('GET', '/api/v1/operator-audit?action=auth.spraying', { as: proxied.operatorKey });
  const { items } = answer.body as { items: { address: string }[] };
  const found = items.filter(({ address }) => address === '192.0.2.99');
  expect(found).toMatchObject([{ detail: { accounts: sprayed.network } }]);
  const warnings = lines.filter((line) => line.includes('192.0.2.99'));
  expect(warnings).toHaveLength(1);
  expect(lines.join('')).not.toContain('Winter2026');
}, 60_000);

describe('a password as Basic', () => {
  test.each(['/api/v1/auth/me', '/api/v1/runs', '/api/2.0/mlflow/experiments/search?max_results=1', '/metrics'])(
    'is never compared on %s',
    async (path) => {
      const { email, password } = await makeUser(direct);
      const verify = comparisons(direct);
      for (const secret of [password, 'wrong']) {
        const authorization = `Basic ${Buffer.from(`${email}:${secret}`).toString('base64')}`;
        const { status } = await direct.send('GET', path, { headers: { authorization } });
        expect(status).toBe(401);
      }
      expect(verify).not.toHaveBeenCalled();
    },
  );
});

describe('a flood of wrong API keys', () => {
  test.each(['/api/v1/auth/me', '/api/2.0/mlflow/experiments/get?experiment_id=0'])(
    'to %s gets 429 and few look-ups, and good keys of the same address keep working',
    async (path) => {
      const headers = { 'x-forwarded-for': `192.0.2.${path.length}` };
      const call = (key: string) => proxied.send('GET', path, { as: key, headers });
      const { viewer, data_scientist } = proxied.tenants.a.keys;
      expect((await call(viewer)).status).toBe(200);
      const lookUps = vi.spyOn(proxied.ports.db, 'inTenant');
      const statuses: number[] = [];
      for (let batch = 0; batch < 30; batch++) {
        const wrong = Array.from({ length: 20 }, () => call(mintKey(proxied.tenants.a.id).text));
        for (const { status, headers: answered } of await Promise.all(wrong)) {
          statuses.push(status);
          if (status === 429) expect(answered.get('retry-after')).toBe('1');
        }
      }
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(200);
      expect(statuses.filter((status) => status === 401).length).toBeGreaterThanOrEqual(refusedPerMinute);
      expect(lookUps.mock.calls.length).toBeLessThan(400);
      // Known, also once the cache has forgotten it; and one that was never seen gets its turn.
      await proxied.ports.identity.changed({ kind: 'tenant', id: proxied.tenants.a.id });
      expect((await call(viewer)).status).toBe(200);
      await vi.waitUntil(async () => (await call(data_scientist)).status === 200, { timeout: 3000, interval: 100 });
    },
  );

  test('of one address keeps no other from working', async () => {
    const other = { 'x-forwarded-for': '192.0.2.150' };
    const { status } = await proxied.send('GET', '/api/v1/auth/me', {
      as: mintKey(proxied.tenants.a.id).text,
      headers: other,
    });
    expect(status).toBe(401);
  });
});

describe('public operations', () => {
  test('are bounded by address, say so in their headers, and spare health probes and signed-in calls', async () => {
    const app = await startTestApp({ policy: { publicRequestsPerMinute: 10 } });
    try {
      const info = () => app.send('GET', '/api/3.0/mlflow/server-info');
      const first = await info();
      expect(first.status, first.text).toBe(200);
      expect(first.headers.get('ratelimit-policy')).toBe('"public";q=10;w=60');
      expect(first.headers.get('ratelimit')).toMatch(/^"public";r=9;t=(?:60|59)$/);
      const answers = await Promise.all(Array.from({ length: 20 }, info));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(9);
      const refused = answers.find(({ status }) => status === 429);
      expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(50);
      expect(refused?.body).toMatchObject({ error_code: 'REQUEST_LIMIT_EXCEEDED' });
      const verify = comparisons(app);
      const login = await signIn(app, app.admin.email, app.admin.password);
      expect(login.status).toBe(429);
      expect(login.headers.get('ratelimit')).toMatch(/^"public";r=0;t=\d+$/);
      expect(verify).not.toHaveBeenCalled();
      for (const path of ['/health', '/ready', '/version', '/.well-known/jwks.json']) {
        expect((await app.send('GET', path)).status, path).toBe(200);
      }
      expect((await app.send('GET', '/api/v1/auth/me', { as: app.operatorKey })).status).toBe(200);
    } finally {
      await app.stop();
    }
  });
});
