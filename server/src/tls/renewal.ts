import type { Logger } from 'pino';
import { lifeOf } from './pair.ts';

const minute = 60_000;
const hour = 60 * minute;

/**
 * Milliseconds from `now` until a certificate is to be renewed: when two thirds of its life are over; after `failures`
 * in a row, later and later, though never later than a tenth of its life.
 */
export function untilRenewal(cert: string, now: number, failures = 0): number {
  const { from, to } = lifeOf(cert);
  if (failures === 0) return Math.max(0, from + ((to - from) * 2) / 3 - now);
  return Math.max(1_000, Math.min(15 * minute * 2 ** (failures - 1), 12 * hour, (to - from) / 10));
}

export interface RenewalOptions {
  /** The certificate as it stands, a PEM text. */
  current(): string;
  /** Puts a new one in its place. */
  renew(): Promise<void>;
  readonly log: Logger;
}

/** Renews a certificate in time for as long as it is open. One that cannot be renewed stays, and the log says so. */
export function keepRenewed({ current, renew, log }: RenewalOptions): { close(): void } {
  let failures = 0;
  let dueAt = Date.now() + untilRenewal(current(), Date.now());
  let timer: NodeJS.Timeout;

  async function look(): Promise<void> {
    if (Date.now() >= dueAt) {
      try {
        await renew();
        failures = 0;
        log.info({ until: new Date(lifeOf(current()).to) }, 'the TLS certificate was renewed');
      } catch (error) {
        failures++;
        log.error({ err: error, endsAt: new Date(lifeOf(current()).to) }, 'the TLS certificate was not renewed');
      }
      dueAt = Date.now() + untilRenewal(current(), Date.now(), failures);
    }
    wait();
  }
  // By the clock, hour by hour: a timer stands still while the machine sleeps.
  function wait(): void {
    timer = setTimeout(look, Math.min(hour, Math.max(0, dueAt - Date.now())));
    timer.unref();
  }
  wait();
  return { close: () => clearTimeout(timer) };
}
