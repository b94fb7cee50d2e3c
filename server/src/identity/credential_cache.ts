import { hash } from 'node:crypto';
import type { Caller } from './caller.ts';

/** Who a credential stands for, and until when that holds at most. */
export interface Known {
  readonly caller: Caller;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** What changed, so that whatever was known of it is looked up anew. */
export type Change = { readonly kind: 'key' | 'session' | 'user' | 'service_account' | 'tenant'; readonly id: string };

export interface CredentialCacheOptions {
  readonly entriesMax: number;
  /** How many refused credentials are remembered; apart, so that a flood of them drives no good one out. */
  readonly refusedMax: number;
  /** Milliseconds an entry lives at most, asked whenever one is made. */
  readonly lifeMs: () => number;
}

interface Entry {
  /** A settled promise, made once: a hit allocates nothing. */
  readonly answer: Promise<Caller>;
  readonly caller: Caller;
  readonly until: number;
}

function concerns(caller: Caller, { kind, id }: Change): boolean {
  switch (caller.kind) {
    case 'api_key':
      return (
        (kind === 'key' && caller.keyId === id) ||
        (kind === 'tenant' && caller.place.tenant.id === id) ||
        (kind === 'user' && caller.boundTo.users.includes(id)) ||
        (kind === 'service_account' && caller.boundTo.accounts.includes(id))
      );
    case 'session':
      return (
        (kind === 'session' && caller.sessionId === id) ||
        (kind === 'user' && caller.userId === id) ||
        // Also where the tenant is not among the memberships: it may have been closed, and open again now.
        kind === 'tenant'
      );
    default:
      return false;
  }
}

/**
 * Remembers for some seconds who a credential stands for. Keys are SHA-256 of the credential, so the cache holds no
 * secret. Requests that miss on the same credential share one look-up.
 */
export class CredentialCache {
  readonly #options: CredentialCacheOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #refused = new Map<string, number>();
  readonly #underWay = new Map<string, Promise<Caller>>();
  /** Counts changes: a look-up that began before one is answered but not remembered. */
  #changes = 0;

  constructor(options: CredentialCacheOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size + this.#refused.size + this.#underWay.size;
  }

  /** `lookUp` gives undefined for a credential that does not hold; `refuse` makes the error for it. */
  find(credential: string, lookUp: () => Promise<Known | undefined>, refuse: () => Error): Promise<Caller> {
    const key = hash('sha256', credential, 'base64');
    const now = Date.now();
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry.until > now) return entry.answer;
    if ((this.#refused.get(key) ?? 0) > now) return Promise.reject(refuse());
    const underWay = this.#underWay.get(key);
    if (underWay) return underWay;
    const answer = this.#lookUp(key, lookUp, refuse).finally(() => {
      if (this.#underWay.get(key) === answer) this.#underWay.delete(key);
    });
    this.#underWay.set(key, answer);
    return answer;
  }

  async #lookUp(key: string, lookUp: () => Promise<Known | undefined>, refuse: () => Error): Promise<Caller> {
    const changes = this.#changes;
    const known = await lookUp();
    const until = Date.now() + this.#options.lifeMs();
    const current = changes === this.#changes;
    if (!known) {
      if (current) remember(this.#refused, key, until, this.#options.refusedMax);
      throw refuse();
    }
    if (current) {
      const { caller } = known;
      const entry = { answer: Promise.resolve(caller), caller, until: Math.min(until, known.until) };
      remember(this.#entries, key, entry, this.#options.entriesMax);
    }
    return known.caller;
  }

  /** Forgets what a change concerns; look-ups under way are not joined any more, nor remembered. */
  drop(change: Change): void {
    this.#changed();
    for (const [key, { caller }] of this.#entries) if (concerns(caller, change)) this.#entries.delete(key);
  }

  clear(): void {
    this.#changed();
    this.#entries.clear();
  }

  #changed(): void {
    this.#changes++;
    this.#refused.clear();
    this.#underWay.clear();
  }
}

/** Sets and keeps the map at its bound: the oldest entry leaves. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value, entriesMax: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > entriesMax) {
    const oldest = map.keys().next();
    if (!oldest.done) map.delete(oldest.value);
  }
}
