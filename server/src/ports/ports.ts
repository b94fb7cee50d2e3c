import type { Logger } from 'pino';
import type { Database } from '../db/tenancy.ts';
import type { Caller } from '../identity/caller.ts';
import type { Identity } from '../identity/identity.ts';
import type { Recorder } from '../tracking/recorder.ts';
import type { BlobStore } from './blobs.ts';
import type { Broadcast } from './broadcast.ts';
import type { MailPort } from './mail.ts';

/** Everything an operation may reach outside its transaction. Made once, by main.ts; tests make their own. */
export interface Ports {
  readonly db: Database;
  /** Who sends these headers. Throws `unauthenticated` where credentials are given and do not hold. */
  authenticate(headers: Readonly<Record<string, string | string[] | undefined>>, address: string): Promise<Caller>;
  readonly identity: Identity;
  readonly recorder: Recorder;
  readonly blobs: BlobStore;
  readonly broadcast: Broadcast;
  readonly mail: MailPort;
  /** Where people reach this Maestro, as it was told, without a trailing slash: the host of every link in a mail. */
  publicUrl(): string;
  readonly log: Logger;
}
