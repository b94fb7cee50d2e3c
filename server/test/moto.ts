import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { preparePython } from '../../compat/python.ts';
import { freePort } from './free_port.ts';

const program = join(import.meta.dirname, '../../.venv/bin/moto_server');

/** Secrets Manager as moto has it, in a process of its own. */
export interface TestAws {
  readonly url: string;
  readonly region: string;
  /** What signs in, as the SDK reads it from the environment. */
  readonly credentials: Readonly<Record<string, string>>;
  put(name: string, text: string): Promise<void>;
  /** Marks it for deletion. */
  remove(name: string): Promise<void>;
  /** From now on credentials are checked, and those of `credentials` are nobody's. */
  checkCredentials(): Promise<void>;
  stop(): Promise<void>;
}

export async function startTestAws(): Promise<TestAws> {
  await preparePython();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child: ChildProcess = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1' },
  });
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    // Read to the end: it logs every request.
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (printed.includes('Running on')) resolve();
    });
    child.once('close', () => reject(new Error(`moto did not start:\n${printed}`)));
  });
  const region = 'eu-central-1';
  const credentials = {
    AWS_ACCESS_KEY_ID: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
    AWS_SECRET_ACCESS_KEY: randomBytes(30).toString('base64url'),
  };
  const client = new SecretsManagerClient({
    endpoint: url,
    region,
    credentials: { accessKeyId: credentials.AWS_ACCESS_KEY_ID, secretAccessKey: credentials.AWS_SECRET_ACCESS_KEY },
  });
  const made = new Set<string>();
  return {
    url,
    region,
    credentials,
    async put(name, text) {
      if (made.has(name)) await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: text }));
      else await client.send(new CreateSecretCommand({ Name: name, SecretString: text }));
      made.add(name);
    },
    async remove(name) {
      await client.send(new DeleteSecretCommand({ SecretId: name }));
    },
    async checkCredentials() {
      await fetch(`${url}/moto-api/reset-auth`, { method: 'POST', body: '0' });
    },
    async stop() {
      client.destroy();
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
