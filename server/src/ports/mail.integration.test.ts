import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { SMTPServer } from 'smtp-server';
import { describe, expect, test } from 'vitest';
import { type Arrived, mailSuite, readMail } from './mail.suite.ts';
import type { Mail, MailTransport } from './mail.ts';
import { outboxMail } from './mail_outbox.ts';
import { openMailQueue } from './mail_queue.ts';
import { smtpMail } from './mail_smtp.ts';

const from = 'Maestro <maestro@example.org>';

/** A mail server on loopback. `refuse` gives the SMTP code for a recipient, or 0. */
async function startServer(refuse: (to: string) => number = () => 0) {
  const mails: Arrived[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo({ address }, _session, done) {
      const code = refuse(address);
      done(code === 0 ? null : Object.assign(new Error(`no ${address}`), { responseCode: code }));
    },
    onData(stream, { envelope }, done) {
      let raw = '';
      stream.setEncoding('utf8').on('data', (chunk) => {
        raw += chunk;
      });
      stream.on('end', () => {
        mails.push(
          readMail(
            raw,
            envelope.rcptTo.map(({ address }) => address),
          ),
        );
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as { port: number };
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

mailSuite('over a server', async () => {
  const server = await startServer();
  const transport = smtpMail({ url: server.url, from });
  return {
    transport,
    arrived: async () => server.mails,
    async stop() {
      transport.close();
      await server.stop();
    },
  };
});

async function openOutbox() {
  const folder = join(await mkdtemp(join(tmpdir(), 'maestro-mail-')), 'outbox');
  return { folder, transport: await outboxMail({ folder, from }), remove: () => rm(folder, { recursive: true }) };
}

mailSuite('into the outbox', async () => {
  const { folder, transport, remove } = await openOutbox();
  return {
    transport,
    async arrived() {
      const names = (await readdir(folder)).sort();
      return Promise.all(names.map(async (name) => readMail(await readFile(join(folder, name), 'utf8'))));
    },
    stop: remove,
  };
});

test('the outbox and what is in it are for nobody else on the machine, and no name says who is written to', async () => {
  const { folder, transport, remove } = await openOutbox();
  await transport.deliver({ to: 'ada@example.com', subject: 's', text: 't' });
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  const [name = '', ...more] = await readdir(folder);
  expect(more).toEqual([]);
  expect(name).toMatch(/^[\dT-]+Z-\d{6}\.eml$/);
  expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  await remove();
});

test('a server elsewhere that offers no encryption is given no mail', async () => {
  const server = await startServer();
  // Another name of this machine, that nothing says to be this machine.
  const transport = smtpMail({ url: server.url.replace('127.0.0.1', '0.0.0.0'), from });
  await expect(transport.deliver({ to: 'ada@example.com', subject: 's', text: 't' })).rejects.toThrow();
  expect(server.mails).toEqual([]);
  transport.close();
  await server.stop();
});

describe('the queue', () => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  const mail: Mail = { to: 'ada@example.com', subject: 's', text: 'https://x.org/account#reset=the-secret' };
  const failing = (times: number, error: object = { code: 'ECONNECTION' }) => {
    let tries = 0;
    const taken: Mail[] = [];
    const transport: MailTransport = {
      async deliver(given) {
        if (++tries <= times) throw Object.assign(new Error(`no ${given.to} ${given.text}`), error);
        taken.push(given);
      },
      close() {},
    };
    return { transport, taken, tries: () => tries };
  };

  test('returns before anything is sent', async () => {
    const { transport, taken, tries } = failing(0);
    const queue = openMailQueue({ transport, log });
    queue.send(mail);
    expect(tries()).toBe(0);
    await queue.idle();
    expect(taken).toEqual([mail]);
  });

  test('tries again what failed, and logs it without address, text or token', async () => {
    const { transport, taken } = failing(2);
    const queue = openMailQueue({ transport, log, delaysMs: [1, 1, 1] });
    queue.send(mail);
    await queue.idle();
    expect(taken).toEqual([mail]);
    expect(lines.filter((line) => line.includes('to be tried again'))).toHaveLength(2);
    expect(lines.join()).not.toMatch(/ada@|the-secret/);
  });

  test('gives up after a few tries, and at once where the server says never', async () => {
    const often = failing(99);
    const never = failing(99, { responseCode: 550 });
    for (const { transport } of [often, never]) {
      const queue = openMailQueue({ transport, log, delaysMs: [1, 1] });
      queue.send(mail);
      await queue.idle();
    }
    expect(often.tries()).toBe(3);
    expect(never.tries()).toBe(1);
  });

  test('closing does not wait for the next try, but makes it', async () => {
    const { transport, taken, tries } = failing(1);
    const queue = openMailQueue({ transport, log, delaysMs: [3_600_000] });
    queue.send(mail);
    while (tries() === 0) await new Promise(setImmediate);
    await queue.close();
    expect(taken).toEqual([mail]);
  });

  test('a real server that refuses an address, and one that is not there, cost no other mail', async () => {
    const server = await startServer((to) => (to.startsWith('full') ? 452 : to.startsWith('gone') ? 550 : 0));
    const queue = openMailQueue({ transport: smtpMail({ url: server.url, from }), log, delaysMs: [1] });
    for (const name of ['gone', 'full', 'ada']) queue.send({ ...mail, to: `${name}@example.com` });
    await queue.close();
    expect(server.mails.map(({ recipients }) => recipients)).toEqual([['ada@example.com']]);
    await server.stop();
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    const alone = openMailQueue({ transport: smtpMail({ url: `smtp://127.0.0.1:${port}`, from }), log, delaysMs: [1] });
    alone.send(mail);
    await alone.close();
    expect(lines.join()).not.toMatch(/@example|the-secret/);
  });

  test.each([
    'ada@example.com, eve@example.com',
    'ada@example.com\r\nBcc: eve@example.com',
    'Ada <ada@example.com>',
    '"ada\r\n"@example.com',
    'ada@example.com\u2028',
    `${'a'.repeat(65)}@example.com`,
    'ada',
  ])('%j is no address, and goes nowhere', async (to) => {
    const { transport, tries } = failing(0);
    const queue = openMailQueue({ transport, log });
    queue.send({ ...mail, to });
    queue.send({ ...mail, subject: 'one\nBcc: eve@example.com' });
    await queue.idle();
    expect(tries()).toBe(0);
  });
});
