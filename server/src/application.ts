import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { createApp } from './app.ts';
import type { Config, Secrets } from './config.ts';
import type { DataDir } from './data_dir.ts';
import { aloneDeployment, openDeployment } from './db/deployment.ts';
import type { DatabaseLogins } from './db/roles.ts';
import type { RunningDatabase } from './db/start.ts';
import { openDatabase } from './db/tenancy.ts';
import { bootstrap, type FirstStart, type FirstStartKeeper } from './identity/bootstrap.ts';
import type { EncryptionKeyRotation } from './identity/encryption_keys.ts';
import { openIdentity } from './identity/identity.ts';
import type { Peppers } from './identity/peppers.ts';
import { openProviders } from './identity/providers/providers.ts';
import { readIdentitySecrets, secretNames } from './identity/secrets.ts';
import { startBackground } from './insight/background.ts';
import { impactJob } from './insight/impact_job.ts';
import { modelJob } from './insight/training.ts';
import { openLimits } from './limits/limits.ts';
import { openDiskBlobs } from './ports/blobs_disk.ts';
import { openEmbeddings } from './ports/embeddings.ts';
import { openEphemeral } from './ports/ephemeral.ts';
import { outboxMail } from './ports/mail_outbox.ts';
import { openMailQueue } from './ports/mail_queue.ts';
import { smtpMail } from './ports/mail_smtp.ts';
import type { Ports } from './ports/ports.ts';
import type { SecretWatch } from './ports/secrets_watch.ts';
import type { Pair } from './tls/pair.ts';
import { createRecorder } from './tracking/recorder.ts';
import { startUpkeep } from './upkeep.ts';

/** What the start has brought so far. */
export type Foundation = {
  readonly config: Config;
  readonly secrets: Secrets;
  /** Tells of secrets that change while Maestro runs. */
  readonly secretWatch: SecretWatch;
  readonly dataDir: DataDir;
  readonly database: Pick<RunningDatabase, 'logins' | 'replacePasswords'>;
  readonly log: Logger;
  /** Where people reach this Maestro: the issuer of its tokens. */
  readonly issuer: string;
  /** The certificate to begin with; undefined: no TLS. */
  readonly tls: Pair | undefined;
};

export type Application = {
  readonly app: FastifyInstance;
  /** What the first start made and nobody has been shown. */
  readonly firstStart: FirstStart | undefined;
  /** Call it when `firstStart` has been shown: it is then kept nowhere. */
  forgetFirstStart(): Promise<void>;
  /** The address that is listened on, where a free port was asked for: links in mails then name it. */
  reachedAt(publicUrl: string): void;
  /** Takes other logins to the database from now on. */
  useLogins(logins: DatabaseLogins): Promise<void>;
  /** Takes other encryption keys, or peppers, from now on: see EncryptionKeyRotation and Peppers. */
  readonly useKeys: { readonly encryptionKey: EncryptionKeyRotation['use']; readonly pepper: Peppers['use'] };
  /** Lets the requests in flight finish, then closes the ports. */
  close(): Promise<void>;
};

/** Mail over the server that is configured, else into a folder of the data directory. */
async function openMail({ config, secrets, dataDir, log, issuer }: Foundation) {
  const { mail } = config.security;
  const { smtpUrl } = secrets.security;
  const transport =
    mail.kind === 'smtp' && smtpUrl !== undefined
      ? smtpMail({ url: smtpUrl, from: mail.from })
      : await outboxMail({
          folder: join(dataDir.path, 'outbox'),
          from: `Maestro <maestro@${new URL(issuer).hostname}>`,
        });
  return openMailQueue({ transport, log });
}

/** Opens the ports, makes the first tenant and administrator where there is none, and builds the app. */
export async function openApplication(foundation: Foundation): Promise<Application> {
  const { config, secrets, secretWatch, dataDir, database, log, issuer, tls } = foundation;
  const db = openDatabase(database.logins, config.databasePoolSize, (error) => {
    log.warn({ err: error }, 'a database connection that was idle broke');
  });
  // An embedded database has one user: whoever holds the lock of the data directory. Another may have many.
  const alone = config.database.kind === 'embedded';
  const ca = config.ephemeral.kind === 'redis' ? config.ephemeral.ca : undefined;
  const redis = secrets.redisUrl === undefined ? undefined : { url: secrets.redisUrl, ca };
  const { policy, captcha, embeddings } = config.security;
  const { captchaSecret = '', embeddingsKey } = secrets.security;
  const markerSeconds = policy.accessMinutes * 60;
  const { broadcast, revocations, limiters } = await openEphemeral({ redis, alone, markerSeconds, log });
  const look = async (): Promise<string | undefined> => {
    await secretWatch.refresh();
    return secretWatch.state().fault;
  };
  const deployment = alone ? aloneDeployment(look) : await openDeployment({ login: database.logins.server, look, log });
  const formerSigningKey = await dataDir.findSecret(secretNames.formerSigningKey);
  const identity = await openIdentity({
    db,
    broadcast,
    revocations,
    log,
    limiters,
    deployment,
    captcha: captcha && { ...captcha, secret: captchaSecret },
    secrets: await readIdentitySecrets(dataDir, secrets.security),
    issuer,
    policy,
    formerSigningKey,
  });
  if (formerSigningKey !== undefined) await dataDir.dropSecret(secretNames.formerSigningKey);
  const recorder = createRecorder(db, log);
  const mail = await openMail(foundation);
  let publicUrl = issuer;
  const requestsPerSecond = config.security.tenantRequestsPerSecond;
  const limits = openLimits({
    db,
    broadcast,
    limiters,
    log,
    requestsPerSecond,
    invitationsPerHour: policy.invitationsPerHour,
    slots: 2 * config.databasePoolSize,
    exports: {
      places: Math.max(1, Math.floor(config.databasePoolSize / 8)),
      wholeMs: config.security.exportMinutes * 60_000,
    },
  });
  const blobs = await openDiskBlobs(join(dataDir.path, 'files'), {
    multipart: true,
    onFreed: (tenantId, bytes) => limits.storage.freed(tenantId, bytes),
  });
  for (const tenantId of blobs.interrupted) await limits.storage.recount(tenantId, blobs);
  const { replacePasswords } = database;
  const ports: Ports = {
    db,
    replaceDatabasePasswords: replacePasswords && (async () => db.useLogins(await replacePasswords())),
    deployment,
    authenticate: identity.authenticate,
    identity,
    providers: openProviders(secrets.security.identityProviders),
    recorder,
    blobs,
    limits,
    broadcast,
    mail,
    embeddings: embeddings && openEmbeddings({ ...embeddings, key: embeddingsKey, log }),
    publicUrl: () => publicUrl,
    limiters,
    secretWatch,
    log,
  };
  const keeper: FirstStartKeeper = {
    keep: (generate) => dataDir.secret(secretNames.firstStart, generate),
    kept: () => dataDir.findSecret(secretNames.firstStart),
    forget: () => dataDir.dropSecret(secretNames.firstStart),
  };
  const firstStart = await bootstrap(db, { passwords: identity.passwords, policy: identity.policy, keeper });
  const namesOfCertificate = 'names' in config.tls ? config.tls.names : [];
  const app = await createApp(ports, {
    publicUrl: config.publicUrl,
    // What was printed at start opens too: localhost, or the literal address that was given to listen on.
    allowedHosts: [new URL(issuer).hostname, ...namesOfCertificate, ...config.security.allowedHosts],
    corsOrigins: config.security.corsOrigins,
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    tls,
  });
  const upkeep = startUpkeep({ ports, auditDays: config.security.auditDays });
  const background = startBackground({ ports, jobs: [impactJob, modelJob] });
  return {
    app,
    firstStart,
    forgetFirstStart: keeper.forget,
    reachedAt(url) {
      publicUrl = url;
    },
    async useLogins(logins) {
      db.useLogins(logins);
      await deployment.useLogin(logins.server);
    },
    useKeys: { encryptionKey: identity.encryptionKeys.use, pepper: identity.peppers.use },
    async close() {
      await app.close();
      await recorder.close();
      await upkeep.close();
      await background.close();
      await identity.close();
      await mail.close();
      await limiters.close();
      await revocations.close();
      await broadcast.close();
      await deployment.close();
      await db.close();
    },
  };
}
