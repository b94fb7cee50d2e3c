import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generatePassword } from '../server/src/identity/passwords.ts';
import { type MaestroProcess, startMaestro } from '../server/test/maestro.ts';
import { prepareDataDir } from '../server/test/prepared_data.ts';
import { preparePython, runPython } from './python.ts';
import { installWheel, source } from './wheel.ts';

const minutes = 60_000;
const project = path.join(import.meta.dirname, '..');
const commandLine = path.join(project, 'cli', 'bin', 'maestro.mjs');

let folder: string;
let maestro: MaestroProcess;
let url: string;
let credentials: string;
/** What the genuine client needs: the package, the file, the address, and no token. */
let environment: Record<string, string>;

const post = async <Body>(route: string, body: object, as?: string): Promise<Body> => {
  const answer = await fetch(`${url}/api/v1${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(as === undefined ? {} : { authorization: `Bearer ${as}` }) },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${route}: ${answer.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as Body;
};

function startCommand(...words: string[]): {
  child: ChildProcess;
  output: () => string;
  ended: Promise<number | null>;
} {
  const env = { PATH: process.env.PATH, MAESTRO_CREDENTIALS: credentials };
  const child = spawn(process.execPath, [commandLine, ...words], { cwd: folder, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, output: () => output, ended };
}

/** `maestro login`, approved by a person. */
async function signIn(): Promise<void> {
  const operatorKey = (await readFile(path.join(folder, 'data', 'secrets', 'operator-key'), 'utf8')).trim();
  const person = { email: 'ada@example.com', password: generatePassword() };
  await post('/users', { ...person, tenant: 'default', role: 'ml_engineer' }, operatorKey);
  const { access_token: as } = await post<{ access_token: string }>('/auth/login', person);
  const command = startCommand('login', '--url', url);
  const code = /\b[A-Z]{4}-[A-Z]{4}\b/;
  while (!code.test(command.output())) await once(command.child.stderr as NodeJS.ReadableStream, 'data');
  await post('/auth/device/approval', { user_code: code.exec(command.output())?.[0], approve: true }, as);
  expect(await command.ended, command.output()).toBe(0);
  expect(command.output()).toContain('MLFLOW_TRACKING_URI=');
}

beforeAll(async () => {
  await preparePython();
  folder = await mkdtemp(path.join(tmpdir(), 'maestro-sign-in-'));
  credentials = path.join(folder, 'own', 'credentials.json');
  prepareDataDir(path.join(folder, 'data'));
  maestro = startMaestro({ MAESTRO_DATA_DIR: path.join(folder, 'data') }, folder);
  url = await maestro.ready;
  await signIn();
  environment = { PYTHONPATH: await installWheel(folder), MLFLOW_TRACKING_URI: url, MAESTRO_CREDENTIALS: credentials };
}, 15 * minutes);
afterAll(async () => {
  if (maestro?.child.exitCode === null) await maestro.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

test('the genuine client uses the sign-in of maestro login, and sends its token to its server alone', {
  timeout: 5 * minutes,
}, async () => {
  const args = ['-q', '--tb=short', '-p', 'no:cacheprovider', path.join(source, 'tests', 'test_sign_in.py')];
  const { code, output } = await runPython('pytest', args, environment);
  expect(code, output.slice(-8000)).toBe(0);
  expect(output).toMatch(/\d+ passed/);
  expect(output).not.toMatch(/skipped/);
});

test('eight processes of the genuine client and eight of the command line exchange a token that ends, and all go on', {
  timeout: 5 * minutes,
}, async () => {
  const go = path.join(folder, 'go');
  const { PATH = '', HOME = '' } = process.env;
  const python = path.join(project, '.venv', 'bin', 'python');
  const clients = Array.from({ length: 8 }, () => {
    const env = { PATH, HOME, MLFLOW_DISABLE_TELEMETRY: 'true', PYTHONDONTWRITEBYTECODE: '1', ...environment };
    const child = spawn(python, [path.join(source, 'tests', 'at_once.py'), go], { cwd: folder, env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, output: () => output, ended };
  });
  for (const { child, output } of clients) {
    while (!output().includes('ready')) await once(child.stdout, 'data');
  }
  const before = JSON.parse(await readFile(credentials, 'utf8'));
  const ending = { ...before.servers[url], access_expires_at: new Date(Date.now() + 30_000).toISOString() };
  await writeFile(credentials, JSON.stringify({ ...before, servers: { [url]: ending } }));
  const commands = Array.from({ length: 8 }, () => startCommand('whoami'));
  await writeFile(go, '');
  for (const each of [...clients, ...commands]) expect(await each.ended, each.output()).toBe(0);
  for (const { output } of clients) expect(output()).toMatch(/found [1-9]/);
  for (const { output } of commands) expect(output()).toContain('ada@example.com');
  const after = JSON.parse(await readFile(credentials, 'utf8'));
  expect(after.servers[url].refresh_token).not.toBe(before.servers[url].refresh_token);
  // Whoever used a refresh token a second time would have ended the session for all.
  const last = startCommand('whoami');
  expect(await last.ended, last.output()).toBe(0);
});
