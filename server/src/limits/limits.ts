import type { Logger } from 'pino';
import type { Database } from '../db/tenancy.ts';
import type { Broadcast } from '../ports/broadcast.ts';
import type { Limiters } from '../ports/limiters.ts';
import { type ExportBounds, Exports, usualBounds } from './exports.ts';
import { Fairness } from './fairness.ts';
import { type InvitationLimit, openInvitationLimit } from './invitations.ts';
import { Storage } from './storage.ts';
import { TenantLimits } from './tenant_limits.ts';

/** What keeps tenants from taking more than is theirs. */
export interface Limits {
  readonly tenants: TenantLimits;
  readonly storage: Storage;
  readonly fairness: Fairness;
  readonly invitations: InvitationLimit;
  /** Of tenants and people. Each may hold a connection of the pool that requests need. */
  readonly exports: Exports;
  /** Of audit logs, which are read a page at a time and hold none. */
  readonly logExports: Exports;
}

export interface LimitsOptions {
  readonly db: Database;
  readonly broadcast: Broadcast;
  readonly limiters: Limiters;
  readonly log: Logger;
  /** For tenants without a limit of their own; undefined for none. */
  readonly requestsPerSecond: number | undefined;
  /** Most invitations of one tenant. */
  readonly invitationsPerHour: number;
  /** Most requests of tenants with much load in execution at once, while others are active. */
  readonly slots: number;
  /** Other bounds than the usual ones; `places` are those of exports that hold a connection. */
  readonly exports: Pick<ExportBounds, 'places'> & Partial<ExportBounds>;
}

/** Each costs some pages of memory. */
const logPlaces = 16;

export function openLimits(options: LimitsOptions): Limits {
  const tenants = new TenantLimits(options);
  return {
    tenants,
    storage: new Storage({ ...options, limits: tenants }),
    fairness: new Fairness({ slots: options.slots }),
    invitations: openInvitationLimit(options.limiters, options.invitationsPerHour),
    exports: new Exports({ ...usualBounds, ...options.exports }),
    logExports: new Exports({ ...usualBounds, ...options.exports, places: logPlaces }),
  };
}
