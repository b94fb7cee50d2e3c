import { MaestroError } from '../errors.ts';
import type { Call } from '../operation.ts';
import type { Limiters } from '../ports/limiters.ts';
import type { Captcha } from './captcha.ts';
import { type Bucket, GrowingDelay } from './growing_delay.ts';
import { networkOf } from './network.ts';
import type { Policy } from './policy.ts';
import { foldedText, type PasswordMark, SprayingWatch } from './spraying.ts';

/** What is counted of a call. */
type Trier = Pick<Call, 'headers' | 'address' | 'requestId'>;

/** Under which names a try is counted. */
interface Tried {
  readonly account: string;
  readonly network: string;
  /** Of the password. */
  readonly mark: string;
}

/** A try that may be made now, and counts as failed until it is said to have succeeded. */
export interface Attempt {
  succeeded(): Promise<void>;
  /** No password was compared: nobody has guessed, and nobody has to wait for it. */
  notMade(): Promise<void>;
}

/** What somebody tries to sign in with. `account` is an e-mail address as it was given, `captcha` a proof. */
export interface Given {
  readonly account: string;
  readonly password: string;
  readonly captcha?: string | undefined;
}

/** What fails at one account after the other: a network, a password, or strangers together. */
export type Sprayer = 'network' | 'password' | 'strangers';

/**
 * Slows the guessing of passwords. Tries are counted for the account, the network, the pair of them and the password,
 * whether or not there is such an account, and for a known device (where this person has signed in of late) in a bucket
 * of its own instead: what fails elsewhere keeps nobody out there. Spraying is noticed from known devices too: the
 * caller says which device it is, and whoever shares the network may say another's.
 */
export interface SignInThrottle {
  /**
   * Call it before a password is compared. Throws `limit_exceeded` where the try has to wait and `captcha_required`
   * where a proof of being human is asked for and there is none; neither counts as a try.
   */
  begin(given: Given, call: Trier): Promise<Attempt>;
}

export interface ThrottleOptions {
  readonly limiters: Limiters;
  readonly policy: Pick<Policy, 'freeFailures' | 'captchaAfterFailures'>;
  readonly captcha: Captcha | undefined;
  readonly markOf: PasswordMark;
  /** Whether the person of this account has signed in from this network with this device of late. */
  isKnownDevice(account: string, network: string, device: string): Promise<boolean>;
  /** Called once a window for a network, a password, and strangers together, with how many accounts were tried. */
  onSpraying(by: Sprayer, accounts: number, call: Trier): Promise<void>;
}

/** Many wrong passwords of one account, from wherever, before all unknown devices have to wait: a multiple. */
const accountFactor = 10;
/** Many people may share a network. */
const networkFactor = 20;
/** The same for one password: where it comes from one network, that network has to wait as soon. */
const passwordFactor = 20;
const daySeconds = 86_400;
const hourSeconds = 3_600;
/**
 * Accounts without a success at which one network fails within an hour, one password within a day, and all unknown
 * devices together within an hour, before it counts as spraying.
 */
export const sprayed: Readonly<Record<Sprayer, number>> = { network: 10, password: 10, strangers: 100 };

export const deviceOf = ({ headers }: Pick<Call, 'headers'>): string => {
  const agent = headers['user-agent'];
  return typeof agent === 'string' ? agent.slice(0, 200).toWellFormed().replaceAll('\0', '') : '';
};

export function openSignInThrottle(options: ThrottleOptions): SignInThrottle {
  const { limiters, policy, captcha } = options;
  const { freeFailures, captchaAfterFailures } = policy;
  const byAccount = new GrowingDelay(limiters, 'sign-in-account', daySeconds);
  const byNetwork = new GrowingDelay(limiters, 'sign-in-network', hourSeconds);
  const byPassword = new GrowingDelay(limiters, 'sign-in-password', daySeconds);
  const watch = (by: Sprayer, seconds: number): SprayingWatch =>
    new SprayingWatch(limiters, { name: `spraying-${by}`, seconds, accounts: sprayed[by] });
  const watches: Readonly<Record<Sprayer, SprayingWatch>> = {
    network: watch('network', hourSeconds),
    // Whoever is patient tries one password a day, so as to stay below what each account has free.
    password: watch('password', daySeconds),
    strangers: watch('strangers', hourSeconds),
  };

  function bucketsOf({ account, network, mark }: Tried, device: string | undefined): [GrowingDelay, Bucket][] {
    if (device !== undefined) {
      return [[byAccount, { key: `device\n${account}\n${network}\n${device}`, free: freeFailures }]];
    }
    return [
      [byAccount, { key: `pair\n${account}\n${network}`, free: freeFailures }],
      [byAccount, { key: `account\n${account}`, free: freeFailures * accountFactor }],
      [byNetwork, { key: network, free: freeFailures * networkFactor }],
      [byPassword, { key: mark, free: freeFailures * passwordFactor }],
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

  /** Under which key each watch counts a try. */
  const keysOf = ({ network, mark }: Tried): [Sprayer, string][] => [
    ['network', network],
    ['password', mark],
    ['strangers', ''],
  ];

  async function isSprayed(tried: Tried): Promise<boolean> {
    const found = await Promise.all(keysOf(tried).map(([by, key]) => watches[by].isSpraying(key)));
    return found.includes(true);
  }

  /** Gives the watches for which the account is one more. */
  async function watchSpraying(tried: Tried, call: Trier): Promise<[Sprayer, string][]> {
    const counted = await Promise.all(
      keysOf(tried).map(async ([by, key]): Promise<[Sprayer, string][]> => {
        const { isMore, isNoticed } = await watches[by].add(key, tried.account);
        if (isNoticed) await options.onSpraying(by, sprayed[by], call);
        return isMore ? [[by, key]] : [];
      }),
    );
    return counted.flat();
  }

  async function unwatch({ account }: Tried, counted: readonly [Sprayer, string][]): Promise<void> {
    await Promise.all(counted.map(([by, key]) => watches[by].takeBack(key, account)));
  }

  return {
    async begin({ account, password, captcha: token }, call) {
      const network = networkOf(call.address);
      const tried: Tried = { account: foldedText(account), network, mark: options.markOf(password) };
      const device = deviceOf(call);
      const isKnown = await options.isKnownDevice(account, network, device);
      const buckets = bucketsOf(tried, isKnown ? device : undefined);

      // First only looked at: a try that has to wait anyway costs neither another bucket nor a captcha.
      const standings = await Promise.all(buckets.map(([delay, bucket]) => delay.standing(bucket)));
      for (const [index, { waitMs }] of standings.entries()) {
        if (waitMs > 0) refuse(waitMs, buckets[index]?.[0].windowSeconds ?? daySeconds);
      }
      const perAccount = standings.filter((_, index) => buckets[index]?.[0] === byAccount);
      const isSuspect =
        perAccount.some(({ made }) => made >= captchaAfterFailures) || (!isKnown && (await isSprayed(tried)));
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
      const counted = await watchSpraying(tried, call);
      return {
        async notMade() {
          await Promise.all(buckets.map(([delay, bucket]) => delay.giveBack(bucket)));
          // What other tries of the account failed stays: whoever fills the line for hashing wipes out nothing.
          await unwatch(tried, counted);
        },
        async succeeded() {
          // The pair, or the device, starts anew. Of the others only this try is taken back: neither a success of its
          // owner nor one with an account of the guesser's own may wipe out what others failed.
          const [own, ...others] = buckets;
          await own?.[0].forget(own[1]);
          await Promise.all(others.map(([delay, bucket]) => delay.giveBack(bucket)));
          await unwatch(tried, keysOf(tried));
        },
      };
    },
  };
}
