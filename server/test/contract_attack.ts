import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { preparePython, runPython } from '../../compat/python.ts';
import { type MaestroProcess, startMaestro } from './maestro.ts';
import { prepareDataDir } from './prepared_data.ts';

const minutes = 60_000;
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'ignored_auth',
].join();

let folder: string;
let maestro: MaestroProcess;
let url: string;
let apiKey: string;

/** Things that requests can meet: without them most of what is generated would name a run that is not there. */
async function makeRun(): Promise<string> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const post = (path: string, body: unknown) =>
    fetch(`${url}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const { run_id: id } = (await (await post('/runs', { experiment_id: 0, name: 'met' })).json()) as { run_id: string };
  await post(`/runs/${id}/log`, { metrics: [{ key: 'm', value: 1 }], params: [{ key: 'p', value: '1' }] });
  await fetch(`${url}/api/v1/runs/${id}/files/content?path=data.txt`, { method: 'PUT', headers, body: 'text' });
  return id;
}

/** How much is made of the contract for each route. */
interface Extent {
  /** Of Schemathesis, with commas. */
  readonly phases: string;
  readonly examples: number;
  /** So many requests at least are made of a tenant's routes, and of the operators'. */
  readonly least: { readonly tenant: number; readonly operators: number };
  readonly timeout: number;
}

/** Sends what Schemathesis makes of the contract, the same each time, and gives its report. */
async function attack(
  { phases, examples }: Extent,
  token: string,
  parameters: Record<string, string | number>,
  paths: string,
): Promise<string> {
  const settings = join(folder, 'schemathesis.toml');
  const lines = Object.entries(parameters).map(([name, value]) => `${JSON.stringify(name)} = ${JSON.stringify(value)}`);
  await writeFile(settings, `[parameters]\n${lines.join('\n')}\n`);
  const { code, output } = await runPython(
    'schemathesis',
    [
      ...['--config-file', settings, 'run', `${url}/api/v1/openapi.json`],
      ...['--header', `Authorization: Bearer ${token}`, '--include-path-regex', paths],
      ...['--checks', checks, '--phases', phases, '--max-examples', String(examples), '--seed', '1'],
      ...['--no-shrink', '--continue-on-failure', '--suppress-health-check', 'all', '--request-timeout', '30'],
    ],
    {},
  );
  expect(code, output.slice(-12_000)).toBe(0);
  return output;
}

const generated = (output: string): number => Number(/(\d+) generated/.exec(output)?.[1]);

/** Tests of a Maestro that answers whatever is sent to its routes. */
export function testContract(extent: Extent): void {
  beforeAll(async () => {
    await preparePython();
    folder = await mkdtemp(join(tmpdir(), 'maestro-schemathesis-'));
    prepareDataDir(join(folder, 'data'));
    maestro = startMaestro({ MAESTRO_DATA_DIR: join(folder, 'data'), MAESTRO_LOG_LEVEL: 'error' }, folder);
    url = await maestro.ready;
    apiKey = /MLFLOW_TRACKING_TOKEN=(\S+)/.exec(maestro.stdout())?.[1] ?? '';
  }, 15 * minutes);

  afterAll(async () => {
    await maestro?.stop();
    if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  });

  test('whatever is sent to a tenant’s routes is answered as the contract says, and never by a fault of ours', {
    timeout: extent.timeout,
  }, async () => {
    const parameters = {
      'path.run_id': await makeRun(),
      'path.experiment_id': 0,
      'query.path': 'data.txt',
      'header.X-MLFLOW-WORKSPACE': 'default',
      // Nobody's: what a list shows is used again, and the key that attacks, or its user's place, must not be its own victim.
      'path.key_id': randomUUID(),
      'path.user_id': randomUUID(),
    };
    const output = await attack(extent, apiKey, parameters, '^/(?!tenants|users)');
    expect(generated(output)).toBeGreaterThan(extent.least.tenant);
    // Else the end of it met a key that its beginning had revoked.
    const me = await fetch(`${url}/api/v1/auth/me`, { headers: { authorization: `Bearer ${apiKey}` } });
    expect(me.status).toBe(200);
  });

  test('whatever is sent to the operators’ routes is answered as the contract says, and never by a fault of ours', {
    timeout: extent.timeout,
  }, async () => {
    const operatorKey = await readFile(join(folder, 'data', 'secrets', 'operator-key'), 'utf8');
    const output = await attack(extent, operatorKey.trim(), { 'path.tenant': 'default' }, '^/(tenants|users)');
    expect(generated(output)).toBeGreaterThan(extent.least.operators);
  });
}
