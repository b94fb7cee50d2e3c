import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type SecretStore, SecretsError, secretsIn } from './secrets.ts';

export interface AwsOptions {
  /** Name or ARN. */
  readonly secretId: string;
  /** Undefined: as the SDK finds it. */
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
}

/** By the names of the SDK's errors. */
const reasons: Readonly<Record<string, string>> = {
  ResourceNotFoundException: 'has no such secret: see MAESTRO_AWS_SECRET_ID and MAESTRO_AWS_REGION',
  InvalidRequestException: 'gives it not now: it may be marked for deletion',
  DecryptionFailure: 'cannot decrypt it: see the rights on its KMS key',
  AccessDeniedException: 'refuses: the role or user needs secretsmanager:GetSecretValue on it',
  UnrecognizedClientException: 'does not know the credentials that were found',
  InvalidClientTokenId: 'does not know the credentials that were found',
  InvalidSignatureException: 'refuses the credentials that were found',
  ExpiredTokenException: 'refuses the credentials that were found: they have ended',
  CredentialsProviderError: 'cannot be asked: no credentials of AWS were found',
};

/** One secret of AWS Secrets Manager, which holds a JSON object. The SDK is loaded when it is first asked for. */
export function awsSecrets({ secretId, region, endpoint }: AwsOptions): SecretStore {
  const name = `AWS Secrets Manager${endpoint === undefined ? '' : ` at ${endpoint}`}`;
  const where = `${name}: ${secretId}`;
  let client: SecretsManagerClient | undefined;
  return {
    name,
    async read(signal) {
      const sdk = await import('@aws-sdk/client-secrets-manager');
      client ??= new sdk.SecretsManagerClient({
        maxAttempts: 2,
        ...(region === undefined ? {} : { region }),
        ...(endpoint === undefined ? {} : { endpoint }),
      });
      const request = new sdk.GetSecretValueCommand({ SecretId: secretId });
      const answer = await client.send(request, { abortSignal: signal }).catch((error: unknown) => {
        throw new SecretsError(`${where}: ${whyNot(error)}.`, { cause: error });
      });
      return { values: secretsIn(parsed(answer.SecretString), where), version: answer.VersionId };
    },
    close: () => client?.destroy(),
  };
}

function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return 'it cannot be asked';
  if (error.message.startsWith('Region is missing')) return 'no region was found: see MAESTRO_AWS_REGION';
  const reason = reasons[error.name];
  if (reason !== undefined) return `it ${reason}`;
  const status = statusOf(error);
  if (status === 401 || status === 403) return `it refuses the credentials that were found (status ${status})`;
  const code = 'code' in error ? String(error.code) : error.name;
  return `it cannot be asked (${status === undefined ? code : `status ${status}`})`;
}

/** The SDK keeps the answer beside an error, also beside one of reading it: a proxy's refusal is no JSON. */
function statusOf(error: Error): number | undefined {
  const { $response: response } = error as { $response?: { statusCode?: number } };
  return response?.statusCode;
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
