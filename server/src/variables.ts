import { embeddingsVariables } from './variables_embeddings.ts';
import { secretVariables } from './variables_secrets.ts';

/** One environment variable that Maestro reads. */
export type Variable = {
  readonly name: string;
  /** What it does, for `.env.example`: one or more sentences. */
  readonly description: string;
  /** A value to show beside the name: the default where there is one, else an example. */
  readonly example: string;
  /** A secret may also be given as `<name>_FILE`, the path of a file that holds it. */
  readonly secret?: true;
  /** A secret that no store of secrets holds: it opens one, or is none of the server's. */
  readonly notStored?: true;
  /** 32 random bytes in base64, which `maestro secrets generate` makes. */
  readonly random?: true;
  /** Those that another secret took the place of: there may be none, and they go while Maestro runs. */
  readonly former?: true;
};

/** Read by the command line and the tests, so that one shell can hold both: the server passes over them. */
export const clientVariables: readonly string[] = [
  'MAESTRO_URL',
  'MAESTRO_TOKEN',
  'MAESTRO_CREDENTIALS',
  'MAESTRO_COMPAT_VENV',
];

/** Every variable, in the order of `.env.example`. A `MAESTRO_*` variable that is not here stops the start. */
export const variables = [
  {
    name: 'MAESTRO_HOST',
    description:
      'Address to listen on. `localhost` is 127.0.0.1 and ::1. Anything but loopback needs MAESTRO_TLS, or MAESTRO_TRUSTED_PROXY.',
    example: 'localhost',
  },
  { name: 'MAESTRO_PORT', description: 'Port to listen on; 0 takes a free one. With TLS: 8443.', example: '8080' },
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
      'A PostgreSQL 14 or newer to use instead of the embedded one: the login the server works with. If it may create roles, Maestro makes three lesser ones and works with those. ?sslmode=verify-full&sslrootcert=FILE asks for TLS.',
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
      'A Redis for limits, and for what several Maestros tell each other of revoked sessions and keys. Without it they are kept in this process, and one hears of another’s revocations half a second late; losing it loses no truth.',
    example: 'redis://localhost:6379',
    secret: true,
  },
  {
    name: 'MAESTRO_REDIS_CA',
    description:
      'PEM file of who vouches for a Redis of rediss://. Without it: the public authorities, and those of NODE_EXTRA_CA_CERTS.',
    example: '/etc/maestro/redis-ca.crt',
  },
  {
    name: 'MAESTRO_TLS',
    description:
      'Where the certificate for HTTPS comes from: off, self-signed (an authority of the data directory’s own, for development and closed networks), files (MAESTRO_TLS_CERT and MAESTRO_TLS_KEY; follows from them) or acme (a public authority such as Let’s Encrypt). See docs/operate/tls.md.',
    example: 'self-signed',
  },
  {
    name: 'MAESTRO_TLS_NAMES',
    description:
      'Names and addresses, separated by commas, of a self-signed or ACME certificate beside that of MAESTRO_PUBLIC_URL; requests may name them.',
    example: 'maestro.internal, 10.0.0.5',
  },
  {
    name: 'MAESTRO_TLS_KEY_TYPE',
    description: 'The key of a self-signed or ACME certificate: ec (P-256) or rsa.',
    example: 'ec',
  },
  {
    name: 'MAESTRO_TLS_CERT',
    description:
      'PEM file with the certificate, followed by its chain. Together with MAESTRO_TLS_KEY. Both are read anew when they change.',
    example: '/etc/maestro/tls.crt',
  },
  {
    name: 'MAESTRO_TLS_KEY',
    description: 'PEM file with the certificate’s private key, without a passphrase.',
    example: '/etc/maestro/tls.key',
  },
  {
    name: 'MAESTRO_HTTP_PORT',
    description:
      'With TLS: the port of plain HTTP, which sends everybody to MAESTRO_PUBLIC_URL; off for none. Without it: 8080 where MAESTRO_PUBLIC_URL is set and Maestro listens beyond loopback, or MAESTRO_TLS is acme; else none.',
    example: '8080',
  },
  {
    name: 'MAESTRO_ACME_AGREE_TOS',
    description: 'yes: you agree to the terms of the ACME authority.',
    example: 'yes',
  },
  {
    name: 'MAESTRO_ACME_EMAIL',
    description: 'Where the ACME authority writes to, about a certificate that ends for instance.',
    example: 'ops@example.com',
  },
  {
    name: 'MAESTRO_ACME_DIRECTORY',
    description: 'The ACME authority: the address of its directory.',
    example: 'https://acme-v02.api.letsencrypt.org/directory',
  },
  {
    name: 'MAESTRO_ACME_CA',
    description: 'PEM file of who vouches for an ACME authority of your own. Only Maestro’s ACME client trusts it.',
    example: '/etc/maestro/acme-ca.crt',
  },
  {
    name: 'MAESTRO_TRUSTED_PROXY',
    description:
      'Addresses or CIDR ranges, separated by commas, of the proxies that end TLS before Maestro. Only their X-Forwarded-* headers are believed.',
    example: '10.0.0.0/8, 192.0.2.7',
  },
  {
    name: 'MAESTRO_ENCRYPTION_KEY',
    description:
      'Seals what the database must keep and nobody may read there: 32 random bytes in base64. Without it one is made and kept in the data directory; several Maestros on one database need the same one.',
    example: '(openssl rand -base64 32)',
    secret: true,
    random: true,
  },
  {
    name: 'MAESTRO_ENCRYPTION_KEY_PREVIOUS',
    description:
      'Keys that MAESTRO_ENCRYPTION_KEY took the place of, separated by commas or lines. What they sealed opens; maestro rotate encryption-key seals it anew and says when they may go. A file of them may be empty.',
    example: '(the key before)',
    secret: true,
    former: true,
  },
  {
    name: 'MAESTRO_PASSWORD_PEPPER',
    description:
      'Goes into every password’s hash, so that a stolen database alone cannot be guessed at: 32 random bytes in base64. Without it one is made and kept in the data directory; several Maestros on one database need the same one.',
    example: '(openssl rand -base64 32)',
    secret: true,
    random: true,
  },
  ...secretVariables,
  {
    name: 'MAESTRO_PASSWORD_PEPPER_PREVIOUS',
    description:
      'Peppers that MAESTRO_PASSWORD_PEPPER took the place of, separated by commas or lines (one that was made is in secrets/password-pepper of the data directory). Passwords hashed with one still open, and are hashed anew at the next sign-in. A file of them may be empty.',
    example: '(the pepper before)',
    secret: true,
    former: true,
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
    name: 'MAESTRO_SESSION_IDLE_MINUTES',
    description: 'A session that is not used for this long ends, 5 to 525600 minutes.',
    example: '4320',
  },
  {
    name: 'MAESTRO_FRESH_SIGN_IN_MINUTES',
    description:
      'How recent a sign-in must be to change password, address or second factors, to end one’s other sessions, and for an operator’s switch, 1 to 60 minutes.',
    example: '10',
  },
  {
    name: 'MAESTRO_SIGNING_KEY_DAYS',
    description:
      'The age at which a new key signs tokens, 1 to 3650 days. The old one verifies until its last token has ended.',
    example: '90',
  },
  {
    name: 'MAESTRO_API_KEY_DAYS',
    description: 'How long an API key lives unless its creator says otherwise, 1 to 3650 days.',
    example: '90',
  },
  {
    name: 'MAESTRO_BCRYPT_ROUNDS',
    description:
      'The cost of a password’s hash, 10 to 15; each step doubles it. Hashes of a lower cost are renewed at sign-in.',
    example: '12',
  },
  {
    name: 'MAESTRO_PASSWORD_LENGTH_MIN',
    description: 'Shortest password, 8 to 64 characters.',
    example: '15',
  },
  {
    name: 'MAESTRO_PASSWORD_LENGTH_MIN_WITH_FACTOR',
    description: 'Shortest password of a person who must use a second factor, 8 to 64 characters.',
    example: '8',
  },
  {
    name: 'MAESTRO_FREE_FAILURES',
    description: 'Failed sign-ins of an account from an address before each further one has to wait, 1 to 100.',
    example: '5',
  },
  {
    name: 'MAESTRO_CAPTCHA_VERIFY_URL',
    description:
      'Asks for a proof of being human after repeated failures: the address that checks one, as Cloudflare Turnstile and hCaptcha have it. Together with MAESTRO_CAPTCHA_SITE_KEY and MAESTRO_CAPTCHA_SECRET.',
    example: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
  },
  {
    name: 'MAESTRO_CAPTCHA_SITE_KEY',
    description: 'The public key of the captcha.',
    example: '0x4AAA…',
  },
  {
    name: 'MAESTRO_CAPTCHA_SECRET',
    description: 'The secret of the captcha.',
    example: '0x4AAA…',
    secret: true,
  },
  {
    name: 'MAESTRO_CAPTCHA_AFTER_FAILURES',
    description: 'Failed sign-ins before the captcha is asked for, 1 to 100.',
    example: '3',
  },
  {
    name: 'MAESTRO_IDENTITY_PROVIDERS',
    description:
      'Google, Microsoft, GitHub and other OpenID Connect providers that people may sign in with: a JSON list, each with name, kind, client_id and client_secret; see docs/operate/identity-providers.md.',
    example: '[{"name":"google","kind":"google","client_id":"…","client_secret":"…"}]',
    secret: true,
  },
  {
    name: 'MAESTRO_PUBLIC_REQUESTS_PER_MINUTE',
    description:
      'Most calls of sign-in and of what else is public from one address (of IPv6: from one /64) in a minute, 10 to 1000000. Health probes do not count.',
    example: '600',
  },
  {
    name: 'MAESTRO_INVITATIONS_PER_HOUR',
    description: 'Most invitations that one tenant sends in an hour, 1 to 100000.',
    example: '100',
  },
  {
    name: 'MAESTRO_SMTP_URL',
    description:
      'The mail server for invitations and resets. Without it, mail is written to the folder outbox of the data directory.',
    example: 'smtps://maestro:secret@mail.example.com',
    secret: true,
  },
  {
    name: 'MAESTRO_MAIL_FROM',
    description: 'The sender of mail. Together with MAESTRO_SMTP_URL.',
    example: 'Maestro <maestro@example.com>',
  },
  ...embeddingsVariables,
  {
    name: 'MAESTRO_ALLOWED_HOSTS',
    description:
      'Names, separated by commas, under which Maestro answers beside that of MAESTRO_PUBLIC_URL, and loopback where it listens there. A name without a port allows every port.',
    example: 'maestro, maestro.internal:8443',
  },
  {
    name: 'MAESTRO_CORS_ORIGINS',
    description:
      'Origins, separated by commas, of pages elsewhere that may call the API with a token; never with cookies. Without it: none.',
    example: 'https://notebooks.example.com',
  },
  {
    name: 'MAESTRO_TENANT_REQUESTS_PER_SECOND',
    description:
      'Most requests a second of one tenant, 1 to 1000000; a tenant may have a limit of its own. Without it: no limit.',
    example: '2000',
  },
  {
    name: 'MAESTRO_AUDIT_DAYS',
    description: 'How long audit events are kept, 30 to 36500 days. Without it: for ever.',
    example: '730',
  },
  {
    name: 'MAESTRO_EXPORT_MINUTES',
    description:
      'How long one table of a tenant, or all that is kept of a person, may take to be downloaded, 1 to 1440 minutes.',
    example: '60',
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
    notStored: true,
  },
  {
    name: 'MAESTRO_CREDENTIALS',
    description:
      'Clients only: the file in which `maestro login` keeps its sign-in. Without it: maestro/credentials.json in XDG_CONFIG_HOME or ~/.config.',
    example: '/run/user/1000/maestro.json',
  },
] as const satisfies readonly Variable[];

export type VariableName = (typeof variables)[number]['name'];

type Stored<V> = V extends { readonly secret: true } ? (V extends { readonly notStored: true } ? never : V) : never;

/** A secret that a store may hold. */
export type SecretName = Stored<(typeof variables)[number]>['name'];

export const storedSecrets: readonly SecretName[] = variables
  .filter((variable): variable is Stored<(typeof variables)[number]> => {
    const { secret, notStored }: Variable = variable;
    return secret === true && notStored !== true;
  })
  .map(({ name }) => name);

export const formerSecrets: readonly SecretName[] = storedSecrets.filter((name) =>
  variables.some((variable: Variable) => variable.name === name && variable.former === true),
);
