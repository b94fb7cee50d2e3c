import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withClient } from '../src/db/roles.ts';
import { startTestApp, type TestApp } from './app.ts';

// What stands in the audit logs is tested in src/audit; here is the log of the process, at its most talkative.

let app: TestApp;
let as: string;
/** What was written, as it was written. */
const written: string[] = [];
const log = pino({ level: 'trace' }, { write: (text) => void written.push(text) });

const sql = (text: string) => withClient(app.database.superuser, (client) => client.query(text));
beforeAll(async () => {
  app = await startTestApp({ log });
  as = app.tenants.a.keys.ml_engineer;
  // From now on what concerns experiments is a fault of ours.
  await sql('ALTER TABLE maestro.experiments RENAME TO experiments_gone');
});
afterAll(() => app?.stop());

interface Line {
  reqId?: string;
  msg: string;
  err?: { message: string; stack: string };
}
const lines = (): Line[] => written.map((text) => JSON.parse(text));

describe('a fault of ours', () => {
  test.each([
    ['GET', '/api/v1/experiments'],
    ['POST', '/api/v1/experiments'],
    ['GET', '/api/2.0/mlflow/experiments/search?max_results=1'],
    ['POST', '/ajax-api/2.0/mlflow/experiments/create'],
  ])('is answered by the id of the request alone, under which all of it is in the log: %s %s', async (method, path) => {
    const answer = await app.send(method, path, { as, ...(method === 'POST' ? { json: { name: randomUUID() } } : {}) });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toMatch(/experiments_gone|relation|select|insert|maestro\.|42P01|\.ts|node_modules/i);
    const found = lines().find(({ reqId }) => reqId !== undefined && answer.text.includes(reqId));
    expect(found?.msg).toBe('request failed');
    expect(found?.err?.stack).toContain('maestro.experiments');
  });
});

describe('the log', () => {
  test('holds no secret that passes through, at any level: of sign-ins, headers, bodies and faults', async () => {
    const secrets: string[] = [as, app.operatorKey, app.admin.password, app.admin.apiKey];
    const secret = (): string => {
      const made = `secret-${randomUUID()}`;
      secrets.push(made);
      return made;
    };
    const login = (json: object) => app.send('POST', '/api/v1/auth/login', { json });
    const { email, password } = app.admin;
    const signedIn = (await login({ email, password })).body as { access_token: string; refresh_token: string };
    secrets.push(signedIn.access_token, signedIn.refresh_token);
    await login({ email, password: secret() });
    await app.send('POST', '/api/v1/auth/refresh', { json: { refresh_token: secret() } });
    const basic = Buffer.from(`x:${secret()}`).toString('base64');
    secrets.push(basic);
    for (const path of ['/api/v1/experiments', '/api/2.0/mlflow/experiments/search?max_results=1']) {
      for (const authorization of [`Bearer ${secret()}`, `Basic ${basic}`]) {
        await app.send('GET', path, { headers: { authorization } });
      }
      await app.send('GET', path, { headers: { cookie: `maestro-${new URL(app.url).port}=${secret()}` } });
      await app.send('GET', `${path}${path.includes('?') ? '&' : '?'}token=${secret()}`, { as });
      for (const who of [as, signedIn.access_token]) await app.send('GET', path, { as: who });
    }
    const name = secret();
    expect((await app.send('POST', '/api/v1/experiments', { as, json: { name } })).status).toBe(500);
    const given = { email: `${randomUUID()}@example.org`, password: secret() };
    expect((await app.send('POST', '/api/v1/users', { as: app.operatorKey, json: given })).status).toBe(201);
    const all = written.join('');
    expect(all).toContain('request failed');
    for (const each of secrets) expect(all.includes(each), each).toBe(false);
  });

  test('is one JSON object a line, whatever a caller sends', async () => {
    const forged = `x\r\n{"level":30,"msg":"forged"}\n`;
    const encoded = encodeURIComponent(forged);
    await app.send('GET', `/api/v1/experiments?page_token=${encoded}`, { as });
    await app.send('GET', `/${encoded}`, { as });
    await app.send('POST', '/api/v1/experiments', { as, json: { name: forged } });
    await app.send('POST', '/api/2.0/mlflow/experiments/create', { as, json: { name: forged } });
    await app.send('POST', '/api/v1/auth/login', { json: { email: forged, password: forged } });
    log.warn({ text: forged }, forged);
    for (const text of written) expect(text.trimEnd().split('\n')).toHaveLength(1);
    expect(lines().some(({ msg }) => msg === 'forged')).toBe(false);
  });
});
