import type { Variable } from './variables.ts';

/** Where secrets come from, and what production asks of them. */
export const secretVariables = [
  {
    name: 'MAESTRO_ENV',
    description:
      'development or production. Production refuses secrets that only development may have. Without it: production where DATABASE_URL is set or MAESTRO_HOST is not loopback, else development.',
    example: 'production',
  },
  {
    name: 'MAESTRO_SECRETS',
    description:
      'Where those marked (secret) are: env (here, or in the files of NAME_FILE), vault (HashiCorp Vault or OpenBao, KV version 2) or aws (AWS Secrets Manager). A store holds one object, whose keys are their names.',
    example: 'env',
  },
  {
    name: 'MAESTRO_SECRETS_REFRESH_SECONDS',
    description: 'How often the store, or the files, are asked again, 1 to 86400 seconds.',
    example: '60',
  },
  {
    name: 'MAESTRO_SECRETS_MAX_AGE_SECONDS',
    description:
      'How long Maestro works with the last good secrets while they cannot be read, 1 to 2592000 seconds; then it stops.',
    example: '86400',
  },
  {
    name: 'MAESTRO_VAULT_ADDR',
    description: 'The address of Vault or OpenBao: https, or http on this machine.',
    example: 'https://vault.example.com:8200',
  },
  { name: 'MAESTRO_VAULT_MOUNT', description: 'Where its KV version 2 engine is mounted.', example: 'secret' },
  {
    name: 'MAESTRO_VAULT_PATH',
    description: 'The path of Maestro’s secret in that engine, without data/.',
    example: 'maestro',
  },
  {
    name: 'MAESTRO_VAULT_NAMESPACE',
    description: 'The namespace of Vault Enterprise, HCP or OpenBao that it is in.',
    example: 'admin/ml',
  },
  {
    name: 'MAESTRO_VAULT_CA',
    description: 'PEM file of the authorities to trust for Vault’s certificate, instead of Node’s.',
    example: '/etc/maestro/vault-ca.crt',
  },
  { name: 'MAESTRO_VAULT_AUTH', description: 'How to sign in: token, approle or kubernetes.', example: 'token' },
  {
    name: 'MAESTRO_VAULT_AUTH_MOUNT',
    description: 'Where the way to sign in is mounted. Without it: its own name.',
    example: 'approle',
  },
  {
    name: 'MAESTRO_VAULT_TOKEN',
    description: 'For token. A file is read again at each use, so that an agent may renew it.',
    example: 'hvs.…',
    secret: true,
    notStored: true,
  },
  { name: 'MAESTRO_VAULT_ROLE_ID', description: 'For approle: the RoleID.', example: 'a UUID' },
  {
    name: 'MAESTRO_VAULT_SECRET_ID',
    description: 'For approle: the SecretID.',
    example: 'a UUID',
    secret: true,
    notStored: true,
  },
  { name: 'MAESTRO_VAULT_ROLE', description: 'For kubernetes: the role.', example: 'maestro' },
  {
    name: 'MAESTRO_VAULT_JWT_FILE',
    description: 'For kubernetes: the file with the service account’s token.',
    example: '/var/run/secrets/kubernetes.io/serviceaccount/token',
  },
  {
    name: 'MAESTRO_AWS_SECRET_ID',
    description:
      'The name or ARN of Maestro’s secret. Credentials are found as the AWS SDK finds them: environment, shared files, or the role of the container or machine.',
    example: 'maestro/production',
  },
  { name: 'MAESTRO_AWS_REGION', description: 'Its region. Without it: AWS_REGION.', example: 'eu-central-1' },
  {
    name: 'MAESTRO_AWS_ENDPOINT',
    description: 'Another address of Secrets Manager, such as that of a VPC endpoint: https, or http on this machine.',
    example: 'https://vpce-0123.secretsmanager.eu-central-1.vpce.amazonaws.com',
  },
] as const satisfies readonly Variable[];
