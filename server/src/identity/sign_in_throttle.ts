import { MaestroError } from '../errors.ts';
import type { Call } from '../operation.ts';
import type { Limiters } from '../ports/limiters.ts';
import type { Captcha } from './captcha.ts';
import { type Bucket, GrowingDelay } from './growing_delay.ts';
import { networkOf } from './network.ts';
import type { Policy } from './policy.ts';

/** What is counted of a call. */
type Trier = Pick<Call, 'headers' | 'address' | 'requestId'>;

/** A try that may be made now, and counts as failed until it is said to have succeeded. */
export interface Attempt {
  succeeded(): Promise<void>;
}

/**
 * Slows the guessing of passwords. Tries are counted for the account, the network and the pair of them, whether or not
 * there is such an account, and for a known device (where this person has signed in of late) in a bucket of its own
 * instead: what fails elsewhere keeps nobody out there.
 */
export interface SignInThrottle {
  /**
   * Call it before a password is compared. Throws `limit_exceeded` where the try has to wait and `captcha_required`
   * where a proof of being human is asked for and `captcha` is none; neither counts as a try. `account` is an e-mail
   * address as it was given.
   */
  begin(account: string, call: Trier, captcha?: string): Promise<Attempt>;
}

export interface ThrottleOptions {
  readonly limiters: Limiters;
  readonly policy: Pick<Policy, 'freeFailures' | 'captchaAfterFailures'>;
  readonly captcha: Captcha | undefined;
  /** Whether the person of this account has signed in from this network with this device of late. */
  isKnownDevice(account: string, network: string, device: string): Promise<boolean>;
  /** Called once a window for a network that tries one account after the other. */
  onSpraying(network: string, accounts: number, call: Trier): Promise<void>;
}

/** Many wrong passwords of one account, from wherever, before all unknown devices have to wait: a multiple. */
const accountFactor = 10;
/** Many people may share a network. */
const networkFactor = 20;
const daySeconds = 86_400;
const hourSeconds = 3_600;
/** Accounts that one network fails to sign in to within an hour before it counts as spraying. */
export const sprayedAccounts = 10;

/** One spelling for all that the database or a reader may take for the same address. */
const foldedAccount = (account: string): string =>
  account.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC').trim();

export const deviceOf = ({ headers }: Pick<Call, 'headers'>): string => {
  const agent = headers['user-agent'];
  return typeof agent === 'string' ? agent.slice(0, 200).toWellFormed().replaceAll('\0', '') : '';
};

export function openSignInThrottle(options: ThrottleOptions): SignInThrottle {
  const { limiters, policy, captcha } = options;
  const { freeFailures, captchaAfterFailures } = policy;
  const byAccount = new GrowingDelay(limiters, 'sign-in-account', daySeconds);
  const byNetwork = new GrowingDelay(limiters, 'sign-in-network', hourSeconds);
  const tried = limiters.open({ name: 'sign-in-tried', seconds: hourSeconds });
  const accountsOf = limiters.open({ name: 'sign-in-accounts', seconds: hourSeconds });
  const noticed = limiters.open({ name: 'sign-in-spraying', seconds: hourSeconds });

  function bucketsOf(account: string, network: string, device: string | undefined): [GrowingDelay, Bucket][] {
    if (device !== undefined) {
      return [[byAccount, { key: `device\n${account}\n${network}\n${device}`, free: freeFailures }]];
    }
    return [
      [byAccount, { key: `pair\n${account}\n${network}`, free: freeFailures }],
      [byAccount, { key: `account\n${account}`, free: freeFailures * accountFactor }],
      [byNetwork, { key: network, free: freeFailures * networkFactor }],
    ];
  }

  function refuse(waitMs: number, windowSeconds: number): never {
    const seconds = Math.ceil(waitMs / 1000);
    throw new MaestroError('limit_exceeded', `Too many failed sign-ins; try again in ${seconds} s.`, {
      retryAfterSeconds: seconds,
      limit: { policy: 'sign-in', quota: freeFailures, windowSeconds, remaining: 0, resetSeconds: seconds },
    });
  }

  async function demandCaptcha(token: string | undefined, call: Trier): Promise<void> {
    if (captcha === undefined) return;
    if (token !== undefined && (await captcha.verify(token, call.address))) return;
    const message = token === undefined ? 'expected, after failed sign-ins' : 'does not hold; solve another one';
    throw new MaestroError('captcha_required', `captcha: a proof of being human ${message}.`, {
      field: 'captcha',
      members: { captcha_site_key: captcha.siteKey },
    });
  }

  /** Counts the accounts that a network tries. */
  async function watchSpraying(account: string, network: string, call: Trier): Promise<void> {
    const pair = await tried.add(`${network}\n${account}`);
    if (pair.count > 1) return;
    const { count } = await accountsOf.add(network);
    if (count < sprayedAccounts || (await noticed.add(network)).count > 1) return;
    await options.onSpraying(network, count, call);
  }

  async function unwatch(account: string, network: string): Promise<void> {
    await tried.forget(`${network}\n${account}`);
    await accountsOf.giveBack(network);
  }

  return {
    async begin(given, call, token) {
      const account = foldedAccount(given);
      const network = networkOf(call.address);
      const device = deviceOf(call);
      const isKnown = await options.isKnownDevice(given, network, device);
      const buckets = bucketsOf(account, network, isKnown ? device : undefined);

      // First only looked at: a try that has to wait anyway costs neither another bucket nor a captcha.
      const standings = await Promise.all(buckets.map(([delay, bucket]) => delay.standing(bucket)));
      for (const [index, { waitMs }] of standings.entries()) {
        if (waitMs > 0) refuse(waitMs, buckets[index]?.[0].windowSeconds ?? daySeconds);
      }
      const perAccount = standings.filter((_, index) => buckets[index]?.[0] === byAccount);
      const isSuspect =
        perAccount.some(({ made }) => made >= captchaAfterFailures) ||
        (!isKnown && (await accountsOf.read(network)).count >= sprayedAccounts);
      if (isSuspect) await demandCaptcha(token, call);

      const begun: [GrowingDelay, Bucket][] = [];
      for (const [delay, bucket] of buckets) {
        const waitMs = await delay.begin(bucket);
        if (waitMs > 0) {
          await Promise.all(begun.map(([other, taken]) => other.giveBack(taken)));
          refuse(waitMs, delay.windowSeconds);
        }
        begun.push([delay, bucket]);
      }
      if (!isKnown) await watchSpraying(account, network, call);
      return {
        async succeeded() {
          // The pair, or the device, starts anew. Of the account and the network only this try is taken back: neither
          // a success of its owner nor one with an account of the guesser's own may wipe out what others failed.
          const [own, ...others] = buckets;
          await own?.[0].forget(own[1]);
          await Promise.all(others.map(([delay, bucket]) => delay.giveBack(bucket)));
          if (!isKnown) await unwatch(account, network);
        },
      };
    },
  };
}
