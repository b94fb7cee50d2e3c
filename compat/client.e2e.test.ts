import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareDataDir } from '../server/test/prepared_data.ts';
import { preparePython, runPython } from './python.ts';
import { startTwoTenants, type TwoTenants } from './two_tenants.ts';

const minutes = 60_000;
let maestro: TwoTenants;

beforeAll(async () => {
  await preparePython();
  maestro = await startTwoTenants({}, prepareDataDir);
}, 15 * minutes);
afterAll(() => maestro?.stop());

/** Runs one file of compat/python as the first tenant; the last lines say which test failed and why. */
async function pytest(file: string): Promise<void> {
  const { code, output } = await runPython('pytest', ['-q', '--tb=short', file], {
    MLFLOW_TRACKING_URI: maestro.url,
    MLFLOW_TRACKING_TOKEN: maestro.first.key,
    MAESTRO_TENANT: maestro.first.slug,
    MAESTRO_OTHER_TENANT: maestro.second.slug,
    MAESTRO_OTHER_TOKEN: maestro.second.key,
  });
  expect(code, output.slice(-8000)).toBe(0);
  expect(output).toMatch(/\d+ passed/);
  expect(output).not.toMatch(/skipped/);
}

test('a real training script of two tenants passes its own twelve checks', { timeout: 5 * minutes }, async () => {
  const { code, output } = await runPython('python', ['train_and_log.py'], {
    MLFLOW_TRACKING_URI: maestro.url,
    TOKEN_A: maestro.first.key,
    TOKEN_B: maestro.second.key,
  });
  expect(output).toMatch(/^12 passed, 0 failed$/m);
  expect(code, output).toBe(0);
});

describe('the genuine client', () => {
  test.each([
    ['logs by its fluent interface', 'test_fluent.py'],
    ['does all that MlflowClient offers, up to its limits', 'test_client.py'],
    ['searches by filters, orders and pages', 'test_search.py'],
    ['logs from threads, processes and asynchronously without loss', 'test_parallel.py'],
    ['writes, lists, reads and deletes run files, large ones in parts', 'test_artifacts.py'],
    ['logs models, autologs scikit-learn and loads models back', 'test_models.py'],
    ['puts experiments into projects by a tag', 'test_projects.py'],
    ['signs in by key, sees its own tenant only, and names it as a workspace', 'test_signin.py'],
  ])('%s', { timeout: 5 * minutes }, async (_guarantee, file) => {
    await pytest(file);
  });
});
