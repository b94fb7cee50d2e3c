import type { Logger } from 'pino';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { Limiters } from '../ports/limiters.ts';

/** Checks proofs of being human, as Cloudflare Turnstile and hCaptcha give them. */
export interface Captcha {
  /** Public: the page shows the captcha with it. */
  readonly siteKey: string;
  /** Whether a proof holds. Each holds once; one that cannot be checked does not hold. */
  verify(token: string, address: string): Promise<boolean>;
}

export interface CaptchaOptions {
  readonly verifyUrl: string;
  readonly siteKey: string;
  readonly secret: string;
  readonly limiters: Limiters;
  readonly log: Logger;
  readonly timeoutMs?: number;
}

/** Longer than a proof of any provider is good for. */
const rememberSeconds = 15 * 60;
const answer = Compile(Type.Object({ success: Type.Boolean() }));

/** The address gets the secret and is fixed by configuration; a redirection could carry the secret elsewhere. */
export function openCaptcha({ verifyUrl, siteKey, secret, limiters, log, timeoutMs = 5_000 }: CaptchaOptions): Captcha {
  const used = limiters.open({ name: 'captcha-used', seconds: rememberSeconds });
  const failed = limiters.open({ name: 'captcha-failed', seconds: 60, local: true });
  return {
    siteKey,
    async verify(token, address) {
      if ((await used.add(token)).count > 1) return false;
      try {
        const response = await fetch(verifyUrl, {
          method: 'POST',
          body: new URLSearchParams({ secret, response: token, remoteip: address }),
          redirect: 'error',
          signal: AbortSignal.timeout(timeoutMs),
        });
        const said: unknown = await response.json();
        return response.ok && answer.Check(said) && said.success;
      } catch (error) {
        // Once a minute: whoever sends wrong proofs while the provider is away would write the log.
        const { count } = await failed.add('');
        if (count === 1) log.warn({ err: error }, 'a captcha could not be checked, and counts as not solved');
        return false;
      }
    },
  };
}
