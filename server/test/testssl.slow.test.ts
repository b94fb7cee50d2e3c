import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type MaestroProcess, startMaestro } from './maestro.ts';

interface Finding {
  id: string;
  severity: 'OK' | 'INFO' | 'WARN' | 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL' | 'FATAL';
  finding: string;
}

/** What nobody can say of a certificate that no public authority vouches for: where it would be revoked. */
const ofPrivateTrust = ['cert_revocation'];

let root: string;
let maestro: MaestroProcess;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'maestro-testssl-'));
});
afterEach(async () => {
  await maestro?.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** Everything that testssl.sh found of a Maestro at `name`. */
async function findings(name: string, port: string): Promise<Finding[]> {
  const report = join(root, 'report.json');
  const trust = ['--add-ca', join(root, 'data/tls/ca.crt')];
  const words = [
    '--quiet',
    '--warnings',
    'batch',
    '--nodns',
    'none',
    '--ip',
    '127.0.0.1',
    '--jsonfile',
    report,
    ...trust,
  ];
  const child = spawn('testssl', [...words, `https://${name}:${port}`], { stdio: 'ignore' });
  await once(child, 'exit');
  return JSON.parse(await readFile(report, 'utf8'));
}

test.each(['ec', 'rsa'])('testssl.sh finds nothing worse than LOW, with a key of type %s', async (keyType) => {
  const name = 'maestro.internal';
  maestro = startMaestro(
    {
      MAESTRO_DATA_DIR: join(root, 'data'),
      MAESTRO_TLS: 'self-signed',
      MAESTRO_TLS_NAMES: name,
      MAESTRO_TLS_KEY_TYPE: keyType,
    },
    root,
  );
  const found = await findings(name, new URL(await maestro.ready).port);
  const of = (id: string) => found.find((each) => each.id === id);
  expect(of('TLS1_3')?.severity).toBe('OK');
  expect(of('cert_trust')?.severity).toBe('OK');
  expect(of('HSTS_time')?.severity).toBe('OK');
  expect(found.filter(({ severity }) => severity === 'OK').length).toBeGreaterThan(40);
  const faults = found.filter(({ severity }) => ['MEDIUM', 'HIGH', 'CRITICAL', 'FATAL'].includes(severity));
  expect(faults.filter(({ id }) => !ofPrivateTrust.includes(id))).toEqual([]);
});
