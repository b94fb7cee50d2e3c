import type { Logger } from 'pino';
import type { Database } from '../db/tenancy.ts';
import type { Identity } from '../identity/identity.ts';
import type { Recorder } from '../tracking/recorder.ts';
import type { BlobStore } from './blobs.ts';
import type { Broadcast } from './broadcast.ts';

/** Everything an operation may reach outside its transaction. Made once, by main.ts; tests make their own. */
export interface Ports {
  readonly db: Database;
  /** See Identity.authenticate. */
  readonly authenticate: Identity['authenticate'];
  readonly identity: Identity;
  readonly recorder: Recorder;
  readonly blobs: BlobStore;
  readonly broadcast: Broadcast;
  readonly log: Logger;
}
