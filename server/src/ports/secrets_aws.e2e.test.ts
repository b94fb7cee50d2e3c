import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startTestAws, type TestAws } from '../../test/moto.ts';
import { refusalOf, secretText, testSecretStore } from './secrets.suite.ts';
import { readInTime, type SecretStore } from './secrets.ts';
import { awsSecrets } from './secrets_aws.ts';

/** The SDK finds its credentials in the environment. */
function signInAs(aws: TestAws): void {
  for (const [name, value] of Object.entries(aws.credentials)) vi.stubEnv(name, value);
}

testSecretStore(
  'AWS Secrets Manager',
  async () => {
    const aws = await startTestAws();
    signInAs(aws);
    const store = awsSecrets({ secretId: 'maestro', region: aws.region, endpoint: aws.url });
    return {
      store,
      put: (values) => aws.put('maestro', JSON.stringify(values)),
      fail: () => aws.stop(),
      async close() {
        store.close();
        vi.unstubAllEnvs();
      },
    };
  },
  { object: true },
);

let aws: TestAws;
const opened: SecretStore[] = [];

function open(secretId: string, region: string | undefined = aws.region): SecretStore {
  const store = awsSecrets({ secretId, region, endpoint: aws.url });
  opened.push(store);
  return store;
}

beforeAll(async () => {
  aws = await startTestAws();
});
afterAll(() => aws.stop());
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
  vi.unstubAllEnvs();
});

test('each version has a name of its own', async () => {
  signInAs(aws);
  const store = open('versions');
  await aws.put('versions', JSON.stringify({ REDIS_URL: 'redis://one' }));
  const before = await readInTime(store);
  await aws.put('versions', JSON.stringify({ REDIS_URL: 'redis://two' }));
  const after = await readInTime(store);
  expect(before.version).toMatch(/^[0-9a-f-]{36}$/);
  expect(after.version).not.toBe(before.version);
});

test('a secret that is not there, is marked for deletion or is no object says which', async () => {
  signInAs(aws);
  expect(await refusalOf(open('none'))).toContain('none: it has no such secret: see MAESTRO_AWS_SECRET_ID');
  const value = secretText();
  await aws.put('plain', value);
  const refusal = await refusalOf(open('plain'));
  expect(refusal).toContain('plain must be an object whose keys are names such as MAESTRO_ENCRYPTION_KEY');
  expect(refusal).not.toContain(value);
  await aws.remove('plain');
  expect(await refusalOf(open('plain'))).toContain('it may be marked for deletion');
});

test('a missing region and missing or wrong credentials say what is missing or wrong', async () => {
  await aws.put('guarded', JSON.stringify({ REDIS_URL: 'redis://one' }));
  // Neither files of this machine's user nor the role of the machine are asked.
  for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/dev/null');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  expect(await refusalOf(open('guarded'))).toContain('no credentials of AWS were found');
  signInAs(aws);
  expect(await refusalOf(awsSecrets({ secretId: 'guarded', region: undefined, endpoint: aws.url }))).toContain(
    'no region was found: see MAESTRO_AWS_REGION',
  );
  await aws.checkCredentials();
  expect(await refusalOf(open('guarded'))).toMatch(
    /guarded: it (?:does not know|refuses) the credentials that were found/,
  );
});
