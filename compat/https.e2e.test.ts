import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareDataDir } from '../server/test/prepared_data.ts';
import { preparePython, runPython } from './python.ts';
import { startTwoTenants, type TwoTenants } from './two_tenants.ts';

const minutes = 60_000;
let maestro: TwoTenants;

beforeAll(async () => {
  await preparePython();
  maestro = await startTwoTenants({ MAESTRO_TLS: 'self-signed' }, prepareDataDir);
}, 15 * minutes);
afterAll(() => maestro?.stop());

const as = () => ({ MLFLOW_TRACKING_URI: maestro.url, MLFLOW_TRACKING_TOKEN: maestro.first.key });

async function pytest(file: string, environment: Record<string, string>): Promise<void> {
  const { code, output } = await runPython('pytest', ['-q', '--tb=short', file], {
    ...as(),
    MAESTRO_TENANT: maestro.first.slug,
    MAESTRO_OTHER_TENANT: maestro.second.slug,
    MAESTRO_OTHER_TOKEN: maestro.second.key,
    ...environment,
  });
  expect(code, output.slice(-8000)).toBe(0);
  expect(output).toMatch(/\d+ passed/);
}

describe('the genuine client over HTTPS with a self-signed certificate', () => {
  test('logs, and writes and reads run files, large ones in parts, as the first start shows it', {
    timeout: 5 * minutes,
  }, async () => {
    expect(maestro.url).toMatch(/^https:/);
    await pytest('test_fluent.py', { REQUESTS_CA_BUNDLE: maestro.trust.bundle });
    await pytest('test_artifacts.py', { REQUESTS_CA_BUNDLE: maestro.trust.bundle });
  });

  test('signs in by key with its own variable for the authority as well', { timeout: 5 * minutes }, async () => {
    await pytest('test_signin.py', { MLFLOW_TRACKING_SERVER_CERT_PATH: maestro.trust.authority });
  });

  test('refuses a server that it was not told to trust', { timeout: 5 * minutes }, async () => {
    const look = 'import mlflow; mlflow.MlflowClient().search_experiments()';
    const { code, output } = await runPython('python', ['-c', look], { ...as(), MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1' });
    expect(code).not.toBe(0);
    expect(output).toContain('CERTIFICATE_VERIFY_FAILED');
  });
});
