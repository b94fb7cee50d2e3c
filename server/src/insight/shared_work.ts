interface Shared<Result> {
  readonly result: Promise<Result>;
  readonly ending: AbortController;
  waiting: number;
}

/** Work that several wait for: whoever asks for the same meanwhile shares it, and it is ended when nobody waits any more. */
export class SharedWork<Result> {
  readonly #underWay = new Map<string, Shared<Result>>();

  /** The result of `begin`, or of what is under way by the same name. Rejects at once where `signal` aborts. */
  async join(what: string, begin: (signal: AbortSignal) => Promise<Result>, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    const shared = this.#underWay.get(what) ?? this.#begin(what, begin);
    shared.waiting += 1;
    const aborted = Promise.withResolvers<never>();
    const leave = () => aborted.reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([shared.result, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
      shared.waiting -= 1;
      // What is done is forgotten already.
      if (shared.waiting === 0 && this.#underWay.get(what) === shared) {
        this.#underWay.delete(what);
        shared.ending.abort(signal.reason);
      }
    }
  }

  #begin(what: string, begin: (signal: AbortSignal) => Promise<Result>): Shared<Result> {
    const ending = new AbortController();
    const result = begin(ending.signal).finally(() => {
      if (this.#underWay.get(what) === shared) this.#underWay.delete(what);
    });
    // Whoever waits hears of a failure; where nobody does, it is the end that was asked for.
    result.catch(() => undefined);
    const shared = { result, ending, waiting: 0 };
    this.#underWay.set(what, shared);
    return shared;
  }
}
