import { type AddressInfo, connect, createServer } from 'node:net';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { type Deployment, type Look, openDeployment } from './deployment.ts';
import { withClient } from './roles.ts';

let database: TestDatabase;
let open: Deployment[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
  await vi.waitUntil(async () => (await backends()).length === 0);
});
afterAll(() => database?.drop());

const sql = async (text: string): Promise<{ pid: number }[]> =>
  withClient(database.superuser, async (client) => (await client.query(text)).rows);
const backends = () =>
  sql(
    'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename <> session_user AND pid <> pg_backend_pid()',
  );

async function join(look: Look = async () => undefined, login = database.logins.server): Promise<Deployment> {
  const log = pino({ level: 'silent' });
  const deployment = await openDeployment({ login, look, patienceMs: 3000, answerMs: 1000, log });
  open = [...open, deployment];
  return deployment;
}

test('each process is known to have what it announced last, and is gone once it has ended', async () => {
  const [one, two] = [await join(), await join()];
  await one.announce('keys', ['aaaaaaaa', 'ffffffff']);
  expect(await two.whoHas('aaaaaaaa')).toEqual({ processes: 2, without: 1 });
  await two.announce('keys', ['ffffffffabcd']);
  expect(await one.whoHas('ffffffff')).toEqual({ processes: 2, without: 0 });
  await one.announce('keys', ['bbbbbbbb']);
  expect(await two.whoHas('aaaaaaaa')).toEqual({ processes: 2, without: 2 });
  await one.close();
  await vi.waitFor(async () => expect(await two.whoHas('ffffffff')).toEqual({ processes: 1, without: 0 }));
});

test('who has a key is told again by a process whose connection broke, or that was given another login', async () => {
  const [one, two] = [await join(), await join()];
  await one.announce('keys', ['aaaaaaaa']);
  await one.useLogin(database.logins.server);
  const heard = vi.fn();
  await vi.waitFor(async () => expect(await two.whoHas('aaaaaaaa')).toEqual({ processes: 2, without: 1 }));
  two.onAnnounced(heard);
  await sql(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename <> session_user',
  );
  await vi.waitFor(async () => expect(await two.whoHas('aaaaaaaa')).toEqual({ processes: 2, without: 1 }), 10_000);
  expect(heard).toHaveBeenCalled();
});

test('whoever comes back first, where all lost their connections, counts nobody before the others can be back', async () => {
  const [one, two] = [await join(), await join()];
  await one.announce('keys', ['aaaaaaaa']);
  const comesBack = (deployment: Deployment) => new Promise<void>((resolve) => deployment.onAnnounced(resolve));
  const end = (which: string) =>
    sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
          AND usename <> session_user AND ${which} (SELECT pid FROM pg_locks WHERE objid = ${0xaaaaaaaa})`);
  await vi.waitFor(async () => expect(await two.whoHas('aaaaaaaa')).toEqual({ processes: 2, without: 1 }));
  await end('pid = ANY');
  await comesBack(one);
  await end('pid <> ALL');
  expect(await one.whoHas('aaaaaaaa')).toEqual({ processes: 2, without: 1 });
});

test('a connection over which nothing comes any more, and nothing says so, is given up for another one', async () => {
  const { host = '', port = 5432, ...login } = database.logins.server;
  let vanish = (): void => undefined;
  const proxy = createServer((near) => {
    const far = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    near.pipe(far).pipe(near);
    near.on('error', () => undefined).on('close', () => far.destroy());
    far.on('error', () => undefined).on('close', () => near.destroy());
    vanish = () => {
      near.unpipe(far).resume();
      far.unpipe(near).resume();
    };
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const [one, two] = [
    await join(undefined, { ...login, host: '127.0.0.1', port: (proxy.address() as AddressInfo).port }),
    await join(),
  ];
  vanish();
  await expect(one.announce('keys', ['aaaaaaaa'])).rejects.toThrow();
  await vi.waitFor(async () => expect(await two.whoHas('aaaaaaaa')).toEqual({ processes: 2, without: 1 }), 10_000);
  proxy.close();
});

test('all look when one asks, each is waited for, and who asks hears of one that does not take what it is given', async () => {
  let fault: string | undefined;
  const looked: string[] = [];
  const look =
    (name: string): Look =>
    async () => {
      looked.push(name);
      return name === 'two' ? fault : undefined;
    };
  const [one, two] = [await join(look('one')), await join(look('two'))];
  await Promise.all([one.lookNow(), two.lookNow()]);
  expect(looked.sort()).toEqual(['one', 'one', 'two', 'two']);
  fault = 'It is sealed.';
  await expect(two.lookNow()).rejects.toThrow('It is sealed.');
  await expect(one.lookNow()).rejects.toThrow('1 of the 2 Maestros on this database');
});
