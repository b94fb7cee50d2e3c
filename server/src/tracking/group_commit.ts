/** What became of one item of a group: its result, or why it alone failed. */
export type Outcome<Result> = { readonly result: Result } | { readonly error: Error };

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly weight: number;
  resolve(result: Result): void;
  reject(error: Error): void;
}

/**
 * Gathers the calls of one tenant that are under way at the same moment and carries them out together, each answered
 * only when its group is done. While a group is at work the next one gathers, so the groups grow with the load and a
 * lone call waits for nobody.
 */
export class GroupCommit<Item, Result> {
  readonly #run: (tenantId: string, items: readonly Item[]) => Promise<Outcome<Result>[]>;
  readonly #weigh: (item: Item) => number;
  readonly #weightMax: number;
  readonly #lanes: number;
  readonly #tenants = new Map<string, { waiting: Waiting<Item, Result>[]; working: number; scheduled: boolean }>();

  /**
   * @param run carries out a group, with one outcome an item, in order; where it throws, every item fails.
   * @param options.weightMax the greatest summed weight of a group (an item that weighs more goes alone)
   * @param options.lanes groups of one tenant at work at once
   */
  constructor(
    run: (tenantId: string, items: readonly Item[]) => Promise<Outcome<Result>[]>,
    options: { weigh?: (item: Item) => number; weightMax: number; lanes: number },
  ) {
    this.#run = run;
    this.#weigh = options.weigh ?? (() => 1);
    this.#weightMax = options.weightMax;
    this.#lanes = options.lanes;
  }

  submit(tenantId: string, item: Item): Promise<Result> {
    let tenant = this.#tenants.get(tenantId);
    if (!tenant) {
      tenant = { waiting: [], working: 0, scheduled: false };
      this.#tenants.set(tenantId, tenant);
    }
    const { waiting } = tenant;
    const answer = new Promise<Result>((resolve, reject) => {
      waiting.push({ item, weight: this.#weigh(item), resolve, reject });
    });
    this.#schedule(tenantId, tenant);
    return answer;
  }

  /** Calls that wait for their group to start. */
  get queued(): number {
    let count = 0;
    for (const { waiting } of this.#tenants.values()) count += waiting.length;
    return count;
  }

  // A group starts at the end of the event loop's turn: what arrived in the same turn goes together.
  #schedule(tenantId: string, tenant: { waiting: unknown[]; working: number; scheduled: boolean }): void {
    if (tenant.scheduled || tenant.working >= this.#lanes || tenant.waiting.length === 0) return;
    tenant.scheduled = true;
    setImmediate(() => void this.#work(tenantId));
  }

  async #work(tenantId: string): Promise<void> {
    const tenant = this.#tenants.get(tenantId);
    if (!tenant) return;
    tenant.scheduled = false;
    let weight = 0;
    let count = 0;
    for (const { weight: own } of tenant.waiting) {
      if (count > 0 && weight + own > this.#weightMax) break;
      weight += own;
      count += 1;
    }
    const group = tenant.waiting.splice(0, count);
    if (group.length === 0) return;
    tenant.working += 1;
    this.#schedule(tenantId, tenant);
    try {
      const outcomes = await this.#run(
        tenantId,
        group.map(({ item }) => item),
      );
      for (const [index, { resolve, reject }] of group.entries()) {
        const outcome = outcomes[index];
        if (!outcome) reject(new Error('a group gave no outcome for an item'));
        else if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.result);
      }
    } catch (error) {
      for (const { reject } of group) reject(error as Error);
    }
    tenant.working -= 1;
    if (tenant.waiting.length > 0) this.#schedule(tenantId, tenant);
    else if (tenant.working === 0 && !tenant.scheduled) this.#tenants.delete(tenantId);
  }
}
