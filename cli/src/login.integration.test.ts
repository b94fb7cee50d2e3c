import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, enrolmentOf, type Person } from '../../server/test/enrolment.ts';
import {
  type CommandLine,
  json,
  type Outcome,
  expectFailure as oneSentence,
  said,
  startCommandLine,
} from './command_line.fixture.ts';

const bin = join(import.meta.dirname, '../bin/maestro.mjs');

interface Entry {
  access_token: string;
  access_expires_at: string;
  refresh_token: string;
  refresh_expires_at: string;
  email: string;
}
interface File {
  version: 1;
  current: string | null;
  servers: Record<string, Entry>;
}

let line: CommandLine;
let people: ReturnType<typeof enrolmentOf>;
let root: string;
let url: string;
beforeAll(async () => {
  line = await startCommandLine();
  people = enrolmentOf(line.maestro);
  root = await mkdtemp(join(tmpdir(), 'maestro-login-'));
  ({ url } = line.maestro);
});
afterAll(async () => {
  await line?.stop();
  await rm(root, { recursive: true, force: true });
});

let homes = 0;
const newHome = (): string => join(root, `home-${++homes}`);
const fileIn = (home: string): string => join(home, 'maestro', 'credentials.json');
const read = async (home: string): Promise<File> => JSON.parse(await readFile(fileIn(home), 'utf8')) as File;

async function change(home: string, by: (file: File) => File): Promise<void> {
  await writeFile(fileIn(home), JSON.stringify(by(await read(home))), { mode: 0o600 });
}

/** As if an access token were about to end. */
const age = (home: string, at = url): Promise<void> =>
  change(home, (file) => {
    const ending = { ...(file.servers[at] as Entry), access_expires_at: new Date(Date.now() + 30_000).toISOString() };
    return { ...file, servers: { ...file.servers, [at]: ending } };
  });

/** What a person has who signed in, without the wait for an approval: that is what the first test is about. */
async function signedIn(person: Person, at = url): Promise<string> {
  const home = newHome();
  const { access_token, refresh_token } = bodyOf<Entry>(await people.signIn(person));
  const [access_expires_at, refresh_expires_at] = [900_000, 86_400_000].map((ms) =>
    new Date(Date.now() + ms).toISOString(),
  );
  const entry = { access_token, refresh_token, access_expires_at, refresh_expires_at, email: person.email };
  await mkdir(join(home, 'maestro'), { recursive: true, mode: 0o700 });
  await writeFile(fileIn(home), JSON.stringify({ version: 1, current: at, servers: { [at]: entry } }), { mode: 0o600 });
  return home;
}

const member = () => people.make({ tenant: 'tenant-a', role: 'viewer' });
const run = (home: string, ...words: string[]): Promise<Outcome> => line.run(words, { XDG_CONFIG_HOME: home });
const exchanges = async ({ id }: Person): Promise<number> => {
  const [row] = await people.rows<{ n: number }>(
    `SELECT count(*)::int AS n FROM maestro.refresh_tokens r JOIN maestro.sessions s USING (session_id)
      WHERE s.user_id = $1 AND r.used_at IS NOT NULL`,
    [id],
  );
  return row?.n ?? 0;
};

/** A command that runs: what it has said so far, and its end. */
function start(
  home: string,
  words: string[],
): { child: ChildProcess; said: () => string; ended: Promise<number | null> } {
  const child = spawn(process.execPath, [bin, ...words], {
    cwd: root,
    env: { PATH: process.env.PATH, XDG_CONFIG_HOME: home },
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, said: () => text, ended };
}

async function userCodeOf(command: ReturnType<typeof start>): Promise<string> {
  for (;;) {
    const code = /\b[A-Z]{4}-[A-Z]{4}\b/.exec(command.said())?.[0];
    if (code !== undefined) return code;
    await once(command.child.stderr as NodeJS.ReadableStream, 'data');
  }
}

describe('maestro login', () => {
  test('signs in by an approval in a browser; later commands need no token, and logout ends the session', async () => {
    const person = await member();
    const as = await people.session(person);
    const home = newHome();
    const command = start(home, ['login', '--url', `${url}/`, '--tenant', 'tenant-a', '--json']);
    const code = await userCodeOf(command);
    expect(command.said()).toContain(`Open ${url}/account#device=${code}`);
    bodyOf(await people.post('/auth/device/approval', { user_code: code, approve: true }, as), 204);
    expect(await command.ended, command.said()).toBe(0);

    expect((await stat(join(home, 'maestro'))).mode & 0o777).toBe(0o700);
    expect((await stat(fileIn(home))).mode & 0o777).toBe(0o600);
    const { current, servers } = await read(home);
    expect(current).toBe(url);
    expect(servers[url]).toMatchObject({ email: person.email });
    expect(json(await run(home, 'whoami', '--json'))).toMatchObject({ url, name: person.email, id: person.id });
    expect(said(await run(home, 'whoami'))).toContain('tenant-a (viewer)');
    const sessions = json<{ device: string; is_current: boolean }[]>(await run(home, 'session', 'list', '--json'));
    expect(sessions.find(({ is_current }) => is_current)?.device).toBe(`maestro login on ${hostname()}`);

    expect(said(await run(home, 'logout'))).toBe(`Signed out at ${url}.\n`);
    expect((await line.maestro.send('GET', '/api/v1/auth/me', { as: servers[url]?.access_token })).status).toBe(401);
    expect(await read(home)).toEqual({ version: 1, current: null, servers: {} });
  });

  test('is told when the sign-in was denied, and keeps nothing', async () => {
    const as = await people.session(await member());
    const home = newHome();
    const command = start(home, ['login', '--url', url]);
    const user_code = await userCodeOf(command);
    bodyOf(await people.post('/auth/device/approval', { user_code, approve: false }, as), 204);
    expect(await command.ended).toBe(1);
    expect(command.said()).toContain('maestro: The sign-in was denied.');
    expect(await readdir(root)).not.toContain(home.slice(root.length + 1));
  });

  test('sends nothing over plain HTTP to another machine', async () => {
    oneSentence(await run(newHome(), 'login', '--url', 'http://maestro.example.com'), 2, /expected https/);
    oneSentence(await run(newHome(), 'login'), 2, /--url/);
  });
});

describe('the sign-in of maestro login', () => {
  test('is exchanged once by 20 processes at the same time, and none of them is thrown out', async () => {
    const person = await member();
    const home = await signedIn(person);
    const before = await read(home);
    await age(home);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => run(home, 'whoami', '--json')));
    expect(outcomes.filter(({ code }) => code !== 0)).toEqual([]);
    expect(await exchanges(person)).toBe(1);
    const after = await read(home);
    expect(after.servers[url]?.access_token).not.toBe(before.servers[url]?.access_token);
    expect((await stat(fileIn(home))).mode & 0o777).toBe(0o600);
    expect((await readdir(join(home, 'maestro'))).sort()).toEqual(['credentials.json', 'credentials.json.lock']);
    expect(json(await run(home, 'whoami', '--json'))).toMatchObject({ name: person.email });
  }, 60_000);

  test('is exchanged by another process where the one that was about to was killed', async () => {
    const person = await member();
    const gate = await openGate();
    try {
      const home = await signedIn(person, gate.url);
      await age(home, gate.url);
      const first = start(home, ['whoami']);
      // It holds the lock, and its question has not reached the server.
      await gate.asked;
      const waiting = run(home, 'whoami', '--json');
      first.child.kill('SIGKILL');
      await first.ended;
      await gate.open();
      expect(json(await waiting)).toMatchObject({ name: person.email });
      expect(await exchanges(person)).toBe(1);
    } finally {
      await gate.close();
    }
  });

  test('outweighs no token of the environment, and no data directory that is named', async () => {
    const home = await signedIn(await member());
    const there = { ...line.as(line.maestro.tenants.b.keys.viewer), XDG_CONFIG_HOME: home };
    expect(json(await line.run(['whoami', '--json'], there))).toMatchObject({ name: 'viewer' });
    const named = { MAESTRO_URL: url, XDG_CONFIG_HOME: home };
    expect(json(await line.run(['whoami', '--json'], named))).toMatchObject({ url });
    oneSentence(
      await line.run(['whoami'], { MAESTRO_DATA_DIR: join(root, 'none'), XDG_CONFIG_HOME: home }),
      3,
      /No Maestro runs on/,
    );
  });

  test('stands in the file that MAESTRO_CREDENTIALS names', async () => {
    const person = await member();
    const path = fileIn(await signedIn(person));
    const there = { MAESTRO_CREDENTIALS: path, XDG_CONFIG_HOME: newHome() };
    expect(json(await line.run(['whoami', '--json'], there))).toMatchObject({ name: person.email });
  });

  test('says plainly that its session has ended', async () => {
    const person = await member();
    const home = await signedIn(person);
    bodyOf(await people.post('/auth/logout-all', {}, (await read(home)).servers[url]?.access_token));
    await age(home);
    oneSentence(await run(home, 'whoami'), 1, /has ended: sign in again/);
  });

  test('is not used where others may read its file, or where it is none', async () => {
    const home = await signedIn(await member());
    await rm(fileIn(home));
    await writeFile(fileIn(home), '{}', { mode: 0o644 });
    oneSentence(await run(home, 'whoami'), 1, /may be read by others: chmod 600/);
    await rm(fileIn(home));
    await writeFile(fileIn(home), '{"version":2}', { mode: 0o600 });
    oneSentence(await run(home, 'whoami'), 1, /is no credentials file of Maestro/);
  });
});

/** A way to the server that is closed at first. */
async function openGate(): Promise<{
  url: string;
  asked: Promise<void>;
  open(): Promise<void>;
  close(): Promise<void>;
}> {
  const { port } = new URL(url);
  const held: Socket[] = [];
  let isOpen = false;
  let tell: () => void;
  const asked = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const pass = (socket: Socket): void => {
    const far = connect(Number(port), '127.0.0.1');
    socket.pipe(far).pipe(socket);
    for (const each of [socket, far]) each.on('error', () => each.destroy());
  };
  const server: Server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    if (isOpen) return pass(socket);
    held.push(socket);
    tell();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async open() {
      isOpen = true;
      for (const socket of held) socket.destroy();
    },
    async close() {
      server.close();
    },
  };
}
