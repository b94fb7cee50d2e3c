import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openCaptcha } from '../src/identity/captcha.ts';
import { memoryLimiters } from '../src/ports/limiters.ts';
import { startTestApp, type TestApp } from './app.ts';

const secret = randomBytes(16).toString('hex');

interface Asked {
  method: string | undefined;
  type: string | undefined;
  form: Record<string, string>;
}

/** A provider on this machine: what it is asked, and what it answers. */
let asked: Asked[] = [];
let answer: (response: ServerResponse, form: Record<string, string>) => void;
let provider: Server;
let verifyUrl: string;
let app: TestApp;

const say = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
};

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = Object.fromEntries(new URLSearchParams(await text(request)));
  asked.push({ method: request.method, type: request.headers['content-type'], form });
  answer(response, form);
}

beforeAll(async () => {
  provider = createServer((request, response) => void serve(request, response)).listen(0, '127.0.0.1');
  await once(provider, 'listening');
  verifyUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/siteverify`;
  app = await startTestApp({ captcha: { verifyUrl, siteKey: 'public-site-key', secret } });
});
beforeEach(() => {
  asked = [];
  answer = (response, form) => say(response, 200, JSON.stringify({ success: form.response?.startsWith('human') }));
});
afterAll(async () => {
  await app.stop();
  provider.closeAllConnections();
  provider.close();
});

const signIn = (email: string, password: string, captcha?: string) =>
  app.send('POST', '/api/v1/auth/login', { json: { email, password, ...(captcha === undefined ? {} : { captcha }) } });

/** A user at whose account three sign-ins have failed. */
async function suspect() {
  const email = `${randomUUID()}@example.com`;
  const made = await app.send('POST', '/api/v1/users', { as: app.operatorKey, json: { email } });
  for (let i = 0; i < 3; i++) expect((await signIn(email, randomUUID())).status).toBe(401);
  return { email, password: (made.body as { password: string }).password };
}

const human = () => `human-${randomUUID()}`;

test('after repeated failures a sign-in needs a proof of being human; the answer names the site key, and no secret', async () => {
  const { email, password } = await suspect();
  const refused = await signIn(email, password);
  expect(refused.status).toBe(403);
  expect(refused.body).toMatchObject({
    type: 'urn:maestro:error:captcha_required',
    field: 'captcha',
    captcha_site_key: 'public-site-key',
  });
  expect(refused.text).not.toContain(secret);
  expect(asked).toEqual([]);
  const token = human();
  expect((await signIn(email, password, token)).status).toBe(200);
  expect(asked).toEqual([
    {
      method: 'POST',
      type: 'application/x-www-form-urlencoded;charset=UTF-8',
      form: { secret, response: token, remoteip: '127.0.0.1' },
    },
  ]);
});

test('a sign-in without the proof, or with one that does not hold, is in the operators’ audit, and the proof is not', async () => {
  const { email, password } = await suspect();
  const robot = `robot-${randomUUID()}`;
  for (const proof of [undefined, robot, `robot-${randomUUID()}`]) {
    expect((await signIn(email, 'wrong', proof)).status).toBe(403);
  }
  await app.ports.identity.behind.idle();
  await app.ports.identity.refusals.flush();
  const found = await app.send('GET', '/api/v1/operator-audit?action=auth.login&limit=2', { as: app.operatorKey });
  const reason = 'no proof of being human';
  expect(found.body).toMatchObject({
    items: [
      { outcome: 'refused', detail: { reason, attempts: 2 } },
      { outcome: 'refused', detail: { reason, attempts: 1 } },
    ],
  });
  expect(found.text).not.toContain(robot);
  expect((await signIn(email, password, human())).status).toBe(200);
});

test('an unknown account is asked for the proof exactly like a known one', async () => {
  const { email } = await suspect();
  const unknown = `${randomUUID()}@example.com`;
  for (let i = 0; i < 3; i++) await signIn(unknown, 'wrong');
  const [one, other] = [await signIn(email, 'wrong'), await signIn(unknown, 'wrong')].map(({ status, body }) => {
    const { request_id: _, ...problem } = body as Record<string, unknown>;
    return { status, problem };
  });
  expect(one).toEqual(other);
});

test('a proof holds once, also for sign-ins at once', async () => {
  const { email } = await suspect();
  const token = human();
  const answers = await Promise.all(Array.from({ length: 10 }, () => signIn(email, 'wrong', token)));
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 403)).toHaveLength(9);
  expect(asked).toHaveLength(1);
});

test.each<[string, (response: ServerResponse) => void]>([
  ['says no', (response) => say(response, 200, '{"success":false,"error-codes":["invalid-input-response"]}')],
  ['says yes with an error’s status', (response) => say(response, 500, '{"success":true}')],
  ['says something else', (response) => say(response, 200, '{"success":"true"}')],
  ['says nothing readable', (response) => say(response, 200, '<html>')],
  ['breaks off', (response) => response.destroy()],
])('a provider that %s lets nobody pass', async (_name, behaviour) => {
  const { email, password } = await suspect();
  answer = behaviour;
  expect((await signIn(email, password, human())).status).toBe(403);
});

test('a redirection is not followed: the secret goes nowhere else', async () => {
  const { email, password } = await suspect();
  let strangers = 0;
  const stranger = createServer((_request, response) => {
    strangers++;
    say(response, 200, '{"success":true}');
  }).listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const location = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`;
  answer = (response) => void response.writeHead(307, { location }).end();
  expect((await signIn(email, password, human())).status).toBe(403);
  expect(strangers).toBe(0);
  stranger.close();
});

test('a provider that does not answer lets nobody pass, and keeps nobody waiting', async () => {
  let lines = 0;
  const log = pino({ level: 'warn' }, { write: () => void lines++ });
  const captcha = openCaptcha({ verifyUrl, siteKey: '', secret, limiters: memoryLimiters(), log, timeoutMs: 100 });
  answer = () => undefined;
  expect(await captcha.verify(human(), '127.0.0.1')).toBe(false);
  answer = (response) => void response.writeHead(200).write('{"success":');
  expect(await captcha.verify(human(), '127.0.0.1')).toBe(false);
  // It is said, and a flood of proofs does not fill the log.
  expect(lines).toBe(1);
});

test.each([[7], [''], ['x'.repeat(8193)], ['nul \0']])('%j is no proof, and the field is named', async (captcha) => {
  const json = { email: 'a@example.org', password: 'x', captcha };
  const refused = await app.send('POST', '/api/v1/auth/login', { json });
  expect(refused.status).toBe(400);
  expect(refused.text).toContain('captcha');
});
