import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startMaestro } from '../server/test/maestro.ts';

const run = promisify(execFile);
const commandLine = path.join(import.meta.dirname, '..', 'cli', 'bin', 'maestro.mjs');

export interface TwoTenants {
  url: string;
  /** Where it speaks HTTPS with a certificate of its own making: the files by which clients trust it. */
  trust: { authority: string; bundle: string };
  /** API keys made by the command line: one of the tenant `default`, one of each of the two others. */
  defaultKey: string;
  first: { slug: string; key: string };
  second: { slug: string; key: string };
  stop(): Promise<void>;
}

/**
 * Starts a Maestro of its own, in a data directory that `prepare` may fill, and makes two tenants with a key each, by the
 * command line as an operator would.
 */
export async function startTwoTenants(
  environment: Record<string, string> = {},
  prepare?: (dataDir: string) => void,
): Promise<TwoTenants> {
  const folder = await mkdtemp(path.join(tmpdir(), 'maestro-compat-'));
  const dataDir = path.join(folder, 'data');
  prepare?.(dataDir);
  const maestro = startMaestro({ MAESTRO_DATA_DIR: dataDir, ...environment }, folder);
  const stop = async () => {
    await maestro.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  };
  try {
    const url = await maestro.ready;
    const maestroCommand = async (...words: string[]): Promise<Record<string, string>> => {
      const env = { PATH: process.env.PATH, MAESTRO_DATA_DIR: dataDir };
      const { stdout } = await run(process.execPath, [commandLine, ...words, '--json'], { cwd: folder, env });
      return JSON.parse(stdout) as Record<string, string>;
    };
    const keyOf = async (tenant: string) =>
      (await maestroCommand('key', 'create', '--tenant', tenant, '--name', 'compat')).key!;
    await maestroCommand('tenant', 'create', 'acme');
    await maestroCommand('tenant', 'create', 'globex');
    // More projects than a page of a list holds.
    await maestroCommand('tenant', 'change', 'acme', '--max-projects', '1000');
    return {
      url,
      trust: { authority: path.join(dataDir, 'tls/ca.crt'), bundle: path.join(dataDir, 'tls/ca-bundle.crt') },
      defaultKey: await keyOf('default'),
      first: { slug: 'acme', key: await keyOf('acme') },
      second: { slug: 'globex', key: await keyOf('globex') },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
