import type { Database } from '../db/tenancy.ts';
import { type LimitState, MaestroError, notFound } from '../errors.ts';
import { identityTopic } from '../identity/identity.ts';
import type { Broadcast } from '../ports/broadcast.ts';
import type { Limiter, Limiters } from '../ports/limiters.ts';
import { findLimits } from './queries.ts';

/** What a tenant may use; undefined: as much as there is. */
export interface Allowance {
  readonly maxUsers: number;
  readonly maxProjects: number;
  readonly maxArtifacts: number;
  readonly maxStorageBytes: number | undefined;
  readonly requestsPerSecond: number | undefined;
}

export interface TenantLimitsOptions {
  readonly db: Database;
  readonly broadcast: Pick<Broadcast, 'subscribe' | 'onLoss'>;
  readonly limiters: Limiters;
  /** For tenants without a limit of their own. */
  readonly requestsPerSecond: number | undefined;
}

interface Known {
  readonly allowance: Allowance;
  /** Milliseconds of the clock of performance.now. */
  readonly until: number;
}

const lifeMs = 10_000;
const knownMax = 10_000;

/**
 * The limits that operators give tenants, and the one on requests. They stand in a table that a tenant's transaction
 * does not see, so each process remembers them: a change is in force at once where its message arrives, else within
 * ten seconds.
 */
export class TenantLimits {
  readonly #options: TenantLimitsOptions;
  readonly #requests: Limiter;
  readonly #known = new Map<string, Known>();
  #changes = 0;

  constructor(options: TenantLimitsOptions) {
    this.#options = options;
    this.#requests = options.limiters.open({ name: 'tenant-requests', seconds: 1 });
    options.broadcast.subscribe(identityTopic, (message) => {
      const [kind, id = ''] = message.split(' ');
      if (kind !== 'tenant') return;
      this.#changes += 1;
      this.#known.delete(id);
    });
    options.broadcast.onLoss(() => {
      this.#changes += 1;
      this.#known.clear();
    });
  }

  async of(tenantId: string): Promise<Allowance> {
    return this.#fresh(tenantId) ?? this.#read(tenantId);
  }

  /** Requests of the tenant in this second. */
  async requestsNow(tenantId: string): Promise<number> {
    return (await this.#requests.read(tenantId)).count;
  }

  /**
   * Counts a request, and gives where the tenant stands. Throws `limit_exceeded` where it has made all that it may in
   * this second. Undefined, and no promise to wait for, where it has no limit.
   */
  admit(tenantId: string): Promise<LimitState | undefined> | undefined {
    const allowance = this.#fresh(tenantId);
    if (allowance !== undefined && allowance.requestsPerSecond === undefined) return undefined;
    return this.#count(tenantId, allowance);
  }

  async #count(tenantId: string, known: Allowance | undefined): Promise<LimitState | undefined> {
    const { requestsPerSecond: quota } = known ?? (await this.#read(tenantId));
    if (quota === undefined) return undefined;
    const { count } = await this.#requests.add(tenantId);
    const limit = {
      policy: 'tenant',
      quota,
      windowSeconds: 1,
      remaining: Math.max(0, quota - count),
      resetSeconds: 1,
    };
    if (count <= quota) return limit;
    throw new MaestroError('limit_exceeded', `The tenant may make ${quota} requests a second; try again in 1 s.`, {
      retryAfterSeconds: 1,
      limit,
    });
  }

  #fresh(tenantId: string): Allowance | undefined {
    const known = this.#known.get(tenantId);
    return known !== undefined && known.until > performance.now() ? known.allowance : undefined;
  }

  async #read(tenantId: string): Promise<Allowance> {
    const changes = this.#changes;
    const row = await this.#options.db.inIdentity((tx) => findLimits(tx, tenantId));
    if (!row) throw notFound('The tenant is gone.');
    const allowance = {
      maxUsers: row.max_users,
      maxProjects: row.max_projects,
      maxArtifacts: row.max_artifacts,
      maxStorageBytes: row.max_storage_bytes ?? undefined,
      requestsPerSecond: row.requests_per_second ?? this.#options.requestsPerSecond,
    };
    if (changes === this.#changes) {
      this.#known.delete(tenantId);
      this.#known.set(tenantId, { allowance, until: performance.now() + lifeMs });
      if (this.#known.size > knownMax) {
        const oldest = this.#known.keys().next();
        if (!oldest.done) this.#known.delete(oldest.value);
      }
    }
    return allowance;
  }
}
