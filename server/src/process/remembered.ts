/** Values that hold as long as the state they were read from; those that were not asked for longest are forgotten. */
export class Remembered<Value> {
  readonly #known = new Map<string, { readonly state: string; readonly value: Value }>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** The value of `key` in `state`; `read`, where it is not known. Whoever calls read the state before. */
  async of(key: string, state: string, read: () => Promise<Value>): Promise<Value> {
    const before = this.#known.get(key);
    const value = before?.state === state ? before.value : await read();
    this.#known.delete(key);
    this.#known.set(key, { state, value });
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#max && oldest !== undefined) this.#known.delete(oldest);
    return value;
  }
}
