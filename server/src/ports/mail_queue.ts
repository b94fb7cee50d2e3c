import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isSendable, type Mail, type MailPort, type MailTransport } from './mail.ts';

export interface MailQueueOptions {
  readonly transport: MailTransport;
  readonly log: Logger;
  /** How long to wait before each further try. */
  readonly delaysMs?: readonly number[];
}

const defaultDelaysMs = [1_000, 5_000, 30_000];
/** A mail takes a few hundred bytes; a server that is away for long must not fill the memory. */
const pendingMax = 1_000;

/** Of an error only what holds neither an address nor a text: a server's answer may quote both. */
function faultOf(error: unknown): { code: unknown; response: unknown } {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  return { code: typeof code === 'string' ? code : undefined, response: responseCode };
}

/** 5yz: the server will not take it however often it is asked (RFC 5321, 4.2.1). */
const isFinal = (error: unknown): boolean => Number(faultOf(error).response) >= 500;

/** Mails stay in memory only: what a crash loses is asked for again by the person who waits for it. */
export function openMailQueue({ transport, log, delaysMs = defaultDelaysMs }: MailQueueOptions): MailPort {
  const pending = new Set<Promise<void>>();
  const closing = new AbortController();

  async function deliver(mail: Mail): Promise<void> {
    await new Promise(setImmediate);
    for (let tries = 1; ; tries++) {
      try {
        return await transport.deliver(mail);
      } catch (error) {
        const waitMs = closing.signal.aborted || isFinal(error) ? undefined : delaysMs[tries - 1];
        const outcome = waitMs === undefined ? 'given up' : 'to be tried again';
        log.warn({ tries, ...faultOf(error) }, `a mail was not delivered: ${outcome}`);
        if (waitMs === undefined) return;
        await delay(waitMs, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
  }

  const idle = async (): Promise<void> => {
    while (pending.size > 0) await Promise.all(pending);
  };
  return {
    isKept: transport.forget !== undefined,
    send(mail) {
      if (!isSendable(mail)) return log.error('a mail has an address or a subject that cannot be sent');
      if (pending.size >= pendingMax) return log.error('too many mails wait to be sent; this one is given up');
      const sent = deliver(mail).finally(() => pending.delete(sent));
      pending.add(sent);
    },
    async forget(address, found) {
      if (!transport.forget) return;
      // One that is on its way is kept in a moment.
      await idle();
      await transport.forget(address, found);
    },
    idle,
    async close() {
      closing.abort();
      await idle();
      transport.close();
    },
  };
}
