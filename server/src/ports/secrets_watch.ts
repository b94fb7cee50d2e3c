import type { Logger } from 'pino';
import { formerSecrets, type SecretName } from '../variables.ts';
import { type HeldSecrets, readInTime, type SecretStore, SecretsError } from './secrets.ts';

/**
 * Takes over a changed secret, one of all that the store holds; where it throws, the change comes again. A former one
 * that the store holds no more is the empty text.
 */
export type SecretListener = (value: string, held: HeldSecrets) => void | Promise<void>;

export interface SecretWatchState {
  /** Since the store was last read well. */
  readonly ageSeconds: number;
  /** Attempts that failed since then; 0 where all is well. */
  readonly failures: number;
  /** What the last of them was: a sentence, without a secret in it. */
  readonly fault: string | undefined;
}

/** Asks the store of secrets again and again, and tells of what has changed. */
export interface SecretWatch {
  /**
   * Calls `listener` at each change of the secret `name` since the start, one after another. Gives what ends that.
   */
  onChange(name: SecretName, listener: SecretListener): () => void;
  /** Asks now, rather than when it is time; what the store held before the call does not count. Never rejects. */
  refresh(): Promise<void>;
  state(): SecretWatchState;
  close(): Promise<void>;
}

export interface SecretWatchOptions {
  readonly store: SecretStore;
  /** What Maestro started with. */
  readonly held: HeldSecrets;
  readonly refreshSeconds: number;
  readonly maxAgeSeconds: number;
  /** Throws a SecretsError where Maestro could not start with these. */
  readonly check: (held: HeldSecrets) => void;
  readonly log: Logger;
  /** The last good secrets are older than they may be: why, for people. */
  readonly onTooOld: (reason: string) => void;
}

/** While the store fails, what it last said holds, until that is too old. */
export function watchSecrets(options: SecretWatchOptions): SecretWatch {
  const { store, check, log, refreshSeconds, maxAgeSeconds, onTooOld } = options;
  const values = new Map(options.held.values);
  const listeners = new Map<SecretName, Set<SecretListener>>();
  let goodAt = performance.now();
  let failures = 0;
  let fault: string | undefined;
  let running: Promise<void> | undefined;
  let following: Promise<void> | undefined;
  let closed = false;
  let timer = later();

  const ageSeconds = (): number => (performance.now() - goodAt) / 1000;

  function later(): NodeJS.Timeout {
    return setTimeout(() => void refresh(), refreshSeconds * 1000).unref();
  }

  /** What is there must stay there: half an object is no change, but a fault of whoever wrote it. */
  function checkWhole(held: HeldSecrets): void {
    const gone = [...values.keys()].filter((name) => !held.values.has(name) && !formerSecrets.includes(name));
    if (gone.length > 0) throw new SecretsError(`${store.name} holds ${gone.join(', ')} no more.`);
  }

  async function takeOver(name: SecretName, value: string, held: HeldSecrets): Promise<void> {
    const { version } = held;
    const concerned = [...(listeners.get(name) ?? [])];
    try {
      for (const listener of concerned) await listener(value, held);
    } catch (error) {
      // What an error of others says is not shown: it may quote the value.
      const why = error instanceof SecretsError ? `: ${error.message}` : ` (${codeOf(error)}).`;
      throw new SecretsError(`The change of ${name} could not be taken over${why}`, { cause: error });
    }
    if (held.values.has(name)) values.set(name, value);
    else values.delete(name);
    if (concerned.length > 0) log.info({ secret: name, version }, 'a secret has changed, and is in use');
    else log.warn({ secret: name, version }, 'a secret has changed: it is used from the next start on');
  }

  async function attempt(): Promise<void> {
    try {
      const held = await readInTime(store);
      checkWhole(held);
      check(held);
      // The store answers well, whatever comes of what has changed.
      goodAt = performance.now();
      const names = new Set([...values.keys(), ...held.values.keys()]);
      const changed = [...names].filter((name) => values.get(name) !== held.values.get(name));
      const refused: unknown[] = [];
      // One that is refused keeps no other from being taken.
      for (const name of changed) {
        await takeOver(name, held.values.get(name) ?? '', held).catch((error: unknown) => refused.push(error));
      }
      if (refused.length > 0) throw refused[0];
      if (failures > 0) log.info({ store: store.name }, 'the secrets can be read again');
      failures = 0;
      fault = undefined;
    } catch (error) {
      failures += 1;
      const reason = error instanceof SecretsError ? error.message : `an error of ours (${codeOf(error)})`;
      fault = reason;
      const age = Math.round(ageSeconds());
      log.error({ store: store.name, failures, ageSeconds: age, reason }, 'the secrets cannot be read: the last stay');
      if (ageSeconds() > maxAgeSeconds && !closed) {
        onTooOld(`the secrets could not be read for ${age} seconds (${reason.replace(/\.$/, '')})`);
      }
    }
  }

  function refresh(): Promise<void> {
    // One that is under way may have read already.
    if (running) {
      following ??= running.then(() => {
        following = undefined;
        return refresh();
      });
      return following;
    }
    running = attempt().finally(() => {
      running = undefined;
      clearTimeout(timer);
      if (!closed) timer = later();
    });
    return running;
  }

  return {
    onChange(name, listener) {
      const known = listeners.get(name) ?? new Set();
      // What changed before anybody listened is told at the next reading.
      const first = options.held.values.get(name);
      if (known.size === 0 && first !== undefined) values.set(name, first);
      else if (known.size === 0) values.delete(name);
      listeners.set(name, known.add(listener));
      return () => void known.delete(listener);
    },
    refresh,
    state: () => ({ ageSeconds: ageSeconds(), failures, fault }),
    async close() {
      closed = true;
      clearTimeout(timer);
      await (following ?? running);
      store.close();
    },
  };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error ? String(error.code) : error.name;
}
