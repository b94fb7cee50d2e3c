import { MaestroError } from '../errors.ts';

/** Milliseconds. */
export interface Clock {
  now(): number;
  /** Calls back once, some time later. */
  later(ms: number, wake: () => void): void;
  /** The part of the time since the last call in which this process computed: 0 to 1. */
  utilization(): number;
}

function realClock(): Clock {
  let before = performance.eventLoopUtilization();
  return {
    now: () => performance.now(),
    later: (ms, wake) => void setTimeout(wake, ms).unref(),
    utilization() {
      const { utilization } = performance.eventLoopUtilization(before);
      before = performance.eventLoopUtilization();
      return utilization;
    },
  };
}

export interface FairnessOptions {
  /** Most requests of heavy tenants in execution at once, while others are active. */
  readonly slots: number;
  readonly clock?: Clock;
}

/** A tenant that has not been heard of for this long is not active any more. */
const activeMs = 2_000;
/** How fast the load of a tenant follows what it does. */
const loadMs = 300;
/** A heavy tenant has this many times the load of the lightest one, and more than one request at any time. */
const heavyFactor = 3;
/** Requests of one tenant that may wait. */
const waitingMax = 1_000;
/** How old the comparison of loads may be: it looks at every tenant. */
const lightestMs = 20;
/** How long requests of light tenants may hold heavy ones up: nobody starves. */
const holdMs = 10;
const gapMsMax = 100;
/** How much slower than undisturbed light tenants may become, at the median, before heavy ones are slowed. */
const slowerMax = 1.08;
/**
 * How much of the time the process may compute before heavy tenants are slowed: whoever arrives while it computes
 * waits before anything here can measure it. Below one half, most arrive while it does not.
 */
const utilizationMax = 0.4;
const utilizationMs = 50;
const shareMin = 0.05;
/** Tenants with more load than this are not light: several such share the machine, and none can be spared the others. */
const lightLoadMax = 2;
/**
 * After so many requests of light tenants that all met others, heavy ones wait for one that does not: what is called
 * slow must be measured against something, again and again.
 */
const probeEvery = 16;
const probeMsMax = 100;
/** Kinds of requests whose times are remembered. */
const kindsMax = 200;

interface Waiting {
  readonly start: () => void;
  readonly at: number;
}

interface Tenant {
  executing: number;
  /** Requests that have begun. */
  starts: number;
  readonly waiting: Waiting[];
  /** When it last made or ended a request, and when `load` was last brought up to date. */
  lastAt: number;
  followedAt: number;
  /** Requests in execution or waiting, as a mean over the last moments. */
  load: number;
  /** Milliseconds of execution it has had, since it or the last before it became active. */
  served: number;
}

/** The median of a stream of times, followed by small steps: it needs one number, and outliers do not move it far. */
class RunningMedian {
  value = 0;

  add(sample: number): void {
    if (this.value === 0) this.value = sample;
    else this.value *= sample > this.value ? 1.04 : 1 / 1.04;
  }
}

interface Times {
  /** Of light tenants’ requests that met no heavy one, and of all. */
  readonly undisturbed: RunningMedian;
  readonly all: RunningMedian;
}

/**
 * Lets requests of tenants into execution so that one that floods does not slow another. While one tenant is active,
 * everything goes straight through. While several are, requests of those with much more load than the lightest wait
 * their turn: a share of the machine is theirs, which shrinks while light tenants' requests take longer than
 * undisturbed and grows while they do not, and the heavy tenant that has had the least execution time goes first.
 */
export class Fairness {
  readonly #slots: number;
  readonly #clock: Clock;
  readonly #tenants = new Map<string, Tenant>();
  readonly #times = new Map<string, Times>();
  #heavyExecuting = 0;
  /** Requests of all tenants in execution, and how many have begun. */
  #executing = 0;
  #starts = 0;
  #sinceUndisturbed = 0;
  /** Heavy requests wait for an undisturbed light one until then. */
  #probeUntil = 0;
  #lightExecuting = 0;
  #lastHeavyAt = 0;
  /** No heavy request starts before. */
  #nextHeavyAt = 0;
  #utilization = 0;
  #utilizedAt = 0;
  #lightest = 0;
  #lightestAt = Number.NEGATIVE_INFINITY;
  #wakeAt = Number.POSITIVE_INFINITY;
  /** Requests of heavy tenants in execution; below 1, the part of the time in which there is one. */
  #share = 0.5;

  constructor({ slots, clock = realClock() }: FairnessOptions) {
    this.#slots = slots;
    this.#clock = clock;
  }

  /** The share that heavy tenants have now, and how many requests wait. */
  get state(): { share: number; waiting: number; tenants: number } {
    let waiting = 0;
    for (const tenant of this.#tenants.values()) waiting += tenant.waiting.length;
    return { share: this.#share, waiting, tenants: this.#tenants.size };
  }

  /** Runs a tenant's work in its turn; `kind` tells what takes equally long. Throws `limit_exceeded` for a flood. */
  async run<T>(tenantId: string, kind: string, work: () => Promise<T>): Promise<T> {
    const now = this.#clock.now();
    const tenant = this.#enter(tenantId, now);
    if (this.#tenants.size > 1 && this.#isHeavy(tenant, now)) return this.#runHeavy(tenant, work);
    tenant.executing += 1;
    this.#lightExecuting += 1;
    this.#executing += 1;
    this.#starts += 1;
    tenant.starts += 1;
    const othersStarts = this.#starts - tenant.starts;
    const met = this.#executing > tenant.executing;
    try {
      return await work();
    } finally {
      const end = this.#clock.now();
      this.#leave(tenant, end, end - now);
      this.#lightExecuting -= 1;
      if (this.#tenants.size > 1) {
        this.#learn(kind, end - now, met || this.#starts - tenant.starts !== othersStarts);
        this.#serve();
      }
    }
  }

  async #runHeavy<T>(tenant: Tenant, work: () => Promise<T>): Promise<T> {
    if (tenant.waiting.length >= waitingMax) {
      throw new MaestroError('limit_exceeded', 'Too many requests of your tenant wait already; try again in 1 s.', {
        retryAfterSeconds: 1,
      });
    }
    await new Promise<void>((start) => {
      tenant.waiting.push({ start, at: this.#clock.now() });
      this.#serve();
    });
    const begin = this.#clock.now();
    try {
      return await work();
    } finally {
      const end = this.#clock.now();
      this.#heavyExecuting -= 1;
      this.#leave(tenant, end, end - begin);
      if (this.#share < 1) {
        this.#nextHeavyAt = end + Math.min((end - begin) * (1 / this.#share - 1), gapMsMax);
      }
      this.#serve();
    }
  }

  #enter(tenantId: string, now: number): Tenant {
    const known = this.#tenants.get(tenantId);
    if (known) {
      this.#follow(known, now);
      known.lastAt = now;
      return known;
    }
    this.#forgetIdle(now);
    let served = 0;
    for (const other of this.#tenants.values()) served = Math.max(served, other.served);
    const tenant = { executing: 0, starts: 0, waiting: [], lastAt: now, followedAt: now, load: 0, served };
    this.#tenants.set(tenantId, tenant);
    if (this.#tenants.size === 2) this.#clock.later(activeMs, () => this.#tick());
    return tenant;
  }

  #leave(tenant: Tenant, now: number, tookMs: number): void {
    this.#follow(tenant, now);
    tenant.lastAt = now;
    tenant.executing -= 1;
    this.#executing -= 1;
    tenant.served += tookMs;
  }

  #follow(tenant: Tenant, now: number): void {
    const passed = now - tenant.followedAt;
    if (passed <= 0) return;
    const inHand = tenant.executing + tenant.waiting.length;
    tenant.load += (inHand - tenant.load) * Math.min(1, passed / loadMs);
    tenant.followedAt = now;
  }

  #isHeavy(tenant: Tenant, now: number): boolean {
    if (tenant.load <= 1) return false;
    if (now - this.#lightestAt > lightestMs) {
      this.#lightestAt = now;
      this.#lightest = Number.POSITIVE_INFINITY;
      for (const each of this.#tenants.values()) {
        this.#follow(each, now);
        this.#lightest = Math.min(this.#lightest, each.load);
      }
    }
    return this.#lightest > lightLoadMax || tenant.load > heavyFactor * this.#lightest;
  }

  #learn(kind: string, tookMs: number, disturbed: boolean): void {
    let times = this.#times.get(kind);
    if (!times) {
      if (this.#times.size >= kindsMax) return;
      times = { undisturbed: new RunningMedian(), all: new RunningMedian() };
      this.#times.set(kind, times);
    }
    times.all.add(tookMs);
    const now = this.#clock.now();
    if (disturbed) {
      this.#sinceUndisturbed += 1;
      if (this.#sinceUndisturbed % probeEvery === 0) this.#probeUntil = now + probeMsMax;
    } else {
      times.undisturbed.add(tookMs);
      this.#sinceUndisturbed = 0;
      this.#probeUntil = 0;
    }
    if (now - this.#utilizedAt > utilizationMs) {
      this.#utilizedAt = now;
      this.#utilization = this.#clock.utilization();
    }
    const isLate = times.undisturbed.value > 0 && times.all.value > times.undisturbed.value * slowerMax;
    const isSlow = isLate || this.#utilization > utilizationMax;
    this.#share = isSlow ? Math.max(this.#share * 0.94, shareMin) : Math.min(this.#share * 1.02, this.#slots);
  }

  /** Starts what may start. */
  #serve(): void {
    for (let next = this.#next(); next; next = this.#next()) {
      const now = this.#clock.now();
      const wait = this.#tenants.size > 1 ? this.#waitOf(now) : 0;
      if (wait > 0) {
        if (wait < Number.POSITIVE_INFINITY) this.#wake(now, wait);
        return;
      }
      const { start } = next.waiting.shift() as Waiting;
      next.executing += 1;
      next.starts += 1;
      this.#executing += 1;
      this.#starts += 1;
      this.#heavyExecuting += 1;
      this.#lastHeavyAt = now;
      start();
    }
  }

  /** Milliseconds until the next heavy request may start; infinite where the end of another one decides. */
  #waitOf(now: number): number {
    const most = this.#lightest > lightLoadMax ? this.#slots : Math.max(1, Math.floor(this.#share));
    if (this.#heavyExecuting >= most) return Number.POSITIVE_INFINITY;
    if (this.#lightest > lightLoadMax) return 0;
    const from = Math.max(this.#nextHeavyAt, this.#probeUntil);
    if (now < from) return from - now;
    const held = this.#lightExecuting > 0 ? this.#lastHeavyAt + holdMs - now : 0;
    return Math.max(0, held);
  }

  #next(): Tenant | undefined {
    let next: Tenant | undefined;
    for (const tenant of this.#tenants.values()) {
      if (tenant.waiting.length > 0 && (next === undefined || tenant.served < next.served)) next = tenant;
    }
    return next;
  }

  #wake(now: number, wait: number): void {
    if (this.#wakeAt > now && this.#wakeAt <= now + wait) return;
    this.#wakeAt = now + wait;
    this.#clock.later(Math.ceil(wait), () => {
      this.#wakeAt = Number.POSITIVE_INFINITY;
      this.#serve();
    });
  }

  #forgetIdle(now: number): void {
    for (const [id, { executing, waiting, lastAt }] of this.#tenants) {
      if (executing === 0 && waiting.length === 0 && now - lastAt > activeMs) this.#tenants.delete(id);
    }
  }

  /** While several are active: those that fell silent stop holding others up. */
  #tick(): void {
    this.#forgetIdle(this.#clock.now());
    this.#serve();
    if (this.#tenants.size > 1) this.#clock.later(activeMs / 4, () => this.#tick());
  }
}
