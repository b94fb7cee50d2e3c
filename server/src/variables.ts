/** One environment variable that Maestro reads. */
export type Variable = {
  readonly name: string;
  /** What it does, for `.env.example`: one or more sentences. */
  readonly description: string;
  /** A value to show beside the name: the default where there is one, else an example. */
  readonly example: string;
  /** A secret may also be given as `<name>_FILE`, the path of a file that holds it. */
  readonly secret?: true;
};

/** Read by the command line and the tests, so that one shell can hold both: the server passes over them. */
export const clientVariables: readonly string[] = ['MAESTRO_URL', 'MAESTRO_TOKEN', 'MAESTRO_COMPAT_VENV'];

/** Every variable, in the order of `.env.example`. A `MAESTRO_*` variable that is not here stops the start. */
export const variables = [
  {
    name: 'MAESTRO_HOST',
    description:
      'Address to listen on. `localhost` is 127.0.0.1 and ::1. Anything but loopback needs MAESTRO_TLS_CERT and MAESTRO_TLS_KEY, or MAESTRO_TRUSTED_PROXY.',
    example: 'localhost',
  },
  { name: 'MAESTRO_PORT', description: 'Port to listen on; 0 takes a free one.', example: '8080' },
  {
    name: 'MAESTRO_PUBLIC_URL',
    description:
      'The address under which people reach Maestro: printed at start, and the issuer of access tokens. Without it: the address listened on.',
    example: 'https://maestro.example.com',
  },
  {
    name: 'MAESTRO_DATA_DIR',
    description: 'Directory of the embedded PostgreSQL, of run files on local disk, and of generated secrets.',
    example: './data',
  },
  {
    name: 'DATABASE_URL',
    description:
      'A PostgreSQL 14 or newer to use instead of the embedded one: the login the server works with. If it may create roles, Maestro makes three lesser ones and works with those.',
    example: 'postgres://maestro_server:secret@db.example.com:5432/maestro',
    secret: true,
  },
  {
    name: 'MAESTRO_DATABASE_OWNER_URL',
    description: 'The login that owns the schema and runs migrations. Together with MAESTRO_DATABASE_SYSTEM_URL.',
    example: 'postgres://maestro_owner:secret@db.example.com:5432/maestro',
    secret: true,
  },
  {
    name: 'MAESTRO_DATABASE_SYSTEM_URL',
    description:
      'The login, with BYPASSRLS, for audited work across tenants. Together with MAESTRO_DATABASE_OWNER_URL.',
    example: 'postgres://maestro_system:secret@db.example.com:5432/maestro',
    secret: true,
  },
  {
    name: 'MAESTRO_DB_POOL_SIZE',
    description: 'Most connections this process opens with the server’s login, 2 to 200 (embedded: at most 40).',
    example: '16',
  },
  {
    name: 'REDIS_URL',
    description:
      'A Redis for limits and caches shared by several Maestros. Without it they are kept in this process; losing either loses no truth.',
    example: 'redis://localhost:6379',
    secret: true,
  },
  {
    name: 'MAESTRO_TLS_CERT',
    description: 'PEM file with the certificate, followed by its chain. Together with MAESTRO_TLS_KEY.',
    example: '/etc/maestro/tls.crt',
  },
  {
    name: 'MAESTRO_TLS_KEY',
    description: 'PEM file with the certificate’s private key, without a passphrase.',
    example: '/etc/maestro/tls.key',
  },
  {
    name: 'MAESTRO_TRUSTED_PROXY',
    description:
      'Addresses or CIDR ranges, separated by commas, of the proxies that end TLS before Maestro. Only their X-Forwarded-* headers are believed.',
    example: '10.0.0.0/8, 192.0.2.7',
  },
  {
    name: 'MAESTRO_ACCESS_TOKEN_MINUTES',
    description: 'How long an access token is good for, 1 to 1440 minutes.',
    example: '15',
  },
  {
    name: 'MAESTRO_REFRESH_TOKEN_DAYS',
    description: 'How long a session lasts from its sign-in, however much it is used, 1 to 365 days.',
    example: '7',
  },
  {
    name: 'MAESTRO_LOG_LEVEL',
    description: 'fatal, error, warn, info, debug, trace or silent. Logs are JSON lines on standard error.',
    example: 'info',
  },
  {
    name: 'MAESTRO_URL',
    description: 'Command line only: the Maestro to talk to, when it is not the one of MAESTRO_DATA_DIR.',
    example: 'https://maestro.example.com',
  },
  {
    name: 'MAESTRO_TOKEN',
    description: 'Command line only: an API key for MAESTRO_URL.',
    example: 'mst_…',
    secret: true,
  },
] as const satisfies readonly Variable[];

export type VariableName = (typeof variables)[number]['name'];
