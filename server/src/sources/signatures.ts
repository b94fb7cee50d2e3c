import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { Call } from '../operation.ts';

export type WebhookKind = 'github' | 'gitlab';

/** What a secret begins with, as Standard Webhooks has it: GitLab takes no other for a signing token. */
export const secretPrefix = 'whsec_';

/** How far the clock of a sender who signs the time may be off, as Standard Webhooks says. */
const secondsOff = 300;

const headerOf = ({ headers }: Pick<Call, 'headers'>, name: string): string => {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
};

/** In constant time, whatever the lengths. */
const isSame = (given: string, expected: string): boolean =>
  timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer'));

/**
 * Whether a delivery comes from who has the secret.
 *
 * GitHub: `X-Hub-Signature-256`, HMAC-SHA256 of the body, keyed with the text of the secret. GitLab: `webhook-signature`
 * of Standard Webhooks (https://www.standardwebhooks.com) where there is one, over id, time and body, keyed with the bytes
 * that the secret is the base64 of; else `X-Gitlab-Token`, the secret itself.
 */
export function isGenuine(kind: WebhookKind, secret: string, call: Pick<Call, 'headers'>, body: Buffer): boolean {
  const header = (name: string) => headerOf(call, name);
  if (kind === 'github') {
    return isSame(header('x-hub-signature-256'), `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  }
  const signatures = header('webhook-signature');
  if (signatures === '') return isSame(header('x-gitlab-token'), secret);
  const [id, at] = [header('webhook-id'), header('webhook-timestamp')];
  const key = Buffer.from(secret.slice(secretPrefix.length), 'base64');
  const expected = `v1,${createHmac('sha256', key).update(`${id}.${at}.`).update(body).digest('base64')}`;
  const isNow = /^\d{1,12}$/.test(at) && Math.abs(Date.now() / 1000 - Number(at)) <= secondsOff;
  return signatures.split(' ', 10).some((each) => isSame(each, expected)) && isNow;
}

const idHeaders: Readonly<Record<WebhookKind, readonly string[]>> = {
  github: ['x-github-delivery'],
  // The event's own UUID is one for all webhooks that it goes to; the key is one for all attempts of a delivery.
  gitlab: ['idempotency-key', 'webhook-id', 'x-gitlab-event-uuid'],
};

/** The sender's own name of a delivery, the same when it is sent again; without one, the body names it. */
export function deliveryIdOf(kind: WebhookKind, call: Pick<Call, 'headers'>, bodyHash: Buffer): string {
  const found = idHeaders[kind].map((name) => headerOf(call, name)).find((value) => /^[\x21-\x7e]{1,200}$/.test(value));
  return found ?? `sha256:${bodyHash.toString('hex')}`;
}

/** What GitHub says that a delivery is about. */
export const githubEventOf = (call: Pick<Call, 'headers'>): string => headerOf(call, 'x-github-event');
