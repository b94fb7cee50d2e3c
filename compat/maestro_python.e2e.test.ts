import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareDataDir } from '../server/test/prepared_data.ts';
import { preparePython, runPython } from './python.ts';
import { startTwoTenants, type TwoTenants } from './two_tenants.ts';
import { installWheel, source } from './wheel.ts';

const minutes = 60_000;
let maestro: TwoTenants;
let folder: string;
let site: string;

beforeAll(async () => {
  await preparePython();
  folder = await mkdtemp(path.join(tmpdir(), 'maestro-python-'));
  site = await installWheel(folder);
  maestro = await startTwoTenants({}, prepareDataDir);
}, 15 * minutes);
afterAll(async () => {
  await maestro?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('maestro in Python records, finds and measures beside the genuine client, by the same key', {
  timeout: 5 * minutes,
}, async () => {
  const args = ['-q', '--tb=short', '-p', 'no:cacheprovider', path.join(source, 'tests', 'maestro')];
  const { code, output } = await runPython('pytest', args, {
    PYTHONPATH: site,
    MLFLOW_TRACKING_URI: maestro.url,
    MLFLOW_TRACKING_TOKEN: maestro.first.key,
    MAESTRO_CREDENTIALS: path.join(folder, 'nobody.json'),
  });
  expect(code, output.slice(-8000)).toBe(0);
  expect(output).toMatch(/\d+ passed/);
  expect(output).not.toMatch(/skipped/);
});

test('the wheel says that it is typed, and is imported without mlflow and pandas', async () => {
  await access(path.join(site, 'maestro', 'py.typed'));
  const script = 'import sys, maestro; assert not {"mlflow", "pandas"} & set(sys.modules), sorted(sys.modules)';
  const { code, output } = await runPython('python', ['-c', script], { PYTHONPATH: site });
  expect(code, output).toBe(0);
});
