import { hash } from 'node:crypto';
import type { Moment, Revocations } from '../ports/revocations.ts';
import type { Caller } from './caller.ts';

/** Who a credential stands for, and until when that holds at most. */
export interface Known {
  readonly caller: Caller;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** What changed, so that whatever was known of it is looked up anew. */
export type Change = {
  readonly kind: 'key' | 'session' | 'user' | 'service_account' | 'tenant' | 'signing_key';
  readonly id: string;
};

export interface CredentialCacheOptions {
  readonly revocations: Revocations;
  readonly entriesMax: number;
  /** How many refused credentials are remembered; apart, so that a flood of them drives no good one out. */
  readonly refusedMax: number;
}

interface Entry {
  /** A settled promise, made once. */
  readonly answer: Promise<Caller>;
  readonly until: number;
  readonly subjects: readonly string[];
  readonly moment: Moment;
}

interface Refusal {
  readonly until: number;
  readonly moment: Moment;
}

interface LookUp {
  readonly answer: Promise<Caller>;
  readonly moment: Moment;
}

const everySession = 'sessions';

/** The subjects that a change marks. */
export function subjectsOf({ kind, id }: Change): readonly string[] {
  if (kind === 'signing_key') return [everySession];
  return kind === 'tenant' ? [`tenant ${id}`, everySession] : [`${kind} ${id}`];
}

/** What somebody's rights hang on. */
function subjectsOfCaller(caller: Caller): readonly string[] {
  switch (caller.kind) {
    case 'api_key':
      return [
        `key ${caller.keyId}`,
        `tenant ${caller.place.tenant.id}`,
        ...caller.boundTo.users.map((id) => `user ${id}`),
        ...caller.boundTo.accounts.map((id) => `service_account ${id}`),
      ];
    case 'session':
      // A tenant that was closed when the session was looked up, and is open again now, is none of its places; nor does
      // a caller say which key signed its token.
      return [`session ${caller.sessionId}`, `user ${caller.userId}`, everySession];
    default:
      return nothing;
  }
}

const nothing: readonly string[] = [];

const isSameTime = (one: Moment, other: Moment): boolean => one.era === other.era && one.epoch === other.epoch;

const saysTheSame = (one: Moment, other: Moment): boolean =>
  one.era === other.era && one.markers.every((marker, at) => marker === other.markers[at]);

/**
 * Remembers for some seconds who a credential stands for, and before each use checks that nothing of it has changed in
 * any process. Keys are SHA-256 of the credential, so the cache holds no secret. Requests that miss on the same
 * credential share one look-up, unless something changed between them.
 */
export class CredentialCache {
  readonly #options: CredentialCacheOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #refused = new Map<string, Refusal>();
  readonly #underWay = new Map<string, LookUp>();

  constructor(options: CredentialCacheOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size + this.#refused.size + this.#underWay.size;
  }

  /** `lookUp` gives undefined for a credential that does not hold; `refuse` makes the error for it. */
  find(credential: string, lookUp: () => Promise<Known | undefined>, refuse: () => Error): Promise<Caller> {
    const key = hash('sha256', credential, 'base64');
    const known = this.#entries.get(key);
    const entry = known && known.until > Date.now() ? known : undefined;
    const moment = this.#options.revocations.read(entry?.subjects ?? nothing);
    if (!(moment instanceof Promise)) return this.#at(moment, key, entry, lookUp, refuse);
    return moment.then((read) => this.#at(read, key, entry, lookUp, refuse));
  }

  #at(
    moment: Moment | undefined,
    key: string,
    entry: Entry | undefined,
    lookUp: () => Promise<Known | undefined>,
    refuse: () => Error,
  ): Promise<Caller> {
    if (entry && moment && saysTheSame(entry.moment, moment)) return entry.answer;
    const refusal = this.#refused.get(key);
    if (refusal && refusal.until > Date.now() && (!moment || isSameTime(refusal.moment, moment))) {
      // While no moment can be read too: to refuse lets nobody in.
      return Promise.reject(refuse());
    }
    if (!moment) return this.#lookUp(undefined, key, lookUp, refuse);
    const underWay = this.#underWay.get(key);
    // A look-up that began before a change knows nothing of it.
    if (underWay && isSameTime(underWay.moment, moment)) return underWay.answer;
    const answer = this.#lookUp(moment, key, lookUp, refuse).finally(() => {
      if (this.#underWay.get(key)?.answer === answer) this.#underWay.delete(key);
    });
    this.#underWay.set(key, { answer, moment });
    return answer;
  }

  /** `moment` was read before; where none can be read, or another after, the answer is not remembered. */
  async #lookUp(
    moment: Moment | undefined,
    key: string,
    lookUp: () => Promise<Known | undefined>,
    refuse: () => Error,
  ): Promise<Caller> {
    const { revocations, entriesMax, refusedMax } = this.#options;
    const known = await lookUp();
    const until = Date.now() + revocations.lifeMs;
    if (!known) {
      this.#entries.delete(key);
      if (moment) remember(this.#refused, key, { until, moment }, refusedMax);
      throw refuse();
    }
    const { caller } = known;
    if (!moment) return caller;
    const subjects = subjectsOfCaller(caller);
    const after = await revocations.read(subjects);
    if (after && isSameTime(moment, after)) {
      const answer = Promise.resolve(caller);
      remember(
        this.#entries,
        key,
        { answer, until: Math.min(until, known.until), subjects, moment: after },
        entriesMax,
      );
    }
    return caller;
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
