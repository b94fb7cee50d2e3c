import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { makeCertificate } from './certificate.ts';
import { freePort } from './free_port.ts';

/** Let's Encrypt's own ACME server for tests, to which every name leads to 127.0.0.1. */
export interface Pebble {
  readonly directory: string;
  /** Path of the PEM file of who vouches for the directory. */
  readonly ca: string;
  /** PEM text of who vouches for the certificates that it issues; another one at each start. */
  root(): Promise<string>;
  stop(): Promise<void>;
}

async function started(program: string, args: string[], sign: string, cwd: string): Promise<ChildProcess> {
  // Each order is proved by challenges of its own, at once.
  const env = { PATH: process.env.PATH, PEBBLE_VA_NOSLEEP: '1', PEBBLE_AUTHZREUSE: '0' };
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        printed += chunk;
        if (printed.includes(sign)) resolve();
      });
    }
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`${program} did not start:\n${printed}`)));
  });
  return child;
}

/** `folder` is for its files; `httpPort`: where it asks for challenges. */
export async function startPebble(folder: string, httpPort: number): Promise<Pebble> {
  const { cert, key, ca } = await makeCertificate(folder);
  const [port, management, dns] = [await freePort(), await freePort(), await freePort()];
  const config = join(folder, 'pebble.json');
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: cert,
    privateKey: key,
    httpPort,
    tlsPort: await freePort(),
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
  };
  await writeFile(config, JSON.stringify({ pebble }));
  const names = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-management', '', '-defaultIPv6', ''];
  const children = [
    await started('pebble-challtestsrv', ['-dns01', `127.0.0.1:${dns}`, ...names], 'Starting', folder),
    await started('pebble', ['-config', config, '-dnsserver', `127.0.0.1:${dns}`], 'ACME directory available', folder),
  ];
  const trusted = await readFile(ca, 'utf8');
  return {
    directory: `https://127.0.0.1:${port}/dir`,
    ca,
    async root() {
      const [answer] = await once(
        get(`https://127.0.0.1:${management}/roots/0`, { ca: trusted, agent: false }),
        'response',
      );
      return text(answer);
    },
    async stop() {
      for (const child of children.splice(0)) {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
    },
  };
}
