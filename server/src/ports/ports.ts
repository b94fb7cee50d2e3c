import type { Logger } from 'pino';
import type { Deployment } from '../db/deployment.ts';
import type { Database } from '../db/tenancy.ts';
import type { Identity } from '../identity/identity.ts';
import type { Providers } from '../identity/providers/providers.ts';
import type { Limits } from '../limits/limits.ts';
import type { Recorder } from '../tracking/recorder.ts';
import type { BlobStore } from './blobs.ts';
import type { Broadcast } from './broadcast.ts';
import type { Embeddings } from './embeddings.ts';
import type { Limiters } from './limiters.ts';
import type { MailPort } from './mail.ts';
import type { SecretWatch } from './secrets_watch.ts';

/** Everything an operation may reach outside its transaction. Made once, by main.ts; tests make their own. */
export interface Ports {
  readonly db: Database;
  /** Gives the logins of `db` other passwords; undefined where they are not ours to change. */
  readonly replaceDatabasePasswords: (() => Promise<void>) | undefined;
  readonly deployment: Deployment;
  /** See Identity.authenticate. */
  readonly authenticate: Identity['authenticate'];
  readonly identity: Identity;
  readonly providers: Providers;
  readonly recorder: Recorder;
  readonly blobs: BlobStore;
  readonly broadcast: Broadcast;
  readonly limiters: Limiters;
  readonly limits: Limits;
  readonly mail: MailPort;
  /** Undefined: requirements are compared by their words alone. */
  readonly embeddings: Embeddings | undefined;
  readonly secretWatch: SecretWatch;
  /** Where people reach this Maestro, as it was told, without a trailing slash: the host of every link in a mail. */
  publicUrl(): string;
  readonly log: Logger;
}
